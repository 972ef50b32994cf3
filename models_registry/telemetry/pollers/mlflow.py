"""An MLflow tracking server: its registry and its finished runs.

Sources: mlflow 3.17 `model_registry.proto`, `service.proto`, `store/model_registry/sqlalchemy_store.py`. Models,
versions, aliases and tags are told as MLflow's webhooks tell them, so that both make one event; stages and runs have
no webhook. Only models and versions have a moment of their own there. An alias or a tag was changed between two
looks, and its webhook may be sent some minutes later, when the server's ten senders are busy.

A sweep reads all models (their aliases move no timestamp), the versions that changed since the last one, ten further
pages of all versions (their tags move no timestamp either), and the runs that ended.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.adapters.mlflow import DIGEST_TAGS
from models_registry.telemetry.pollers.reading import (
    answered_at,
    list_in,
    milliseconds_in,
    milliseconds_of,
    moment_of,
    object_in,
    short_digest,
    text_in,
    thing,
    written,
)
from models_registry.telemetry.pollers.shapes import (
    Ask,
    Asker,
    Change,
    Field,
    Found,
    Page,
    Poller,
    Recall,
    Refused,
    Scheme,
)

API: Final = "api/2.0/mlflow/"
MODELS_A_PAGE, VERSIONS_A_PAGE, RUNS_A_PAGE = 100, 200, 50
ROUND_PAGES: Final = 10
"""Pages of all versions that one sweep reads on, for what moves no timestamp."""
MOST_EXPERIMENTS: Final = 1000
EARLIER: Final = dt.timedelta(seconds=3)
"""The server's Date header is rounded down to a second and may be as old as that."""
LATER: Final = dt.timedelta(minutes=1)
"""How long after a change its webhook may say that it happened."""
MUCH_LATER: Final = dt.timedelta(minutes=10)
"""The same for what can happen once only, where a generous answer confuses nothing."""
IS_PROMPT: Final = "mlflow.prompt.is_prompt"

type Dated = tuple[dt.datetime, dt.datetime]


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read models, versions and runs. Each part keeps its own place in the cursor."""
    place = dict(cursor)
    begun = milliseconds_of(dt.datetime.fromisoformat(place["begun_at"]))
    for part in (_models, _changed_versions, _all_versions):
        yield from part(ask, place, begun, at, recall)
    if config.get("experiments", "").strip() != "-":
        yield from _runs(ask, place, begun, at, recall, config)


def change(document: Any, received_at: dt.datetime) -> Change | None:
    """Return what a webhook tells, by the key that a sweep gives it."""
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        return None
    event = f"{document.get('entity')}.{document.get('action')}"
    names = KEYS.get(event)
    parts = [data.get(name) for name in names or ()]
    if names is None or not all(isinstance(part, str) for part in parts):
        return None
    try:
        told = dt.datetime.fromisoformat(str(document.get("timestamp")))
    except ValueError:
        return None
    moment = told if told.tzinfo else told.replace(tzinfo=dt.UTC)
    return Change(key_of(event, [str(part) for part in parts]), min(moment, received_at + MUCH_LATER))


KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "registered_model.created": ("name",),
    "model_version.created": ("name", "version"),
    "model_version_tag.set": ("name", "version", "key", "value"),
    "model_version_tag.deleted": ("name", "version", "key"),
    "model_version_alias.created": ("name", "alias", "version"),
    "model_version_alias.deleted": ("name", "alias"),
}
"""What names each change that MLflow sends a webhook for, apart from its moment."""


def key_of(event: str, parts: Sequence[str]) -> str:
    """Return a change's key. The value of a tag may be long and private, so its digest stands for it."""
    told = [*parts[:3], short_digest(parts[3])] if event == "model_version_tag.set" else parts
    return ":".join((event, *(part.replace("%", "%25").replace(":", "%3A") for part in told)))


