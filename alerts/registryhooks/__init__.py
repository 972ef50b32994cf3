"""Outgoing webhooks of the model registry, made and received as those of an MLflow server.

Each change of a model, version, label or alias stands in the trail, whichever door it came through. This room follows
the trail and puts one message per webhook into the outbox; nothing in the registry knows of it.
"""
