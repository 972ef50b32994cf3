"""The registry of an MLflow server: its models with their aliases, and its versions with stages and tags.

Sources: mlflow 3.17 `model_registry.proto`, `store/model_registry/sqlalchemy_store.py`. A sweep reads all models (their
aliases move no timestamp), the versions that changed since the last one, and ten further pages of all versions (their
tags move no timestamp either).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.adapters.mlflow import DIGEST_TAGS
from models_registry.telemetry.pollers import mlflow_runs
from models_registry.telemetry.pollers.mlflow_changes import API, LATER, between, body_of, dated, key_of
from models_registry.telemetry.pollers.reading import (
    EARLIER,
    answered_at,
    keep_place,
    list_in,
    milliseconds_in,
    milliseconds_of,
    moment_of,
    object_in,
    short_digest,
    text_in,
    thing,
)
from models_registry.telemetry.pollers.shapes import Ask, Asker, Found, Page, Recall

MODELS_A_PAGE, VERSIONS_A_PAGE = 100, 200
ROUND_PAGES: Final = 10
"""Pages of all versions that one sweep reads on, for what moves no timestamp."""
IS_PROMPT: Final = "mlflow.prompt.is_prompt"


def models(ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall) -> Iterator[Page]:
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
        found.append(dated("registered_model.created", data, made, [name]))
    held = known["aliases"] if known else {}
    looked = place.get("models_looked", begun) if known else made
    interval = (moment_of(max(looked, made)) - EARLIER, until)
    for alias in sorted(held.keys() - aliases.keys()):
        found.append(between("model_version_alias.deleted", {"name": name, "alias": alias}, interval, [name, alias]))
    for alias, version in sorted(aliases.items()):
        if held.get(alias) != version:
            data = {"name": name, "alias": alias, "version": version}
            found.append(between("model_version_alias.created", data, interval, [name, alias, version]))
    return state, found


def changed_versions(ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall) -> Iterator[Page]:
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


def all_versions(ask: Asker, place: dict[str, Any], begun: int, at: dt.datetime, recall: Recall) -> Iterator[Page]:
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
                found += mlflow_runs.run_of(ask, run, text_in(one, "name"))
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
        found.append(dated("model_version.created", data, made, [name, version]))
    if state["stage"] != (before["stage"] if before else "None"):
        found.append(_stage(one, before["stage"] if before else "None", tags))
    held = before["tags"] if before else {}
    looked = max(place.get("round_looked", made), made) if before else made
    interval = (moment_of(looked) - EARLIER, until)
    for key in sorted(held.keys() - state["tags"].keys()):
        data = {"name": name, "version": version, "key": key}
        found.append(between("model_version_tag.deleted", data, interval, [name, version, key]))
    for key, digest in sorted(state["tags"].items()):
        # A new version is told with its first tags; what names its weights is compared, so it is told by itself.
        if held.get(key) != digest and (before is not None or key in DIGEST_TAGS):
            data = {"name": name, "version": version, "key": key, "value": tags[key]}
            found.append(between("model_version_tag.set", data, interval, [name, version, key, tags[key]]))
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
    return Found(f"{key}@{moved}", body_of("model_version_stage.set", moment_of(moved), data))


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
    return keep_place(place, name, text_in(data, "next_page_token"))
