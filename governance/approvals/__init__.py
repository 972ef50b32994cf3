"""Who must agree before something is so: requests, votes, quorum, four eyes.

A vote counts for the digest it was given on and for nothing else.
"""
