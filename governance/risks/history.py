"""What happened to a risk, told from the trail: as moves from somewhere to somewhere, never as bare states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.risks.models import Risk
from governance.vocabulary import RiskLevel, rounded
from models_registry.audit.models import AuditEntry

LATEST = 100


@dataclass(frozen=True)
class Line:
    """One entry as the timeline shows it. ``at`` is when it took effect."""

    at: datetime
    kind: str
    text: str
    detail: str
    hash: str
    url: str


def lines(risk: Risk, *, until: datetime, with_links: bool) -> list[Line]:
    """Return the newest entries about a risk at ``until``, newest first."""
    rows = AuditEntry.objects.about(object_type="risk", object_id=str(risk.pk)).filter(at__lte=until)
    found = [_line(row, with_links) for row in rows.newest_first()[:LATEST]]
    return sorted((one for one in found if one.at <= until), key=lambda one: one.at, reverse=True)


def said(action: str, body: Mapping[str, Any]) -> str:
    """Return what an entry about a risk says, as a sentence."""
    tell = SENTENCES.get(action)
    if tell is not None:
        return tell(body)
    return f"{action.partition('.')[2].replace('_', ' ').capitalize()}."


def _line(row: AuditEntry, with_links: bool) -> Line:
    body = row.body
    moment = body.get("effective_at")
    told = ("note", "reason", "evidence", "settlement", "justification")
    keys = told if row.action == "risk.score_moved" else ("explanation", *told)
    details = (body.get(key) for key in keys)
    who = f"{row.actor_name}." if row.actor_name and row.actor_kind != "SYSTEM" else ""
    return Line(
        at=datetime.fromisoformat(moment) if isinstance(moment, str) else row.at,
        kind=row.actor_kind,
        text=said(row.action, body),
        detail=" ".join([who, *(str(one) for one in details if one)]).strip(),
        hash=bytes(row.leaf).hex(),
        url=f"/audit/{row.pk}/" if with_links else "",
    )


def _raised(body: Mapping[str, Any]) -> str:
    return f"Raised {_levels(body)}, {_points(body)}."


def _lowered(body: Mapping[str, Any]) -> str:
    return f"Lowered {_levels(body)}, {_points(body)}."


def _moved(body: Mapping[str, Any]) -> str:
    if rounded(float(body.get("from_score") or 0)) == rounded(float(body.get("score") or 0)):
        return f"The readings moved, the score stayed at {body.get('score', 0):g}."
    return f"The score moved {_points(body)}, still {_level(body.get('to_level'))}."


def _levels(body: Mapping[str, Any]) -> str:
    return f"from {_level(body.get('from_level'))} to {_level(body.get('to_level'))}"


def _level(word: Any) -> str:
    return RiskLevel(word).label if word in set(RiskLevel) else "–"


def _points(body: Mapping[str, Any]) -> str:
    return f"from {body.get('from_score', 0):g} to {body.get('score', 0):g} points"


def _step(body: Mapping[str, Any], verb: str) -> str:
    return f"{verb} step {body.get('step')}: {body.get('text')}"


def _overdue(body: Mapping[str, Any]) -> str:
    duty = {"ACKNOWLEDGE": "The acknowledgement", "ANSWER": "The answer", "VERIFY": "The verification"}
    return f"{duty.get(str(body.get('duty')), 'A step of the plan')} became overdue."


def _count(steps: Any) -> str:
    number = len(steps or ())
    return "1 step" if number == 1 else f"{number} steps"


def _ruling(upheld: object) -> str:
    return "" if upheld is None else ": upheld" if upheld else ": not upheld"


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "risk.level_raised": _raised,
    "risk.level_lowered": _lowered,
    "risk.score_moved": _moved,
    "risk.evidence_received": lambda _: "A scorer sent evidence.",
    "risk.acknowledged": lambda _: "Acknowledged it.",
    "risk.acknowledgement_undone": lambda _: "Undid the acknowledgement. The clock runs as before.",
    "risk.plan_submitted": lambda body: f"Submitted a plan: {_count(body.get('steps'))}.",
    "risk.step_completed": lambda body: _step(body, "Completed"),
    "risk.step_verified": lambda body: _step(body, "Verified"),
    "risk.step_returned": lambda body: _step(body, "Returned"),
    "risk.step_moved": lambda body: (
        f"Moved step {body.get('step')} from {body.get('was_due_on')} to {body.get('due_on')}."
    ),
    "risk.evidence_submitted": lambda _: "Handed over for verification.",
    "risk.sent_back": lambda _: "Sent back: the evidence is not enough.",
    "risk.released": lambda _: "Verified and released the level.",
    "risk.disputed": lambda body: f"Disputed {body.get('disputed_input')}.",
    "risk.dispute_settled": lambda body: f"Settled the dispute{_ruling(body.get('upheld'))}.",
    "risk.assessed": lambda body: f"Assessed likelihood {body.get('likelihood')} and impact {body.get('impact')} of 5.",
    "risk.overdue": _overdue,
    "risk.acceptance_proposed": lambda body: f"Proposed to accept it until {body.get('expires_on')}.",
    "risk.acceptance_activated": lambda body: f"Accepted until {body.get('expires_on')}.",
    "risk.acceptance_rejected": lambda _: "Turned the proposed acceptance down.",
    "risk.acceptance_not_decided": lambda _: "Nobody decided the proposed acceptance in time.",
    "risk.acceptance_withdrawn": lambda _: "Withdrew the acceptance.",
    "risk.acceptance_went_stale": lambda _: "The acceptance no longer covers the level.",
    "risk.acceptance_ends_soon": lambda body: f"Warned that the acceptance ends on {body.get('expires_on')}.",
    "risk.acceptance_expired": lambda _: "The acceptance ended: the risk is open again.",
}
"""What each entry says about a risk."""
