"""Sessions that ended and keys of old requests are removed by the clock; what still counts stays."""

from datetime import datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from models_registry.access import tasks
from models_registry.access.models import Account, IdempotentRequest
from tests.models_registry.access.people import an_account

pytestmark = pytest.mark.django_db


def a_session(of: Account, key: str, *, ends: datetime, began: datetime) -> None:
    Session.objects.create(session_key=key, session_data="", expire_date=ends)
    UserSession.objects.create(user=of, session_key=key, ip="192.0.2.1", user_agent="Firefox", created_at=began)


def a_key(of: Account, key: str, *, at: datetime) -> None:
    IdempotentRequest.objects.create(account=of, key=key, route="/api/v1/x/", request_digest=b"", created_at=at)


def test_what_is_over_goes_and_what_counts_stays():
    now, olive = timezone.now(), an_account("olive")
    a_session(olive, "ended", ends=now - timedelta(minutes=1), began=now - timedelta(hours=13))
    a_session(olive, "open", ends=now + timedelta(hours=3), began=now - timedelta(hours=9))
    UserSession.objects.create(user=olive, session_key="made now", ip="192.0.2.1", user_agent="Firefox")
    a_key(olive, "old", at=now - timedelta(days=8))
    a_key(olive, "new", at=now - timedelta(days=6))

    removed = tasks.forget(at=now)

    assert removed == 3
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
    assert set(UserSession.objects.values_list("session_key", flat=True)) == {"open", "made now"}
    assert list(IdempotentRequest.objects.values_list("key", flat=True)) == ["new"]


def test_the_clock_looks_every_ten_minutes(django_assert_num_queries):
    assert "models_registry.access.tasks.tick" in settings.LINE_TASKS
    with django_assert_num_queries(0):
        tasks.tick(datetime.fromisoformat("2026-11-22T12:00:01Z"))
    with django_assert_num_queries(3):
        tasks.tick(datetime.fromisoformat("2026-11-22T12:10:00Z"))
