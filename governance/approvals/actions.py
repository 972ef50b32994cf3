"""Ask for approval, vote, withdraw, and let requests run out."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from governance.approvals import outcomes, quorum
from governance.approvals.models import ApprovalRequest, ApprovalState, Subject, Vote
from governance.approvals.quorum import Outcome, VoteDecision
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, can, roles_of
from models_registry.audit.actions import record
from models_registry.audit.actor import CLOCK, Actor
from models_registry.catalog.models import RegisteredModel

DONE: Mapping[str, str] = {
    Subject.RULE_VERSION: "You wrote this rule.",
    Subject.FORMULA_VERSION: "You wrote this formula.",
    Subject.ACCEPTANCE: "You proposed this acceptance.",
    Subject.PROMOTION: "You asked for this promotion.",
    Subject.RESUME: "You asked to resume scoring.",
}
"""What whoever asked has done, by subject; four eyes are two people."""
MADE: Mapping[str, str] = {**DONE, Subject.PROMOTION: "You registered this version."}
"""What those have done whom the policy excludes."""


class ApprovalConflict(Exception):
    """The request is not in a state in which this can be done."""

    http_status = 409


class AlreadyDecided(ApprovalConflict):
    """This request has been decided."""


class AlreadyVoted(ApprovalConflict):
    """This person has voted on this content."""


class RequestChanged(ApprovalConflict):
    """What was read is not what the request asks for now."""


class CommentNeeded(ValueError):
    """A rejection says why."""

    http_status = 400


@transaction.atomic
def request(
    *,
    by: Account,
    at: datetime,
    subject: Subject,
    object_id: str,
    title: str,
    digest: str,
    policy: Mapping[str, object],
    expires_at: datetime,
    model: RegisteredModel | None = None,
    summary: str = "",
    url: str = "",
) -> ApprovalRequest:
    """Ask for approval of exactly this digest; the calling action has judged whether `by` may ask.

    ``policy`` has ``required`` and ``roles``, and may name further usernames in ``excluded``.
    """
    asked = ApprovalRequest(
        subject=subject.value,
        object_id=object_id,
        title=title[:200],
        summary=summary,
        url=url,
        digest=digest,
        policy=dict(policy),
        model=model,
        requested_by=by,
        requested_at=at,
        expires_at=expires_at,
    )
    policy_of(asked)
    asked.save(force_insert=True)
    _record(asked, by, "approval.requested", at=at, expires_at=expires_at.isoformat(), policy=dict(policy))
    return asked


@transaction.atomic
def vote(
    *, by: Account, at: datetime, request_id: uuid.UUID, approves: bool, judged_digest: str, comment: str = ""
) -> ApprovalRequest:
    """Say yes or no to the content that was read, and decide the request when the quorum is met.

    Raises AccessDenied with its reason, AlreadyDecided, AlreadyVoted, RequestChanged, CommentNeeded.
    """
    asked = _locked(request_id)
    refusal = why_not_vote(asked, by)
    if refusal:
        raise AccessDenied(refusal)
    _require_open(asked, at)
    if judged_digest != asked.digest:
        raise RequestChanged("This changed while you were reading. Your vote was not counted; read it again.")
    if not approves and not comment.strip():
        raise CommentNeeded("A rejection needs a comment that says why.")
    if asked.votes.filter(voter=by, digest=asked.digest).exists():
        raise AlreadyVoted("You have voted on this already.")
    Vote.objects.create(
        request=asked,
        voter=by,
        as_role=min(voting_roles(by, asked)),
        approves=approves,
        digest=asked.digest,
        comment=comment,
        voted_at=at,
    )
    _record(asked, by, "approval.voted", at=at, approves=approves, comment=comment)
    _decide_if_met(asked, by=by, at=at)
    return asked


@transaction.atomic
def withdraw(*, by: Account, at: datetime, request_id: uuid.UUID) -> ApprovalRequest:
    """Take a request back; only who asked may. Raises AccessDenied, AlreadyDecided."""
    asked = _locked(request_id)
    if asked.requested_by_id != by.pk:
        raise AccessDenied(f"Only {asked.requested_by} can withdraw this request.")
    _require_open(asked, at)
    _decide(asked, ApprovalState.WITHDRAWN, "approval.withdrawn", by=by, at=at)
    return asked


@transaction.atomic
def overtake(*, by: Actor, at: datetime, subject: Subject, object_id: str) -> int:
    """End what is pending about a thing that another decision replaced; return how many requests that was."""
    rows = ApprovalRequest.objects.filter(subject=subject.value, object_id=object_id, state=ApprovalState.PENDING)
    ids = list(rows.values_list("pk", flat=True))
    for pk in ids:
        _decide(_locked(pk), ApprovalState.WITHDRAWN, "approval.withdrawn", by=by, at=at)
    return len(ids)


def expire(*, at: datetime) -> int:
    """End the requests whose time is over and return how many; each in a transaction of its own."""
    due = ApprovalRequest.objects.filter(state=ApprovalState.PENDING, expires_at__lte=at)
    return sum(_expire_one(pk, at) for pk in due.order_by("expires_at", "pk").values_list("pk", flat=True)[:500])


@transaction.atomic
def _expire_one(pk: uuid.UUID, at: datetime) -> bool:
    asked = _locked(pk)
    if asked.state != ApprovalState.PENDING:
        return False
    _decide(asked, ApprovalState.EXPIRED, "approval.expired", by=CLOCK, at=at)
    return True


# ---- what the quorum needs to know ----


def policy_of(asked: ApprovalRequest) -> quorum.Policy:
    """Return the policy of a request; who asked never counts."""
    stored = asked.policy
    return quorum.Policy(
        required_count=int(stored["required"]),
        required_roles=frozenset(stored.get("roles", ())),
        excluded=frozenset({asked.requested_by.username, *stored.get("excluded", ())}),
    )


def voting_roles(account: Account, asked: ApprovalRequest) -> frozenset[str]:
    """Return the approving roles the account holds now for what is asked."""
    if not can(account, Permission.APPROVAL_VOTE, on=asked):
        return frozenset()
    unit_id = asked.model.unit_id if asked.model else None
    return frozenset(
        held.role.name
        for held in roles_of(account)
        if held.role.scope_of(Permission.APPROVAL_VOTE) is not None and held.unit_id in (None, unit_id)
    )


def why_not_vote(asked: ApprovalRequest, account: Account) -> str:
    """Return why this person's vote would not count, empty when it would: four eyes first."""
    if account.pk == asked.requested_by_id or account.username in policy_of(asked).excluded:
        return _four_eyes(asked, account)
    answer = can(account, Permission.APPROVAL_VOTE, on=asked)
    if not answer:
        return answer.reason
    roles = voting_roles(account, asked)
    return quorum.may_vote(voter=account.username, roles=roles, policy=policy_of(asked)) or ""


