"""What the company runs: registered models, their immutable versions, the stages and aliases that versions
hold, and the clearances without which no version enters a guarded place."""
