"""Reads of imports: who sees which, what of a model is in for what, and how it is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere
from models_registry.intake.fields import BY_NAME
from models_registry.intake.models import Intake, IntakeItem, IntakeKind, IntakeState, Outcome

NOTHING: Final = "nothing"
AT_WORK: Final = (IntakeState.CHECKING, IntakeState.APPLYING, IntakeState.UNDOING)


@dataclass(frozen=True)
class Told:
    """A change or a problem in words. ``rows`` is empty for bulk edits, whose rows nobody saw."""

    label: str
    before: str = ""
    after: str = ""
    rows: str = ""


@dataclass(frozen=True)
class Line:
    """One model of an import as a page shows it."""

    item: IntakeItem
    rows: str
    changes: Sequence[Told]
    problems: Sequence[Told]


def imports_for(*, actor: Account) -> QuerySet[Intake]:
    """Return the imports the actor may see, newest first: their own, or all for who reads the whole trail."""
    rows = Intake.objects.defer("rows").select_related("uploaded_by", "applied_by", "undone_by").order_by("-pk")
    return rows if everywhere(actor, Permission.AUDIT_READ) else rows.filter(uploaded_by=actor)


def earlier(*, intake: Intake, actor: Account) -> Intake | None:
    """Return the newest other import of the same file that was applied, if the actor may see it."""
    same = imports_for(actor=actor).filter(digest=intake.digest, applied_at__isnull=False)
    return same.exclude(pk=intake.pk).first()


def items_of(*, intake: Intake, outcome: str) -> QuerySet[IntakeItem]:
    """Return the models of an import with this outcome, in the order of its rows."""
    return intake.items.filter(outcome=outcome).select_related("model").order_by("position")


def lines(*, intake: Intake, items: Iterable[IntakeItem]) -> list[Line]:
    """Return models as a page shows them."""
    headings = headings_by_field(intake)
    of_file = intake.kind == IntakeKind.FILE
    return [
        Line(
            item,
            ", ".join(str(one["row"]) for one in item.asked) if of_file else "",
            changes_of(item),
            [problem(one, headings, of_file=of_file) for one in item.problems],
        )
        for item in items
    ]


def changes_of(item: IntakeItem) -> list[Told]:
    """Return what changes of a model, in words; what is new has no before."""
    found = [told(one) for one in item.changes]
    is_new = any(one["what"] == "created" for one in item.changes)
    return [Told(one.label, after=one.after) for one in found] if is_new else found


def headings_by_field(intake: Intake) -> Mapping[str, str]:
    """Return what the file calls each field that is mapped."""
    return {name: intake.headings[int(place)] or f"column {int(place) + 1}" for place, name in intake.mapping.items()}


def problem(one: Mapping[str, Any], headings: Mapping[str, str], *, of_file: bool) -> Told:
    """Return a problem with the column as the file calls it."""
    column = headings.get(one["field"], BY_NAME[one["field"]].label)
    return Told(column, after=one["text"], rows=str(one["row"]) if of_file else "")


def told(one: Mapping[str, Any]) -> Told:
    """Return a change in words."""
    what = one["what"]
    if what == "field":
        return Told(BY_NAME[one["field"]].label, one["from"] or NOTHING, one["to"] or NOTHING)
    if what == "created":
        return Told("Model", after="registered")
    if what == "restored":
        return Told("Model", "archived", "restored")
    if what == "outside":
        return Told(f"Name in {one['system']}", after=one["name"])
    if what == "alias":
        before = f"v{one['old']}" if one["old"] else ""
        return Told(f"Alias {one['name']}", before, f"v{one['new']}")
    label = f"v{one['number']}"
    if what == "version":
        return Told(label, after=f"registered{', ' + one['digest'][:19] + '…' if one['digest'] else ''}")
    if what == "version_restored":
        return Told(label, "withdrawn", "back in development")
    if what == "stage":
        return Told(f"{label}, stage", one["old"].lower(), one["new"].lower())
    if what == "digest":
        return Told(f"{label}, artifact", "not stated", f"{one['new'][:19]}…")
    return Told(f"{label}, description", one["old"] or NOTHING, one["new"] or NOTHING)


def counted(intake: Intake) -> dict[str, int]:
    """Return how many models have which outcome, all named."""
    return {outcome: intake.counts.get(outcome, 0) for outcome in Outcome.values if outcome != Outcome.UNKNOWN}
