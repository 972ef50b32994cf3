"""The live loop: from new readings to risk changes, health and posture.

Here is the one definition of "in the red", the switch that pauses automation
and the breaker that stops a rule that would change half the portfolio.
"""