def _models(ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall) -> Iterator[Page]:
    """Read every model with its aliases."""
    while True:
        query = {"max_results": MODELS_A_PAGE, "order_by": "name ASC", **_token(place, "models_token")}
        answer = ask(Ask(API + "registered-models/search", query=query))
        place.setdefault("models_began", milliseconds_of(answered_at(answer, at)))
        until = answered_at(answer, at) + LATER
        data = object_in(answer.data, "object")
        listed = [one for one in list_in(data, "registered_models") if not _is_prompt(one)]
        known = recall(thing("model", text_in(one, "name")) for one in listed)
        found: list[Found] = []
        seen: dict[str, Any] = {}
        for one in listed:
            name = text_in(one, "name")
            state, news = _model(one, known.get(thing("model", name)), begun, place, until)
            seen[thing("model", name)] = state
            found += news
        if not _next(place, "models_token", data):
            place["models_looked"] = place.pop("models_began")
            yield Page(found, dict(place), seen)
            return
        yield Page(found, dict(place), seen)


def _model(
    one: Mapping[str, Any], before: Any, begun: int, place: Mapping[str, Any], until: dt.datetime
) -> tuple[dict[str, Any], list[Found]]:
    """Return what to remember of a model, and what is new of it."""
    name, made = text_in(one, "name"), milliseconds_in(one, "creation_timestamp")
    aliases = {text_in(each, "alias"): text_in(each, "version") for each in list_in(one, "aliases")}
    state = {"made": made, "aliases": aliases}
    known = before if before is not None and before["made"] == made else None
    if known is None and made < begun:
        return state, []
    found = []
    if known is None:
        data = {"name": name, "tags": _tags(one), "description": one.get("description")}
        found.append(_dated("registered_model.created", data, made, [name]))
    held = known["aliases"] if known else {}
    looked = place.get("models_looked", begun) if known else made
    interval = (moment_of(max(looked, made)) - EARLIER, until)
    for alias in sorted(held.keys() - aliases.keys()):
        found.append(_between("model_version_alias.deleted", {"name": name, "alias": alias}, interval, [name, alias]))
    for alias, version in sorted(aliases.items()):
        if held.get(alias) != version:
            data = {"name": name, "alias": alias, "version": version}
            found.append(_between("model_version_alias.created", data, interval, [name, alias, version]))
    return state, found


def _changed_versions(ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall) -> Iterator[Page]:
    """Read versions from the one that changed last back to those of the last sweep, equal moments included."""
    mark = place.get("versions_mark", begun)
    order = ["last_updated_timestamp DESC", "name ASC", "version_number DESC"]
    while True:
        query = {"max_results": VERSIONS_A_PAGE, "order_by": order, **_token(place, "versions_token")}
        answer = ask(Ask(API + "model-versions/search", query=query))
        data = object_in(answer.data, "object")
        listed = list_in(data, "model_versions")
        newest = max((milliseconds_in(one, "last_updated_timestamp") for one in listed), default=mark)
        place["versions_top"] = max(place.get("versions_top", 0), newest)
        fresh = [one for one in listed if milliseconds_in(one, "last_updated_timestamp") >= mark]
        found, seen = _versions(ask, fresh, place, begun, answered_at(answer, at) + LATER, recall)
        if not _next(place, "versions_token", data) or len(fresh) < len(listed):
            place.pop("versions_token", None)
            place["versions_mark"] = max(mark, place.pop("versions_top"))
            yield Page(found, dict(place), seen)
            return
        yield Page(found, dict(place), seen)


def _all_versions(ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall) -> Iterator[Page]:
    """Go on with the round over all versions, oldest first; a round may take several sweeps."""
    for _ in range(ROUND_PAGES):
        query = {"max_results": VERSIONS_A_PAGE, "order_by": ["creation_timestamp ASC", "name ASC"]}
        answer = ask(Ask(API + "model-versions/search", query={**query, **_token(place, "round_token")}))
        place.setdefault("round_began", milliseconds_of(answered_at(answer, at)))
        data = object_in(answer.data, "object")
        listed = list_in(data, "model_versions")
        found, seen = _versions(ask, listed, place, begun, answered_at(answer, at) + LATER, recall)
        goes_on = _next(place, "round_token", data)
        if not goes_on:
            place["round_looked"] = place.pop("round_began")
        yield Page(found, dict(place), seen)
        if not goes_on:
            return


