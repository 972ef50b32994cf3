"""Quorum: four eyes, distinct roles, and votes bound to a digest."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approvals.quorum import (
    Outcome,
    Policy,
    QuorumPolicyInvalid,
    Vote,
    VoteDecision,
    count,
    may_vote,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW_DIGEST, OLD_DIGEST = "a" * 64, "b" * 64
COMPLIANCE, PRODUCT = "COMPLIANCE_OFFICER", "MODEL_OWNER"
BOTH = Policy(2, frozenset({COMPLIANCE, PRODUCT}), excluded=frozenset({"Ed"}))


def vote(voter: str, *roles: str, hours: int = 0, **more: object) -> Vote:
    plain = Vote(voter, frozenset(roles), VoteDecision.APPROVE, NOW_DIGEST, NOON + timedelta(hours=hours))
    return replace(plain, **more)  # type: ignore[arg-type]


CORA, OLIVE = vote("Cora", COMPLIANCE), vote("Olive", PRODUCT)


def test_two_people_with_the_two_roles_approve() -> None:
    found = count([CORA, OLIVE], policy=BOTH, digest=NOW_DIGEST)

    assert found.is_met and found.reasons == ()
    assert found.counted == ("Cora", "Olive")


def test_one_person_is_not_enough_and_the_reason_says_who_is_missing() -> None:
    found = count([CORA], policy=BOTH, digest=NOW_DIGEST)

    assert found.outcome is Outcome.PENDING
    assert found.reasons == (
        "1 more approval needed.",
        "Nobody has approved as model owner yet.",
    )


def test_one_person_with_both_roles_stands_for_one_of_them() -> None:
    both = vote("Cora", COMPLIANCE, PRODUCT)

    assert not count([both], policy=BOTH, digest=NOW_DIGEST).is_met
    assert count([both, OLIVE], policy=BOTH, digest=NOW_DIGEST).is_met
    assert count([both, vote("Cleo", COMPLIANCE)], policy=BOTH, digest=NOW_DIGEST).is_met


def test_two_people_of_one_role_do_not_stand_for_two() -> None:
    found = count([CORA, vote("Cleo", COMPLIANCE)], policy=BOTH, digest=NOW_DIGEST)

    assert found.reasons == ("Nobody has approved as model owner yet.",)


def test_the_author_does_not_count() -> None:
    found = count([CORA, vote("Ed", PRODUCT)], policy=BOTH, digest=NOW_DIGEST)

    assert found.outcome is Outcome.PENDING
    assert "Ed wrote or submitted this, and four eyes are needed." in found.reasons
    assert may_vote(voter="Ed", roles=frozenset({PRODUCT}), policy=BOTH) in found.reasons


def test_votes_on_another_digest_are_void() -> None:
    stale = replace(OLIVE, digest=OLD_DIGEST)

    found = count([CORA, stale], policy=BOTH, digest=NOW_DIGEST)

    assert found.outcome is Outcome.PENDING
    assert "The vote of Olive was on other content and does not count." in found.reasons


def test_a_stranger_does_not_count() -> None:
    found = count([CORA, vote("Stella")], policy=BOTH, digest=NOW_DIGEST)

    assert found.counted == ("Cora",)


def test_one_valid_rejection_rejects() -> None:
    no = replace(OLIVE, decision=VoteDecision.REJECT)

    assert count([CORA, no], policy=BOTH, digest=NOW_DIGEST).outcome is Outcome.REJECTED
    assert count([no], policy=BOTH, digest=OLD_DIGEST).outcome is Outcome.PENDING


def test_a_changed_mind_replaces_the_earlier_vote() -> None:
    no = replace(OLIVE, decision=VoteDecision.REJECT, at=NOON - timedelta(hours=1))
    same_moment = replace(OLIVE, decision=VoteDecision.REJECT)

    assert count([CORA, no, OLIVE], policy=BOTH, digest=NOW_DIGEST).is_met
    assert count([CORA, same_moment, OLIVE], policy=BOTH, digest=NOW_DIGEST).outcome is Outcome.REJECTED


def test_no_digest_is_never_approved() -> None:
    votes = [replace(CORA, digest=""), replace(OLIVE, digest="")]

    assert count(votes, policy=BOTH, digest="").outcome is Outcome.PENDING


def test_a_policy_nobody_need_meet_is_refused() -> None:
    with pytest.raises(QuorumPolicyInvalid):
        Policy(0)
    with pytest.raises(QuorumPolicyInvalid):
        Policy(1, frozenset({COMPLIANCE, PRODUCT}))


votes = st.lists(
    st.builds(
        Vote,
        voter=st.sampled_from(["Cora", "Olive", "Ed", "Stella"]),
        roles=st.frozensets(st.sampled_from([COMPLIANCE, PRODUCT])),
        decision=st.sampled_from(VoteDecision),
        digest=st.sampled_from([NOW_DIGEST, OLD_DIGEST]),
        at=st.integers(0, 5).map(lambda hours: NOON + timedelta(hours=hours)),
    ),
    max_size=6,
    unique_by=lambda vote: (vote.voter, vote.at, vote.digest, vote.decision),
)


@given(votes, st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(cast: list[Vote], chance: random.Random) -> None:
    shuffled = chance.sample(cast, len(cast))

    assert count(shuffled, policy=BOTH, digest=NOW_DIGEST) == count(cast, policy=BOTH, digest=NOW_DIGEST)


@given(votes)
def test_what_is_approved_has_two_entitled_people_who_did_not_write_it(cast: list[Vote]) -> None:
    found = count(cast, policy=BOTH, digest=NOW_DIGEST)

    valid = [one for one in cast if one.digest == NOW_DIGEST and one.voter != "Ed"]
    pairs = [
        (first, second)
        for first, second in permutations(valid, 2)
        if first.voter != second.voter
        and first.decision is second.decision is VoteDecision.APPROVE
        and COMPLIANCE in first.roles
        and PRODUCT in second.roles
    ]
    assert not found.is_met or pairs
    assert "Ed" not in found.counted


@given(votes)
def test_votes_on_other_content_change_nothing_but_the_reasons(cast: list[Vote]) -> None:
    here = [one for one in cast if one.digest == NOW_DIGEST]

    everywhere = count(cast, policy=BOTH, digest=NOW_DIGEST)

    assert (everywhere.outcome, everywhere.counted) == (
        (alone := count(here, policy=BOTH, digest=NOW_DIGEST)).outcome,
        alone.counted,
    )
