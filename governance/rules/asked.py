"""What a request to approve a rule shows: the text against the one in force."""

from governance.approvals.asked import Asked, asked_of_text, presents
from governance.approvals.models import ApprovalRequest, Subject
from governance.rules.models import RuleVersion, VersionState


@presents(Subject.RULE_VERSION)
def present(request: ApprovalRequest) -> Asked:
    """Compare the version with the one in force, else with the newest before it that was approved."""
    version = RuleVersion.objects.select_related("rule").filter(pk=request.object_id).first()
    if version is None:
        return Asked(stale="The version that was asked about is gone.")
    before = version.rule.versions.filter(number__lt=version.number, approved_at__isnull=False)
    standing = before.filter(state=VersionState.ENFORCED).first() or before.order_by("-number").first()
    return asked_of_text(
        digest=request.digest,
        version=version,
        before=standing,
        effect="The version may then run in shadow, where it records what it would do. It raises no risk before "
        "somebody enforces it.",
        facts=[("Rule", version.rule.title), ("Version", f"v{version.number}"), ("State", version.get_state_display())],
    )
