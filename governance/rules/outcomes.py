"""What follows once a request about a rule version is decided."""

from datetime import datetime

from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.approvals.outcomes import on_decided
from governance.rules import actions
from governance.rules.models import RuleVersion
from models_registry.audit.actor import Actor


@on_decided(Subject.RULE_VERSION)
def decide_version(request: ApprovalRequest, *, by: Actor, at: datetime) -> None:
    """Approve the version, or retire it when the request ended in any other way."""
    version = RuleVersion.objects.select_related("rule").get(pk=request.object_id)
    if request.state == ApprovalState.APPROVED:
        actions.approve(by=by, at=at, version=version, digest=request.digest)
    else:
        actions.turn_down(by=by, at=at, version=version)
