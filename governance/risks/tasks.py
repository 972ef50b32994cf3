"""What the clock does to the register: duties fall due, acceptances and requests end."""

from datetime import datetime

from governance.approvals.actions import expire
from governance.risks.accepting import expire_acceptances
from governance.risks.actions import mark_overdue


def tick(at: datetime) -> int:
    """Once a minute, mark what is overdue and end what has run out; return how many moved."""
    if at.second > 1:
        return 0
    return mark_overdue(at=at) + expire_acceptances(at=at) + expire(at=at)
