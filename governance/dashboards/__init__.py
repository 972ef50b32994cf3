"""Pages that answer questions across rooms: in the red, portfolio, audit trail; and their drawing."""
