"""What a request to approve a promotion shows: what the gate said, and for which artifact."""

from governance.approvals.asked import Asked, presents
from governance.approvals.models import ApprovalRequest, Subject
from governance.gates.models import GateDecision
from governance.gates.queries import reasons_with_ways_out
from governance.gates.targets import alias_of, stage_of
from models_registry.catalog.models import ModelVersion


@presents(Subject.PROMOTION)
def present(request: ApprovalRequest) -> Asked:
    """Show the gate's newest answer before the request was decided, and the artifact's digest."""
    number, _, target = request.object_id.partition(":")
    if not number.isdecimal():
        return Asked()
    version = ModelVersion.objects.select_related("model").filter(pk=number, model=request.model).first()
    if version is None:
        return Asked(stale="The version that was asked about is gone.")
    stage = stage_of(target)
    words = stage.label.lower() if stage else f"the alias {alias_of(target)}"
    answers = GateDecision.objects.filter(version=version, target=target).order_by("-decided_at", "-pk")
    if request.decided_at is not None:
        answers = answers.filter(decided_at__lte=request.decided_at)
    answer = answers.first()
    return Asked(
        effect=f"The gate then counts this approval when {version} asks to enter {words}, for this artifact alone. "
        "The gate still decides.",
        facts=[
            ("Version", str(version)),
            ("Target", words),
            ("Stage now", version.get_stage_display().capitalize()),
            ("Artifact", version.artifact_digest or "No digest"),
        ],
        verdict=answer.verdict if answer else "",
        reasons=reasons_with_ways_out(answer) if answer else (),
        stale=""
        if version.artifact_digest == request.digest
        else "The version holds another artifact than was asked about.",
    )
