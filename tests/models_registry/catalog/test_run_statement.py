"""Runs as MLflow and W&B write them, read into one shape."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.catalog.run_statement import RunUnreadable, StatedMetric, from_mlflow, from_wandb, settled

MLFLOW = {
    "info": {
        "run_id": "8f7e6d5c4b3a29180706f5e4d3c2b1a0", "run_uuid": "8f7e6d5c4b3a29180706f5e4d3c2b1a0",
        "run_name": "upbeat-shrike-42", "experiment_id": "3", "user_id": "noor", "status": "FINISHED",
        "start_time": 1772445600000, "end_time": 1772446200000,
        "artifact_uri": "s3://mlflow/3/8f7e6d5c4b3a29180706f5e4d3c2b1a0/artifacts", "lifecycle_stage": "active",
    },
    "data": {
        "metrics": [
            {"key": "auc", "value": 0.9, "timestamp": 1772446000000, "step": 2},
            {"key": "auc", "value": 0.85, "timestamp": 1772445900000, "step": 1},
            {"key": "log_loss", "value": 0.31, "timestamp": 1772446000000, "step": 0},
            {"key": "ratio", "value": "NaN", "timestamp": 1772446000000, "step": 0},
        ],
        "params": [{"key": "max_depth", "value": "4"}, {"key": "eta", "value": "0.1"}],
        "tags": [
            {"key": "mlflow.parentRunId", "value": "aa11"},
            {"key": "mlflow.user", "value": "noor"},
            {"key": "mlflow.runName", "value": "upbeat-shrike-42"},
        ],
    },
    "inputs": {},
}  # fmt: skip
"""A member of `runs` as `POST /api/2.0/mlflow/runs/search` of MLflow 3 gives it."""

WANDB = {
    "id": "UnVuOnYxOjFhMmIzYzRk", "name": "1a2b3c4d", "displayName": "sweepy-sweep-7", "state": "finished",
    "tags": ["candidate-for-staging"], "group": None, "jobType": "train", "commit": "4be91c2",
    "createdAt": "2026-03-02T09:00:00Z", "heartbeatAt": "2026-03-02T09:21:30Z", "sweepName": "q9w8e7r6",
    "config": json.dumps({
        "lr": {"value": 0.001, "desc": None}, "layers": {"value": [64, 32], "desc": None},
        "optimizer": {"value": {"name": "adam", "beta": 0.9}, "desc": None},
        "_wandb": {"value": {"python_version": "3.12.3"}, "desc": None},
    }),
    "summaryMetrics": json.dumps({
        "val_auc": {"last": 0.91, "max": 0.93}, "val_loss": 0.27, "_step": 400, "_runtime": 1290, "_timestamp": 1772443290.1,
        "table": {"_type": "table-file", "nrows": 10}, "diverged": "NaN",
    }),
    "user": {"username": "noor"},
}  # fmt: skip
"""A node of `project.runs` of W&B's GraphQL; `config` and `summaryMetrics` are JSON in a string."""


def test_a_run_of_mlflow():
    run = from_mlflow(MLFLOW)

    assert (run.external_id, run.name, run.status, run.author) == (
        "8f7e6d5c4b3a29180706f5e4d3c2b1a0", "upbeat-shrike-42", "FINISHED", "noor",
    )  # fmt: skip
    assert run.parameters == {"max_depth": "4", "eta": "0.1"}
    assert run.metrics["auc"] == StatedMetric(0.9, history=[(1.0, 0.85), (2.0, 0.9)])
    assert "ratio" not in run.metrics
    assert run.sweep == "aa11"
    assert run.started_at == dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


def test_a_run_of_mlflow_tells_which_models_it_logged():
    outputs = {"model_outputs": [{"model_id": "m-07f3aac2f5fa4730b5cdabf291df91d9", "step": 0}, {"step": 1}]}

    assert from_mlflow({**MLFLOW, "outputs": outputs}).artifacts[1:] == [
        {"name": "logged model", "uri": "models:/m-07f3aac2f5fa4730b5cdabf291df91d9"}
    ]
    assert len(from_mlflow({**MLFLOW, "outputs": {}}).artifacts) == 1
    assert len(from_mlflow({**MLFLOW, "outputs": None}).artifacts) == 1


def test_a_run_of_wandb():
    run = from_wandb(WANDB)

    assert (run.external_id, run.name, run.status, run.sweep) == ("1a2b3c4d", "sweepy-sweep-7", "FINISHED", "q9w8e7r6")
    assert run.parameters == {
        "lr": 0.001, "layers": "[64, 32]", "optimizer.name": "adam", "optimizer.beta": 0.9
    }  # fmt: skip
    assert run.metrics == {"val_auc": StatedMetric(0.91, 0.93), "val_loss": StatedMetric(0.27)}
    assert run.ended_at == dt.datetime(2026, 3, 2, 9, 21, 30, tzinfo=dt.UTC)


def test_a_run_that_goes_on_has_not_ended():
    assert from_wandb({**WANDB, "state": "running"}).ended_at is None
    assert from_mlflow({**MLFLOW, "info": {**MLFLOW["info"], "status": "RUNNING", "end_time": None}}).ended_at is None


@pytest.mark.parametrize(
    ("read", "told", "words"),
    [
        (from_mlflow, {}, "`info`"),
        (from_mlflow, {**MLFLOW, "outputs": {"model_outputs": "m-1"}}, "`model_outputs`"),
        (from_mlflow, {"info": {"run_id": "a", "status": "DONE"}}, "status"),
        (from_mlflow, {"info": {"run_id": "a", "status": "FINISHED", "start_time": "soon"}}, "milliseconds"),
        (from_mlflow, {"info": {"run_id": "a", "status": "FINISHED"}, "data": {"params": {}}}, None),
        (from_mlflow, {"info": {"run_id": "a", "status": "FINISHED"}, "data": {"params": {"a": 1}}}, "list"),
        (from_wandb, {}, "`name`"),
        (from_wandb, {"name": "a", "state": "dancing"}, "`state`"),
        (from_wandb, {**WANDB, "config": "{"}, "not JSON"),
        (from_wandb, {**WANDB, "config": "[]"}, "JSON object"),
        (from_wandb, {**WANDB, "createdAt": "yesterday"}, "ISO 8601"),
    ],
)
def test_what_its_platform_would_not_write_is_refused_with_the_place(read, told, words):
    if words is None:
        assert read(told).parameters == {}
        return
    with pytest.raises(RunUnreadable, match=words):
        read(told)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(info=anything, content=anything, config=anything)
def test_whatever_comes_is_read_or_refused_in_words(info, content, config):
    for read, told in (
        (from_mlflow, {"info": info, "data": content}),
        (from_mlflow, {"info": {**MLFLOW["info"]}, "data": content}),
        (from_wandb, {**WANDB, "config": config, "summaryMetrics": content}),
    ):
        try:
            run = read(told)
        except RunUnreadable:
            continue
        json.dumps([dict(run.parameters), {name: one.last for name, one in run.metrics.items()}], allow_nan=False)


def test_the_best_of_a_history_is_the_way_the_metric_improves():
    history = ((1.0, 0.7), (2.0, 0.9), (3.0, 0.8))

    assert settled(StatedMetric(0.8, history=history), upwards=True).best == 0.9
    assert settled(StatedMetric(0.8, history=history), upwards=False).best == 0.7
    assert settled(StatedMetric(0.8, history=history), upwards=None).best is None
    assert settled(StatedMetric(0.8, 0.95, history), upwards=True).best == 0.95
