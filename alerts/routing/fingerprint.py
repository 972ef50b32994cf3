"""What an entry of the trail is about: the facts people are told, and which entries are one thing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.vocabulary import Materiality, RiskCategory, RiskLevel, Tier, Word

LONGEST = 80
"""Characters of `Alert.fingerprint`."""

TELLS = frozenset(
    {
        "risk.level_raised",
        "risk.overdue",
        "risk.acceptance_went_stale",
        "risk.acceptance_ends_soon",
        "risk.acceptance_expired",
        "risk.step_returned",
        "risk.sent_back",
        "model.went_red",
        "model.went_quiet",
        "source.went_quiet",
        "telemetry.quarantined_first",
        "telemetry.died",
        "rule.tripped",
        "approval.requested",
        "gate.blocked",
        "automation.paused",
        "trail.break_found",
        "violation.found",
    }
)
"""Entries that open an alert, or join the one already open."""

SETTLES = frozenset(
    {
        "risk.level_lowered",
        "model.left_red",
        "model.came_back",
        "source.came_back",
        "approval.granted",
        "approval.rejected",
        "approval.withdrawn",
        "approval.expired",
        "risk.acceptance_activated",
        "automation.resumed",
        "violation.ended",
    }
)
"""Entries that end or ease what an open alert is about; nobody is disturbed by them."""

ALERTABLE = TELLS | SETTLES
"""Every action that gets exactly one routing decision."""

SUBJECT_OF = {
    "risk": ("risk.level_raised", "risk.level_lowered", "risk.overdue"),
    "acceptance": (
        "risk.acceptance_went_stale",
        "risk.acceptance_ends_soon",
        "risk.acceptance_expired",
        "risk.acceptance_activated",
    ),
    "answer": ("risk.step_returned", "risk.sent_back"),
    "red": ("model.went_red", "model.left_red"),
    "quiet-model": ("model.went_quiet", "model.came_back"),
    "quiet-source": ("source.went_quiet", "source.came_back"),
    "quarantine": ("telemetry.quarantined_first",),
    "dead": ("telemetry.died",),
    "rule": ("rule.tripped",),
    "approval": (
        "approval.requested",
        "approval.granted",
        "approval.rejected",
        "approval.withdrawn",
        "approval.expired",
    ),
    "gate": ("gate.blocked",),
    "automation": ("automation.paused", "automation.resumed"),
    "trail": ("trail.break_found",),
    "violation": ("violation.found", "violation.ended"),
}
SUBJECTS = {action: subject for subject, actions in SUBJECT_OF.items() for action in actions}
ABOUT_A_MODEL = frozenset({"risk", "red", "quiet-model", "gate"})


@dataclass(frozen=True)
class Facts:
    """One alertable entry, read. `name` is what people call the subject; `body` keeps every member."""

    action: str
    object_type: str
    object_id: str
    model_id: int | None
    name: str
    model: str
    unit: str
    category: str
    level: RiskLevel | None
    from_level: RiskLevel | None
    materiality: Materiality | None
    risk_id: int | None
    alert_tier: Tier | None
    body: Mapping[str, Any]

    @property
    def settles(self) -> bool:
        """True when this entry ends what an alert is about: the matter is over, not merely smaller."""
        if self.action == "risk.level_lowered":
            return self.level is RiskLevel.LOW
        return self.action in SETTLES


def read(*, action: str, object_type: str, object_id: str, model_id: int | None, body: Mapping[str, Any]) -> Facts:
    """Return the facts of an entry; members that are missing or unknown words are left empty."""
    text = {key: str(body.get(key) or "") for key in ("model", "model_name", "name", "unit", "category")}
    risk = str(body.get("risk") or (object_id if object_type == "risk" else "")).removeprefix("R-")
    return Facts(
        action=action,
        object_type=object_type,
        object_id=object_id,
        model_id=model_id,
        name=text["model_name"] or text["name"] or text["model"] or f"{object_type} {object_id}",
        model=text["model"],
        unit=text["unit"],
        category=text["category"].upper(),
        level=_word(RiskLevel, body.get("to_level") or body.get("level")),
        from_level=_word(RiskLevel, body.get("from_level")),
        materiality=_word(Materiality, body.get("materiality")),
        risk_id=int(risk) if risk.isdecimal() else None,
        alert_tier=_tier(body.get("alert_tier")),
        body=body,
    )


def _word[W: Word](words: type[W], value: object) -> W | None:
    try:
        return words(str(value).upper())
    except ValueError:
        return None


def _tier(value: object) -> Tier | None:
    return Tier(value) if isinstance(value, int) and value in {1, 2, 3} else None


def fingerprint(facts: Facts) -> str:
    """Return what makes two entries the same thing, at most 80 characters.

    A risk is its model and category, so that a raise, a further raise and an overdue
    answer join one alert; what a source sends that cannot be read is one for each kind of reason;
    everything else is its kind and subject.
    """
    subject = SUBJECTS[facts.action]
    parts = [subject, _identity(facts, subject)]
    if subject == "risk":
        parts.append(facts.category or str(facts.risk_id or facts.object_id))
    elif subject == "quarantine" and facts.body.get("reason"):
        parts.append(str(facts.body["reason"]).partition(":")[0])
    joined = ":".join(parts)
    if len(joined) <= LONGEST:
        return joined
    return f"{subject}:{hashlib.sha256(joined.encode()).hexdigest()[: LONGEST - len(subject) - 1]}"


def _identity(facts: Facts, subject: str) -> str:
    if subject in ABOUT_A_MODEL and (facts.model_id or facts.model):
        return str(facts.model_id or facts.model)
    return f"{facts.object_type}-{facts.object_id}"


def category_words(category: str) -> str:
    """Return a category as people read it inside a sentence."""
    try:
        return RiskCategory(category).label.lower()
    except ValueError:
        return category.replace("_", " ").lower()


def words_of(action: str) -> str:
    """Return a kind of entry as a choice: `risk.level_raised` is "Risk: level raised"."""
    noun, _, verb = action.partition(".")
    return f"{noun.capitalize()}: {verb.replace('_', ' ')}"
