"""Rules: a condition over a model's series, and the risk it raises while it holds.

A rule is a YAML file. `parsing` reads it strictly into a frozen `Definition`,
`writing` writes it back in one canonical form, `sentence` says it in English,
`conditions` judges it on windows of readings. Those files are pure.
"""
