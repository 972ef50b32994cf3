"""What follows once a request about a formula version is decided."""

from datetime import datetime

from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.approvals.outcomes import on_decided
from governance.health import actions
from governance.health.models import FormulaVersion
from models_registry.audit.actor import Actor


@on_decided(Subject.FORMULA_VERSION)
def decide_version(request: ApprovalRequest, *, by: Actor, at: datetime) -> None:
    """Approve the version, or retire it when the request ended in any other way."""
    version = FormulaVersion.objects.select_related("formula").get(pk=request.object_id)
    if request.state == ApprovalState.APPROVED:
        actions.approve(by=by, at=at, version=version, digest=request.digest)
    else:
        actions.turn_down(by=by, at=at, version=version)