def _versions(
    ask: Asker, listed: Sequence[Mapping[str, Any]], place: Mapping[str, Any], begun: int, until: dt.datetime,
    recall: Recall,
) -> tuple[list[Found], dict[str, Any]]:  # fmt: skip
    """Return what is new of these versions, and what to remember of them."""
    listed = [one for one in listed if not _is_prompt(one)]
    known = recall(_version_thing(one) for one in listed)
    found: list[Found] = []
    seen: dict[str, Any] = {}
    for one in listed:
        before = known.get(_version_thing(one))
        made = milliseconds_in(one, "creation_timestamp")
        before = before if before is not None and before["made"] == made else None
        tags = _tags(one)
        state = {
            "made": made,
            "stage": text_in(one, "current_stage") or "None",
            "tags": {key: short_digest(value) for key, value in tags.items()},
        }
        if before == state:
            continue
        seen[_version_thing(one)] = state
        if run := text_in(one, "run_id"):
            seen[thing("run", run)] = text_in(one, "name")
        if before is not None or made >= begun:
            found += _news(one, before, state, tags, place, until)
            if before is None and run:
                found += _run_of(ask, run, text_in(one, "name"))
    return found, seen


def _news(
    one: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    state: Mapping[str, Any],
    tags: Mapping[str, str],
    place: Mapping[str, Any],
    until: dt.datetime,
) -> list[Found]:
    name, version, made = text_in(one, "name"), text_in(one, "version"), state["made"]
    found = []
    if before is None:
        data = {
            "name": name,
            "version": version,
            "source": text_in(one, "source"),
            "run_id": text_in(one, "run_id") or None,
            "tags": dict(tags),
            "description": text_in(one, "description") or None,
        }
        found.append(_dated("model_version.created", data, made, [name, version]))
    if state["stage"] != (before["stage"] if before else "None"):
        found.append(_stage(one, before["stage"] if before else "None", tags))
    held = before["tags"] if before else {}
    looked = max(place.get("round_looked", made), made) if before else made
    interval = (moment_of(looked) - EARLIER, until)
    for key in sorted(held.keys() - state["tags"].keys()):
        data = {"name": name, "version": version, "key": key}
        found.append(_between("model_version_tag.deleted", data, interval, [name, version, key]))
    for key, digest in sorted(state["tags"].items()):
        # A new version is told with its first tags; what names its weights is compared, so it is told by itself.
        if held.get(key) != digest and (before is not None or key in DIGEST_TAGS):
            data = {"name": name, "version": version, "key": key, "value": tags[key]}
            found.append(_between("model_version_tag.set", data, interval, [name, version, key, tags[key]]))
    return found


def _stage(one: Mapping[str, Any], before: str, tags: Mapping[str, str]) -> Found:
    """Return the event of a stage, for which MLflow has no webhook."""
    name, version, stage = (text_in(one, field) for field in ("name", "version", "current_stage"))
    moved = milliseconds_in(one, "last_updated_timestamp")
    data = {
        "name": name,
        "version": version,
        "current_stage": stage,
        "previous_stage": before,
        "user_id": text_in(one, "user_id"),
        "tags": dict(tags),
    }
    key = key_of("model_version_stage.set", [name, version, stage])
    return Found(f"{key}@{moved}", _body("model_version_stage.set", moment_of(moved), data))


def _runs(
    ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall, config: Mapping[str, str]
) -> Iterator[Page]:
    """Read runs in the order in which they ended, from the last one's moment on, which may be shared."""
    wanted = {line.strip() for line in config.get("experiments", "").splitlines() if line.strip()}
    order = ["last_update_time DESC"]
    answer = ask(Ask(API + "experiments/search", "POST", json={"max_results": MOST_EXPERIMENTS, "order_by": order}))
    listed = list_in(object_in(answer.data, "object"), "experiments")
    names = {text_in(one, "experiment_id"): text_in(one, "name") for one in listed}
    chosen = {key: name for key, name in names.items() if not wanted or name in wanted}
    token = ""
    since = place.get("runs_mark", begun)
    while chosen:
        body = {
            "experiment_ids": sorted(chosen),
            "filter": f"attributes.end_time >= {since}",
            "order_by": ["attributes.end_time ASC"],
            "run_view_type": "ACTIVE_ONLY",
            "max_results": RUNS_A_PAGE,
        }
        answer = ask(Ask(API + "runs/search", "POST", json=body | ({"page_token": token} if token else {})))
        data = object_in(answer.data, "object")
        told = list_in(data, "runs")
        models = recall(thing("run", _run_id(one)) for one in told)
        found = []
        for one in told:
            info = object_in(one.get("info"), "info")
            ended = milliseconds_in(info, "end_time")
            place["runs_mark"] = max(place.get("runs_mark", begun), ended)
            model = models.get(thing("run", _run_id(one)), "")
            found.append(_run(one, chosen.get(text_in(info, "experiment_id"), ""), model, ended))
        yield Page(found, dict(place))
        token = text_in(data, "next_page_token")
        if not token:
            return


