"""What the API of imports takes and gives."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from models_registry.access.strict import Strict
from models_registry.intake import queries
from models_registry.intake.fields import FIELDS
from models_registry.intake.models import Intake, IntakeItem, IntakeKind, IntakeState, ItemState, Outcome

FIELD_NAMES = [field.name for field in FIELDS]


class InventoryUsual(Strict):
    """What new models get where a row says nothing."""

    owner = serializers.CharField(required=False, allow_blank=True, max_length=150)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=120)
    kind = serializers.CharField(required=False, allow_blank=True, max_length=40)


class InventoryInput(Strict):
    """An inventory. CSV and JSON come as text, XLSX as base64; a body may have 1 MiB."""

    file_name = serializers.CharField(required=False, max_length=200, default="inventory")
    content = serializers.CharField(required=False, trim_whitespace=False)
    content_base64 = serializers.CharField(required=False)
    mapping = serializers.DictField(
        child=serializers.ChoiceField(FIELD_NAMES),
        required=False,
        help_text="Which heading means which field. Left out, the headings are read as the page would propose.",
    )
    usual = InventoryUsual(required=False)
    dry_run = serializers.BooleanField(required=False, default=True)
    good_rows_only = serializers.BooleanField(required=False, default=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two forms of content."""
        if ("content" in given) == ("content_base64" in given):
            raise serializers.ValidationError({"content": ["Either content or content_base64."]})
        return given


class InventoryApplication(Strict):
    """How an import is applied."""

    good_rows_only = serializers.BooleanField(required=False, default=False)


class InventoryUndoing(Strict):
    """Why an import is taken back."""

    reason = serializers.CharField(max_length=500)


class InventoryCounts(serializers.Serializer[Any]):
    """Of how many models each is true."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    wrong = serializers.IntegerField()
    refused = serializers.IntegerField()
    done = serializers.IntegerField()
    left_alone = serializers.IntegerField()


class InventoryProgress(serializers.Serializer[Any]):
    """How much of the present work is done, in models."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()


class InventoryOutput(serializers.Serializer[Any]):
    """An import."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=IntakeKind.choices)
    file_name = serializers.CharField()
    digest = serializers.CharField()
    format = serializers.CharField()
    rows = serializers.IntegerField()
    state = serializers.ChoiceField(choices=IntakeState.choices)
    trouble = serializers.CharField()
    mapping = serializers.DictField(child=serializers.CharField())
    counts = InventoryCounts()
    progress = InventoryProgress()
    uploaded_by = serializers.CharField()
    uploaded_at = serializers.DateTimeField()
    applied_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)


class InventoryProblem(serializers.Serializer[Any]):
    """What is wrong in one place."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    problem = serializers.CharField()


class InventoryChange(serializers.Serializer[Any]):
    """What would change, or did."""

    what = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class InventoryItem(serializers.Serializer[Any]):
    """One model of an import."""

    slug = serializers.CharField()
    name = serializers.CharField()
    rows = serializers.ListField(child=serializers.IntegerField())
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    state = serializers.ChoiceField(choices=ItemState.choices)
    note = serializers.CharField()
    changes = InventoryChange(many=True)
    problems = InventoryProblem(many=True)


def importation(one: Intake) -> dict[str, Any]:
    """Return an import as `InventoryOutput` says."""
    counts = one.counts
    headings = {one.headings[int(place)]: name for place, name in one.mapping.items()}
    return {
        "id": one.pk,
        "kind": one.kind,
        "file_name": one.file_name,
        "digest": one.digest,
        "format": one.form,
        "rows": one.row_count,
        "state": one.state,
        "trouble": one.trouble,
        "mapping": headings,
        "counts": {
            "created": counts.get(Outcome.CREATE, 0),
            "changed": counts.get(Outcome.CHANGE, 0),
            "same": counts.get(Outcome.SAME, 0),
            "wrong": counts.get(Outcome.WRONG, 0),
            "refused": counts.get(Outcome.REFUSED, 0),
            "done": counts.get("done", 0),
            "left_alone": counts.get("left", 0),
        },
        "progress": {"done": one.done, "total": one.total},
        "uploaded_by": one.uploaded_by.username,
        "uploaded_at": one.uploaded_at,
        "applied_at": one.applied_at,
        "undone_at": one.undone_at,
    }


def item(one: IntakeItem, *, intake: Intake, headings: Mapping[str, str]) -> dict[str, Any]:
    """Return one model of an import as `InventoryItem` says."""
    changes = queries.changes_of(one)
    return {
        "slug": one.slug,
        "name": one.name,
        "rows": [asked["row"] for asked in one.asked],
        "outcome": one.outcome,
        "state": one.state,
        "note": one.note,
        "changes": [{"what": told.label, "before": told.before, "after": told.after} for told in changes],
        "problems": [
            {
                "row": problem["row"],
                "column": queries.problem(problem, headings, of_file=True).label,
                "problem": problem["text"],
            }
            for problem in one.problems
        ],
    }
