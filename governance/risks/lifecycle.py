"""The road of a raised risk: two tables, side by side.

`TRANSITIONS` says where each action leads, `OWNERS` who owns each state. The
duties' times and the diagram in the documentation are derived from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from governance.vocabulary import RiskLevel, Word


class State(Word):
    """Where a raised risk stands."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MITIGATING = "MITIGATING"
    ACCEPTED = "ACCEPTED"
    VERIFYING = "VERIFYING"
    CLOSED = "CLOSED"


class Action(Word):
    """What a person, or the clock, does to a risk."""

    ACKNOWLEDGE = "ACKNOWLEDGE"
    UNDO_ACKNOWLEDGEMENT = "UNDO_ACKNOWLEDGEMENT"
    PLAN = "PLAN"
    ACCEPT = "ACCEPT"
    SUBMIT_EVIDENCE = "SUBMIT_EVIDENCE"
    SEND_BACK = "SEND_BACK"
    CLOSE = "CLOSE"
    DISPUTE = "DISPUTE"
    REOPEN = "REOPEN"


class Owner(Word):
    """Who must move a risk on from a state."""

    MODEL_OWNER = "MODEL_OWNER"
    COMPLIANCE = "COMPLIANCE"
    NOBODY = "NOBODY"


class Duty(Word):
    """What is owed by a time while a risk stands in a state."""

    ACKNOWLEDGE = "ACKNOWLEDGE"
    ANSWER = "ANSWER"
    VERIFY = "VERIFY"


class TransitionNotAllowed(Exception):
    """This cannot be done to a risk in this state."""

    http_status = 409

    def __init__(self, state: State, action: Action) -> None:
        allowed = ", ".join(_verb(one) for one in TRANSITIONS[state]) or "nothing more"
        super().__init__(
            f"A risk that is {state.label.lower()} cannot be {PAST[action]}; what can be done now: {allowed}."
        )
        self.state = state
        self.action = action


class AcceptanceTooLong(Exception):
    """A risk of this level cannot be accepted for so long."""

    http_status = 400

    def __init__(self, level: RiskLevel, latest: datetime) -> None:
        days = ACCEPTANCE_LIMIT[level].days
        super().__init__(
            f"{level.label} risks can be accepted for {days} days at most. "
            f"Choose {latest.day} {latest:%b %Y} or earlier."
        )
        self.level = level
        self.latest = latest


class AcceptanceEndsTooEarly(Exception):
    """An acceptance must end after it begins."""

    http_status = 400


TRANSITIONS: Mapping[State, Mapping[Action, State]] = MappingProxyType(
    {
        State.OPEN: {
            Action.ACKNOWLEDGE: State.ACKNOWLEDGED,
            Action.DISPUTE: State.OPEN,
        },
        State.ACKNOWLEDGED: {
            Action.PLAN: State.MITIGATING,
            Action.ACCEPT: State.ACCEPTED,
            Action.DISPUTE: State.ACKNOWLEDGED,
            Action.UNDO_ACKNOWLEDGEMENT: State.OPEN,
            Action.REOPEN: State.OPEN,
        },
        State.MITIGATING: {
            Action.PLAN: State.MITIGATING,
            Action.SUBMIT_EVIDENCE: State.VERIFYING,
            Action.ACCEPT: State.ACCEPTED,
            Action.DISPUTE: State.MITIGATING,
            Action.REOPEN: State.OPEN,
        },
        State.ACCEPTED: {
            Action.PLAN: State.MITIGATING,
            Action.SUBMIT_EVIDENCE: State.VERIFYING,
            Action.REOPEN: State.OPEN,
        },
        State.VERIFYING: {
            Action.SEND_BACK: State.MITIGATING,
            Action.CLOSE: State.CLOSED,
            Action.REOPEN: State.OPEN,
        },
        State.CLOSED: {
            Action.REOPEN: State.OPEN,
        },
    }
)
"""From each state, where each action leads. DISPUTE raises a flag and moves nothing."""

OWNERS: Mapping[State, Owner] = MappingProxyType(
    {
        State.OPEN: Owner.MODEL_OWNER,
        State.ACKNOWLEDGED: Owner.MODEL_OWNER,
        State.MITIGATING: Owner.MODEL_OWNER,
        State.ACCEPTED: Owner.MODEL_OWNER,
        State.VERIFYING: Owner.COMPLIANCE,
        State.CLOSED: Owner.NOBODY,
    }
)

PAST: Mapping[Action, str] = MappingProxyType(
    {
        Action.ACKNOWLEDGE: "acknowledged",
        Action.UNDO_ACKNOWLEDGEMENT: "made unacknowledged",
        Action.PLAN: "answered with a plan",
        Action.ACCEPT: "accepted",
        Action.SUBMIT_EVIDENCE: "handed over for verification",
        Action.SEND_BACK: "sent back",
        Action.CLOSE: "closed",
        Action.DISPUTE: "disputed",
        Action.REOPEN: "reopened",
    }
)


