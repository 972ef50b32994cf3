"""Processes are killed at random while events arrive, and then the database is asked what became of them."""
