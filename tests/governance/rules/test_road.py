"""The table of steps itself."""

import pytest

from governance.rules import road


@pytest.mark.parametrize("table", [road.RULES, road.FORMULAS])
def test_every_state_leads_to_retirement_and_nothing_leads_out_of_it(table: road.Road) -> None:
    assert all(road.RETIRED in onward for state, onward in table.items() if state != road.RETIRED)
    assert table[road.RETIRED] == ()


def test_a_refusal_says_where_it_stands_and_where_it_can_go() -> None:
    assert road.refusal(road.RULES, of=road.APPROVED, to=road.ENFORCED) == (
        "This version is approved. From there it can become shadow or retired, not enforced."
    )


def test_equal_texts_have_equal_digests_and_others_have_not() -> None:
    assert road.digest_of("a") == road.digest_of("a") != road.digest_of("b")
