"""Outside: what registries elsewhere (W&B, MLflow servers) say of aliases and stages, and violations of the gate there.

A guarded alias or stage that stands on a version elsewhere although no used gate decision covers exactly that version
is a violation: on record from the moment it was put there, and over once the alias is taken off or a decision is used.
"""
