"""What an alert says: the subject first, numbers with their units, nothing shouted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from alerts.routing.fingerprint import Facts, category_words
from models_registry.telemetry.reasons import HELD

TITLE_LONGEST = 240
DUTIES = {"ACKNOWLEDGE": "acknowledging", "ANSWER": "the answer to", "VERIFY": "verifying the answer to"}


@dataclass(frozen=True)
class Message:
    """An alert in words: `title` is one line, `body` may be several, `path` opens the page to act on."""

    title: str
    body: str
    path: str


def message(facts: Facts) -> Message:
    """Return what people read about an entry, and where its link leads."""
    title = TITLES.get(facts.action, _plain)(facts)
    if len(title) > TITLE_LONGEST:
        title = title[: TITLE_LONGEST - 1] + "…"
    return Message(title=title, body=_body(facts), path=path_of(facts))


def path_of(facts: Facts) -> str:
    """Return the path of the page where a person can do something about it."""
    if facts.risk_id is not None and facts.action.startswith("risk."):
        return f"/risks/R-{facts.risk_id}/"
    if facts.action.startswith("approval."):
        return f"/approvals/{facts.object_id}/"
    if facts.action.startswith("violation."):
        return f"/elsewhere/{facts.object_id}/"
    if facts.model:
        return f"/models/{facts.model}/"
    kind = facts.action.partition(".")[0]
    if kind == "rule" and facts.body.get("rule"):
        return f"/rules/{facts.body['rule']}/"
    return {
        "automation": "/scoring/",
        "trail": "/audit/",
        "source": "/sources/",
        "telemetry": "/sources/held/",
        "rule": "/rules/",
    }.get(kind, "/alerts/")


def _body(facts: Facts) -> str:
    explanation = facts.body.get("explanation") or facts.body.get("reason") or ""
    lines = [str(explanation)] if explanation else []
    lines += [_score(facts)] if "score" in facts.body else []
    return "\n".join(line for line in lines if line)


def _score(facts: Facts) -> str:
    score = facts.body["score"]
    if isinstance(score, bool) or not isinstance(score, int | float):
        return ""
    return f"Risk score {score:g} of 100 points."


def _levels(facts: Facts) -> str:
    if facts.from_level and facts.level:
        return f"{facts.from_level.label} → {facts.level.label}"
    return facts.level.label if facts.level else "level unknown"


def _raised(facts: Facts) -> str:
    return f"{facts.name}: {category_words(facts.category)} risk {_levels(facts)}"


def _overdue(facts: Facts) -> str:
    level = f"{facts.level.label} " if facts.level else ""
    duty = DUTIES.get(str(facts.body.get("duty") or ""), "the answer to")
    due = facts.body.get("due_at")
    was = f", it was due {_minute(str(due))}" if due else ""
    return f"{facts.name}: {duty} the {level}{category_words(facts.category)} risk is overdue{was}"


def _stale(facts: Facts) -> str:
    risk = f"R-{facts.risk_id}" if facts.risk_id else "a risk"
    return f"{facts.name}: {risk} is no longer what was accepted, the acceptance has ended"


def _ends_soon(facts: Facts) -> str:
    day = facts.body.get("expires_on")
    return f"{facts.name}: the acceptance of R-{facts.risk_id} ends on {_day(str(day)) if day else 'its last day'}"


def _ended(facts: Facts) -> str:
    return f"{facts.name}: the acceptance of R-{facts.risk_id} has ended and the risk is open again"


def _returned(facts: Facts) -> str:
    return f"{facts.name}: part of the answer to R-{facts.risk_id} was sent back"


def _paused(facts: Facts) -> str:
    reason = facts.body.get("reason")
    return "Automatic scoring is paused" + (f": {reason}" if reason else "")


def _day(stamp: str) -> str:
    day = date.fromisoformat(stamp)
    return f"{day.day} {day:%b %Y}"


def _minute(stamp: str) -> str:
    at = datetime.fromisoformat(stamp)
    return f"{at.day} {at:%b %Y}, {at:%H:%M} UTC"


def _red(facts: Facts) -> str:
    room = facts.body.get("room")
    if isinstance(room, int | float) and not isinstance(room, bool) and room < 0:
        return f"{facts.name} is {-room:g} points past the line"
    return f"{facts.name} is past the line"


def _blocked(facts: Facts) -> str:
    version, target = facts.body.get("number"), str(facts.body.get("target") or "")
    what = f" v{version}" if version else ""
    kind, _, name = target.partition(":")
    where = name.lower() if kind == "stage" else f"the alias {name}" if name else target
    return f"{facts.name}{what} was refused by the gate" + (f" to {where}" if where else "")


def _approval(facts: Facts) -> str:
    return f"Approval is asked for: {facts.body.get('title') or facts.name}"


def _tripped(facts: Facts) -> str:
    rule = facts.body.get("rule") or facts.name
    return f"Rule {rule} moved too many models at once and is held"


def _elsewhere(facts: Facts) -> str:
    body = facts.body
    version = body.get("version") or "a version"
    return (
        f"{facts.name}: {body.get('what') or 'an alias'} was put on {version} in {body.get('where')} without a decision"
    )


def _plain(facts: Facts) -> str:
    return f"{facts.name}: {facts.action.partition('.')[2].replace('_', ' ')}"


def _unreadable(facts: Facts) -> str:
    said = HELD.get(str(facts.body.get("reason") or "").partition(":")[0], "")
    return f"{facts.name} sent events that cannot be read" + (f": {said[:1].lower()}{said[1:]}" if said else "")


TITLES: dict[str, Callable[[Facts], str]] = {
    "risk.level_raised": _raised,
    "risk.overdue": _overdue,
    "risk.acceptance_went_stale": _stale,
    "model.went_red": _red,
    "model.went_quiet": lambda facts: f"{facts.name} is quiet: required telemetry is stale",
    "source.went_quiet": lambda facts: f"{facts.name} has sent nothing for longer than it should",
    "telemetry.quarantined_first": _unreadable,
    "telemetry.died": lambda facts: f"{facts.name}: an event could not be processed and was set aside",
    "rule.tripped": _tripped,
    "approval.requested": _approval,
    "gate.blocked": _blocked,
    "risk.acceptance_ends_soon": _ends_soon,
    "risk.acceptance_expired": _ended,
    "risk.step_returned": _returned,
    "risk.sent_back": _returned,
    "automation.paused": _paused,
    "violation.found": _elsewhere,
    "trail.break_found": lambda _: "An entry of the audit trail no longer fits its hash",
}
