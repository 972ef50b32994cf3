"""The doors of snoozing: put one alert or many off until a time, and take them back."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from alerts.inbox import queries, snoozing
from alerts.inbox.snoozing import NotSnoozed, end_snooze, snooze_each
from models_registry.access import listing
from models_registry.access.callers import actor_of
from models_registry.access.pages import page, way_back
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied

MOST_AT_ONCE = 50


def choices() -> list[tuple[str, str]]:
    """Return what a snooze offers now, in the reader's zone."""
    return [(word, label) for word, (label, _) in snoozing.endings(timezone.localtime()).items()]


def end_address(alert_ids: list[int]) -> str:
    """Return the address that takes these alerts back."""
    return f"{reverse('alerts_inbox:snooze_end')}?{urlencode({'pick': alert_ids}, doseq=True)}"


@require_POST
@page(Permission.ALERT_READ)
def snooze(request: HttpRequest) -> HttpResponse:
    """Put the picked alerts off for the reader alone; say of each refused one why."""
    now = timezone.localtime()
    ending = snoozing.endings(now).get(request.POST.get("for", ""))
    picks = _picks(request)
    if ending is None or not picks:
        reason = "Nothing was put off: choose an alert." if ending else "Nothing was put off: choose until when."
        return _answer(request, [reason], status=422)
    _, until = ending
    done, refused = snooze_each(by=actor_of(request), at=now, alert_ids=picks, until=until)
    if not done:
        return _answer(request, refused, status=409)
    what = done[0].alert.title if len(done) == 1 else f"{len(done)} alerts"
    back_at = f"{until:%H:%M}" if until.date() == now.date() else f"{until:%A, %H:%M}"
    said = f"Put off: {what}. Back on your list at {back_at}, or when it grows louder."
    messages.success(request, said, extra_tags=end_address([one.alert_id for one in done]))
    return _answer(request, refused)


@require_POST
@page(Permission.ALERT_READ)
def end(request: HttpRequest) -> HttpResponse:
    """Take the picked alerts back onto the reader's list."""
    done, refused = 0, []
    now: datetime = timezone.now()
    for alert_id in _picks(request):
        try:
            end_snooze(by=actor_of(request), at=now, alert_id=alert_id)
        except (NotSnoozed, AccessDenied) as reason:
            refused.append(str(reason))
        else:
            done += 1
    if not done:
        return _answer(request, refused or ["Nothing was taken back: there is no such alert."], status=409)
    messages.info(request, f"{'The alert is' if done == 1 else f'{done} alerts are'} back on your list.")
    return _answer(request, refused)


def _answer(request: HttpRequest, refused: list[str], *, status: int = 200) -> HttpResponse:
    """Return to the page that held the button, which then shows how it stands; a script is told to ask anew."""
    alone = listing.is_fragment(request)
    if alone and status != 200:
        return HttpResponse(status=status, headers={"HX-Trigger": json.dumps({"toast": {"text": " ".join(refused)}})})
    for reason in refused:
        messages.warning(request, reason)
    if alone:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(way_back(request, otherwise=reverse("alerts_inbox:list")))


def _picks(request: HttpRequest) -> list[int]:
    """Return the picked alerts that the reader may see, by the address or the form."""
    asked: list[Any] = [*request.GET.getlist("pick"), *request.POST.getlist("pick")][:MOST_AT_ONCE]
    picks = [int(one) for one in asked if listing.whole_number(one)]
    return list(queries.seen_by(actor_of(request)).filter(pk__in=picks).order_by("pk").values_list("pk", flat=True))
