"""The parts of a price book's page."""
