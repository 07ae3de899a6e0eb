"""What changed between two days: the parts of the page of changes."""
