"""Do what a plan says, by the catalog's own actions; one model wholly or not at all."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.catalog import actions as catalog
from models_registry.catalog import registry_actions as registry
from models_registry.catalog.clearance_actions import ClearanceMissing
from models_registry.catalog.founding import NewModel, NewVersion, register_all
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage
from models_registry.intake.models import IntakeItem, ItemState
from models_registry.intake.planning import Plan
from models_registry.intake.standing import World

REFUSALS: Final = (
    AccessDenied,
    ValidationError,
    catalog.NameTaken,
    catalog.NameUnfit,
    catalog.DigestMalformed,
    catalog.StageNotReachable,
    catalog.NothingToChange,
    catalog.AliasProtected,
    ClearanceMissing,
    registry.StillServing,
    registry.DigestSettled,
)
"""Why the catalog may refuse what a plan allowed a moment ago."""


def lock(items: Iterable[IntakeItem]) -> None:
    """Let nobody else change these models until the step ends."""
    keys = sorted({item.model_id for item in items if item.model_id is not None})
    list(RegisteredModel.registry.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk", flat=True))


def found_all(*, pairs: Sequence[tuple[IntakeItem, Plan]], known: World, by: Account, at: dt.datetime) -> bool:
    """Put new models on record together and note it on their items; nothing is written where one of them cannot be.

    Says whether it was done, so that the caller does them one by one where it was not.
    """
    try:
        models = register_all(by=by, at=at, asked=[_new_model(made, known) for _, made in pairs])
    except (*REFUSALS, IntegrityError):
        return False
    for (item, _), model in zip(pairs, models, strict=True):
        item.model, item.state, item.note = model, ItemState.DONE, ""
    return True


def is_new(made: Plan) -> bool:
    """Say whether a plan registers a model, so that nothing it does depends on what is on record."""
    return bool(made.changes) and made.changes[0]["what"] == "created"


def _new_model(made: Plan, known: World) -> NewModel:
    told = {what: [one for one in made.changes if one["what"] == what] for what in ("outside", "version", "alias")}
    stages = {one["number"]: one["new"] for one in made.changes if one["what"] == "stage"}
    return NewModel(
        slug=made.slug,
        facts=_facts(made, known),
        outside=[(one["system"], one["name"]) for one in told["outside"]],
        versions=[
            NewVersion(one["number"], one["digest"], one["uri"], one["description"],
                       stages.get(one["number"], Stage.DEVELOPMENT))
            for one in told["version"]
        ],
        aliases={one["name"]: one["new"] for one in told["alias"]},
    )  # fmt: skip


def apply_item(*, item: IntakeItem, made: Plan, known: World, by: Account, at: dt.datetime) -> None:
    """Apply one plan and note on its item what came of it."""
    try:
        with transaction.atomic():
            item.model = _apply(made, known, by, at)
    except REFUSALS as refused:
        item.state, item.note = ItemState.LEFT, reason_of(refused)
    else:
        item.state, item.note = ItemState.DONE, ""


def reason_of(refused: Exception) -> str:
    """Return why, in words."""
    if isinstance(refused, AccessDenied):
        return refused.reason
    if isinstance(refused, ValidationError):
        return " ".join(refused.messages)
    return str(refused) or (type(refused).__doc__ or "")


def _apply(made: Plan, known: World, by: Account, at: dt.datetime) -> RegisteredModel:
    facts = _facts(made, known)
    first = made.changes[0]["what"]
    if first == "created":
        model = catalog.register_model(by=by, at=at, slug=made.slug, registered_by=by, **facts)
        facts = {}
    else:
        assert made.standing is not None
        model = made.standing.model
    if first == "restored":
        registry.restore_model(by=by, at=at, model=model)
    versions = dict(made.standing.versions) if made.standing else {}
    for one in made.changes:
        if one["what"] in {"created", "restored", "field"}:
            continue
        DEEDS[one["what"]](by, at, model, versions, one)
    if facts:  # the owner may change here, and with the owner the right to do the rest
        catalog.edit_model(by=by, at=at, model=model, changes=facts)
    return model


def _facts(made: Plan, known: World) -> dict[str, Any]:
    return {one["field"]: known.people.of(one["field"], one["new"]) for one in made.changes if one["what"] == "field"}


def _outside(by: Account, at: dt.datetime, model: RegisteredModel, _: dict[int, ModelVersion], one: Any) -> None:
    catalog.name_outside(by=by, at=at, model=model, system=one["system"], name=one["name"])


def _version(by: Account, at: dt.datetime, model: RegisteredModel, held: dict[int, ModelVersion], one: Any) -> None:
    made = catalog.register_version(
        by=by, at=at, model=model, artifact_digest=one["digest"], source_uri=one["uri"],
        description=one["description"], after=one["number"] - 1,
    )  # fmt: skip
    if made.number != one["number"]:
        raise catalog.NameTaken(f"Version {one['number']} was registered meanwhile.")
    held[made.number] = made


def _restored(by: Account, at: dt.datetime, _: RegisteredModel, held: dict[int, ModelVersion], one: Any) -> None:
    registry.restore_version(by=by, at=at, version=held[one["number"]])
    held[one["number"]].refresh_from_db()


def _digest(by: Account, at: dt.datetime, _: RegisteredModel, held: dict[int, ModelVersion], one: Any) -> None:
    registry.state_digest(by=by, at=at, version=held[one["number"]], digest=one["new"])


def _described(by: Account, at: dt.datetime, _: RegisteredModel, held: dict[int, ModelVersion], one: Any) -> None:
    registry.describe_version(by=by, at=at, version=held[one["number"]], description=one["new"])


def _stage(by: Account, at: dt.datetime, _: RegisteredModel, held: dict[int, ModelVersion], one: Any) -> None:
    held[one["number"]] = catalog.move_stage(by=by, at=at, version=held[one["number"]], to=one["new"])


def _alias(by: Account, at: dt.datetime, model: RegisteredModel, held: dict[int, ModelVersion], one: Any) -> None:
    catalog.point_alias(by=by, at=at, model=model, name=one["name"], version=held[one["new"]])


DEEDS: Final[Mapping[str, Any]] = {
    "outside": _outside,
    "version": _version,
    "version_restored": _restored,
    "digest": _digest,
    "description": _described,
    "stage": _stage,
    "alias": _alias,
}
