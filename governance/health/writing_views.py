"""Pages on which a formula is written as text, with what it would change beside it."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance.health import actions, queries
from governance.health.forms import FormulaForm
from governance.health.formula import parse
from governance.health.models import Formula, FormulaVersion
from governance.rules.doors import TextDesk, version_of
from governance.rules.forms import TextForm
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.catalog.models import Kind

BLANK = """formula: my-models
title:
redline: 75
components:
  - key: accuracy
    metric: accuracy
    weight: 60
    zero_at: 0.6
    hundred_at: 0.95
    missing: hold
    max_age: 7d
  - key: latency
    metric: p95_latency_ms
    weight: 40
    zero_at: 2000
    hundred_at: 200
    missing: quiet
    max_age: 1h
"""


def _more(request: HttpRequest, text: str, slug: str) -> Mapping[str, Any]:
    """Return what a text would change on the models that its formula scores."""
    formula = Formula.objects.filter(slug=slug).first()
    kinds = formula.kinds if formula else request.POST.getlist("kinds")
    seen = queries.preview(actor=actor_of(request), formula=parse(text), kinds=kinds, at=timezone.now())
    return {"preview": seen}


def _desk(form: type[TextForm] = TextForm) -> TextDesk:
    return TextDesk(
        walk=actions.WALK,
        noun="formula",
        check=lambda text, slug: actions.errors_of(text, slug=slug),
        says=lambda text: actions.summary(parse(text)),
        more=_more,
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.FORMULA_WRITE)
def write_text(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Write a new formula, or the next version of one."""
    formula = get_object_or_404(Formula, slug=slug) if slug else None
    latest = queries.versions_of(formula=formula).first() if formula else None

    def keep(form: TextForm) -> FormulaVersion:
        name = slug or parse(form.written).name
        kinds = [Kind(kind) for kind in form.cleaned_data.get("kinds", ())]
        return actions.draft(by=actor_of(request), at=timezone.now(), slug=name, text=form.written, kinds=kinds)

    return _desk(TextForm if formula else FormulaForm).write(
        request,
        text=latest.text if latest else BLANK,
        slug=slug,
        keep=keep,
        context={
            "heading": f"New version of {formula}" if formula else "New formula",
            "cancel": f"/formulas/{slug}/" if slug else "/formulas/",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.FORMULA_WRITE)
def edit(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change the text of one's own draft."""
    version = cast(FormulaVersion, version_of(actions.WALK, slug=slug, number=number))

    def keep(form: TextForm) -> FormulaVersion:
        return actions.edit_draft(by=actor_of(request), at=timezone.now(), version=version, text=form.written)

    context = {"heading": f"Edit version {number}", "cancel": f"/formulas/{slug}/?version={number}"}
    return _desk().write(request, text=version.text, slug=slug, keep=keep, context=context)


@require_POST
@page(Permission.FORMULA_WRITE)
def says(request: HttpRequest) -> HttpResponse:
    """Say what is being typed and what it would change, or what is wrong with it and where."""
    return _desk().preview(request)
