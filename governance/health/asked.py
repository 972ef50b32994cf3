"""What a request to approve a health formula shows: the text against the one in force."""

from governance.approvals.asked import Asked, asked_of_text, presents
from governance.approvals.models import ApprovalRequest, Subject
from governance.health.models import FormulaVersion
from governance.rules.models import VersionState


@presents(Subject.FORMULA_VERSION)
def present(request: ApprovalRequest) -> Asked:
    """Compare the version with the one in force, else with the newest before it that was."""
    version = FormulaVersion.objects.select_related("formula").filter(pk=request.object_id).first()
    if version is None:
        return Asked(stale="The version that was asked about is gone.")
    before = version.formula.versions.filter(number__lt=version.number, enforced_at__isnull=False)
    standing = before.filter(state=VersionState.ENFORCED).first() or before.order_by("-number").first()
    kinds = ", ".join(kind.replace("_", " ").lower() for kind in version.formula.kinds)
    return asked_of_text(
        digest=request.digest,
        version=version,
        before=standing,
        effect="The formula may then be brought into force. Health of its models is scored anew from that moment; "
        "earlier scores keep the formula they were made with.",
        facts=[("Formula", version.formula.title), ("Version", f"v{version.number}"), ("Scores", kinds or "–")],
    )