def _allowed_time(
    critical: timedelta, high: timedelta, medium: timedelta, low: timedelta
) -> Mapping[RiskLevel, timedelta]:
    by_level = zip(RiskLevel, (low, medium, high, critical), strict=True)
    return MappingProxyType(dict(by_level))


ACKNOWLEDGE_WITHIN = _allowed_time(
    critical=timedelta(hours=4),
    high=timedelta(hours=24),
    medium=timedelta(hours=72),
    low=timedelta(days=7),
)
ANSWER_WITHIN = _allowed_time(
    critical=timedelta(days=2),
    high=timedelta(days=5),
    medium=timedelta(days=14),
    low=timedelta(days=30),
)
VERIFY_WITHIN = _allowed_time(
    critical=timedelta(days=2),
    high=timedelta(days=5),
    medium=timedelta(days=14),
    low=timedelta(days=30),
)
UNDO_WITHIN = timedelta(seconds=60)
"""How long an acknowledgement can be undone. The page offers it for ten seconds; a page without script, a slow
line and a slow reader get the rest."""
ACCEPTANCE_LIMIT = _allowed_time(
    critical=timedelta(days=30),
    high=timedelta(days=90),
    medium=timedelta(days=180),
    low=timedelta(days=365),
)

DUTIES: Mapping[State, tuple[Duty, Mapping[RiskLevel, timedelta]]] = MappingProxyType(
    {
        State.OPEN: (Duty.ACKNOWLEDGE, ACKNOWLEDGE_WITHIN),
        State.ACKNOWLEDGED: (Duty.ANSWER, ANSWER_WITHIN),
        State.VERIFYING: (Duty.VERIFY, VERIFY_WITHIN),
    }
)
"""States with a clock of their own; a plan and an acceptance carry their own dates."""


@dataclass(frozen=True, slots=True)
class Due:
    """A duty and the time by which it is owed."""

    duty: Duty
    owner: Owner
    at: datetime


def next_state(state: State, action: Action) -> State:
    """Return where an action leads; raises TransitionNotAllowed with its reason."""
    try:
        return TRANSITIONS[state][action]
    except KeyError:
        raise TransitionNotAllowed(state, action) from None


def is_allowed(state: State, action: Action) -> bool:
    """Return whether the action can be done in this state."""
    return action in TRANSITIONS[state]


def due(*, state: State, level: RiskLevel, since: datetime) -> Due | None:
    """Return what is owed in a state entered at `since`, None where no clock runs."""
    if state not in DUTIES:
        return None
    duty, within = DUTIES[state]
    return Due(duty, OWNERS[state], since + within[level])


def due_at(*, state: State, level: RiskLevel, since: datetime) -> datetime | None:
    """Return only the time of `due`."""
    owed = due(state=state, level=level, since=since)
    return owed.at if owed else None


def tightened(
    *,
    state: State,
    level: RiskLevel,
    since: datetime,
    raised_at: datetime,
    current: datetime | None,
) -> datetime | None:
    """Return the due time after a raise: a graver level may shorten a clock, never extend it.

    The new level's time counts from the raise; the earlier of the two stands.
    """
    fresh = due_at(state=state, level=level, since=max(since, raised_at))
    return min((at for at in (current, fresh) if at is not None), default=None)


def latest_acceptance_end(*, level: RiskLevel, begins_at: datetime) -> datetime:
    """Return the last moment until which a risk of this level may be accepted."""
    return begins_at + ACCEPTANCE_LIMIT[level]


def require_acceptance_term(*, level: RiskLevel, begins_at: datetime, ends_at: datetime) -> None:
    """Raise AcceptanceTooLong or AcceptanceEndsTooEarly unless the term is fit."""
    latest = latest_acceptance_end(level=level, begins_at=begins_at)
    if ends_at <= begins_at:
        raise AcceptanceEndsTooEarly("An acceptance must end after it begins.")
    if ends_at > latest:
        raise AcceptanceTooLong(level, latest)


def diagram() -> str:
    """Return the Mermaid state diagram of the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.OPEN}: raised"]
    for state, actions in TRANSITIONS.items():
        lines += [f"    {state} --> {target}: {_verb(action)}" for action, target in actions.items()]
    lines.append(f"    {State.CLOSED} --> [*]")
    lines += [f"    {state}: {state.label} ({owner.label.lower()})" for state, owner in OWNERS.items()]
    return "\n".join(lines) + "\n"


def _verb(action: Action) -> str:
    return action.label.lower()
