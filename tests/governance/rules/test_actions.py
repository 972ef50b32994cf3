"""The road of a rule version, from draft to retirement, through the real actions."""

import pytest

from governance.rules import actions
from governance.rules.models import RuleVersion, VersionState
from models_registry.access.rights import AccessDenied
from tests.governance.rules.people import AT, a_person, cora

pytestmark = pytest.mark.django_db


def test_shipped_rules_come_as_drafts_and_only_once() -> None:
    author = cora()

    first = actions.ensure_shipped(by=author, at=AT)
    again = actions.ensure_shipped(by=author, at=AT)

    assert len(first) == len(list(actions.shipped_texts()))
    assert again == []
    assert set(RuleVersion.objects.values_list("state", "number")) == {(VersionState.DRAFT, 1)}


def test_a_stranger_writes_no_rule() -> None:
    stella = a_person("Stella", "auditor")

    with pytest.raises(AccessDenied):
        actions.ensure_shipped(by=stella, at=AT)
