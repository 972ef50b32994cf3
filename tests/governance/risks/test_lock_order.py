"""A last vote and an answer that overtakes it, at the same moment: both end, neither by a deadlock."""

import threading

import pytest
from django.db import connection, transaction

from governance.approvals.models import ApprovalRequest
from models_registry.catalog.models import RegisteredModel
from tests.governance.risks.test_answers import a_raised_risk, acknowledged, agree, bo, cora, proposed
from tests.races import until_somebody_waits


@pytest.mark.django_db(transaction=True)
def test_a_vote_that_waits_for_its_model_holds_no_request():
    acceptance = proposed(acknowledged(a_raised_risk()))
    agree(acceptance, cora())
    member, done = bo(), []

    def vote() -> None:
        agree(acceptance, member)
        done.append("voted")
        connection.close()

    voter = threading.Thread(target=vote)
    with transaction.atomic():
        RegisteredModel.objects.select_for_update(no_key=True).get(pk=acceptance.risk.model_id)
        voter.start()
        until_somebody_waits()
        free = ApprovalRequest.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=acceptance.approval_id
        )
        held = free.first()
    voter.join(10)

    assert held is not None
    assert done == ["voted"]
    assert ApprovalRequest.objects.get(pk=acceptance.approval_id).state == "APPROVED"
