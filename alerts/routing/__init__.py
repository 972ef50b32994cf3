"""Which entries of the trail people are told about, how loudly, and why.

Exactly one decision is kept for every alertable entry; entries about the same
thing join one open alert.
"""
