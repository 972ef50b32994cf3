"""Pages on which people write a section of a model card, with a preview, and read its versions."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.reports import card_doors
from governance.reports.forms import SectionForm
from models_registry.access.listing import is_fragment, whole_number
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.catalog import card_queries
from models_registry.catalog.actions import NothingToChange
from models_registry.catalog.card_actions import ArchivedModel, SectionChanged, write_section
from models_registry.catalog.card_markdown import rendered
from models_registry.catalog.card_models import CardText
from models_registry.catalog.card_sections import TOPICS, SectionUnfit, SectionUnknown, address_of, section_of
from models_registry.catalog.models import RegisteredModel

VERSIONS_SHOWN = 50
CONFLICT = (
    "{who} saved version {number} while you were writing. Your text is kept below; saving again puts it in place of"
    " theirs."
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.MODEL_EDIT)
def write(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """Write a section: preview it, then save it as the next version."""
    actor, key = cast(Account, request.user), _section(section)
    model = card_doors.model_of(actor, slug)
    require(actor, Permission.MODEL_EDIT, on=model)
    if request.method != "POST":
        standing = card_queries.versions_of(model=model, section=key).first()
        given = {"text": standing.text, "judged": standing.digest} if standing else {}
        return _page(request, model, key, SectionForm(initial=given), shown=given.get("text", ""))
    form = SectionForm(request.POST)
    if not form.is_valid():
        return _page(request, model, key, form, shown="", status=422)
    text = form.cleaned_data["text"]
    if request.POST.get("do") == "preview":
        return _page(request, model, key, form, shown=text)
    return _keep(request, actor, model, key, form)


@require_safe
@page(Permission.MODEL_READ)
def versions(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """List the versions of a section, and show what differs between two of them."""
    key = _section(section)
    model = card_doors.model_of(cast(Account, request.user), slug)
    rows = list(card_queries.versions_of(model=model, section=key, at=request.as_of)[:VERSIONS_SHOWN])  # type: ignore[attr-defined]
    by_number = {str(one.number): one for one in rows}
    new = by_number.get(whole_number(request.GET.get("new")), rows[0] if rows else None)
    usual = by_number.get(str(new.number - 1)) if new else None
    old = by_number.get(whole_number(request.GET.get("old")), usual)
    context = {"model": model, "topic": TOPICS[key], "address": section, "rows": rows, "old": old, "new": new}
    return render(request, "governance/reports/section_versions.html", context)


def _keep(request: HttpRequest, actor: Account, model: RegisteredModel, key: str, form: SectionForm) -> HttpResponse:
    text, judged = form.cleaned_data["text"], form.cleaned_data["judged"]
    try:
        made = write_section(by=actor, at=timezone.now(), model=model, section=key, text=text, judged=judged)
    except SectionChanged as changed:
        again = SectionForm(initial={"text": text, "judged": changed.standing.digest})
        return _page(request, model, key, again, shown=text, other=changed.standing, status=409)
    except NothingToChange as refused:
        messages.info(request, str(refused))
    except ArchivedModel as refused:
        messages.error(request, str(refused))
    except SectionUnfit as refused:
        form.add_error(None, str(refused))
        return _page(request, model, key, form, shown=text, status=422)
    else:
        messages.success(request, f"Saved {TOPICS[key].title.lower()}, version {made.number}.")
    return redirect(f"{reverse('reports:card', args=[model.slug])}#{address_of(key)}")


def _page(
    request: HttpRequest,
    model: RegisteredModel,
    key: str,
    form: SectionForm,
    *,
    shown: str,
    other: CardText | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "model": model,
        "topic": TOPICS[key],
        "form": form,
        "preview": rendered(shown) if shown else "",
        "other": other,
        "conflict_words": CONFLICT.format(who=other.written_by, number=other.number) if other else "",
        "mine": shown,
    }
    name = "_preview" if is_fragment(request) and request.method == "POST" else "write_section"
    return render(request, f"governance/reports/{name}.html", context, status=status)


def _section(address: str) -> str:
    try:
        return section_of(address)
    except SectionUnknown as unknown:
        raise Http404(str(unknown)) from None
