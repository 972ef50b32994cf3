"""Costs: what models cost, who spent it, and whether the month's budget will hold.

Daily amounts are derived from telemetry (money reported, or tokens times a price) and from prediction traces, and
imported from bills; pages read the daily amounts alone. Budgets are watched, and what is seen of them goes to the
line as measurements, so that rules raise risks from them as from anything else.
"""
