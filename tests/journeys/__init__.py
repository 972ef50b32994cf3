"""User stories told from door to door."""
