"""Keep what somebody has begun to write about a risk. A draft decides nothing, so it leaves no trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.risks.models import ResponseDraft, Risk
from models_registry.access.models import Account


class DraftSavedElsewhere(Exception):
    """This draft was saved in another window after it was read."""

    http_status = 409

    def __init__(self, stored: ResponseDraft) -> None:
        super().__init__(f"This draft was saved in another window, {stored.updated_at:%H:%M} UTC. Nothing was lost.")
        self.stored = stored


@transaction.atomic
def save(
    *, by: Account, at: datetime, risk: Risk, body: Mapping[str, Any], read_version: int, over: bool = False
) -> ResponseDraft:
    """Keep the text; ``read_version`` is the version it continues, 0 for none, and ``over`` replaces any.

    The same text again changes nothing. Raises DraftSavedElsewhere.
    """
    stored, is_new = ResponseDraft.objects.get_or_create(
        risk=risk, author=by, defaults={"body": dict(body), "updated_at": at}
    )
    stored = ResponseDraft.objects.select_for_update(of=("self",)).get(pk=stored.pk)
    if is_new or stored.body == body:
        return stored
    if stored.version != read_version and not over:
        raise DraftSavedElsewhere(stored)
    stored.body, stored.updated_at = dict(body), at
    stored.version += 1
    stored.save()
    return stored


def discard(*, by: Account, risk: Risk) -> None:
    """Forget what this person had begun."""
    ResponseDraft.objects.filter(risk=risk, author=by).delete()


def own(risk: Risk, by: Account) -> ResponseDraft | None:
    """Return this person's draft, if there is one."""
    return ResponseDraft.objects.filter(risk=risk, author=by).first()


def of_others(risk: Risk, by: Account) -> list[ResponseDraft]:
    """Return what others have begun, newest first."""
    rows = ResponseDraft.objects.filter(risk=risk).exclude(author=by).select_related("author")
    return list(rows.order_by("-updated_at", "pk"))
