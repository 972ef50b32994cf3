"""Which of the gate's answers hold history back."""

from datetime import timedelta

import pytest

from governance.gates.models import GateDecision
from governance.gates.needed import BEFORE, needed
from models_registry.catalog.models import ModelVersion, Stage
from tests.governance.gates.world import AT, a_clean_version, otto

pytestmark = pytest.mark.django_db


def answered(version: ModelVersion, *, days_ago: int, used: bool = False) -> GateDecision:
    at = AT - timedelta(days=days_ago)
    return GateDecision.objects.create(
        version=version, target="stage:PRODUCTION", verdict="APPROVE", reasons=[], epoch=version.epoch,
        state_digest="sha256:1", policy_digest="sha256:2", requested_by=otto(), decided_at=at,
        expires_at=at + timedelta(hours=1), used_at=at if used else None,
    )  # fmt: skip


def test_the_newest_answer_and_those_that_were_used_need_the_month_before_them():
    version = a_clean_version()
    GateDecision.objects.filter(version=version).delete()
    answered(version, days_ago=90)
    used = answered(version, days_ago=60, used=True)
    newest = answered(version, days_ago=10)

    found = [(need.since, need.until) for need in needed()]

    assert found == [(one.decided_at - BEFORE, one.decided_at) for one in (used, newest)]


def test_an_archived_version_needs_none():
    version = a_clean_version()
    answered(version, days_ago=10, used=True)
    ModelVersion.objects.filter(pk=version.pk).update(stage=Stage.ARCHIVED)

    assert list(needed()) == []
