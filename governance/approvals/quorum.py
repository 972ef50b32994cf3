"""Whether enough of the right people agreed: quorum with four eyes, bound to a digest.

A vote counts only for the exact content it was given on, only from somebody who
did not write that content, only once per person, and only while that person is
entitled. Roles are those held now, not those held when voting.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.vocabulary import Word


class VoteDecision(Word):
    """What a voter said."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


class Outcome(Word):
    """Where a request stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class QuorumPolicyInvalid(ValueError):
    """This policy could never be met, or would be met by nobody."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who must agree: a number of different people, together holding these roles.

    Each role must be covered by another person. `excluded` are the people who
    wrote, submitted or asked for the content.
    """

    required_count: int
    required_roles: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.required_count < 1:
            raise QuorumPolicyInvalid("At least one person must approve.")
        if self.required_count < len(self.required_roles):
            raise QuorumPolicyInvalid("Each role needs a person of its own.")


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's word on one digest. `roles` are the approving roles held now."""

    voter: str
    roles: frozenset[str]
    decision: VoteDecision
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Quorum:
    """The outcome, why, and whose votes counted."""

    outcome: Outcome
    reasons: tuple[str, ...]
    counted: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Return whether the request is approved."""
        return self.outcome is Outcome.APPROVED


def count(votes: Iterable[Vote], *, policy: Policy, digest: str) -> Quorum:
    """Return where a request stands for the content with this digest.

    One valid rejection rejects. A person's latest vote replaces the earlier ones;
    of two at the same moment the rejection stands.
    """
    latest = _latest(votes, digest)
    void = tuple(reason for vote in _in_order(votes) if (reason := _void_because(vote, policy, digest)))
    valid = [vote for vote in latest if not _void_because(vote, policy, digest)]
    rejecting = tuple(vote.voter for vote in valid if vote.decision is VoteDecision.REJECT)
    if rejecting:
        return Quorum(Outcome.REJECTED, (f"Rejected by {', '.join(rejecting)}.", *void), rejecting)
    counted = tuple(vote.voter for vote in valid)
    missing = _missing(valid, policy)
    outcome = Outcome.PENDING if missing else Outcome.APPROVED
    return Quorum(outcome, (*missing, *_unique(void)), counted)


def may_vote(*, voter: str, roles: frozenset[str], policy: Policy) -> str | None:
    """Return None if this person's vote would count, else the reason it would not."""
    if voter in policy.excluded:
        return f"{voter} wrote or submitted this, and four eyes are needed."
    if policy.required_roles and not roles & policy.required_roles:
        wanted = _words(sorted(policy.required_roles))
        return f"{voter} holds none of the roles that may approve this: {wanted}."
    if not roles:
        return f"{voter} holds no approving role."
    return None


def _in_order(votes: Iterable[Vote]) -> list[Vote]:
    return sorted(votes, key=lambda vote: (vote.at, vote.voter, vote.decision, vote.digest))


def _latest(votes: Iterable[Vote], digest: str) -> list[Vote]:
    by_voter: dict[str, Vote] = {}
    for vote in _in_order(votes):  # REJECT sorts after APPROVE
        if vote.digest == digest:
            by_voter[vote.voter] = vote
    return [by_voter[voter] for voter in sorted(by_voter)]


def _void_because(vote: Vote, policy: Policy, digest: str) -> str | None:
    if not digest or vote.digest != digest:
        return f"The vote of {vote.voter} was on other content and does not count."
    return may_vote(voter=vote.voter, roles=vote.roles, policy=policy)


def _missing(approving: Sequence[Vote], policy: Policy) -> tuple[str, ...]:
    reasons: list[str] = []
    short = policy.required_count - len(approving)
    if short > 0:
        reasons.append(f"{short} more approval{'s' if short > 1 else ''} needed.")
    uncovered = _uncovered({vote.voter: vote.roles for vote in approving}, policy.required_roles)
    reasons += [f"Nobody has approved as {_words([role])} yet." for role in uncovered]
    return tuple(reasons)


def _uncovered(holders: Mapping[str, frozenset[str]], roles: frozenset[str]) -> list[str]:
    """Return the roles that are left when each person covers at most one role.

    A bipartite matching by augmenting paths, so that somebody with two roles
    stands in where needed and never for two.
    """
    taken: dict[str, str] = {}

    def place(role: str, tried: set[str]) -> bool:
        for voter in sorted(holders):
            if role in holders[voter] and voter not in tried:
                tried.add(voter)
                if voter not in taken or place(taken[voter], tried):
                    taken[voter] = role
                    return True
        return False

    return [role for role in sorted(roles) if not place(role, set())]


def _unique(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))


def _words(roles: Iterable[str]) -> str:
    return ", ".join(role.replace("_", " ").lower() for role in roles)
