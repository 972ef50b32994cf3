"""Doors of one prediction explained: the page, and the same as a file to hand on."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.dashboards import explaining
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.templatetags.figures import digits


@require_safe
@page(Permission.MODEL_READ)
def prediction(request: HttpRequest, pk: int) -> HttpResponse:
    """Explain one prediction."""
    actor = cast(Account, request.user)
    found = explaining.explained(actor=actor, pk=pk)
    one = found.prediction
    refusal = can(actor, Permission.PREDICTION_OPEN, on=one).reason
    context = {
        "explanation": found,
        "prediction": one,
        "facts": facts_of(found),
        "has_text": bool(one.input_sealed or one.output_sealed),
        "text_refusal": refusal,
    }
    return render(request, "governance/dashboards/prediction.html", context)


@require_safe
@page(Permission.MODEL_READ)
def prediction_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the explanation of one prediction as a PDF."""
    actor = cast(Account, request.user)
    found = explaining.explained(actor=actor, pk=pk)
    address = request.build_absolute_uri(request.path).removesuffix("explanation.pdf")
    from governance.dashboards import explained_pdf  # a third of a second at each start, for a file now and then

    body = explained_pdf.document(found, facts=facts_of(found), by=str(actor), at=timezone.now(), address=address)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="prediction-{pk}.pdf"'
    return response


def facts_of(found: explaining.Explanation) -> list[tuple[str, str]]:
    """Return what is said of the answer itself, as pairs of term and value; what is not known is left out."""
    one = found.prediction
    latency = "" if one.latency_ms is None else f"{digits(one.latency_ms, 0)} ms"
    tokens = [(one.input_tokens, "in"), (one.output_tokens, "out")]
    pairs = [
        ("Outcome", f"{one.get_outcome_display()}{f' ({one.outcome_code})' if one.outcome_code else ''}"),
        ("Id at its source", one.prediction_id),
        ("Source", str(one.source)),
        ("Trace", one.trace_id),
        ("Asked for as", f"{one.model_name}@{one.alias}" if one.alias else ""),
        ("Environment", one.environment),
        ("Segment", one.segment),
        ("Latency", latency),
        ("Tokens", ", ".join(f"{digits(number, 0)} {word}" for number, word in tokens if number is not None)),
        ("Cost", one.cost),
        ("About", "a person, by pseudonym" if one.subject_id else ""),
    ]
    return [(term, value) for term, value in pairs if value]
