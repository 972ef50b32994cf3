"""What the clock does for access: forget what is over of sessions and of requests that carried a key."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from models_registry.access import idempotency

FORGET_EVERY_S = 600
BEING_MADE = dt.timedelta(hours=1)
"""A sign-in writes what it is known by before its session; neither is taken for a leftover meanwhile."""


def tick(at: dt.datetime) -> int:
    """Do what is due in this second and return how many rows were removed."""
    return forget(at=at) if int(at.timestamp()) % FORGET_EVERY_S == 0 else 0


def forget(*, at: dt.datetime) -> int:
    """Remove sessions that ended, where they were signed in from, and keys whose answers are not given again."""
    ended, _ = Session.objects.filter(expire_date__lt=at).delete()
    told = UserSession.objects.filter(created_at__lt=at - BEING_MADE)
    left, _ = told.exclude(session_key__in=Session.objects.values("session_key")).delete()
    removed: int = ended + left + idempotency.forget(at=at)
    return removed
