"""How well a model runs: one score, 0 (worst) to 100 (best), under one formula.

A formula is a reviewed file that says which readings count, how much, and
between which bounds. The score always carries its coverage and says where the
points went. Health and risk are never averaged.
"""
