"""Secrets at rest: one data key per secret, wrapped by a ring of key-encryption keys that can be rotated online."""
