"""What the clock does to the register: duties fall due, acceptances and requests end."""

from datetime import datetime

from governance.approvals.actions import expire
from governance.risks.accepting import expire_acceptances
from governance.risks.actions import mark_overdue


def tick(at: datetime) -> int:
    """Mark what is overdue and end what has run out; return how many moved.

    Whatever the second: each step reads only the rows on which something is due and not yet done, so that
    it is cheap each second, catches up after a standstill, and does nothing twice.
    """
    return mark_overdue(at=at) + expire_acceptances(at=at) + expire(at=at)
