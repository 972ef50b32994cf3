"""Tells people: whom, how, and whether they answered."""
