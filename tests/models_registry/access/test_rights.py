"""Rights at their edges: ended, disabled, unknown, exceptional, narrowed by a token."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import Permission as DjangoPermission

from models_registry.access import rights
from models_registry.access.permissions import Permission
from models_registry.catalog.models import ExternalName, RegisteredModel, RegisteredModelGrant
from tests.models_registry.access.people import AT, a_model, an_account

pytestmark = pytest.mark.django_db


def test_an_ended_grant_allows_nothing() -> None:
    cora = an_account("cora", "compliance_officer")
    assert rights.can(cora, Permission.RULE_WRITE)

    cora.role_grants.update(ended_at=AT + timedelta(days=1))

    assert not rights.can(cora, Permission.RULE_WRITE)
    assert not rights.may_open(cora, Permission.RISK_READ)


def test_a_disabled_account_is_refused_everything() -> None:
    cora = an_account("cora", "compliance_officer")
    cora.is_active = False

    assert rights.can(cora, Permission.RULE_READ).reason == "This account is disabled."
    assert not rights.visible(cora, Permission.MODEL_READ, RegisteredModel.objects.all()).exists()


def test_strangers_and_superusers_get_no_short_cut() -> None:
    stella = an_account("stella")
    stella.is_superuser = True

    assert not any(rights.can(stella, permission) for permission in Permission)
    assert not any(rights.can(AnonymousUser(), permission) for permission in Permission)


@pytest.mark.parametrize("word", ["rule.write", "everything", "", None])
def test_an_unknown_operation_is_refused(word: Any) -> None:
    cora = an_account("cora", "compliance_officer")

    assert not rights.can(cora, word)
    with pytest.raises(rights.AccessDenied):
        rights.require(cora, word)


def test_a_role_of_the_other_kind_counts_for_nothing() -> None:
    otto = an_account("otto", "automation_ci", "compliance_officer")

    assert rights.can(otto, Permission.GATE_ASK)
    assert not rights.can(otto, Permission.APPROVAL_VOTE)


def test_an_exceptional_grant_opens_one_model_for_reading_in_one_query(
    django_assert_num_queries: Any,
) -> None:
    stella, olive = an_account("stella"), an_account("olive")
    seen, _ = a_model("seen", olive, unit="credit"), a_model("unseen", olive, unit="credit")
    RegisteredModelGrant.objects.create(
        user=stella, content_object=seen, permission=DjangoPermission.objects.get(codename="read_model")
    )
    ExternalName.objects.create(model=seen, system="arize", name="seen")

    with django_assert_num_queries(2):  # the grants of roles, and the list itself
        slugs = [m.slug for m in rights.visible(stella, Permission.MODEL_READ, RegisteredModel.objects.all())]

    assert slugs == ["seen"]
    assert rights.can(stella, Permission.RISK_READ, on=seen)
    assert rights.may_open(stella, Permission.MODEL_READ)
    assert not rights.can(stella, Permission.RISK_ACCEPT, on=seen)
    names = rights.visible(stella, Permission.MODEL_READ, ExternalName.objects.all(), through="model")
    assert names.count() == 1


def test_children_inherit_from_their_model() -> None:
    olive, stella = an_account("olive", "model_owner"), an_account("stella", unit="retail", team="")
    mine, hers = a_model("mine", olive, unit="retail"), a_model("hers", stella, unit="retail")
    name = ExternalName.objects.create(model=mine, system="arize", name="mine")
    other = ExternalName.objects.create(model=hers, system="arize", name="hers")

    assert rights.can(olive, Permission.RISK_ACCEPT, on=name)
    assert not rights.can(olive, Permission.RISK_ACCEPT, on=other)
    assert list(rights.visible(olive, Permission.RISK_ACCEPT, ExternalName.objects.all(), through="model")) == [name]


def test_a_token_s_scopes_narrow_the_account() -> None:
    otto = an_account("otto", "automation_ci")
    rights.limit(otto, ["gate.ask"])

    assert rights.can(otto, Permission.GATE_ASK)
    assert rights.can(otto, Permission.VERSION_MOVE).reason == (
        "This token is limited to gate.ask; it may not move a version."
    )
