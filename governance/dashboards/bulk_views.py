"""The door to editing many models at once: those picked on the list, or all that match its address."""

from collections.abc import Sequence
from typing import cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance.dashboards import portfolio
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.queries import models_for
from models_registry.intake.bulk import DIRECT, MOST, EditUnfit, propose_edit
from models_registry.intake.forms import BulkForm
from models_registry.intake.working import settle

NAMED = 12


@require_POST
@page(Permission.MODEL_REGISTER)
def edit_models(request: HttpRequest) -> HttpResponse:
    """Ask what is to change of the chosen models; with an answer, keep it as an edit to be previewed."""
    actor, at = cast(Account, request.user), timezone.now()
    models = _chosen(request, actor)
    form = BulkForm(request.POST if "ask" in request.POST else None)
    if form.is_bound and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in DIRECT}
        try:
            made = propose_edit(
                by=actor, at=at, models=models, facts=facts, add_tags=form.cleaned_data["add_tags"],
                remove_tags=form.cleaned_data["remove_tags"],
            )  # fmt: skip
        except EditUnfit as unfit:
            form.add_error(None, str(unfit))
        else:
            settle(made, at=at)
            return redirect("intake:import", made.pk)
    mine = sum(bool(can(actor, Permission.MODEL_EDIT, on=one)) for one in models)
    context = {
        "form": form,
        "count": len(models),
        "mine": mine,
        "named": models[:NAMED],
        "more": len(models[NAMED:]),
        "picks": request.POST.getlist("pick"),
        "by_address": "found" in request.POST,
        "found": request.POST.get("found", ""),
        "most": MOST,
    }
    bad = form.is_bound or not models
    return render(request, "governance/dashboards/edit_models.html", context, status=422 if bad else 200)


def _chosen(request: HttpRequest, actor: Account) -> Sequence[RegisteredModel]:
    """Return the models that were picked, or all that the list's address shows, as far as the person sees them."""
    seen = models_for(actor=actor).order_by("name", "pk")
    if "found" in request.POST:
        asked = QueryDict(request.POST["found"][:4_000])
        found = portfolio.filters(actor=actor, at=None, asked=asked).qs
        return list(seen.filter(pk__in=found.order_by().values("pk"))[: MOST + 1])
    return list(seen.filter(archived_at__isnull=True, slug__in=request.POST.getlist("pick")[: MOST + 1]))
