"""Runs and sweeps on record: told again without harm, and the one that became a version."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog import run_queries
from models_registry.catalog.actions import register_version
from models_registry.catalog.run_actions import RunAlreadyLinked, import_runs, link_origin, link_run
from models_registry.catalog.run_models import Run, Sweep
from models_registry.catalog.run_statement import StatedMetric, StatedRun, StatedRuns, StatedSweep
from tests.journeys.builders import a_model, a_person
from tests.models_registry.catalog.test_run_statement import MLFLOW, WANDB
from tests.models_registry.catalog.validated import a_sweep
from tests.models_registry.lineage.world import AT, a_version, otto_ci

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/models/claims-triage/runs/"
RUN = StatedRun("r1", "first", "RUNNING", metrics={"auc": StatedMetric(0.7)}, parameters={"depth": 3})


@pytest.fixture
def ci() -> APIClient:
    client = APIClient()
    client.force_authenticate(otto_ci())
    return client


def told(model, *runs, at=AT, **more):
    return import_runs(by=otto_ci(), at=at, model=model, told=StatedRuns("OWN", list(runs), **more))


def test_a_run_is_told_anew_and_the_same_again_changes_nothing():
    model = a_model("claims-triage")
    first = told(model, RUN)
    done = replace(RUN, status="FINISHED", metrics={"auc": StatedMetric(0.9, history=((1, 0.95), (2, 0.9)))})

    second, third = told(model, done, at=AT + timedelta(hours=1)), told(model, done)

    assert [(one.fresh_count, one.changed_count) for one in (first, second, third)] == [(1, 0), (0, 1), (0, 0)]
    run = Run.objects.get()
    assert (run.status, run.metrics["auc"]["last"], run.metrics["auc"]["best"]) == ("FINISHED", 0.9, 0.95)
    assert run.changed_at == AT + timedelta(hours=1)
    assert AuditEntry.objects.filter(action="runs.imported").count() == 2


def test_the_objective_of_a_run_is_the_best_value_of_the_sweeps_metric():
    model = a_model("claims-triage")
    metrics = {"loss": StatedMetric(0.4, history=((1, 0.6), (2, 0.3), (3, 0.4)))}
    run = replace(RUN, metrics=metrics)

    told(model, run, sweep=StatedSweep("s", objective="loss", goal="MINIMIZE", space={"depth": [2, 3]}))

    assert Run.objects.get().objective == 0.3
    sweep = Sweep.objects.get()
    told(model, replace(run, sweep="s"))
    assert (Sweep.objects.get().objective, sweep.space) == ("loss", {"depth": [2, 3]})


def test_a_sweep_orders_its_runs_by_its_goal():
    sweep, runs = a_sweep(5)

    ordered = list(run_queries.by_objective(sweep=sweep))

    assert ordered[0] == runs[-1]
    assert run_queries.winner(ordered) == runs[-1]
    assert run_queries.varied(ordered) == ["booster", "depth", "rate"]
    (row,) = run_queries.sweeps_of(model=sweep.model)
    assert (row.run_count, row.best) == (5, pytest.approx(0.804))


def test_the_winning_run_is_linked_to_one_version_by_somebody():
    sweep, runs = a_sweep()
    first, second = a_version(), a_version()

    link_run(by=otto_ci(), at=AT, run=runs[1], version=first)
    link_run(by=otto_ci(), at=AT, run=runs[1], version=first)

    assert run_queries.winner(run_queries.by_objective(sweep=sweep)) == runs[1]
    assert AuditEntry.objects.filter(action="run.linked").count() == 1
    for run, version in ((runs[1], second), (runs[2], first), (runs[2], a_version("motor-pricing"))):
        with pytest.raises(RunAlreadyLinked):
            link_run(by=otto_ci(), at=AT, run=run, version=version)
    with pytest.raises(AccessDenied):
        link_run(by=a_person("rival", "", "model_owner"), at=AT, run=runs[2], version=second)


def test_a_run_that_a_version_names_is_linked_when_it_is_told():
    model = a_model("claims-triage")
    version = register_version(by=model.owner, at=AT, model=model, run_id="r1")

    told(model, RUN)

    assert Run.objects.get().version == version


@pytest.mark.parametrize("named", [{"run_id": "r1"}, {"logged_model_id": "m-1"}])
@pytest.mark.parametrize("run_first", [True, False])
def test_the_run_that_made_a_version_is_linked_whichever_comes_first(named: dict[str, str], run_first: bool):
    model = a_model("claims-triage")
    run = replace(RUN, artifacts=[{"name": "logged model", "uri": "models:/m-1"}])
    if run_first:
        told(model, replace(RUN, external_id="r0"), run)

    version = register_version(by=model.owner, at=AT, model=model, **named)
    linked = link_origin(by=model.owner, at=AT, version=version)
    another = register_version(by=model.owner, at=AT, model=model, **named)
    link_origin(by=model.owner, at=AT, version=another)
    told(model, replace(RUN, external_id="r0"), run)

    assert (linked is not None) == run_first
    assert list(Run.objects.order_by("external_id").values_list("external_id", "version")) == [
        ("r0", None), ("r1", version.pk)
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="run.linked").count() == 1


def test_a_version_that_names_no_run_on_record_has_none():
    model = a_model("claims-triage")
    told(a_model("motor-pricing"), replace(RUN, artifacts=[{"name": "logged model", "uri": "models:/m-1"}]))

    for facts in ({}, {"run_id": "r1"}, {"logged_model_id": "m-1"}):
        version = register_version(by=model.owner, at=AT, model=model, **facts)
        assert link_origin(by=model.owner, at=AT, version=version) is None


def test_runs_of_mlflow_and_wandb_come_as_their_platforms_write_them(ci):
    a_version()

    answers = [
        ci.post(ADDRESS, {"source": "MLFLOW", "runs": [MLFLOW]}, format="json"),
        ci.post(
            ADDRESS,
            {"source": "WANDB", "sweep": {"id": "q9w8e7r6", "objective": "val_auc"}, "runs": [WANDB]},
            format="json",
        ),
    ]

    assert [one.status_code for one in answers] == [201, 201], [one.json() for one in answers]
    ours = ci.get(ADDRESS).json()["results"]
    assert [(one["source"], one["name"]) for one in ours] == [
        ("WANDB", "sweepy-sweep-7"),
        ("MLFLOW", "upbeat-shrike-42"),
    ]
    assert ours[0]["objective"] == 0.93
    assert [one["external_id"] for one in ci.get("/api/v1/models/claims-triage/sweeps/").json()["results"]] == [
        "q9w8e7r6", "aa11",
    ]  # fmt: skip
    assert ci.get(f"{ADDRESS}{ours[0]['id']}/").json() == ours[0]


def test_a_pipeline_sends_its_own_runs_and_links_the_winner(ci):
    a_version()
    body = {
        "source": "OWN",
        "sweep": {"id": "s", "objective": "auc", "goal": "MAXIMIZE"},
        "runs": [{"id": "a", "metrics": {"auc": {"last": 0.9, "history": [[1, 0.8], [2, 0.9]]}, "loss": 1}}],
    }

    made, again = ci.post(ADDRESS, body, format="json"), ci.post(ADDRESS, body, format="json")
    linked = ci.put("/api/v1/models/claims-triage/versions/1/run/", {"run": made.json()["runs"]["a"]}, format="json")

    assert (made.status_code, again.status_code, again.json()["new"]) == (201, 200, 0)
    assert linked.json()["version"] == 1
    assert linked.json()["metrics"]["loss"] == {"last": 1.0}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"source": "OWN", "runs": [{"id": "a", "score": 1}]}, "Unknown field"),
        ({"source": "OWN", "runs": [{"id": "a", "metrics": {"auc": "high"}}]}, "A number is expected"),
        ({"source": "OWN", "runs": [{"id": "a", "metrics": {"auc": {"best": 1}}}]}, "required"),
        ({"source": "OWN", "runs": [{"id": "a", "parameters": {"p": [1]}}]}, "true or false"),
        ({"source": "OWN", "runs": [{"id": "a"}, {"id": "a"}]}, "there twice"),
        ({"source": "OWN", "runs": [{"id": "a", "started_at": "2026-03-02T09:00:00Z",
                                     "ended_at": "2026-03-01T09:00:00Z"}]}, "before it began"),
        ({"source": "MLFLOW", "runs": [{"info": {}}]}, "Run 1"),
        ({"source": "COMET", "runs": []}, "source"),
    ],
)  # fmt: skip
def test_runs_that_cannot_be_read_are_refused_and_none_is_kept(ci, body, words):
    a_version()

    answer = ci.post(ADDRESS, body, format="json")

    assert answer.status_code == 400, answer.json()
    assert words in answer.text
    assert not Run.objects.exists()
