"""What other platforms tell us about models: sources, the inbox of events, and the measurements read from them.

Bodies are kept verbatim before anyone parses them. Adapters turn one body into
readings or say, with a reason code and a path, why they cannot.
"""
