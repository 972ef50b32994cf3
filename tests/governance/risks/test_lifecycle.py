"""The road of a risk: every state × every action is decided, every clock is set."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from governance.risks.lifecycle import (
    ACCEPTANCE_LIMIT,
    DUTIES,
    OWNERS,
    PAST,
    TRANSITIONS,
    AcceptanceEndsTooEarly,
    AcceptanceTooLong,
    Action,
    Due,
    Duty,
    Owner,
    State,
    TransitionNotAllowed,
    diagram,
    due,
    due_at,
    is_allowed,
    next_state,
    require_acceptance_term,
    tightened,
)
from governance.vocabulary import RiskLevel

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

EXPECTED = {
    (State.OPEN, Action.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.OPEN, Action.DISPUTE): State.OPEN,
    (State.ACKNOWLEDGED, Action.PLAN): State.MITIGATING,
    (State.ACKNOWLEDGED, Action.ACCEPT): State.ACCEPTED,
    (State.ACKNOWLEDGED, Action.DISPUTE): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Action.REOPEN): State.OPEN,
    (State.ACKNOWLEDGED, Action.UNDO_ACKNOWLEDGEMENT): State.OPEN,
    (State.MITIGATING, Action.PLAN): State.MITIGATING,
    (State.MITIGATING, Action.SUBMIT_EVIDENCE): State.VERIFYING,
    (State.MITIGATING, Action.ACCEPT): State.ACCEPTED,
    (State.MITIGATING, Action.DISPUTE): State.MITIGATING,
    (State.MITIGATING, Action.REOPEN): State.OPEN,
    (State.ACCEPTED, Action.PLAN): State.MITIGATING,
    (State.ACCEPTED, Action.SUBMIT_EVIDENCE): State.VERIFYING,
    (State.ACCEPTED, Action.REOPEN): State.OPEN,
    (State.VERIFYING, Action.SEND_BACK): State.MITIGATING,
    (State.VERIFYING, Action.CLOSE): State.CLOSED,
    (State.VERIFYING, Action.REOPEN): State.OPEN,
    (State.CLOSED, Action.REOPEN): State.OPEN,
}


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_every_action_in_every_state_leads_somewhere_or_is_refused(state: State, action: Action) -> None:
    expected = EXPECTED.get((state, action))

    assert is_allowed(state, action) is (expected is not None)
    if expected is not None:
        assert next_state(state, action) is expected
        return
    with pytest.raises(TransitionNotAllowed) as refusal:
        next_state(state, action)
    assert (refusal.value.state, refusal.value.action) == (state, action)


def test_a_refusal_says_what_can_be_done_instead() -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        next_state(State.OPEN, Action.ACCEPT)

    assert str(refusal.value) == ("A risk that is open cannot be accepted; what can be done now: acknowledge, dispute.")


def test_the_tables_cover_every_state_and_action() -> None:
    assert set(TRANSITIONS) == set(OWNERS) == set(State)
    assert set(PAST) == set(Action)
    assert set(DUTIES) <= set(State)


def test_every_state_is_reached_and_none_is_a_dead_end() -> None:
    reached = {State.OPEN} | {
        target for state, moves in TRANSITIONS.items() for target in moves.values() if target is not state
    }

    assert reached == set(State)
    for state, moves in TRANSITIONS.items():
        assert any(target is not state for target in moves.values())


def test_nobody_closes_a_risk_that_was_not_verified() -> None:
    closing = [state for state, moves in TRANSITIONS.items() if State.CLOSED in moves.values()]

    assert closing == [State.VERIFYING]
    assert OWNERS[State.VERIFYING] is Owner.COMPLIANCE


@pytest.mark.parametrize(
    ("state", "level", "expected"),
    [
        (State.OPEN, RiskLevel.CRITICAL, timedelta(hours=4)),
        (State.OPEN, RiskLevel.HIGH, timedelta(hours=24)),
        (State.OPEN, RiskLevel.MEDIUM, timedelta(hours=72)),
        (State.OPEN, RiskLevel.LOW, timedelta(days=7)),
        (State.ACKNOWLEDGED, RiskLevel.CRITICAL, timedelta(days=2)),
        (State.ACKNOWLEDGED, RiskLevel.HIGH, timedelta(days=5)),
        (State.ACKNOWLEDGED, RiskLevel.MEDIUM, timedelta(days=14)),
        (State.VERIFYING, RiskLevel.CRITICAL, timedelta(days=2)),
        (State.MITIGATING, RiskLevel.CRITICAL, None),
        (State.ACCEPTED, RiskLevel.CRITICAL, None),
        (State.CLOSED, RiskLevel.CRITICAL, None),
    ],
)
def test_the_clock_of_a_state_runs_by_level(state: State, level: RiskLevel, expected: timedelta | None) -> None:
    found = due_at(state=state, level=level, since=NOON)

    assert found == (None if expected is None else NOON + expected)


def test_a_duty_names_who_owes_it() -> None:
    assert due(state=State.OPEN, level=RiskLevel.HIGH, since=NOON) == Due(
        Duty.ACKNOWLEDGE, Owner.MODEL_OWNER, NOON + timedelta(hours=24)
    )


@pytest.mark.parametrize("table", [within for _, within in DUTIES.values()] + [ACCEPTANCE_LIMIT])
def test_graver_levels_have_less_time(table: dict[RiskLevel, timedelta]) -> None:
    times = [table[level] for level in RiskLevel]

    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)


def test_a_raise_shortens_a_clock_and_never_extends_it() -> None:
    later = NOON + timedelta(hours=1)
    soon = NOON + timedelta(hours=2)
    clock = {"state": State.OPEN, "since": NOON, "raised_at": later}

    assert tightened(**clock, level=RiskLevel.CRITICAL, current=NOON + timedelta(hours=72)) == later + timedelta(
        hours=4
    )
    assert tightened(**clock, level=RiskLevel.CRITICAL, current=soon) == soon


@pytest.mark.parametrize("level", list(RiskLevel))
def test_an_acceptance_lasts_no_longer_than_its_level_allows(level: RiskLevel) -> None:
    latest = NOON + ACCEPTANCE_LIMIT[level]

    require_acceptance_term(level=level, begins_at=NOON, ends_at=latest)
    with pytest.raises(AcceptanceTooLong, match="at most"):
        require_acceptance_term(level=level, begins_at=NOON, ends_at=latest + timedelta(microseconds=1))
    with pytest.raises(AcceptanceEndsTooEarly):
        require_acceptance_term(level=level, begins_at=NOON, ends_at=NOON)


def test_the_diagram_shows_every_state_and_move() -> None:
    text = diagram()

    assert text.startswith("stateDiagram-v2\n    [*] --> OPEN: raised\n")
    for (state, action), target in EXPECTED.items():
        assert f"    {state} --> {target}: {action.label.lower()}\n" in text
    assert "    VERIFYING: Verifying (compliance)\n" in text
