"""The door of Undo: takes back what a button, a row or a selection acknowledged a moment ago."""

import json
from collections.abc import Iterable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from governance.risks.models import Acknowledgement
from governance.risks.undoing import undo_each
from models_registry.access.listing import whole_number
from models_registry.access.models import Account
from models_registry.access.pages import page, way_back
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible

MOST_AT_ONCE = 50


def undo_address(given: Iterable[Acknowledgement]) -> str:
    """Return the address that takes these acknowledgements back."""
    return f"{reverse('risks:undo')}?{urlencode({'pick': [one.pk for one in given]}, doseq=True)}"


@require_POST
@page(Permission.RISK_READ)
def undo(request: HttpRequest) -> HttpResponse:
    """Undo the picked acknowledgements and return to the page they were given on; say of each refused one why."""
    actor = cast(Account, request.user)
    asked = [int(pick) for pick in request.GET.getlist("pick")[:MOST_AT_ONCE] if whole_number(pick)]
    given = visible(actor, Permission.RISK_READ, Acknowledgement.objects.all(), through="risk__model")
    known = list(given.filter(pk__in=asked).order_by("pk").values_list("pk", flat=True))
    done, refused = undo_each(by=actor, at=timezone.now(), acknowledgement_ids=known)
    if not known:
        refused = ["Nothing was undone: there is no such acknowledgement."]
    alone = request.headers.get("HX-Request") == "true"
    if alone and not done:
        return HttpResponse(status=409, headers={"HX-Trigger": json.dumps({"toast": {"text": " ".join(refused)}})})
    if done:
        what = done[0].reference if len(done) == 1 else f"{len(done)} risks"
        messages.info(request, f"Undid the acknowledgement of {what}. The clock runs as before.")
    for reason in refused:
        messages.warning(request, reason)
    if alone:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return redirect(way_back(request, otherwise=reverse("risks:list")))
