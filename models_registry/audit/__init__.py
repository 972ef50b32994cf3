"""The trail: append-only entries whose canonical bytes anyone can hash again.

Every governed change writes its entry here in the same transaction. What is
hashed is text (RFC 8785), never the database's own rendering of JSON.
"""
