"""A model’s page of measured figures: uptime, speed, use, each of one way of measuring."""
