"""What a request to accept a risk shows: the risk now, against the state that was judged."""

from governance.approvals.asked import Asked, presents
from governance.approvals.models import ApprovalRequest, Subject
from governance.risks.models import Acceptance, AcceptanceState
from governance.vocabulary import RiskLevel


@presents(Subject.ACCEPTANCE)
def present(request: ApprovalRequest) -> Asked:
    """Show what would be borne, until when, and whether the risk moved since somebody asked."""
    found = Acceptance.objects.filter(approval=request).select_related("risk__model").first()
    if found is None:
        return Asked(stale="The acceptance that was asked for is gone.")
    risk, level = found.risk, RiskLevel(found.accepted_level)
    outgrown = found.state == AcceptanceState.PROPOSED and RiskLevel(risk.level) > level
    return Asked(
        effect=f"The risk is borne up to {level.label} until {found.expires_on:%d %B %Y}. Then it opens again, and "
        f"earlier if it rises above {level.label}.",
        facts=[
            ("Risk", f"{risk} of {risk.model.name}"),
            ("Now", f"{RiskLevel(risk.level).label}, {risk.score:.0f} points"),
            ("Accepted up to", level.label),
            ("Until", f"{found.expires_on:%d %B %Y}"),
            ("Compensating control", found.compensating_control or "None named"),
        ],
        stale=f"The risk rose to {RiskLevel(risk.level).label}, above what was asked." if outgrown else "",
        moved=""
        if risk.digest == found.judged_digest or outgrown
        else f"The risk moved since this was asked: it is now {RiskLevel(risk.level).label}, {risk.score:.0f} points.",
    )
