"""What programs read of risks, and what they send: the shapes of `governance.risks.api`."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from governance.risks import evidence
from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    Dispute,
    MitigationPlan,
    PlanState,
    PlanStep,
    Risk,
    RiskState,
)
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.models import Account, AccountKind
from models_registry.access.strict import Strict

LONGEST = 4000
MOST_STEPS = 30


# ---- what is read ----


class RiskFilter(Strict):
    """What the list may be narrowed by. Closed risks are left out unless ``state=CLOSED`` asks for them."""

    model = serializers.SlugField(required=False)
    level = serializers.ChoiceField(choices=RiskLevel.choices(), required=False)
    category = serializers.ChoiceField(choices=RiskCategory.choices(), required=False)
    state = serializers.ChoiceField(choices=RiskState.choices, required=False)
    owner = serializers.CharField(required=False, max_length=150, help_text="Username of the model's owner.")
    overdue = serializers.BooleanField(required=False, help_text="Only those whose answer is late, or only the others.")
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1)


class RiskOut(serializers.Serializer[Risk]):
    """One line of the register. ``digest`` names the state that an answer judges."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    model = serializers.SlugField(source="model.slug")
    owner = serializers.CharField(source="model.owner.username")
    category = serializers.ChoiceField(choices=RiskCategory.choices())
    level = serializers.ChoiceField(choices=RiskLevel.choices())
    level_since = serializers.DateTimeField()
    score = serializers.FloatField(help_text="0 to 100.")
    state = serializers.ChoiceField(choices=RiskState.choices)
    explanation = serializers.CharField()
    raised_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    disputed = serializers.BooleanField()
    digest = serializers.CharField()


class ReadingOut(serializers.Serializer[evidence.Reading]):
    """The readings behind a rule's finding."""

    metric = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    side = serializers.CharField(help_text="above or below: the bad side of the threshold.")
    judged_at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # the field's name in the answer
    event_id = serializers.CharField()


class ContributionOut(serializers.Serializer[evidence.Piece]):
    """One cause of the score. The values of ``added`` sum to the score."""

    cause = serializers.CharField()
    kind = serializers.CharField(help_text="rule, scorer or assessed.")
    title = serializers.CharField()
    text = serializers.CharField()
    points = serializers.FloatField()
    added = serializers.FloatField()
    since = serializers.DateTimeField(allow_null=True)
    cleared_at = serializers.DateTimeField(allow_null=True)
    environment = serializers.CharField()
    segment = serializers.CharField()
    rule = serializers.CharField(source="rule_slug")
    rule_version = serializers.IntegerField(source="rule_number", allow_null=True)
    rule_in_words = serializers.CharField(source="words")
    reading = ReadingOut(allow_null=True)


class StepOut(serializers.Serializer[PlanStep]):
    """One step of a plan."""

    id = serializers.IntegerField()
    position = serializers.IntegerField()
    text = serializers.CharField()
    owner = serializers.CharField(source="owner.username")
    due_on = serializers.DateField()
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = serializers.CharField(source="done_by.username", default=None, allow_null=True)
    evidence = serializers.CharField()
    evidence_url = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_by = serializers.CharField(source="verified_by.username", default=None, allow_null=True)
    return_reason = serializers.CharField()


class PlanOut(serializers.Serializer[MitigationPlan]):
    """A mitigation plan with its steps."""

    id = serializers.IntegerField()
    summary = serializers.CharField()
    state = serializers.ChoiceField(choices=PlanState.choices)
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()
    judged_digest = serializers.CharField()
    steps = serializers.SerializerMethodField()

    @extend_schema(responses=StepOut(many=True))
    def get_steps(self, plan: MitigationPlan) -> list[dict[str, Any]]:
        """Return the steps in their order."""
        rows = plan.steps.select_related("owner", "done_by", "verified_by").order_by("position")
        return [StepOut(row).data for row in rows]


