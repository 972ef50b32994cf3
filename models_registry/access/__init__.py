"""People, automation accounts and tokens; roles and what they allow.

Every operation is a `Permission`; every role is a class that says on which
models it holds which permissions; `rights` answers whether one account may do
one thing to one model, with the reason. What is not granted is refused.
"""
