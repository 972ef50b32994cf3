"""MLflow's Model Registry REST API, so that a stock client registers, tags, aliases and promotes at Redline.

A door over the catalogue and the gate: nothing is kept here. What may not move is refused in words that the client
shows, with the address of the decision (INTEGRATIONS A6, verified with MLflow 3.17.2).
"""
