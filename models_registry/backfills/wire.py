"""What the API of backfills takes and gives."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from models_registry.access.strict import Strict
from models_registry.backfills import columns, progress
from models_registry.backfills.columns import DECIMALS, FIELDS, FIXABLE, LONG, WIDE, Plan
from models_registry.backfills.models import Backfill, BackfillState, Finding
from models_registry.backfills.preview import Preview
from models_registry.backfills.progress import Progress
from models_registry.backfills.times import Clock

EXAMPLE = {
    "source": "files-of-history",
    "file_name": "accuracy-2025.csv.gz",
    "size": 40213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
TOLD = 20


class BackfillInput(Strict):
    """A file that is to come."""

    source = serializers.SlugField(  # type: ignore[assignment]
        max_length=50, help_text="Slug of a source of the kind `backfill`."
    )
    file_name = serializers.CharField(max_length=200)
    size = serializers.IntegerField(min_value=1, max_value=2**62, help_text="Bytes of the whole file.")
    sha256 = serializers.RegexField(
        r"^[0-9a-fA-F]{64}$", required=False, help_text="Digest of the whole file in hex; proved when it is whole."
    )


class FieldTexts(serializers.DictField):
    """A text per field of a measurement."""

    child = serializers.CharField(max_length=200)


class PlanInput(Strict):
    """How the file is read; what is left out is not guessed."""

    layout = serializers.ChoiceField(
        choices=[LONG, WIDE], required=False, help_text="`long`: a measurement a row; `wide`: a column for each metric."
    )
    columns = FieldTexts(required=False, help_text=f"Field to column; fields are {', '.join(FIELDS)}.")
    fixed = FieldTexts(required=False, help_text=f"What holds for all rows, of {', '.join(FIXABLE)}.")
    metrics = FieldTexts(required=False, help_text="In the wide layout: column to metric.")
    clock = serializers.ChoiceField(choices=[str(each) for each in Clock], required=False)
    zone = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        help_text="Of moments without an offset, such as `Europe/Berlin`.",
    )
    decimal = serializers.ChoiceField(choices=list(DECIMALS), required=False)
    since = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="Rows before are left out."
    )
    until = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="Rows from here on, too.")
    stops = serializers.BooleanField(required=False, help_text="Pause at the first row that cannot be read.")


class StartInput(PlanInput):
    """A plan; without any of its fields the guessed one is taken."""

    on_top = serializers.BooleanField(
        required=False, help_text="Though the same file was brought in under another plan, whose rows stay."
    )


class CountsOutput(serializers.Serializer[Any]):
    """How far it is."""

    rows_read = serializers.IntegerField()
    rows = serializers.IntegerField(allow_null=True, help_text="Of the file; guessed from its bytes until it is read.")
    share = serializers.FloatField(help_text="0 to 1.")
    written = serializers.IntegerField(help_text="Measurements on record.")
    waiting = serializers.IntegerField(help_text="Measurements kept, on their way through the line.")
    held = serializers.IntegerField(help_text="Measurements in events that are held back at the source.")
    rejected = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Empty cells, and rows outside `since` and `until`.")
    rows_per_s = serializers.FloatField()
    seconds_left = serializers.IntegerField(allow_null=True)


class ReasonOutput(serializers.Serializer[Any]):
    """Why so many rows were rejected."""

    code = serializers.CharField()
    subject = serializers.CharField(help_text="The column, or the model that nobody knows.")
    count = serializers.IntegerField()
    first_row = serializers.IntegerField()


class BackfillOutput(serializers.Serializer[Any]):
    """A file of history, so far."""

    id = serializers.IntegerField()
    source = serializers.SlugField()  # type: ignore[assignment]
    file_name = serializers.CharField()
    size = serializers.IntegerField()
    received = serializers.IntegerField()
    sha256 = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=BackfillState.choices)
    note = serializers.CharField(allow_blank=True)
    columns = serializers.ListField(child=serializers.CharField())
    plan = serializers.DictField(allow_null=True)
    progress = CountsOutput()
    reasons = ReasonOutput(many=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class PreviewOutput(serializers.Serializer[Any]):
    """What the first rows would give."""

    columns = serializers.ListField(child=serializers.CharField())
    plan = serializers.JSONField()
    needs_zone = serializers.BooleanField(help_text="Moments have no offset; state a zone.")
    unfit = serializers.CharField(allow_blank=True, help_text="Why the plan does not fit; empty when it does.")
    measurements = serializers.ListField(child=serializers.JSONField())
    rejected = serializers.ListField(child=serializers.JSONField())


def checked(serializer: Strict) -> dict[str, Any]:
    """Return the checked input. Raises ValidationError."""
    serializer.is_valid(raise_exception=True)
    facts: dict[str, Any] = dict(serializer.validated_data)
    return facts


def plan_of(data: Any) -> Plan:
    """Return the plan that was sent. Raises ValidationError."""
    return columns.from_document(checked(PlanInput(data=data)))


def backfill(found: Backfill) -> dict[str, Any]:
    """Return a backfill as callers see it."""
    return backfills([found])[0]


def backfills(found: Sequence[Backfill]) -> list[dict[str, Any]]:
    """Return backfills as callers see them; two queries, however many they are."""
    states, findings = progress.states_of(found), progress.findings_of(found)
    return [_told(each, progress.progress(each, states[each.pk]), findings[each.pk]) for each in found]


def _told(found: Backfill, seen: Progress, findings: Sequence[Finding]) -> dict[str, Any]:
    rows = sorted(findings, key=lambda each: each.code != progress.UNKNOWN)
    return {
        "id": found.pk,
        "source": found.source.slug,
        "file_name": found.file_name,
        "size": found.size,
        "received": found.received,
        "sha256": found.digest,
        "state": found.state,
        "note": found.note,
        "columns": found.shape.get("header", []),
        "plan": found.plan,
        "progress": {
            "rows_read": seen.rows_read,
            "rows": seen.rows,
            "share": round(seen.share, 4),
            "written": seen.written,
            "waiting": seen.waiting,
            "held": seen.held,
            "rejected": seen.rejected,
            "left_out": seen.left_out,
            "rows_per_s": round(seen.rows_per_s, 1),
            "seconds_left": None if seen.left is None else int(seen.left.total_seconds()),
        },
        "reasons": [
            {"code": one.code, "subject": one.subject, "count": one.count, "first_row": one.first_row} for one in rows
        ],
        "created_at": found.created_at,
        "started_at": found.started_at,
        "ended_at": found.ended_at,
    }


def preview(seen: Preview) -> dict[str, Any]:
    """Return a preview as callers see it."""
    return {
        "columns": list(seen.header),
        "plan": seen.plan.document(),
        "needs_zone": seen.needs_zone,
        "unfit": seen.unfit,
        "measurements": [
            {**each.names._asdict(), "value": each.value, "observed_at": each.observed_at.isoformat(), "row": each.row}
            for each in seen.sound[:TOLD]
        ],
        "rejected": [
            dict(zip(("row", "column", "code", "reason", "text"), each.document(), strict=True))
            for each in seen.rejected[:TOLD]
        ],
    }