def _four_eyes(asked: ApprovalRequest, account: Account) -> str:
    asker = account.pk == asked.requested_by_id
    return f"{(DONE if asker else MADE).get(asked.subject, 'You asked for this.')} Someone else must approve it."


def standing(asked: ApprovalRequest) -> quorum.Quorum:
    """Count the votes with the roles their voters hold now."""
    votes = [
        quorum.Vote(
            voter=one.voter.username,
            roles=voting_roles(one.voter, asked),
            decision=VoteDecision.APPROVE if one.approves else VoteDecision.REJECT,
            digest=one.digest,
            at=one.voted_at,
        )
        for one in asked.votes.select_related("voter").order_by("pk")
    ]
    return quorum.count(votes, policy=policy_of(asked), digest=asked.digest)


def _locked(pk: uuid.UUID) -> ApprovalRequest:
    """Return the request, locked for this transaction, under the lock of the model that it is about.

    The model comes first, as for scoring and answers: one order for all, so that a last vote and an answer
    that overtakes it never wait for each other in a ring.
    """
    about = RegisteredModel.objects.filter(pk__in=ApprovalRequest.objects.filter(pk=pk).values("model_id"))
    list(about.select_for_update(no_key=True).values_list("pk"))
    rows = ApprovalRequest.objects.select_for_update(of=("self",))
    return rows.select_related("model__unit", "requested_by").get(pk=pk)


def _require_open(asked: ApprovalRequest, at: datetime) -> None:
    if asked.state != ApprovalState.PENDING:
        raise AlreadyDecided(f"This request is {asked.get_state_display().lower()} already.")
    if asked.expires_at <= at:
        raise AlreadyDecided("The time to decide this request is over.")


def _decide_if_met(asked: ApprovalRequest, *, by: Account, at: datetime) -> None:
    outcome = standing(asked).outcome
    if outcome is Outcome.APPROVED:
        _decide(asked, ApprovalState.APPROVED, "approval.granted", by=by, at=at)
    elif outcome is Outcome.REJECTED:
        _decide(asked, ApprovalState.REJECTED, "approval.rejected", by=by, at=at)


def _decide(asked: ApprovalRequest, state: ApprovalState, action: str, *, by: Actor, at: datetime) -> None:
    asked.state, asked.decided_at = state.value, at
    asked.save(update_fields=["state", "decided_at"])
    _record(asked, by, action, at=at)
    outcomes.tell(asked, by=by, at=at)


def _record(asked: ApprovalRequest, by: Actor, action: str, *, at: datetime, **more: object) -> None:
    model = asked.model
    about = (
        {}
        if model is None
        else {
            "model": model.slug,
            "model_name": model.name,
            "unit": model.unit.slug,
            "materiality": model.materiality,
        }
    )
    body = {
        "subject": asked.subject,
        "object_id": asked.object_id,
        "title": asked.title,
        "digest": asked.digest,
        "state": asked.state,
        "requested_by": asked.requested_by.username,
        "at": at,
        **about,
        **more,
    }
    record(by=by, action=action, on=asked, body=body)
