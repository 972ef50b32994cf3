"""What this room does when an approval is decided; imported once, when the app is ready."""

from governance.approvals.models import Subject
from governance.approvals.outcomes import on_decided
from governance.risks.accepting import decide_acceptance

on_decided(Subject.ACCEPTANCE)(decide_acceptance)
