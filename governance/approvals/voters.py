"""Who must vote on a request and who has: the seats of its quorum, for pages and programs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.approvals import actions
from governance.approvals.models import ApprovalRequest, Vote
from models_registry.access.models import Account, AccountKind, RoleGrant
from models_registry.access.roles import ROLES

NAMED = 4
"""So many candidates are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One approval that is needed: by a holder of ``role`` (empty: anybody entitled), and who gave it."""

    role: str
    vote: Vote | None
    candidates: Sequence[Account] = ()

    @property
    def title(self) -> str:
        """Return the role as people read it."""
        return ROLES[self.role].title if self.role in ROLES else "Anybody entitled"

    @property
    def words(self) -> str:
        """Return who may take an empty seat."""
        named = [str(one) for one in self.candidates[:NAMED]]
        more = len(self.candidates) - len(named)
        return ", ".join([*named, *([f"{more} more"] if more > 0 else [])])


def seats(asked: ApprovalRequest, votes: Sequence[Vote]) -> list[Seat]:
    """Return every approval that the quorum asks for; at most one query."""
    policy = actions.policy_of(asked)
    approving = [one for one in votes if one.approves and one.digest == asked.digest]
    by_role = _candidates(asked, policy.required_roles, {one.voter_id for one in votes})
    taken: list[Seat] = []
    for role in sorted(policy.required_roles):
        vote = next((one for one in approving if one.as_role == role), None)
        if vote is not None:
            approving.remove(vote)
        taken.append(Seat(role, vote, () if vote else by_role.get(role, ())))
    for _ in range(policy.required_count - len(taken)):
        taken.append(Seat("", approving.pop(0) if approving else None))
    return taken


def _candidates(asked: ApprovalRequest, roles: frozenset[str], voted: set[int]) -> Mapping[str, list[Account]]:
    """Return who holds each of the roles now and neither asked nor voted."""
    excluded = actions.policy_of(asked).excluded
    unit_id = asked.model.unit_id if asked.model else None
    grants = RoleGrant.objects.filter(
        role__in=roles, ended_at__isnull=True, account__is_active=True, account__kind=AccountKind.PERSON
    ).select_related("account")
    found: dict[str, list[Account]] = defaultdict(list)
    for grant in grants.order_by("account__display_name", "account__username"):
        free = grant.account.username not in excluded and grant.account_id not in voted
        if free and grant.unit_id in (None, unit_id):
            found[grant.role].append(grant.account)
    return found
