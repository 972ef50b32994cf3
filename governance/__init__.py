"""Decides what the records mean: rules, risks, health, approvals and gates."""
