"""Tables as files, in and out: what every reader and every writer of rows has in common.

Nothing here knows the columns of a table, and nothing here knows the database: rooms that take files in say what
their cells mean, rooms that give files out say what they hold.
"""
