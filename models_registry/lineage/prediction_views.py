"""Doors of predictions: the list, what is kept of them, the text of one, a part of the model's page, and erasure."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access import listing
from models_registry.access.callers import actor_of
from models_registry.access.lookup import find
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, may_open
from models_registry.catalog.queries import models_for
from models_registry.lineage import prediction_actions, prediction_list, predictions
from models_registry.lineage.prediction_forms import ErasureForm
from models_registry.lineage.prediction_models import Prediction
from models_registry.lineage.pseudonyms import GenerationGone
from models_registry.telemetry.models import Source

NEWEST = 5


@require_safe
@page(Permission.MODEL_READ)
@vary_on_headers("HX-Request")
def shown(request: HttpRequest) -> HttpResponse:
    """List predictions, newest first, by id, model, version, time and outcome."""
    filters = prediction_list.PredictionFilters(request.GET, actor=actor_of(request))
    after = listing.whole_number(filters.asked.get("after", ""))
    query = filters.address(after=after or None)
    if listing.asks_untidily(request):
        return redirect(f"{request.path}?{query}" if query else request.path)
    found = predictions.page_of(filters.qs, after=after)
    context = {
        "filters": filters,
        "rows": [(one, predictions.why_orphan(one)) for one in found.rows],
        "heads": filters.columns(prediction_list.HEADS),
        "more_url": f"?{filters.address(after=found.after)}" if found.after else "",
        "first_url": f"?{filters.address()}" if after else "",
        "clear_url": request.path,
        "views": [
            ("All", request.path, not filters.orphans_only),
            ("Orphans", f"{request.path}?orphan=true", filters.orphans_only),
        ],
        "sources_url": reverse("predictions:kept") if may_open(actor_of(request), Permission.SOURCE_READ) else "",
    }
    template = "_predictions.html" if listing.is_fragment(request) else "predictions.html"
    response = render(request, f"models_registry/lineage/{template}", context)
    return listing.tell_address(response, request, query)


@require_safe
@page(Permission.MODEL_READ)
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the newest predictions of a model, as a part of its page."""
    model = get_object_or_404(models_for(actor=actor_of(request)), slug=slug)
    rows = Prediction.objects.filter(model=model).select_related("version")
    at = getattr(request, "as_of", None)
    rows = rows.filter(observed_at__lte=at) if at else rows
    context = {"model": model, "rows": predictions.page_of(rows, size=NEWEST).rows}
    return render(request, "models_registry/lineage/_prediction_panel.html", context)


@require_safe
@page(Permission.SOURCE_READ)
def kept(request: HttpRequest) -> HttpResponse:
    """Show for each source what has come, and whether its texts are kept."""
    actor = actor_of(request)
    rows = predictions.books(at=timezone.now())
    context = {
        "rows": rows,
        "sending": [row for row in rows if row.in_use],
        "others": [row for row in rows if not row.in_use],
        "days": settings.REDLINE_PREDICTION_DAYS,
        "held_from": prediction_actions.held_from(at=timezone.now()),
        "refusal": can(actor, Permission.SOURCE_MANAGE).reason,
        "erase_refusal": can(actor, Permission.SUBJECT_ERASE).reason,
    }
    return render(request, "models_registry/lineage/predictions_kept.html", context)


@require_POST
@page(Permission.SOURCE_MANAGE)
def decide_terms(request: HttpRequest, slug: str) -> HttpResponse:
    """Decide whether the texts of a source are kept from now on."""
    source = get_object_or_404(Source, slug=slug)
    keeps = request.POST.get("keeps_text") == "yes"
    prediction_actions.decide_terms(by=actor_of(request), at=timezone.now(), source=source, keeps_text=keeps)
    kept = "are kept, sealed," if keeps else "are not kept"
    messages.success(request, f"Texts of {source} {kept} from now on.")
    return redirect("predictions:kept")


@require_POST
@page(Permission.MODEL_READ)
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the kept texts of one prediction; the trail says who did."""
    actor = actor_of(request)
    rows = Prediction.objects.select_related("source", "model")
    found = find(actor, Permission.MODEL_READ, rows, through="model", pk=pk)
    context: dict[str, Any] = {"prediction": found, "texts": {}, "reason": ""}
    try:
        context["texts"] = prediction_actions.open_texts(by=actor, at=timezone.now(), prediction=found)
    except (prediction_actions.TextNotKept, GenerationGone) as error:
        context["reason"] = str(error)
    status = 409 if context["reason"] else 200
    return render(request, "models_registry/lineage/prediction_text.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SUBJECT_ERASE)
def erase(request: HttpRequest) -> HttpResponse:
    """Erase a person: first what there is, then, confirmed, the deed. The reference never stands in an address."""
    form = ErasureForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        subject = {"reference": asked["reference"], "source": asked["source"]}
        if request.POST.get("confirmed") == "yes":
            return _erased(request, form, subject)
        context["found"] = prediction_actions.on_record(by=actor_of(request), **subject)
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "models_registry/lineage/erase.html", context, status=status)


def _erased(request: HttpRequest, form: ErasureForm, subject: dict[str, Any]) -> HttpResponse:
    case = form.cleaned_data["case"]
    try:
        done = prediction_actions.erase_subject(by=actor_of(request), at=timezone.now(), case=case, **subject)
    except prediction_actions.SubjectUnknown as unknown:
        form.add_error("reference", str(unknown))
        return render(request, "models_registry/lineage/erase.html", {"form": form}, status=409)
    noun = "prediction" if done.predictions == 1 else "predictions"
    messages.success(request, f"Case {case}: erased from {done.predictions} {noun}.")
    return redirect("predictions:kept")
