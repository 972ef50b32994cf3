"""How a risk stands, or stood: read from the register for now, from its recorded changes for the past."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from governance.risks import lifecycle
from governance.risks.fold import HOLD, Change
from governance.risks.judged import start_of
from governance.risks.lifecycle import Owner, State
from governance.risks.method import (
    BASELINE,
    DWELL_HOURS,
    LIMITS,
    Contribution,
    Limits,
    level_of,
    matrix_points,
    placed,
    shares,
)
from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    MitigationPlan,
    Risk,
    RiskChange,
)
from governance.risks.settling import current_state, risk_digest
from governance.vocabulary import Materiality, RiskLevel


@dataclass(frozen=True)
class Standing:
    """One risk at one moment. ``due_at``, ``next_change`` and ``awaits_release`` are known for now only."""

    level: RiskLevel
    score: float
    state: State
    since: datetime | None
    explanation: str
    contributions: tuple[Contribution, ...]
    digest: str
    due_at: datetime | None = None
    next_change: Change | None = None
    awaits_release: bool = False


@dataclass(frozen=True)
class Grade:
    """One likelihood × impact, 1–5 each, with its points and level."""

    name: str
    likelihood: int
    impact: int
    points: float
    level: RiskLevel


@dataclass(frozen=True)
class Moved:
    """What changed since a decision was taken: from where to where, and when. Empty moves: nothing did."""

    changes: tuple[RiskChange, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def is_material(self) -> bool:
        """Return whether the level is another than the one that was judged."""
        return bool(self.changes) and self.changes[-1].from_level != self.changes[0].to_level

    @property
    def words(self) -> str:
        """Return the move as a sentence, from the judged state to the present one."""
        first, last = self.changes[-1], self.changes[0]
        before, after = RiskLevel(first.from_level), RiskLevel(last.to_level)
        if before == after:
            return f"the score moved from {first.from_score:g} to {last.to_score:g}"
        verb = "raised" if after > before else "lowered"
        return f"{verb} from {before.label} ({first.from_score:g}) to {after.label} ({last.to_score:g})"


def now_of(risk: Risk, *, at: datetime) -> Standing:
    """Return how the risk stands; its contributions are those of its last recorded change."""
    last = changes_of(risk).first()
    ahead = current_state(risk, at=at)
    return Standing(
        level=RiskLevel(risk.level),
        score=risk.score,
        state=State(risk.state),
        since=risk.level_since,
        explanation=risk.explanation,
        contributions=_contributions(last),
        digest=risk.digest,
        due_at=risk.due_at,
        next_change=ahead.next_change,
        awaits_release=ahead.awaits_release,
    )


def then_of(risk: Risk, *, at: datetime) -> Standing | None:
    """Return how the risk stood at a past moment, None when it was not on the register yet."""
    if risk.created_at > at:
        return None
    known = list(changes_of(risk).filter(changed_at__lte=at))
    last = known[0] if known else None
    level = RiskLevel(last.to_level) if last else RiskLevel.LOW
    since = next((one.changed_at for one in known if one.from_level != one.to_level), risk.created_at)
    return Standing(
        level=level,
        score=last.to_score if last else 0.0,
        state=_state_at(risk, at),
        since=since,
        explanation=last.explanation if last else "",
        contributions=_contributions(last),
        digest=digest_after(risk, last) if last else "",
    )


def grades(risk: Risk, standing: Standing) -> list[Grade]:
    """Return the inherent, the residual and the current likelihood and impact, in that order."""
    likelihood, impact = placed(standing.score, likelihood=risk.baseline_likelihood, impact=risk.baseline_impact)
    return [
        _grade("Inherent", risk.inherent_likelihood, risk.inherent_impact),
        _grade("Residual, as assessed", risk.baseline_likelihood, risk.baseline_impact),
        Grade("Current", likelihood, impact, standing.score, standing.level),
    ]


def limits_of(risk: Risk) -> Limits:
    """Return appetite and tolerance of the model's materiality."""
    return LIMITS[Materiality(risk.model.materiality)]


def changes_since(risk: Risk, judged_digest: str, changes: Iterable[RiskChange]) -> Moved:
    """Return the changes after the judged state, newest first; all of them when that state is not on record."""
    if judged_digest == risk.digest:
        return Moved(())
    after: list[RiskChange] = []
    for change in changes:
        if digest_after(risk, change) == judged_digest:
            break
        after.append(change)
    return Moved(tuple(after))


def digest_after(risk: Risk, change: RiskChange) -> str:
    """Return the digest that the risk had after a change."""
    then = Risk(pk=risk.pk, level=change.to_level, score=change.to_score, explanation=change.explanation)
    return risk_digest(then)


