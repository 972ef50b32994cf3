"""The road of a rule version, from draft to retirement, through the real actions."""

import pytest
from django.db import transaction

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState
from governance.rules import actions, road
from governance.rules.models import RuleVersion, VersionState
from governance.rules.yamltree import RuleInvalid
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.governance.rules.people import (
    AT,
    a_person,
    agree,
    an_approved_version,
    an_enforced_version,
    cora,
    two_eyes_more,
)

pytestmark = pytest.mark.django_db

SLUG = "error-rate-sla-breach"
TEXT = dict(actions.shipped_texts())[SLUG]


def test_shipped_rules_come_as_drafts_and_only_once() -> None:
    author = cora()

    first = actions.ensure_shipped(by=author, at=AT)
    again = actions.ensure_shipped(by=author, at=AT)

    assert len(first) == len(list(actions.shipped_texts()))
    assert again == []
    assert set(RuleVersion.objects.values_list("state", "number")) == {(VersionState.DRAFT, 1)}


@pytest.mark.django_db(transaction=True)
def test_every_shipped_rule_walks_the_whole_road(governed_tables: None) -> None:
    for version in actions.ensure_shipped(by=cora(), at=AT):
        agree(actions.submit(by=cora(), at=AT, version=version))
        actions.shadow(by=cora(), at=AT, version=version)
        actions.enforce(by=cora(), at=AT, version=version)

    assert set(RuleVersion.objects.values_list("state", flat=True)) == {VersionState.ENFORCED}


def test_every_step_leaves_its_entry() -> None:
    version = an_enforced_version(SLUG, TEXT)

    steps = AuditEntry.objects.filter(object_type="ruleversion", object_id=str(version.pk)).order_by("pk")

    assert [entry.action for entry in steps] == [
        "rule.drafted",
        "rule.submitted",
        "rule.approved",
        "rule.shadowed",
        "rule.activated",
    ]


def test_a_stranger_writes_no_rule() -> None:
    with pytest.raises(AccessDenied):
        actions.ensure_shipped(by=a_person("Stella", "auditor"), at=AT)


def test_automation_never_writes_a_rule() -> None:
    with pytest.raises(AccessDenied):
        actions.draft(by=a_person("Otto", "automation_ci"), at=AT, slug=SLUG, text=TEXT)


def test_the_author_cannot_approve() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    request = actions.submit(by=cora(), at=AT, version=version)

    with pytest.raises(AccessDenied, match="Someone else"):
        approvals.vote(by=cora(), at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)


def test_one_approval_is_not_enough() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    request = actions.submit(by=cora(), at=AT, version=version)
    carl, _ = two_eyes_more()

    approvals.vote(by=carl, at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)

    version.refresh_from_db()
    assert version.state == VersionState.SUBMITTED


def test_a_rejected_version_retires_and_its_text_stays() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    request = actions.submit(by=cora(), at=AT, version=version)
    carl, _ = two_eyes_more()

    approvals.vote(
        by=carl,
        at=AT,
        request_id=request.pk,
        approves=False,
        judged_digest=request.digest,
        comment="Too low",
    )

    version.refresh_from_db()
    assert (version.state, version.text) == (VersionState.RETIRED, TEXT)


def test_a_text_that_is_no_rule_is_not_submitted() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT.replace("over: ", "over: never"))

    with pytest.raises(RuleInvalid) as refused:
        actions.submit(by=cora(), at=AT, version=version)

    error = refused.value.errors[0]
    assert TEXT.splitlines()[error.line - 1].strip().startswith("over:")
    assert error.column > 1


def test_a_text_about_another_rule_is_not_submitted() -> None:
    version = actions.draft(by=cora(), at=AT, slug="another", text=TEXT)

    with pytest.raises(actions.SlugTaken):
        actions.submit(by=cora(), at=AT, version=version)


def test_a_submitted_text_never_changes() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    actions.submit(by=cora(), at=AT, version=version)

    with pytest.raises(road.NotOnTheRoad):
        actions.edit_draft(by=cora(), at=AT, version=version, text=f"{TEXT}# later\n")


def test_a_draft_belongs_to_its_author() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    carl, _ = two_eyes_more()

    with pytest.raises(road.NotTheAuthor):
        actions.edit_draft(by=carl, at=AT, version=version, text=TEXT)
    with pytest.raises(road.NotTheAuthor):
        actions.submit(by=carl, at=AT, version=version)


def test_no_step_is_skipped() -> None:
    draft = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    approved = an_approved_version(SLUG, TEXT)

    for step, version in ((actions.shadow, draft), (actions.enforce, draft), (actions.enforce, approved)):
        with pytest.raises(road.NotOnTheRoad), transaction.atomic():
            step(by=cora(), at=AT, version=version)


def test_enforcing_retires_the_version_before() -> None:
    first = an_enforced_version(SLUG, TEXT)

    second = an_enforced_version(SLUG, f"{TEXT}# second\n")

    states = RuleVersion.objects.filter(rule=first.rule).order_by("number").values_list("number", "state")
    assert list(states) == [(1, VersionState.RETIRED), (second.number, VersionState.ENFORCED)]


def test_a_waiting_version_is_not_retired_past_its_request() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    actions.submit(by=cora(), at=AT, version=version)

    with pytest.raises(road.NotOnTheRoad, match="request"):
        actions.retire(by=cora(), at=AT, version=version)


def test_a_submission_is_taken_back_by_who_made_it() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    actions.submit(by=cora(), at=AT, version=version)

    withdrawn = actions.withdraw(by=cora(), at=AT, version=version)

    assert withdrawn.state == VersionState.RETIRED
    assert ApprovalRequest.objects.get().state == ApprovalState.WITHDRAWN


def test_nobody_takes_back_what_another_submitted() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    actions.submit(by=cora(), at=AT, version=version)

    with pytest.raises(AccessDenied, match="Only Cora"):
        actions.withdraw(by=a_person("Carl", "compliance_officer"), at=AT, version=version)


def test_a_draft_has_nothing_to_take_back() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)

    with pytest.raises(road.NotOnTheRoad):
        actions.withdraw(by=cora(), at=AT, version=version)


def test_a_version_in_force_may_be_taken_back_into_shadow() -> None:
    version = an_enforced_version(SLUG, TEXT)

    back = actions.shadow(by=cora(), at=AT, version=version)
    again = actions.enforce(by=cora(), at=AT, version=version)

    assert (back.state, again.state) == (VersionState.SHADOW, VersionState.ENFORCED)
