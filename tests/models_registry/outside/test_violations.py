"""An alias or stage put on elsewhere: whether a used decision covers it, from the delivery to the end of the violation."""

import datetime as dt
import itertools
import json
import random
import uuid
from typing import Any

import pytest

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions as catalog
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.models import Clearance, ModelVersion
from models_registry.outside import actions, queries
from models_registry.outside.models import Ending, Placement, Violation
from models_registry.telemetry import actions as telemetry
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.journeys.builders import NOON, OPERATOR, a_model, a_person, a_source, people

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
_bodies = itertools.count(1)


def a_version(digest: str = ONE) -> ModelVersion:
    persons = people()
    model = catalog.RegisteredModel.objects.filter(slug="claims-triage").first() or a_model()
    return catalog.register_version(by=persons.olive, at=NOON - 60 * MINUTE, model=model, artifact_digest=digest)


def a_used_decision(version: ModelVersion, *, at: dt.datetime, target: str = "alias:production") -> Clearance:
    """A clearance that was granted and used, as the gate's two actions leave it."""
    version.refresh_from_db()
    made = clearances.grant_clearance(
        by=OPERATOR, at=at, version=version, target=target, decision_id=uuid.uuid4(), epoch=version.epoch,
        expires_at=at + 10 * MINUTE,
    )  # fmt: skip
    Clearance.objects.filter(pk=made.pk).update(used_at=at)
    return made


def put_on(version: str = "v1", *, alias: str = "production", at: dt.datetime = NOON, **more: Any) -> dict[str, Any]:
    return {
        "event_type": "ADD_ARTIFACT_ALIAS",
        "event_author": "dana",
        "entity_name": "acme",
        "project_name": "wandb-registry-model",
        "artifact_collection_name": "claims-triage",
        "artifact_version_string": f"acme/wandb-registry-model/claims-triage:{version}",
        "alias": alias,
        "at": at.isoformat(),
        **more,
    }


def observed(alias: str, version: str | None, *, at: dt.datetime) -> dict[str, Any]:
    return {
        "event_type": "ALIASES_OBSERVED",
        "entity_name": "acme",
        "project_name": "wandb-registry-model",
        "artifact_collection_name": "claims-triage",
        "at": at.isoformat(),
        "aliases": [{"alias": alias, "version": version}],
    }


def wandb() -> Source:
    return Source.objects.filter(kind="wandb").first() or a_source("W&B acme", kind="wandb")


def tell(*bodies: dict[str, Any], source: Source | None = None, at: dt.datetime = NOON + 30 * MINUTE) -> None:
    """Keep these deliveries and measure them one batch."""
    for body in bodies:
        raw = json.dumps({**body, "nonce": next(_bodies)}).encode()
        telemetry.receive(source=source or wandb(), body=raw, headers={}, at=at)
    measure(at)


def measure(at: dt.datetime = NOON + 30 * MINUTE) -> None:
    while waiting := list(TelemetryEvent.objects.filter(state=EventState.NEW).select_related("source").order_by("pk")):
        telemetry.measure_all(events=waiting, at=at)


def series() -> list[tuple[str, float]]:
    rows = Measurement.objects.filter(metric="ungoverned_alias_count").order_by("observed_at", "value")
    return list(rows.values_list("segment", "value"))


