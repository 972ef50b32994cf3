"""Meridian Mutual, an invented insurer: its people, its models and what happened to them."""
