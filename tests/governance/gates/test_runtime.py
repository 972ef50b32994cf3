"""Runtime access: the gravest restraint decides, and an outage changes nothing."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from governance.gates.runtime import FRESH_FOR, Access, Restraint, RuntimeAnswer, answer, judge
from governance.vocabulary import Restriction

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DRIFT = Restraint(Restriction.SANDBOX, "rule DI-1 v4")
BREACH = Restraint(Restriction.SUSPEND, "rule SEC-1 v1")


@pytest.mark.parametrize(
    ("restraints", "access", "reasons"),
    [
        ((), Access.FULL, ()),
        ((Restraint(Restriction.NONE, "rule COST-1 v1"),), Access.FULL, ()),
        ((DRIFT,), Access.SANDBOX, ("rule DI-1 v4",)),
        ((DRIFT, BREACH), Access.NONE, ("rule SEC-1 v1",)),
    ],
)
def test_the_gravest_restraint_decides(
    restraints: tuple[Restraint, ...], access: Access, reasons: tuple[str, ...]
) -> None:
    for order in permutations(restraints):
        assert judge(order, as_of=NOON) == RuntimeAnswer(access, reasons, NOON, NOON + FRESH_FOR)


@pytest.mark.parametrize("known", [(), (DRIFT,), (BREACH,)])
def test_an_outage_keeps_the_last_answer_and_its_age(known: tuple[Restraint, ...]) -> None:
    before = judge(known, as_of=NOON)
    hours_later = NOON + timedelta(hours=9)

    during = answer(restraints=None, last_known=before, now=hours_later)

    assert during == before
    assert during.is_stale(hours_later) and not during.is_stale(NOON)


def test_a_model_never_judged_gets_a_sandbox_in_an_outage() -> None:
    found = answer(restraints=None, last_known=None, now=NOON)

    assert found.access is Access.SANDBOX
    assert found.is_stale(NOON)


def test_a_present_answer_replaces_the_last_one() -> None:
    before = judge((BREACH,), as_of=NOON)

    assert answer(restraints=(), last_known=before, now=NOON).access is Access.FULL
