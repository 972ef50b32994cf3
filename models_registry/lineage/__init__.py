"""Where models come from: artifacts and their versions, what was built from what, and which models stand on it.

Predictions are told of in this room too: which version, prompt and data answered whom.
"""