def entries(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


def test_production_put_on_without_a_decision_is_a_violation_on_record():
    version = a_version()

    tell(put_on())

    held = Violation.objects.get()
    assert (held.model, held.version, held.began_at, held.ended_at) == (version.model, version, NOON, None)
    assert series() == [("alias=production,in=wb-acme:acme/wandb-registry-model", 1.0)]
    [entry] = entries("violation.found")
    event = TelemetryEvent.objects.get(source__kind="wandb")
    told = json.loads(entry.canon)
    assert (entry.cause_event_id, entry.model_id) == (event.pk, version.model_id)
    assert (told["said_by"], told["version"], told["target"]) == ("dana", "v1", "alias:production")
    assert told["reason"] == "No used gate decision covers v1 for the alias production."


def test_a_used_decision_for_that_version_and_target_covers_it():
    a_used_decision(a_version(), at=NOON - MINUTE)

    tell(put_on())

    assert not Violation.objects.exists()
    assert [value for _, value in series()] == [0.0]
    assert Placement.objects.get().on


def test_a_decision_covers_the_artifact_though_it_was_registered_once_more():
    decided = a_version()
    a_used_decision(decided, at=NOON - MINUTE)
    a_version()

    tell(put_on("v0", digest=ONE))

    assert not Violation.objects.exists()
    [stand] = queries.of_model(model=decided.model)
    assert stand.cover.number == decided.number


@pytest.mark.parametrize("target", ["stage:PRODUCTION", "alias:champion"])
def test_a_decision_for_another_target_does_not(target):
    a_used_decision(a_version(), at=NOON - MINUTE, target=target)

    tell(put_on())

    assert Violation.objects.filter(ended_at__isnull=True).count() == 1


def test_a_decision_for_another_version_does_not():
    a_used_decision(a_version(), at=NOON - MINUTE)
    a_version(TWO)

    tell(put_on("v2"))

    assert Violation.objects.get().version.number == 2


def test_an_unused_decision_does_not():
    clearance = a_used_decision(a_version(), at=NOON - MINUTE)
    Clearance.objects.filter(pk=clearance.pk).update(used_at=None)

    tell(put_on())

    assert Violation.objects.count() == 1


def test_another_artifact_under_the_same_number_is_not_covered():
    a_used_decision(a_version(), at=NOON - MINUTE)

    tell(put_on(digest="3" * 64))

    told = json.loads(entries("violation.found")[0].canon)
    assert told["reason"] == "The artifact there is not the one that v1 was registered with."


def test_the_digest_names_the_version_where_numbers_differ():
    a_used_decision(a_version(), at=NOON - MINUTE)

    tell(put_on("v0", digest=ONE))

    assert not Violation.objects.exists()


def test_a_version_registered_from_that_address_is_meant_whatever_its_number():
    model = a_model()
    link = "wandb-artifact:///acme/wandb-registry-model/claims-triage:v0"
    version = catalog.register_version(
        by=people().olive, at=NOON - 60 * MINUTE, model=model, artifact_digest=ONE, source_uri=link
    )
    a_used_decision(version, at=NOON - MINUTE)

    tell(put_on("v0"))

    assert not Violation.objects.exists()


def test_a_version_that_is_not_on_record_is_a_violation():
    a_version()

    tell(put_on("v9"))

    held = Violation.objects.get()
    assert (held.version, held.placement.version_name) == (None, "v9")
    told = json.loads(entries("violation.found")[0].canon)
    assert told["reason"] == "No version on record is what W&B acme calls v9."


def test_other_aliases_are_nobodys_business():
    a_version()

    tell(put_on(alias="latest"))

    assert (Placement.objects.count(), Violation.objects.count(), series()) == (0, 0, [])


def test_an_alias_guarded_on_record_counts_like_production():
    version = a_version()
    version.model.aliases.create(name="blue", version=version, guarded=True)

    tell(put_on(alias="blue"))

    assert Violation.objects.get().placement.name == "blue"


def test_a_violation_ends_when_the_alias_is_taken_off():
    a_version()
    tell(put_on())

    tell(observed("production", None, at=NOON + 5 * MINUTE))

    held = Violation.objects.get()
    assert (held.ended_at, held.ending) == (NOON + 5 * MINUTE, Ending.TAKEN_OFF)
    assert [value for _, value in series()] == [1.0, 0.0]
    assert json.loads(entries("violation.ended")[0].canon)["ending"] == "Taken off there"


def test_a_violation_ends_when_a_decision_is_used():
    version = a_version()
    tell(put_on())
    clearance = a_used_decision(version, at=NOON + 7 * MINUTE)

    ended = actions.settle(at=NOON + 40 * MINUTE, everything=False)
    measure(NOON + 40 * MINUTE)

    held = Violation.objects.get()
    assert (ended, held.ended_at, held.ending) == (1, NOON + 7 * MINUTE, Ending.DECIDED)
    assert held.clearance == clearance
    assert [value for _, value in series()] == [1.0, 0.0]
    assert actions.settle(at=NOON + 41 * MINUTE) == 0


def test_a_version_registered_after_the_fact_and_decided_upon_ends_it_too():
    a_version()
    tell(put_on("v2"), at=NOON)
    version = a_version(TWO)
    ModelVersion.objects.filter(pk=version.pk).update(created_at=NOON + 5 * MINUTE)

    assert actions.settle(at=NOON + 6 * MINUTE, everything=False) == 0
    assert Violation.objects.get().version == version
    a_used_decision(version, at=NOON + 7 * MINUTE)
    assert actions.settle(at=NOON + 8 * MINUTE, everything=False) == 1


def test_what_no_decision_concerns_is_not_looked_at_every_second(django_assert_num_queries):
    a_version()
    tell(put_on())

    with django_assert_num_queries(1 + 2):  # with its savepoint
        assert actions.settle(at=NOON + 31 * MINUTE, everything=False) == 0


def test_telling_the_same_again_is_one_violation():
    a_version()

    tell(put_on(), put_on(at=NOON + MINUTE))
    tell(observed("production", "v1", at=NOON + 2 * MINUTE))

    assert Violation.objects.count() == 1
    assert len(entries("violation.found")) == 1


def test_a_violation_stays_the_same_one_however_often_it_is_confirmed():
    a_version()
    tell(*(observed("production", "v1", at=NOON - 60 * MINUTE + number * MINUTE / 8) for number in range(450)))

    tell(observed("production", "v1", at=NOON))

    assert (Violation.objects.count(), len(entries("violation.found"))) == (1, 1)
    assert Violation.objects.get().began_at == NOON - 60 * MINUTE


def test_earlier_evidence_moves_the_beginning_of_the_same_violation():
    a_version()
    tell(put_on(at=NOON))

    tell(put_on(at=NOON - 20 * MINUTE))

    held = Violation.objects.get()
    assert (held.began_at, held.ended_at, len(entries("violation.found"))) == (NOON - 20 * MINUTE, None, 1)


def test_put_on_taken_off_and_put_on_again_are_two():
    a_version()

    tell(put_on(), observed("production", None, at=NOON + MINUTE), put_on(at=NOON + 2 * MINUTE))

    assert list(Violation.objects.order_by("began_at").values_list("began_at", "ended_at")) == [
        (NOON, NOON + MINUTE),
        (NOON + 2 * MINUTE, None),
    ]


def test_a_model_that_is_not_registered_is_kept_and_judged_once_it_is():
    tell(put_on())
    assert (Placement.objects.get().model, Violation.objects.count()) == (None, 0)

    a_version()
    assert actions.tie(at=NOON + 60 * MINUTE) == 1
    measure(NOON + 60 * MINUTE)

    assert Violation.objects.get().began_at == NOON
    assert [value for _, value in series()] == [1.0]
    assert actions.tie(at=NOON + 61 * MINUTE) == 0


def mlflow_alias(version: str | None, *, at: dt.datetime, action: str = "created") -> dict[str, Any]:
    data = {"name": "claims-triage", "alias": "champion", **({"version": version} if version else {})}
    return {"entity": "model_version_alias", "action": action, "timestamp": at.isoformat(), "data": data}


def test_an_mlflow_server_elsewhere_is_watched_the_same_way():
    a_version()
    server = a_source("MLflow east", kind="mlflow")

    tell(mlflow_alias("1", at=NOON), source=server)
    tell(mlflow_alias(None, at=NOON + MINUTE, action="deleted"), source=server)

    held = Violation.objects.get()
    assert (held.placement.name, held.ended_at, held.ending) == ("champion", NOON + MINUTE, Ending.TAKEN_OFF)


def test_two_servers_are_two_places():
    a_used_decision(a_version(), at=NOON - MINUTE, target="alias:champion")
    a_version(TWO)
    east, west = a_source("MLflow east", kind="mlflow"), a_source("MLflow west", kind="mlflow")

    tell(mlflow_alias("2", at=NOON), source=east)
    tell(mlflow_alias("1", at=NOON + MINUTE), source=west)

    assert Violation.objects.get(ended_at__isnull=True).placement.source == east
    assert series() == [("alias=champion,in=mlflow-east", 1.0), ("alias=champion,in=mlflow-west", 0.0)]


def test_a_stage_elsewhere_counts_for_each_version_of_its_own():
    a_version()
    a_version(TWO)
    server = a_source("MLflow east", kind="mlflow")

    def stage(version: str, name: str, at: dt.datetime) -> dict[str, Any]:
        data = {"name": "claims-triage", "version": version, "current_stage": name}
        return {"entity": "model_version", "action": "created", "timestamp": at.isoformat(), "data": data}

    tell(stage("1", "Production", NOON), stage("2", "Production", NOON + MINUTE), source=server)
    tell(stage("1", "Archived", NOON + 2 * MINUTE), source=server)

    rows = Violation.objects.order_by("began_at").values_list("placement__version_name", "ended_at")
    assert list(rows) == [("1", NOON + 2 * MINUTE), ("2", None)]


def test_whatever_the_order_and_batching_the_end_is_the_same():
    version = a_version()
    a_version(TWO)
    a_used_decision(version, at=NOON + 4 * MINUTE)
    story = [
        put_on("v2", at=NOON),
        put_on("v1", at=NOON + 2 * MINUTE),
        observed("production", "v1", at=NOON + 3 * MINUTE),
        put_on("v2", at=NOON + 6 * MINUTE),
        observed("production", None, at=NOON + 8 * MINUTE),
        put_on("v1", at=NOON + 9 * MINUTE),
        put_on("v2", at=NOON + 11 * MINUTE),
    ]
    rng = random.Random(7)
    found = set()
    for number in range(6):
        source = a_source(f"W&B {number}", kind="wandb")
        rest = rng.sample(story, len(story))
        while rest:
            size = rng.randint(1, 3)
            tell(*rest[:size], source=source)
            rest = rest[size:]
        actions.settle(at=NOON + 31 * MINUTE)
        measure(NOON + 31 * MINUTE)
        rows = Violation.objects.filter(placement__source=source).exclude(ending=Ending.CORRECTED)
        standing = rows.filter(ended_at__isnull=True).values_list("placement__version_name", "began_at")
        segment = f"alias=production,in={source.slug}:acme/wandb-registry-model"
        last = Measurement.objects.filter(segment=segment).order_by("-observed_at", "-value").first()
        assert last is not None
        found.add((tuple(standing), last.value))

    assert found == {((("v2", NOON + 11 * MINUTE),), 1.0)}


def test_the_owner_answers_once_and_strangers_never():
    a_version()
    tell(put_on())
    held = Violation.objects.get()

    with pytest.raises(AccessDenied):
        actions.answer(by=a_person("stella"), at=NOON + 31 * MINUTE, violation=held, text="Fine.")
    with pytest.raises(actions.AnswerEmpty):
        actions.answer(by=people().olive, at=NOON + 31 * MINUTE, violation=held, text="  ")
    actions.answer(by=people().olive, at=NOON + 31 * MINUTE, violation=held, text="Dana takes it off today.")
    with pytest.raises(actions.AlreadyAnswered):
        actions.answer(by=people().olive, at=NOON + 32 * MINUTE, violation=held, text="Again.")

    held.refresh_from_db()
    assert (held.answered_by, held.answer) == (people().olive, "Dana takes it off today.")
    assert json.loads(entries("violation.answered")[0].canon)["answer"] == "Dana takes it off today."


def test_what_is_over_needs_no_answer():
    a_version()
    tell(put_on(), observed("production", None, at=NOON + MINUTE))

    with pytest.raises(actions.ViolationOver):
        actions.answer(by=people().olive, at=NOON + 31 * MINUTE, violation=Violation.objects.get(), text="Why?")


def test_a_mapping_that_reads_the_source_leaves_the_watch_in_place():
    from models_registry.telemetry import source_actions

    a_version()
    source = wandb()
    document = {
        "mapping": 1,
        "fields": {"model": "/artifact_collection_name", "observed_at": "/at"},
        "values": [{"metric": {"const": "accuracy"}, "value": "/accuracy"}],
    }
    mapping = source_actions.save_mapping(by=OPERATOR, at=NOON, source=source, document=document)
    source_actions.activate_mapping(by=OPERATOR, at=NOON, mapping=mapping)

    tell(put_on(accuracy=0.9))

    assert Violation.objects.count() == 1