class AcceptanceOut(serializers.Serializer[Acceptance]):
    """An acceptance, proposed or decided."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AcceptanceState.choices)
    accepted_level = serializers.ChoiceField(choices=RiskLevel.choices())
    justification = serializers.CharField()
    compensating_control = serializers.CharField()
    expires_on = serializers.DateField()
    proposed_by = serializers.CharField(source="proposed_by.username")
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    judged_digest = serializers.CharField()
    approval = serializers.UUIDField(source="approval_id", allow_null=True)


class DisputeOut(serializers.Serializer[Dispute]):
    """A dispute, open or settled."""

    id = serializers.IntegerField()
    disputed_input = serializers.CharField()
    reason = serializers.CharField()
    raised_by = serializers.CharField(source="raised_by.username")
    raised_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_by = serializers.CharField(source="settled_by.username", default=None, allow_null=True)
    settlement = serializers.CharField()
    upheld = serializers.BooleanField(allow_null=True)
    judged_digest = serializers.CharField()


class RiskDetailOut(RiskOut):
    """One risk with what stands behind it and what was answered.

    Send ``standing`` back with an answer, and nobody's newer answer is replaced unseen.
    """

    standing = serializers.CharField()
    waits_for = serializers.CharField(help_text="MODEL_OWNER, COMPLIANCE or NOBODY.")
    appetite = serializers.FloatField()
    tolerance = serializers.FloatField()
    contributions = ContributionOut(many=True)
    ways_down = serializers.ListField(child=serializers.CharField())
    plan = PlanOut(allow_null=True)
    acceptance = AcceptanceOut(allow_null=True)
    dispute = DisputeOut(allow_null=True)


# ---- what is written ----


class JudgedIn(Strict):
    """What every answer carries."""

    judged_digest = serializers.CharField(max_length=80, help_text="The `digest` of the risk as it was read.")


class AnswerIn(JudgedIn):
    """What an answer carries that could take the place of another."""

    standing = serializers.CharField(
        max_length=80,
        required=False,
        default="",
        help_text="The `standing` of the risk as it was read; refused with 409 when somebody answered since.",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Seen",
            {
                "judged_digest": "sha256:5d41402abc4b2a76b9719d911017c592",
                "note": "The retraining of Friday is the likely cause.",
            },
            request_only=True,
        )
    ]
)
class AcknowledgementIn(JudgedIn):
    """An acknowledgement, with a note when there is something to say."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, default="")


class AcknowledgementOut(serializers.Serializer[Any]):
    """An acknowledgement on record."""

    id = serializers.IntegerField()
    by = serializers.CharField(source="by.username")
    at = serializers.DateTimeField()
    note = serializers.CharField()
    judged_digest = serializers.CharField()


class UndoingIn(Strict):
    """The undoing of an acknowledgement: nothing is told."""


class StepIn(Strict):
    """One promise: what, who, and the last day."""

    text = serializers.CharField(max_length=300)
    owner = serializers.CharField(max_length=150, help_text="Username of an active person.")
    due_on = serializers.DateField()

    def validate_owner(self, username: str) -> Account:
        """Return the person; automation promises nothing."""
        people = Account.objects.filter(is_active=True, kind=AccountKind.PERSON)
        found = people.filter(username=username).first()
        if found is None:
            raise serializers.ValidationError("There is no active person of this name.")
        return found


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A plan of two steps",
            {
                "judged_digest": "sha256:5d41402abc4b2a76b9719d911017c592",
                "summary": "Retrain on the last 30 days.",
                "steps": [
                    {"text": "Retrain and validate", "owner": "olive", "due_on": "2026-03-10"},
                    {"text": "Compare as a canary", "owner": "ed", "due_on": "2026-03-14"},
                ],
            },
            request_only=True,
        )
    ]
)
class PlanIn(AnswerIn):
    """A plan: the cause as it is known now, and what will be done."""

    summary = serializers.CharField(max_length=LONGEST)
    steps = serializers.ListField(child=StepIn(), allow_empty=False, max_length=MOST_STEPS)


class CompletionIn(Strict):
    """How a step was done."""

    evidence = serializers.CharField(max_length=LONGEST)
    evidence_url = serializers.URLField(max_length=500, required=False, allow_blank=True, default="")


class VerificationIn(Strict):
    """Whether a step was done as it says; a reason is needed when it was not."""

    verified = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the reason of a return."""
        if not attrs["verified"] and not attrs["reason"].strip():
            raise serializers.ValidationError({"reason": ["Say what is missing."]})
        return attrs


class EvidenceIn(JudgedIn):
    """What shows that the plan worked."""

    evidence = serializers.CharField(max_length=LONGEST)


class VerdictIn(JudgedIn):
    """What was looked at, and why it is enough or not."""

    reason = serializers.CharField(max_length=LONGEST)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Until the end of the quarter",
            {
                "judged_digest": "sha256:5d41402abc4b2a76b9719d911017c592",
                "justification": "Few customers, and each case is read by a person.",
                "compensating_control": "Manual review of every refusal.",
                "expires_on": "2026-03-31",
            },
            request_only=True,
        )
    ]
)
class AcceptanceIn(AnswerIn):
    """A wish to let a risk stand until a day; others decide it."""

    justification = serializers.CharField(max_length=LONGEST)
    compensating_control = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, default="")
    expires_on = serializers.DateField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "The rule reads the wrong segment",
            {
                "judged_digest": "sha256:5d41402abc4b2a76b9719d911017c592",
                "disputed_input": "rule:accuracy-below-tolerance",
                "reason": "The segment was closed in February.",
            },
            request_only=True,
        )
    ]
)
class DisputeIn(AnswerIn):
    """Which input of the score is wrong, and why."""

    disputed_input = serializers.CharField(max_length=260, help_text="The `cause` of one of the contributions.")
    reason = serializers.CharField(max_length=LONGEST)


class SettlementIn(Strict):
    """A ruling on a dispute."""

    upheld = serializers.BooleanField()
    settlement = serializers.CharField(max_length=LONGEST)
