"""Where a version stands on its road, who voted on it, and which step a person may take next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState
from governance.rules import road
from governance.rules.walking import Walk
from models_registry.access.models import Account
from models_registry.access.rights import can
from models_registry.audit.models import AuditEntry

WORDS: Mapping[str, str] = {
    road.DRAFT: "Draft",
    road.SUBMITTED: "Submitted",
    road.APPROVED: "Approved",
    road.SHADOW: "In shadow",
    road.ENFORCED: "Enforced",
    road.RETIRED: "Retired",
}
HAPPENED: Mapping[str, str] = {
    "drafted": "drafted version {number}",
    "edited": "changed the text of version {number}",
    "submitted": "submitted version {number} for approval",
    "approved": "approved version {number}; the quorum was met",
    "turned_down": "ended the request about version {number}",
    "shadowed": "put version {number} in shadow",
    "activated": "enforced version {number}",
    "tripped": "took version {number} back into shadow",
    "retired": "retired version {number}",
}
ICONS: Mapping[str, str] = {"approved": "stamp", "activated": "check", "tripped": "warn", "turned_down": "stop"}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the road: ``mark`` is done, now or later; ``at`` is when it was reached, if known."""

    word: str
    mark: str
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The request about a version with its votes; ``missing`` says what the quorum still lacks."""

    asked: ApprovalRequest
    votes: tuple[Any, ...]
    missing: tuple[str, ...]

    @property
    def pending(self) -> bool:
        """It waits for votes."""
        return self.asked.state == ApprovalState.PENDING


def review_of(walk: Walk[Any], version: Any) -> Review | None:
    """Return the newest request about a version; None before it was submitted."""
    asked = walk.request_of(version)
    if asked is None:
        return None
    votes = tuple(asked.votes.select_related("voter").order_by("pk"))
    missing = tuple(approvals.standing(asked).reasons) if asked.state == ApprovalState.PENDING else ()
    return Review(asked, votes, missing)


def stops(walk: Walk[Any], version: Any, review: Review | None) -> list[Stop]:
    """Return the road of a version; one that was turned down ends where it left the road."""
    reached = _reached(version, review)
    named = [state for state in (*walk.road,) if state != road.RETIRED]
    if version.state == road.RETIRED:
        done = [Stop(WORDS[state], "done", reached.get(state)) for state in named if reached.get(state)]
        return [*done, Stop("Retired", "now", version.retired_at)]
    here = named.index(version.state)
    return [
        Stop(WORDS[state], "done" if place < here else "now" if place == here else "later", reached.get(state))
        for place, state in enumerate(named)
    ]


def _reached(version: Any, review: Review | None) -> dict[str, datetime | None]:
    asked = review.asked if review else None
    return {
        road.DRAFT: version.created_at,
        road.SUBMITTED: asked.requested_at if asked else None,
        road.APPROVED: asked.decided_at if asked and asked.state == ApprovalState.APPROVED else None,
        road.SHADOW: getattr(version, "shadowed_at", None),
        road.ENFORCED: version.enforced_at,
    }


def refusals(walk: Walk[Any], *, actor: Account, version: Any, review: Review | None) -> dict[str, str]:
    """Return, per step, why this person cannot take it now; empty when they can."""
    power = can(actor, walk.permission)
    steps = ("draft", "edit", "submit", "withdraw", "shadow", "enforce", "retire")
    if not power:
        return dict.fromkeys(steps, power.reason)
    own = "" if version.author_id == actor.pk else f"{version.author} wrote this draft. Draft a version of your own."
    waiting = "It waits for approval: withdraw the request, or let it be decided."
    return {
        "draft": "",
        "edit": own if version.state == road.DRAFT else "Only a draft can be edited.",
        "submit": _refusal(walk, version, road.SUBMITTED) or own or _wrong(walk, version),
        "withdraw": _withdrawal(actor, review),
        "shadow": _refusal(walk, version, road.SHADOW),
        "enforce": _refusal(walk, version, road.ENFORCED) or _wrong(walk, version),
        "retire": waiting if version.state == road.SUBMITTED else _refusal(walk, version, road.RETIRED),
    }


def _refusal(walk: Walk[Any], version: Any, to: str) -> str:
    return road.refusal(walk.road, of=version.state, to=to)


def _wrong(walk: Walk[Any], version: Any) -> str:
    """Return why the text keeps a version from going on; empty when it can be read."""
    try:
        walk.brief(version)
    except ValueError as problem:
        count = len(getattr(problem, "errors", ())) or 1
        return f"The text has {count} {'error' if count == 1 else 'errors'}. Mend it first."
    except road.RoadRefusal as problem:
        return str(problem)
    return ""


def _withdrawal(actor: Account, review: Review | None) -> str:
    if review is None or not review.pending:
        return "This version does not wait for approval."
    if review.asked.requested_by_id != actor.pk:
        return f"Only {review.asked.requested_by} can withdraw this request."
    return ""


def happenings(walk: Walk[Any], versions: Iterable[Any]) -> list[dict[str, object]]:
    """Return what the trail says of these versions, newest first, for a timeline."""
    numbers = {str(version.pk): version.number for version in versions}
    kind = walk.versions._meta.model_name
    rows = AuditEntry.objects.filter(object_type=kind, object_id__in=list(numbers)).newest_first()[:200]
    return [_happening(row, numbers[row.object_id]) for row in rows]


def _happening(row: AuditEntry, number: int) -> dict[str, object]:
    step = row.action.partition(".")[2]
    told = HAPPENED.get(step, step.replace("_", " ") + " version {number}").format(number=number)
    return {"at": row.at, "icon": ICONS.get(step, "rule"), "text": f"{row.actor_name or 'Redline'} {told}."}
