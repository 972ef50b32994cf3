"""Pages of rules: the list, one rule with its versions, and the steps down its road."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from governance.rules import actions, queries, register, road, sentence, standing
from governance.rules.doors import compared, comparison, facts_of, reworded_by, step
from governance.rules.listing import numbered
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.schema import rule_schema_text
from models_registry.access import listing
from models_registry.access.callers import actor_of
from models_registry.access.downloads import csv_response
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.access.saved import view_bar

TABS = (("rule", "Rule"), ("shadow", "Shadow"), ("history", "History"))


@require_safe
@page(Permission.RULE_READ)
@vary_on_headers("HX-Request")
def rule_list(request: HttpRequest) -> HttpResponseBase:
    """List the rules that match the address, a hundred at a time."""
    filters = register.RuleFilters(request.GET, actor=actor_of(request))
    return listing.answer(
        request,
        query=filters.whole_query,
        whole="governance/rules/list.html",
        part="governance/rules/_table.html",
        context=lambda: _context(filters),
    )


@require_safe
@page(Permission.RULE_READ)
def rule_file(request: HttpRequest) -> HttpResponseBase:
    """Give the rows of the same address as a file, all of them."""
    filters = register.RuleFilters(request.GET, actor=actor_of(request))
    return csv_response(name="rules.csv", header=register.HEADER, rows=register.csv_rows(filters))


def _context(filters: register.RuleFilters) -> dict[str, Any]:
    lines, after = register.page_of(filters)
    carried = filters.carried()
    power = can(filters.actor, Permission.RULE_WRITE)
    return {
        "filters": filters,
        "lines": lines,
        "count": filters.qs.count(),
        "heads": filters.columns(register.HEADS, **carried),
        "numbers": register.NUMBERS,
        "views": view_bar(account=filters.actor, listed=register.LIST, filters=filters),
        **filters.ways(after),
        "csv_url": f"{reverse('rules:file')}?{filters.address(**carried)}".rstrip("?"),
        "clear_url": reverse("rules:list"),
        "refusal": "" if power else power.reason,
    }


@require_safe
@page(Permission.RULE_READ)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a rule: the version asked for, or the one under way, or the newest."""
    rule = get_object_or_404(Rule, slug=slug)
    versions = queries.versions_of(rule=rule)
    asked = request.GET.get("version", "")
    version = get_object_or_404(versions, number=asked[:9]) if asked.isdecimal() else versions.first()
    return show(request, cast(RuleVersion, version))


def show(request: HttpRequest, version: RuleVersion, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show one version of a rule, and what a refused step had against it."""
    tab = request.GET.get("tab", "rule")
    tab = tab if tab in dict(TABS) else "rule"
    versions = list(queries.versions_of(rule=version.rule))
    review = standing.review_of(actions.WALK, version)
    context: dict[str, Any] = {
        "rule": version.rule,
        "address": f"/rules/{version.rule.slug}/",
        "version": version,
        "versions": versions,
        "sentence": queries.words(version),
        "definition": queries.definition(version),
        "review": review,
        "stops": standing.stops(actions.WALK, version, review),
        "refusals": standing.refusals(actions.WALK, actor=actor_of(request), version=version, review=review),
        "state": standing.WORDS[version.state],
        "tabs": _tabs(version, tab),
        "tab_page": f"governance/rules/_tab_{tab}.html",
        "facts": facts_of(version),
        "problem": problem,
    }
    part = {"shadow": _shadow_tab, "history": _history_tab}.get(tab, _rule_tab)
    return render(request, "governance/rules/detail.html", context | part(request, version, versions), status=status)


def _tabs(version: RuleVersion, current: str) -> list[dict[str, object]]:
    base = f"/rules/{version.rule.slug}/?version={version.number}"
    return [
        {"label": label, "url": base if name == "rule" else f"{base}&tab={name}", "current": name == current}
        for name, label in TABS
    ]


def _rule_tab(request: HttpRequest, version: RuleVersion, versions: list[RuleVersion]) -> dict[str, Any]:
    actor, definition = actor_of(request), queries.definition(version)
    before = compared(version, versions)
    models = queries.models_in_scope(actor=actor, definition=definition) if definition else None
    return {
        "listing": numbered(version.text, _errors(version), label=f"Text of {version}"),
        "before": before,
        "reworded": reworded_by(queries.words, before, version) if before else "",
        "firing": queries.firing_on(actor=actor, version=version),
        "models": models[:200] if models is not None else [],
        "model_count": models.count() if models is not None else 0,
        "scope": sentence.scope(definition.applies_to) if definition else "",
    }


def _shadow_tab(request: HttpRequest, version: RuleVersion, versions: list[RuleVersion]) -> dict[str, Any]:
    waiting = next((one for one in versions if one.state == VersionState.SHADOW), None)
    return {
        "shadowed": queries.in_shadow(actor=actor_of(request), version=version, at=timezone.now())
        if version.shadowed_at
        else None,
        "waiting": waiting if waiting and waiting.pk != version.pk else None,
    }


def _history_tab(request: HttpRequest, version: RuleVersion, versions: list[RuleVersion]) -> dict[str, Any]:
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return {
        "history": [(one, earlier, standing.WORDS[one.state], road.last_step_at(one)) for one, earlier in pairs],
        "entries": standing.happenings(actions.WALK, versions),
    }


def _errors(version: RuleVersion) -> list[Any]:
    return actions.errors_of(version.text, slug=version.rule.slug)


compare = comparison(actions.WALK, "Rules", Permission.RULE_READ, queries.words)
submit = step(actions.WALK, actions.submit, show)
withdraw = step(actions.WALK, actions.withdraw, show)
shadow = step(actions.WALK, actions.shadow, show)
enforce = step(actions.WALK, actions.enforce, show)
retire = step(actions.WALK, actions.retire, show)


@require_safe
@page(Permission.RULE_READ)
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema that editors check rule files with."""
    return HttpResponse(rule_schema_text(), content_type="application/schema+json")