def changes_of(risk: Risk) -> QuerySet[RiskChange]:
    """Return the recorded moves of level and score, newest first; answers, which move only the state, left out."""
    return risk.changes.exclude(cause__startswith="answer:").order_by("-changed_at", "-pk")


def ways_down(standing: Standing, holding: Iterable[str]) -> list[str]:
    """Return what would lower the level, in the order in which it must happen; empty for a Low risk."""
    if standing.level == RiskLevel.LOW:
        return []
    steps = []
    still = set(holding)
    live = [one for one in standing.contributions if one.cause != BASELINE and _name(one) in still]
    if live:
        names = ", ".join(dict.fromkeys(_name(one) for one in live))
        rest = [one for one in standing.contributions if one not in live]
        left = round(sum(share.added for share in shares(rest)), 1)
        steps.append(
            f"Bring the readings back until nothing fires any more ({names}). "
            f"Without {'it' if len(live) == 1 else 'them'} the score is {left:g}, {level_of(left).label}."
        )
    base = next((one for one in standing.contributions if one.cause == BASELINE), None)
    if base is not None and level_of(base.points) >= standing.level:
        steps.append(
            f"Lower the assessed risk itself: it is {base.points:g} points without any live evidence. "
            "Compliance assesses it again."
        )
    if standing.level >= RiskLevel.HIGH:
        steps.append(
            f"Have somebody who does not own the model verify it and release the level: "
            f"{standing.level.label} never steps down by itself."
        )
    return steps


def if_it_works(standing: Standing) -> str:
    """Return how the level comes down once the causes end."""
    if standing.level == RiskLevel.LOW:
        return "It is Low already; it stays there."
    hours = DWELL_HOURS[standing.level]
    released = ", and after a person released it" if standing.level >= RiskLevel.HIGH else ""
    below = list(RiskLevel)[standing.level.order - 1]
    return (
        f"The points stand for {HOLD.days * 24} h after the causes end, then fade. After {hours} h of calm"
        f"{released}, it falls from {standing.level.label} to {below.label}, one level at a time."
    )


def next_duty(
    risk: Risk, standing: Standing, *, plan: MitigationPlan | None, acceptance: Acceptance | None
) -> tuple[str, datetime | None]:
    """Return who owns the next step, as a sentence, and by when."""
    owner = risk.model.owner
    if acceptance is not None and acceptance.state == AcceptanceState.PROPOSED and acceptance.approval is not None:
        return "The proposed acceptance waits for its approvers.", acceptance.approval.expires_at
    if standing.state == State.MITIGATING and plan is not None:
        step = next((one for one in plan.steps.all() if one.done_at is None), None)
        if step is not None:
            return f"{step.owner} owes step {step.position}: {step.text}", start_of(step.due_on + timedelta(days=1))
        return f"Every step is done. {owner} hands the evidence over for verification.", standing.due_at
    sentence = {
        State.OPEN: f"{owner} says that it was seen.",
        State.ACKNOWLEDGED: f"{owner} decides: mitigate, accept for a time, or dispute.",
        State.MITIGATING: f"{owner} answers with a plan.",
        State.ACCEPTED: "Nothing is owed until the acceptance ends. Then the risk opens again.",
        State.VERIFYING: "Compliance verifies the evidence and closes, or sends it back.",
        State.CLOSED: "Nothing is owed.",
    }[standing.state]
    return sentence, standing.due_at


def owner_of(state: State) -> Owner:
    """Return who must move a risk on."""
    return lifecycle.OWNERS[state]


def _grade(name: str, likelihood: int, impact: int) -> Grade:
    points = float(matrix_points(impact=impact, likelihood=likelihood))
    return Grade(name, likelihood, impact, points, level_of(points))


def _contributions(change: RiskChange | None) -> tuple[Contribution, ...]:
    stored = change.contributions if change else []
    return tuple(
        Contribution(one["cause"], float(one["points"]), one["text"], one["rule"], one["evidence"]) for one in stored
    )


def _name(one: Contribution) -> str:
    """Return the cause as `actions.holding_causes` names it."""
    return one.cause.split(":")[1] if one.cause.startswith("rule:") else one.cause


def _state_at(risk: Risk, at: datetime) -> State:
    """Return the state at a past moment: every move and every answer wrote it down."""
    rows = risk.changes.filter(changed_at__lte=at).order_by("-changed_at", "-pk")
    return State(rows.values_list("state", flat=True).first() or State.CLOSED)
