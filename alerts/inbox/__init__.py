"""Alerts as people see them: what is open, who answered it, and how long that took."""
