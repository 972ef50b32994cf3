"""Take an import back: what it would undo, what was changed since and stands in the way, and the undoing itself.

Whoever applied an import may take it back as long as nobody touched what it did, also where it gave the models to
other owners: only values that still are as the import wrote them return to what they were before.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from models_registry.access.models import Account
from models_registry.catalog import actions as catalog
from models_registry.catalog import lifecycle
from models_registry.catalog import registry_actions as registry
from models_registry.catalog.models import RegisteredModel
from models_registry.intake.applying import REFUSALS, reason_of
from models_registry.intake.fields import BY_NAME
from models_registry.intake.models import Intake, IntakeItem, ItemState
from models_registry.intake.standing import Standing, fill_standings

CHUNK = 500


@dataclass(frozen=True)
class TakingBack:
    """The person as the trail names them, acting by the right to take back what they imported."""

    account: Account

    @property
    def trail_kind(self) -> str:
        """As the account's."""
        return self.account.trail_kind

    @property
    def trail_id(self) -> str:
        """As the account's."""
        return self.account.trail_id

    @property
    def trail_name(self) -> str:
        """As the account's."""
        return self.account.trail_name


@dataclass(frozen=True)
class Undoing:
    """What taking an import back would do now. ``obstacles`` are pairs of a slug and a reason; ``stays`` cannot go."""

    archived: int
    returned: int
    stays: Sequence[str]
    obstacles: Sequence[tuple[str, str]]


def preview(*, intake: Intake, by: Account) -> Undoing:
    """Return what taking the import back would do now. Writes nothing."""
    archived = returned = 0
    stays: list[str] = []
    obstacles: list[tuple[str, str]] = []
    for items in _chunks(intake):
        known = standings(items, by=by)
        for item in items:
            why = next(changed_since(item, known.get(item.model_id or 0)), "")
            if why:
                obstacles.append((item.slug, why))
            if _made(item):
                archived += 1
            else:
                returned += 1
                stays += [
                    f"{item.slug}: the artifact of version {one['number']} is stated once and stays."
                    for one in item.changes
                    if one["what"] == "digest"
                ]
    return Undoing(archived, returned, stays, obstacles)


def _chunks(intake: Intake) -> Iterator[list[IntakeItem]]:
    last = 0
    done = intake.items.filter(state=ItemState.DONE).order_by("position")
    while items := list(done.filter(position__gt=last)[:CHUNK]):
        yield items
        last = items[-1].position


def standings(items: Sequence[IntakeItem], *, by: Account) -> Mapping[int, Standing]:
    """Return how the models of these items stand, whether the person may read them or not."""
    keys = {item.model_id for item in items if item.model_id is not None}
    rows = RegisteredModel.registry.filter(pk__in=keys).select_related("owner", "deputy", "team", "unit")
    found = {one.pk: Standing(one) for one in rows}
    fill_standings(found)
    return found


def changed_since(item: IntakeItem, standing: Standing | None) -> Iterator[str]:
    """Yield what was changed since the import, in words; nothing where it can be taken back."""
    if standing is None or standing.model.archived_at is not None:
        yield "it was archived."
        return
    for one in item.changes:
        if reason := _since(one, standing):
            yield reason
    if _made(item):
        own = {one["number"] for one in item.changes if one["what"] in {"version", "version_restored"}}
        if later := sorted(n for n, one in standing.versions.items() if n not in own and one.withdrawn_at is None):
            yield f"version {later[-1]} was registered."


def _since(one: Mapping[str, Any], standing: Standing) -> str:
    what = one["what"]
    if what == "field":
        value = getattr(standing.model, one["field"])
        same = (value.pk if hasattr(value, "pk") else value) == one["new"]
        return "" if same else f"{BY_NAME[one['field']].label.lower()} was changed."
    if what == "outside":
        own = {(name.system, name.name) for name in standing.outside}
        return "" if (one["system"], one["name"]) in own else f"its name in {one['system']} was removed."
    if what == "alias":
        alias = standing.aliases.get(one["name"])
        held = standing.versions.get(one["new"])
        there = alias is not None and held is not None and alias.version_id == held.pk
        before = standing.versions.get(one["old"] or 0)
        if before is not None and before.withdrawn_at is not None:
            return f"version {one['old']}, where the alias {one['name']} was, is withdrawn."
        return "" if there else f"the alias {one['name']} was moved."
    if "number" not in one:
        return ""
    version = standing.versions[one["number"]]
    if version.withdrawn_at is not None:
        return f"version {version.number} was withdrawn."
    if what == "stage":
        if version.stage != one["new"]:
            return f"version {version.number} was moved to {version.stage.lower()}."
        if one["old"] in lifecycle.GUARDED_STAGES:
            return f"version {version.number} returns to production with the gate's clearance alone."
    if what == "description" and version.description != one["new"]:
        return f"the description of version {version.number} was changed."
    if what in {"version", "version_restored"} and version.stage in lifecycle.GUARDED_STAGES:
        return f"version {version.number} is in production."
    return ""


def undo_item(*, item: IntakeItem, standing: Standing | None, by: Account, at: dt.datetime) -> None:
    """Take back what was done to one model, wholly or not at all, and note it on the item."""
    why = next(changed_since(item, standing), "")
    if why or standing is None:
        item.state, item.note = ItemState.LEFT, f"Not taken back: {why}"
        return
    try:
        with transaction.atomic():
            _undo(item, standing, by, at)
    except REFUSALS as refused:
        item.state, item.note = ItemState.LEFT, f"Not taken back: {reason_of(refused)}"
    else:
        item.state, item.note = ItemState.UNDONE, ""


def _undo(item: IntakeItem, standing: Standing, by: Account, at: dt.datetime) -> None:
    model = standing.model
    if _made(item):
        registry.withdraw_model(by=by, at=at, model=model, untouched=True)
        return
    facts = {one["field"]: _before(one) for one in item.changes if one["what"] == "field"}
    if facts:
        model = catalog.edit_model(by=TakingBack(by), at=at, model=model, changes=facts)
    own = {one["number"] for one in item.changes if one["what"] in {"version", "version_restored"}}
    for one in reversed(item.changes):
        what, number = one["what"], one.get("number", one.get("new"))
        if what == "outside":
            catalog.forget_outside_name(by=TakingBack(by), at=at, model=model, system=one["system"], name=one["name"])
        elif what == "alias":
            before = standing.versions.get(one["old"] or 0)
            if before is not None or number not in own:
                catalog.point_alias(by=by, at=at, model=model, name=one["name"], version=before)
        elif what in {"version", "version_restored"}:
            registry.withdraw_version(by=by, at=at, version=standing.versions[number])
        elif what == "stage" and number not in own:
            catalog.move_stage(by=by, at=at, version=standing.versions[number], to=one["old"])
        elif what == "description":
            registry.describe_version(by=by, at=at, version=standing.versions[number], description=one["old"])


def _before(one: Mapping[str, Any]) -> Any:
    """Return the value a field had, as an action takes it."""
    key = RegisteredModel._meta.get_field(one["field"])
    if one["old"] is None or not key.is_relation:
        return one["old"]
    related: Any = key.related_model
    return related._default_manager.get(pk=one["old"])


def _made(item: IntakeItem) -> bool:
    return any(one["what"] in {"created", "restored"} for one in item.changes)
