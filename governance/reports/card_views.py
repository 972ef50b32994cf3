"""Pages of a model's card: the card, one that was issued, two beside each other, and the files."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.reports import card_doors
from governance.reports.card_actions import issue_card
from governance.reports.card_doors import Shown
from governance.reports.card_files import FILES, Asked, files_of
from governance.reports.cards import Part, compare
from governance.reports.forms import IssueForm
from models_registry.access.callers import actor_of, moment_of
from models_registry.access.listing import whole_number
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog import card_queries
from models_registry.catalog.card_actions import ArchivedModel
from models_registry.catalog.card_markdown import rendered
from models_registry.catalog.card_sections import TOPICS, section_of
from models_registry.catalog.models import RegisteredModel

ISSUED_BESIDE = 5
PER_PAGE = 50
NOW = "now"


@require_safe
@page(Permission.MODEL_READ)
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the card as it stands, or as it stood."""
    return _card_page(request, _standing(request, slug))


@require_safe
@page(Permission.MODEL_READ)
def issued(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a card that was issued, as it was frozen."""
    return _card_page(request, _issued(request, slug, number))


@require_safe
@page(Permission.MODEL_READ)
def issued_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List the cards that were issued, newest first."""
    model = card_doors.model_of(actor_of(request), slug)
    rows = card_queries.issued_of(model=model, at=moment_of(request))
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/reports/issued.html", {"model": model, "page": shown})


@require_safe
@page(Permission.MODEL_READ)
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Say how far the card has come, as a part of the model's page."""
    actor, at = actor_of(request), moment_of(request)
    model = card_doors.model_of(actor, slug)
    written = {key for key, one in card_queries.texts_of(model=model, at=at).items() if one.text}
    context = {
        "model": model,
        "written": len(written),
        "of": len(written | {key for key, topic in TOPICS.items() if topic.is_expected}),
        "newest": card_queries.issued_of(model=model, at=at).first(),
        "as_of": at,
    }
    return render(request, "governance/reports/_card_panel.html", context)


@require_POST
@page(Permission.MODEL_EDIT)
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze the card as it stands."""
    model, form = card_doors.model_of(actor_of(request), slug), IssueForm(request.POST)
    if not form.is_valid():
        return _card_page(request, _standing(request, slug), form=form, status=422)
    try:
        made = issue_card(by=actor_of(request), at=timezone.now(), model=model, note=form.cleaned_data["note"])
    except ArchivedModel as refused:
        messages.error(request, str(refused))
        return redirect("reports:card", slug)
    messages.success(request, f"Issued model card {made.number}.")
    return redirect("reports:issued", slug, made.number)


@require_safe
@page(Permission.MODEL_READ)
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what differs between two issued cards, or between an issued one and the card as it stands."""
    actor, at = actor_of(request), moment_of(request)
    model = card_doors.model_of(actor, slug)
    numbers = [one.number for one in card_queries.issued_of(model=model, at=at)[:PER_PAGE]]
    new = _named(request, "new", usual=NOW)
    older = [str(one) for one in numbers if new == NOW or one < int(new)]
    old = _named(request, "old", usual=next(iter(older), ""))
    context: dict[str, Any] = {"model": model, "numbers": numbers, "old": old, "new": new}
    if old:
        before, after = (_which(request, model, name) for name in (old, new))
        context |= {"before": before, "after": after, "parts": compare(before.card, after.card)}
    return render(request, "governance/reports/card_changes.html", context)


@require_safe
@page(Permission.MODEL_READ)
def download(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Give the card as a file; ``issued`` names a frozen one by its number."""
    if form not in FILES:
        raise Http404
    number = whole_number(request.GET.get("issued"))
    if "issued" in request.GET and not number:
        raise BadRequest("issued is the number of an issued card.")
    shown = _issued(request, slug, int(number)) if number else _standing(request, slug)
    kind, ending, written = FILES[form]
    body = written(shown, Asked(request.build_absolute_uri("/"), str(request.user), timezone.now(), moment_of(request)))
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{shown.name}.{ending}"'
    return response


def _card_page(request: HttpRequest, shown: Shown, *, form: IssueForm | None = None, status: int = 200) -> HttpResponse:
    actor, model, at = actor_of(request), shown.model, moment_of(request)
    refusal = can(actor, Permission.MODEL_EDIT, on=model).reason
    if model.archived_at is not None:
        refusal = str(ArchivedModel.__doc__)
    past = at is not None or shown.issued is not None
    may_write = not past and not refusal
    context = {
        "model": model,
        "card": shown.card,
        "issued": shown.issued,
        "intact": shown.issued is None or card_queries.is_intact(card=shown.issued),
        "rows": [_row(part) for part in shown.card.parts if not part.is_blank or (may_write and part.section)],
        "missing": shown.card.missing,
        "files": files_of(shown, at),
        "cards": card_queries.issued_of(model=model, at=at)[:ISSUED_BESIDE],
        "may_write": may_write,
        "refusal": refusal,
        "past": past,
        "issued_words": f"Issued card {shown.issued.number}" if shown.issued else "",
        "withheld_words": f"Left out, because you may not see it: {', '.join(shown.card.withheld).lower()}.",
        "issue_words": _effect(shown),
        "form": form or IssueForm(),
    }
    return render(request, "governance/reports/card.html", context, status=status)


def _row(part: Part) -> tuple[Part, str, str]:
    """Return a part with its text as markup, and what an unwritten section would be for."""
    text = rendered(part.written.text) if part.written else ""
    return part, text, TOPICS[section_of(part.key)].asks if part.section and part.is_blank else ""


def _effect(shown: Shown) -> str:
    """Say what issuing does, and what the card lacks."""
    lacking = len(shown.card.missing)
    words = {0: "Every part says what it should.", 1: "1 part is missing and is frozen as missing."}
    told = words.get(lacking, f"{lacking} parts are missing and are frozen as missing.")
    return f"The card is kept as it stands, with its digest, and never changes. {told}"


def _standing(request: HttpRequest, slug: str) -> Shown:
    actor = actor_of(request)
    model = card_doors.model_of(actor, slug)
    return card_doors.shown(actor=actor, model=model, now=timezone.now(), as_of=moment_of(request))


def _issued(request: HttpRequest, slug: str, number: int) -> Shown:
    actor = actor_of(request)
    model = card_doors.model_of(actor, slug)
    return card_doors.issued(actor=actor, model=model, number=number, at=moment_of(request))


def _named(request: HttpRequest, name: str, *, usual: str) -> str:
    """Return which card is meant: a number, or `now`. Raises BadRequest."""
    said = request.GET.get(name, "") or usual
    if said and said != NOW and not whole_number(said):
        raise BadRequest(f"{name} is the number of an issued card, or {NOW}.")
    return said


def _which(request: HttpRequest, model: RegisteredModel, name: str) -> Shown:
    actor, at = actor_of(request), moment_of(request)
    if name == NOW:
        return card_doors.shown(actor=actor, model=model, now=timezone.now(), as_of=at)
    return card_doors.issued(actor=actor, model=model, number=int(name), at=at)
