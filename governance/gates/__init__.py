"""Whether a version may move on and whether a model may be used.

Promotion fails closed: any doubt is never APPROVE. Runtime access fails static:
the last known answer stands, with its age.
"""