def _run_of(ask: Asker, run_id: str, model: str) -> list[Found]:
    """Return the run that a new version names, which may have ended before it was known whose it is."""
    try:
        answer = ask(Ask(API + "runs/get", query={"run_id": run_id}))
    except Refused:
        return []  # a registry of its own, or a run that was deleted
    one = object_in(object_in(answer.data, "object").get("run"), "run")
    ended = milliseconds_in(object_in(one.get("info"), "info"), "end_time")
    return [_run(one, "", model, ended)] if ended else []


def _run(one: Mapping[str, Any], experiment: str, model: str, ended: int) -> Found:
    names = [name for name in dict.fromkeys((model, experiment)) if name]
    data = {"run": one, "experiment": experiment, "models": names}
    suffix = f":{model}" if model else ""
    return Found(f"run:{_run_id(one)}@{ended}{suffix}", _body("run.finished", moment_of(ended), data))


def _run_id(one: Mapping[str, Any]) -> str:
    return text_in(object_in(one.get("info"), "info"), "run_id")


def _dated(event: str, data: Mapping[str, Any], made: int, parts: Sequence[str]) -> Found:
    """Return a change that the server dates."""
    key, moment = key_of(event, parts), moment_of(made)
    return Found(
        f"{key}@{made}", _body(event, moment, data), change=key, since=moment - EARLIER, until=moment + MUCH_LATER
    )


def _between(event: str, data: Mapping[str, Any], interval: Dated, parts: Sequence[str]) -> Found:
    """Return a change that was made between two looks; the moment of the latter is all that is known of it."""
    key, (since, until) = key_of(event, parts), interval
    seen = until - LATER
    return Found(
        f"{key}@{milliseconds_of(since)}-{milliseconds_of(seen)}",
        _body(event, max(seen, since + EARLIER), data),
        change=key,
        since=since,
        until=until,
    )


def _body(event: str, moment: dt.datetime, data: Mapping[str, Any]) -> bytes:
    entity, _, action = event.partition(".")
    told = moment.isoformat(timespec="microseconds")
    return written({"entity": entity, "action": action, "timestamp": told, "data": data})


def _tags(one: Mapping[str, Any]) -> dict[str, str]:
    return {text_in(each, "key"): text_in(each, "value") for each in list_in(one, "tags")}


def _is_prompt(one: Mapping[str, Any]) -> bool:
    return _tags(one).get(IS_PROMPT, "").lower() == "true"


def _version_thing(one: Mapping[str, Any]) -> str:
    return thing("version", text_in(one, "name"), text_in(one, "version"))


def _token(place: Mapping[str, Any], name: str) -> dict[str, str]:
    return {"page_token": place[name]} if place.get(name) else {}


def _next(place: dict[str, Any], name: str, data: Mapping[str, Any]) -> bool:
    """Keep where the next page begins, and say whether there is one."""
    token = text_in(data, "next_page_token")
    place.pop(name, None)
    if token:
        place[name] = token
    return bool(token)


POLLER: Final = Poller(
    pages=pages,
    fields=(
        Field(
            "experiments",
            "Experiments",
            "Names of the experiments whose runs are read, one a line. All of them when left out; a dash for none.",
            required=False,
            lines=True,
        ),
    ),
    schemes=(Scheme.NONE, Scheme.BEARER, Scheme.BASIC),
    min_interval_s=30,
    change=change,
)
