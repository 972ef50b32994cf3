"""Guarded places open to a clearance alone, once, and only while nothing changed since the decision."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from models_registry.access.models import Account, BusinessUnit, RoleGrant
from models_registry.access.rights import AccessDenied
from models_registry.audit.actor import System
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions, queries
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.models import Clearance, ModelVersion, RegisteredModel, Stage

AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
DIGEST = "sha256:" + "a" * 64
GATE = System("gate")


def person(name: str, role: str = "") -> Account:
    unit, _ = BusinessUnit.objects.get_or_create(slug="claims", defaults={"name": "Claims"})
    account = Account.objects.create(username=name, unit=unit)
    if role:
        RoleGrant.objects.create(account=account, role=role, granted_at=AT)
    return account


def registered(olive: Account) -> RegisteredModel:
    assert olive.unit is not None
    return actions.register_model(
        by=olive, at=AT, slug="claims-triage", name="Claims triage", kind="CLASSIFIER", owner=olive, unit=olive.unit
    )


def staged(olive: Account) -> ModelVersion:
    version = actions.register_version(by=olive, at=AT, model=registered(olive), artifact_digest=DIGEST)
    return actions.move_stage(by=olive, at=AT, version=version, to=Stage.STAGING)


def cleared(version: ModelVersion, target: str = "stage:PRODUCTION", **changes: Any) -> Clearance:
    facts: dict[str, Any] = {"epoch": version.epoch, "expires_at": AT + dt.timedelta(minutes=10)}
    return clearances.grant_clearance(
        by=GATE, at=AT, version=version, target=target, decision_id=uuid.uuid4(), **facts | changes
    )


@pytest.mark.django_db
def test_versions_are_numbered_and_walk_the_stages() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)

    produced = actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION, clearance=cleared(version))

    assert (produced.number, produced.stage, produced.epoch) == (1, Stage.PRODUCTION, 2)
    assert actions.register_version(by=olive, at=AT, model=version.model).number == 2
    assert AuditEntry.objects.filter(action="model.stage_moved", model_id=version.model_id).count() == 2


@pytest.mark.django_db
def test_production_is_closed_without_a_clearance_and_from_elsewhere_than_staging() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)

    with pytest.raises(clearances.ClearanceMissing):
        actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION)
    archived = actions.move_stage(by=olive, at=AT, version=version, to=Stage.ARCHIVED)
    with pytest.raises(actions.StageNotReachable):
        actions.move_stage(by=olive, at=AT, version=archived, to=Stage.PRODUCTION)


@pytest.mark.django_db
def test_a_clearance_expires_opens_one_door_and_opens_it_once() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    soon, elsewhere = cleared(version), cleared(version, target="alias:champion")

    with pytest.raises(clearances.ClearanceExpired):
        actions.move_stage(
            by=olive, at=AT + dt.timedelta(minutes=10), version=version, to=Stage.PRODUCTION, clearance=soon
        )
    with pytest.raises(clearances.ClearanceMissing):
        actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION, clearance=elsewhere)
    actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION, clearance=soon)
    later = AT + dt.timedelta(minutes=1)
    actions.move_stage(by=olive, at=later, version=version, to=Stage.STAGING)
    with pytest.raises(clearances.ClearanceUsed):
        actions.move_stage(by=olive, at=later, version=version, to=Stage.PRODUCTION, clearance=soon)


@pytest.mark.django_db
def test_a_decision_is_stale_when_anything_it_judged_changed() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    clearance = cleared(version)

    actions.bump_epoch(model_ids=[version.model_id])

    with pytest.raises(clearances.StaleDecision):
        actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION, clearance=clearance)
    with pytest.raises(clearances.StaleDecision):
        cleared(version)
    assert Clearance.objects.get().used_at is None
    assert ModelVersion.objects.get().stage == Stage.STAGING


@pytest.mark.django_db(transaction=True)
def test_of_a_bump_and_many_moves_at_once_at_most_one_move_wins_and_none_after_the_bump() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    clearance = cleared(version)

    def compete(number: int) -> str:
        try:
            if number == 3:
                actions.bump_epoch(model_ids=[version.model_id])
                return "bumped"
            actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION, clearance=clearance)
        except (clearances.ClearanceMissing, actions.StageNotReachable):
            return "refused"
        finally:
            connection.close()
        return "moved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(compete, range(8)))

    assert outcomes.count("moved") <= 1
    in_production = ModelVersion.objects.get().stage == Stage.PRODUCTION
    assert in_production == (outcomes.count("moved") == 1)


@pytest.mark.django_db
def test_a_guarded_alias_asks_for_its_own_clearance_and_a_free_one_does_not() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    move: dict[str, Any] = {"by": olive, "at": AT, "model": version.model, "version": version}

    actions.point_alias(name="challenger", **move)
    with pytest.raises(clearances.ClearanceMissing):
        actions.point_alias(name="Champion", **move)
    actions.point_alias(name="champion", clearance=cleared(version, target="alias:champion"), **move)

    held = queries.alias_at(model=version.model, name="champion", at=AT)
    assert held is not None and held.version == version
    with pytest.raises(actions.NothingToChange):
        actions.point_alias(name="champion", **move)


@pytest.mark.django_db
def test_who_was_in_production_is_answered_for_any_moment() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    hour = dt.timedelta(hours=1)
    actions.move_stage(by=olive, at=AT, version=version, to=Stage.PRODUCTION, clearance=cleared(version))
    actions.move_stage(by=olive, at=AT + hour, version=version, to=Stage.ARCHIVED)

    model = version.model
    answers = [
        [move.version.number for move in queries.standing(model=model, at=at, each=1, stages=[Stage.PRODUCTION])]
        for at in (AT - hour, AT + hour / 2, AT + hour)
    ]

    assert answers == [[], [1], []]


@pytest.mark.django_db
def test_a_stranger_may_neither_register_nor_move() -> None:
    version = staged(person("olive", "model_owner"))
    stella = person("stella")

    with pytest.raises(AccessDenied):
        actions.register_version(by=stella, at=AT, model=version.model)
    with pytest.raises(AccessDenied):
        actions.move_stage(by=stella, at=AT, version=version, to=Stage.ARCHIVED)


@pytest.mark.django_db
def test_an_edit_of_a_judged_fact_makes_decisions_stale_and_another_does_not() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    cora = person("cora", "model_owner")

    actions.edit_model(by=olive, at=AT, model=version.model, changes={"purpose": "Sorts claims."})
    epoch_after_purpose = ModelVersion.objects.get().epoch
    actions.edit_model(by=olive, at=AT, model=version.model, changes={"materiality": "HIGH", "deputy": cora})

    assert (epoch_after_purpose, ModelVersion.objects.get().epoch) == (version.epoch, version.epoch + 1)
