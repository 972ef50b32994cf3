"""Pages of health formulas: the list, one formula with its versions, and the steps down its road."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.health import actions, queries
from governance.health.forms import ModelChoice
from governance.health.models import Formula, FormulaVersion
from governance.health.queries import Change, Preview
from governance.rules import road, standing
from governance.rules.doors import compared, comparison, facts_of, reworded_by, step
from governance.rules.listing import numbered
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can

TABS = (("formula", "Formula"), ("preview", "What it would change"), ("history", "History"))


@require_safe
@page(Permission.FORMULA_READ)
def formula_list(request: HttpRequest) -> HttpResponse:
    """List the formulas; there are as many as there are families of models."""
    power = can(actor_of(request), Permission.FORMULA_WRITE)
    context = {"lines": queries.formulas_for(actor=actor_of(request)), "refusal": "" if power else power.reason}
    return render(request, "governance/health/list.html", context)


@require_safe
@page(Permission.FORMULA_READ)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a formula: the version asked for, or the newest."""
    formula = get_object_or_404(Formula, slug=slug)
    versions = queries.versions_of(formula=formula)
    asked = request.GET.get("version", "")
    version = get_object_or_404(versions, number=asked[:9]) if asked.isdecimal() else versions.first()
    return show(request, cast(FormulaVersion, version))


def show(request: HttpRequest, version: FormulaVersion, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show one version of a formula, and what a refused step had against it."""
    tab = request.GET.get("tab", "formula")
    tab = tab if tab in dict(TABS) else "formula"
    versions = list(queries.versions_of(formula=version.formula))
    review = standing.review_of(actions.WALK, version)
    parsed = queries.parsed(version)
    seen = _preview(request, version)
    context: dict[str, Any] = {
        "formula": version.formula,
        "address": f"/formulas/{version.formula.slug}/",
        "version": version,
        "versions": versions,
        "sentence": queries.words(version),
        "parsed": parsed,
        "kinds": queries.kinds_of(version.formula),
        "review": review,
        "stops": standing.stops(actions.WALK, version, review),
        "refusals": standing.refusals(actions.WALK, actor=actor_of(request), version=version, review=review),
        "state": standing.WORDS[version.state],
        "tabs": _tabs(version, tab),
        "tab_page": "governance/rules/_tab_history.html" if tab == "history" else f"governance/health/_tab_{tab}.html",
        "facts": facts_of(version),
        "preview": seen,
        "problem": problem,
    }
    part = {"preview": _preview_tab, "history": _history_tab}.get(tab, _formula_tab)
    context |= part(request, version, versions, seen)
    return render(request, "governance/health/detail.html", context, status=status)


def _preview(request: HttpRequest, version: FormulaVersion) -> Preview | None:
    parsed = queries.parsed(version)
    if parsed is None:
        return None
    return queries.preview(actor=actor_of(request), formula=parsed, kinds=version.formula.kinds, at=timezone.now())


def _tabs(version: FormulaVersion, current: str) -> list[dict[str, object]]:
    base = f"/formulas/{version.formula.slug}/?version={version.number}"
    return [
        {"label": label, "url": base if name == "formula" else f"{base}&tab={name}", "current": name == current}
        for name, label in TABS
    ]


def _formula_tab(
    request: HttpRequest, version: FormulaVersion, versions: list[FormulaVersion], seen: Preview | None
) -> dict[str, Any]:
    parsed = queries.parsed(version)
    before = compared(version, versions)
    errors = actions.errors_of(version.text, slug=version.formula.slug)
    return {
        "rows": queries.rows_of(parsed) if parsed else [],
        "before": before,
        "reworded": reworded_by(queries.words, before, version) if before else "",
        "listing": numbered(version.text, errors, label=f"Text of {version}"),
    }


def _preview_tab(
    request: HttpRequest, version: FormulaVersion, versions: list[FormulaVersion], seen: Preview | None
) -> dict[str, Any]:
    changes = seen.changes if seen else ()
    by_slug = {one.model.slug: one for one in changes}
    chosen = by_slug.get(request.GET.get("model", "")) or (changes[0] if changes else None)
    names = sorted(((slug, one.model.name) for slug, one in by_slug.items()), key=lambda pair: pair[1])
    form = ModelChoice(initial={"model": chosen.model.slug if chosen else ""}, models=names)
    return {"chosen": chosen, "parts": _parts(chosen) if chosen else [], "choice": form}


def _parts(change: Change) -> list[tuple[str, object, object]]:
    """Return each component with its part under the formula in force and under this one; None where it has none."""
    before = {part.component.key: part for part in change.before.parts} if change.before else {}
    after = {part.component.key: part for part in change.after.parts} if change.after else {}
    return [(key, before.get(key), after.get(key)) for key in dict.fromkeys((*after, *before))]


def _history_tab(
    request: HttpRequest, version: FormulaVersion, versions: list[FormulaVersion], seen: Preview | None
) -> dict[str, Any]:
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return {
        "history": [(one, earlier, standing.WORDS[one.state], road.last_step_at(one)) for one, earlier in pairs],
        "entries": standing.happenings(actions.WALK, versions),
    }


compare = comparison(actions.WALK, "Health formulas", Permission.FORMULA_READ, queries.words)
submit = step(actions.WALK, actions.submit, show)
withdraw = step(actions.WALK, actions.withdraw, show)
enforce = step(actions.WALK, actions.enforce, show)
retire = step(actions.WALK, actions.retire, show)
