"""The outbox: messages that must reach a channel, and every try at sending them.

A message keeps one key through all its tries, so that a repeated send can be
recognised by whoever receives it.
"""
