"""Finished runs of an MLflow server, which has no webhook for them.

Source: mlflow 3.17 `service.proto`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.pollers import before
from models_registry.telemetry.pollers.mlflow_changes import API, body_of
from models_registry.telemetry.pollers.reading import (
    lines_in,
    list_in,
    milliseconds_in,
    milliseconds_of,
    moment_of,
    object_in,
    short_digest,
    text_in,
    thing,
)
from models_registry.telemetry.pollers.shapes import Ask, Asker, Found, Page, Recall, Refused

RUNS_A_PAGE: Final = 50
MOST_EXPERIMENTS: Final = 1000
NO_RUNS: Final = "-"

type Ended = tuple[Mapping[str, Any], int]


def experiments(ask: Asker, config: Mapping[str, str]) -> Mapping[str, str]:
    """Return the names of the experiments whose runs are wanted, by their ids."""
    wanted = set(lines_in(config, "experiments"))
    order = ["last_update_time DESC"]
    answer = ask(Ask(API + "experiments/search", "POST", json={"max_results": MOST_EXPERIMENTS, "order_by": order}))
    listed = list_in(object_in(answer.data, "object"), "experiments")
    names = {text_in(one, "experiment_id"): text_in(one, "name") for one in listed}
    return {key: name for key, name in names.items() if not wanted or name in wanted}


def lists(config: Mapping[str, str]) -> Sequence[str]:
    """Return the one list of which earlier runs are read; another choice of experiments is another list."""
    chosen = sorted(lines_in(config, "experiments"))
    return () if chosen == [NO_RUNS] else (f"runs:{short_digest(chr(10).join(chosen))}" if chosen else "runs",)


def pages(
    ask: Asker, chosen: Mapping[str, str], place: dict[str, Any], begun: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read runs in the order in which they ended, from the last one's moment on, which may be shared."""
    since = place.get("runs_mark", milliseconds_of(begun))
    token: str | None = ""
    while chosen and token is not None:
        query = {"filter": f"attributes.end_time >= {since}", "order_by": ["attributes.end_time ASC"]}
        runs, token = _page(ask, Ask(API + "runs/search", "POST", json=_body(chosen, query, token)))
        place["runs_mark"] = max((place.get("runs_mark", since), *(ended for _, ended in runs)))
        yield Page(_found(runs, chosen, recall), dict(place))


def earlier(
    ask: Asker,
    chosen: Mapping[str, str],
    place: dict[str, Any],
    begun: dt.datetime,
    recall: Recall,
    config: Mapping[str, str],
) -> Iterator[Page]:
    """Read runs that ended before the sweeps began, the last one first, from where the former sweep got to.

    It waits until every version was looked at, for only then it is known whose a run is. Runs that ended in one
    millisecond with the last one are read again and are no news.
    """
    [name] = lists(config)
    reached = before.reached(place, name, config=config, begun=begun)
    if reached.is_over or not place.get("round_looked"):
        return
    since, mark, count = milliseconds_of(reached.wanted_since), milliseconds_of(reached.back_to), reached.count
    order = ["attributes.end_time DESC"]
    within = f"attributes.end_time >= {since} AND attributes.end_time <= {mark}"
    token: str | None = ""
    runs: Sequence[Ended] = ()
    while chosen and token is not None:
        body = _body(chosen, {"filter": within, "order_by": order}, token)
        runs, token = _page(ask, Ask(API + "runs/search", "POST", json=body, earlier=True))
        count += sum(ended < mark for _, ended in runs)
        if token is not None:
            back_to = min((ended for _, ended in runs), default=mark)
            before.keep(place, name, back_to=moment_of(back_to), count=count)
            yield Page(_found(runs, chosen, recall), dict(place))
    before.keep(place, name, back_to=reached.wanted_since, count=count)
    yield Page(_found(runs, chosen, recall), dict(place))


def run_of(ask: Asker, run_id: str, model: str) -> list[Found]:
    """Return the run that a new version names, which may have ended before it was known whose it is."""
    try:
        answer = ask(Ask(API + "runs/get", query={"run_id": run_id}))
    except Refused:
        return []  # a registry of its own, or a run that was deleted
    one = object_in(object_in(answer.data, "object").get("run"), "run")
    ended = milliseconds_in(object_in(one.get("info"), "info"), "end_time")
    return [_run(one, "", model, ended)] if ended else []


def _body(chosen: Mapping[str, str], query: Mapping[str, Any], token: str) -> Mapping[str, Any]:
    own = {"experiment_ids": sorted(chosen), "run_view_type": "ACTIVE_ONLY", "max_results": RUNS_A_PAGE}
    return {**own, **query, **({"page_token": token} if token else {})}


def _page(ask: Asker, question: Ask) -> tuple[Sequence[Ended], str | None]:
    """Return runs with the milliseconds in which they ended, and where the next page begins; None after the last."""
    data = object_in(ask(question).data, "object")
    told = list_in(data, "runs")
    runs = [(one, milliseconds_in(object_in(one.get("info"), "info"), "end_time")) for one in told]
    return runs, text_in(data, "next_page_token") or None


def _found(runs: Sequence[Ended], chosen: Mapping[str, str], recall: Recall) -> list[Found]:
    models = recall(thing("run", _run_id(one)) for one, _ in runs)
    found = []
    for one, ended in runs:
        experiment = chosen.get(text_in(object_in(one.get("info"), "info"), "experiment_id"), "")
        found.append(_run(one, experiment, models.get(thing("run", _run_id(one)), ""), ended))
    return found


def _run(one: Mapping[str, Any], experiment: str, model: str, ended: int) -> Found:
    names = [name for name in dict.fromkeys((model, experiment)) if name]
    data = {"run": one, "experiment": experiment, "models": names}
    suffix = f":{model}" if model else ""
    return Found(f"run:{_run_id(one)}@{ended}{suffix}", body_of("run.finished", moment_of(ended), data))


def _run_id(one: Mapping[str, Any]) -> str:
    return text_in(object_in(one.get("info"), "info"), "run_id")
