"""The alerts that fire in a Prometheus, told as it posts them to an Alertmanager, so that both make one event.

Sources: prometheus `web/api/v1/api.go` (`GET /api/v1/rules?type=alert`, `GET /api/v1/status/config`),
`rules/alerting.go`, `rules/manager.go`: an alert is posted with the evaluation at which it began to fire as `startsAt`,
with the external labels, after `alert_relabel_configs`. A rule's answer has `activeAt` only, so a delivery tells a
moment between that and the look. An alert that fires no longer ended between two looks.
"""

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import yaml

from models_registry.telemetry.adapters.alerts import LIMIT, MODEL_LABELS
from models_registry.telemetry.pollers.reading import (
    EARLIER,
    answered_at,
    list_in,
    milliseconds_of,
    moment_told,
    object_in,
    short_digest,
    text_in,
    thing,
    written,
)
from models_registry.telemetry.pollers.shapes import Ask, Asker, Change, Found, Page, Recall, Refused, Unread

PATH, CONFIG = "api/v1/rules", "api/v1/status/config"
LATER: Final = dt.timedelta(minutes=1)
"""How much the platform's clock and ours may differ in what a delivery tells."""
CLOCK_TICK: Final = dt.timedelta(seconds=1)
"""The Date header is rounded down to it."""
NO_ALERTS: Final = "-"
FIRING, RESOLVED = "alert.firing", "alert.resolved"
NAMED: Final = ("labeldrop", "labelkeep")
"""Rewritings by the names of labels. Those by their values are not followed."""
_SECTION: Final = re.compile(r"^(global|alerting):", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sent:
    """What Prometheus makes of an alert's labels before it posts them."""

    external: Mapping[str, str] = field(default_factory=dict)
    rewriting: tuple[tuple[str, str], ...] = ()

    def labels(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return the labels as they are posted; an alert's own win over external ones."""
        told = {**self.external, **own}
        for action, pattern in self.rewriting:
            meant = _matched(pattern, list(told))
            told = {name: value for name, value in told.items() if (name in meant) == (action == NAMED[1])}
        return told


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert that fires. ``active_at`` is when its expression first held, ``starts_at`` when it began to fire."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    active_at: str
    starts_at: str

    @property
    def key(self) -> str:
        """What tells it from every other alert: all of its labels."""
        return key_of(self.labels)

    @property
    def state(self) -> dict[str, Any]:
        """What is remembered of it."""
        told = {"labels": dict(self.labels), "annotations": dict(self.annotations)}
        return {**told, "active_at": self.active_at, "starts_at": self.starts_at}


def pages(ask: Asker, place: dict[str, Any], at: dt.datetime, recall: Recall) -> Iterator[Page]:
    """Look at what fires; tell what is new and what has ended since the last look."""
    answer = ask(Ask(PATH, query={"type": "alert"}))
    now = answered_at(answer, at)
    groups = list_in(object_in(object_in(answer.data, "object").get("data"), "data"), "groups")
    rules = [(one, group) for group in groups for one in list_in(group, "rules")]
    firing = [alert for rule, group in rules for alert in _firing(rule, group, now)]
    if len(firing) > LIMIT:
        raise Unread(f"More than {LIMIT:,} alerts that name a model fire.")
    sent = _sent(ask) if firing else Sent()
    standing = {each.key: each for each in (_as_sent(one, sent) for one in firing)}
    fired: list[str] = place.get("fired", [])
    looked = moment_told(place.get("alerts_looked", place["begun_at"]), "cursor")
    known = recall(_thing(key) for key in {*fired, *standing})
    found: list[Found] = []
    seen: dict[str, Any] = {}
    settled = all(text_in(rule, "health") != "unknown" for rule, _ in rules)
    for key in sorted({*fired, *standing}):
        before, alert = known.get(_thing(key)), standing.get(key)
        if before is not None and (alert is None or before["active_at"] != alert.active_at):
            if alert is None and not settled:
                continue  # a server that just started has not judged every rule yet
            found.append(_ended(before, key, since=looked, now=now))
            seen[_thing(key)] = None
        if alert is not None and (before is None or before["active_at"] != alert.active_at):
            found.append(_began(alert, now))
            seen[_thing(key)] = alert.state
    place["fired"] = sorted(standing if settled else {*fired, *standing})
    place["alerts_looked"] = now.isoformat()
    yield Page(found, dict(place), seen)


def change(document: Any, received_at: dt.datetime) -> Change | None:
    """Return what a posted alert tells, by the key that a sweep gives it; nothing for several at once."""
    told = document[0] if isinstance(document, list) and len(document) == 1 else None
    alert: Mapping[str, Any] = told if isinstance(told, dict) else {}
    labels = alert.get("labels")
    if not isinstance(labels, dict) or not _names_a_model(labels):
        return None
    if not all(isinstance(value, str) for value in labels.values()):
        return None
    try:
        ends = moment_told(alert["endsAt"], "endsAt") if alert.get("endsAt") else None
        if ends is not None and _NEVER < ends <= received_at:
            return Change(f"{RESOLVED}:{key_of(labels)}", ends)
        starts = moment_told(alert["startsAt"], "startsAt") if alert.get("startsAt") else received_at
    except Unread:
        return None
    return Change(f"{FIRING}:{key_of(labels)}", min(starts, received_at))


_NEVER: Final = dt.datetime(1, 1, 2, tzinfo=dt.UTC)


def pieces(body: bytes) -> list[bytes]:
    """Return each alert of a posted batch that names a model as a batch of its own, and the others together.

    What is no list of alerts stays whole.
    """
    try:
        listed = msgspec.json.decode(body, type=list[msgspec.Raw])
        told = [msgspec.json.decode(one) for one in listed]
    except (msgspec.DecodeError, RecursionError):
        return [body]
    if len(listed) < 2 or len(listed) > LIMIT:
        return [body]
    own: list[bytes] = []
    others: list[bytes] = []
    for raw, alert in zip(listed, told, strict=True):
        labels = alert.get("labels") if isinstance(alert, dict) else None
        is_own = isinstance(labels, dict) and _names_a_model(labels)
        (own if is_own else others).append(bytes(raw))
    return [b"[%b]" % one for one in own] + ([b"[%b]" % b",".join(others)] if others else [])


def key_of(labels: Mapping[str, str]) -> str:
    """Return a name of these labels: the alert's, and a digest of all of them."""
    told = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(labels.items()))
    return f"{labels.get('alertname', '')[:80]}:{short_digest(told)}"


def _firing(rule: Mapping[str, Any], group: Mapping[str, Any], now: dt.datetime) -> Iterable[Alert]:
    """Return the alerts of a rule that fire and name a model, with the labels that they have in the rule's answer."""
    for one in list_in(rule, "alerts"):
        labels, annotations = _texts(one, "labels"), _texts(one, "annotations")
        if text_in(one, "state") == "firing" and _names_a_model(labels):
            active = text_in(one, "activeAt")
            starts = _began_to_fire(moment_told(active, "activeAt"), rule, group)
            yield Alert(labels, annotations, active, min(starts, now + CLOCK_TICK).isoformat())


def _began_to_fire(active: dt.datetime, rule: Mapping[str, Any], group: Mapping[str, Any]) -> dt.datetime:
    """Return the first evaluation at which the alert had been active for as long as its rule asks."""
    held, every = _seconds(rule, "duration"), _seconds(group, "interval")
    return active + dt.timedelta(seconds=math.ceil(held / every) * every if every else held)


def _seconds(source: Mapping[str, Any], name: str) -> float:
    value = source.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**8:
        raise Unread(f"The answer's {name} is no number of seconds.")
    return float(value)


def _texts(source: Mapping[str, Any], name: str) -> Mapping[str, str]:
    found = object_in(source.get(name) or {}, name)
    if not all(isinstance(value, str) for value in found.values()):
        raise Unread(f"The answer's {name} are not as Prometheus writes them.")
    return found


def _names_a_model(labels: Mapping[str, Any]) -> bool:
    return any(labels.get(name) is not None for name in MODEL_LABELS)


def _as_sent(alert: Alert, sent: Sent) -> Alert:
    return Alert(sent.labels(alert.labels), alert.annotations, alert.active_at, alert.starts_at)


def _sent(ask: Asker) -> Sent:
    """Return what the server's own configuration says of labels; nothing where it is not shown."""
    try:
        data = object_in(object_in(ask(Ask(CONFIG)).data, "object").get("data"), "data")
    except Refused:
        return Sent()
    held = _sections(text_in(data, "yaml"))
    external = object_in(held.get("global") or {}, "global").get("external_labels") or {}
    rewriting = object_in(held.get("alerting") or {}, "alerting").get("alert_relabel_configs") or []
    if not isinstance(external, dict) or not isinstance(rewriting, list):
        raise Unread("The configuration is not as Prometheus writes it.")
    rules = [one for one in rewriting if isinstance(one, dict) and one.get("action") in NAMED]
    return Sent(
        {str(name): str(value) for name, value in external.items()},
        tuple((one["action"], str(one.get("regex", "(.*)"))) for one in rules),
    )


def _sections(text: str) -> Mapping[str, Any]:
    """Return the two parts of a configuration that tell of labels; the others may be long."""
    wanted, kept = False, []
    for line in text.splitlines():
        if line[:1] not in (" ", "-", "#", ""):
            wanted = bool(_SECTION.match(line))
        kept += [line] if wanted else []
    try:
        found = yaml.safe_load("\n".join(kept))
    except yaml.YAMLError:
        raise Unread("The configuration is no YAML that can be read.") from None
    return found if isinstance(found, dict) else {}


def _matched(pattern: str, names: Sequence[str]) -> frozenset[str]:
    """Return the names that a pattern matches whole.

    It is the platform's pattern, so it is matched by RE2, as Prometheus matches it: `re` may take for ever over one.
    """
    from pyarrow import array, compute, string  # takes its time and memory: only such a configuration does

    try:
        meant = compute.match_substring_regex(array(names, string()), pattern=f"^(?s:{pattern})$").to_pylist()
    except ValueError:
        raise Unread("A rewriting of labels cannot be followed.") from None
    return frozenset(name for name, is_meant in zip(names, meant, strict=True) if is_meant)


def _began(alert: Alert, now: dt.datetime) -> Found:
    active = moment_told(alert.active_at, "activeAt")
    body = [{"labels": alert.labels, "annotations": alert.annotations, "startsAt": alert.starts_at}]
    key = f"{FIRING}:{alert.key}"
    name = f"{key}@{milliseconds_of(active)}-{int(now.timestamp())}"
    return Found(name, written(body), change=key, since=active - EARLIER, until=now + LATER)


def _ended(before: Mapping[str, Any], key: str, *, since: dt.datetime, now: dt.datetime) -> Found:
    told = {name: before[name] for name in ("labels", "annotations")}
    body = [{**told, "startsAt": before["starts_at"], "endsAt": now.isoformat()}]
    named = f"{RESOLVED}:{key}"
    name = f"{named}@{milliseconds_of(since)}-{int(now.timestamp())}"
    return Found(name, written(body), change=named, since=since - EARLIER, until=now + LATER)


def _thing(key: str) -> str:
    return thing("alert", key)
