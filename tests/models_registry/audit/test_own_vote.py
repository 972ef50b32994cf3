"""The database refuses a vote on one's own request, whatever the code above it does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from governance.approvals.models import ApprovalRequest, Subject, Vote
from models_registry.access.models import Account
from tests.models_registry.access.people import AT, an_account


def vote(request: ApprovalRequest, voter: Account) -> Vote:
    return Vote.objects.create(
        request=request, voter=voter, as_role="compliance_officer", approves=True, digest="d", voted_at=AT
    )


@pytest.mark.django_db
def test_whoever_asks_cannot_vote() -> None:
    cora, olive = an_account("cora", "compliance_officer"), an_account("olive")
    request = ApprovalRequest.objects.create(
        subject=Subject.RULE_VERSION,
        object_id="1",
        title="A rule",
        digest="d",
        policy={"required": 1, "roles": []},
        requested_by=cora,
        requested_at=AT,
        expires_at=AT + timedelta(days=1),
    )

    with pytest.raises(IntegrityError, match="cannot vote on it"), transaction.atomic():
        vote(request, cora)

    assert vote(request, olive).pk
