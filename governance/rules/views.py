"""Pages of rules: the list, one rule with its versions, and the steps down its road."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from governance.rules import actions, queries, road, sentence
from governance.rules.forms import RuleFilters, RuleForm, TextForm
from governance.rules.listing import numbered
from governance.rules.models import Rule, RuleVersion
from governance.rules.schema import rule_schema_text
from governance.rules.yamltree import RuleInvalid
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can

REFUSALS = (road.NotOnTheRoad, road.NotTheAuthor, actions.SlugTaken, RuleInvalid)


def _actor(request: HttpRequest) -> Account:
    return cast(Account, request.user)


@require_safe
@page(Permission.RULE_READ)
@vary_on_headers("HX-Request")
def rule_list(request: HttpRequest) -> HttpResponse:
    """List the rules."""
    filters = RuleFilters(request.GET)
    chosen = filters.cleaned_data if filters.is_valid() else {}
    lines = queries.rules_for(
        actor=_actor(request),
        state=chosen.get("state", ""),
        category=chosen.get("category", ""),
        text=chosen.get("q", ""),
    )
    power = can(_actor(request), Permission.RULE_WRITE)
    context = {"filters": filters, "lines": lines, "refusal": "" if power else power.reason}
    part = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    return render(request, "governance/rules/_table.html" if part else "governance/rules/list.html", context)


@require_safe
@page(Permission.RULE_READ)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a rule: the version asked for, or the newest."""
    rule = get_object_or_404(Rule, slug=slug)
    versions = queries.versions_of(rule=rule)
    asked = request.GET.get("version", "")
    version = get_object_or_404(versions, number=asked) if asked.isdecimal() else versions.first()
    return _detail(request, rule, cast(RuleVersion, version))


def _detail(
    request: HttpRequest, rule: Rule, version: RuleVersion, *, problem: str = "", status: int = 200
) -> HttpResponse:
    actor = _actor(request)
    context = {
        "rule": rule,
        "version": version,
        "versions": queries.versions_of(rule=rule),
        "sentence": queries.words(version),
        "definition": queries.definition(version),
        "listing": numbered(version.text, actions.errors_of(version.text), label=f"Text of {version}"),
        "before": _before(version),
        "firing": queries.firing_on(actor=actor, version=version),
        "findings": queries.shadow_findings(actor=actor, version=version),
        "refusals": queries.step_refusals(actor=actor, version=version),
        "facts": _facts(version),
        "problem": problem,
    }
    return render(request, "governance/rules/detail.html", context, status=status)


def _before(version: RuleVersion) -> RuleVersion | None:
    earlier: QuerySet[RuleVersion] = version.rule.versions.filter(number__lt=version.number)
    return earlier.order_by("-number").first()


def _facts(version: RuleVersion) -> list[tuple[str, object]]:
    return [
        ("Version", version.number),
        ("State", version.get_state_display()),
        ("Author", version.author),
        ("Digest", version.digest.removeprefix("sha256:")[:16]),
    ]


@require_safe
@page(Permission.RULE_READ)
def compare(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """Show what changed between two versions."""
    rule = get_object_or_404(Rule, slug=slug)
    versions = queries.versions_of(rule=rule)
    context = {
        "rule": rule,
        "old": get_object_or_404(versions, number=old),
        "new": get_object_or_404(versions, number=new),
    }
    return render(request, "governance/rules/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def write_form(request: HttpRequest) -> HttpResponse:
    """Write a new rule in fields; the page shows the text and the sentence they make."""
    form = RuleForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "heading": "New rule", "cancel": "/rules/", "other": "rules:write_text"}
    if request.method != "POST":
        return render(request, "governance/rules/write.html", context)
    if not form.is_valid():
        return render(request, "governance/rules/write.html", context, status=422)
    return _kept(request, context, slug=form.definition.rule, text=form.text)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def write_text(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Write a rule, or the next version of one, as text."""
    rule = get_object_or_404(Rule, slug=slug) if slug else None
    latest = rule.versions.order_by("-number").first() if rule else None
    form = TextForm(request.POST or None, slug=slug, initial={"text": latest.text if latest else ""})
    heading = f"New version of {rule}" if rule else "New rule"
    context: dict[str, Any] = {
        "form": form,
        "heading": heading,
        "cancel": f"/rules/{slug}/" if slug else "/rules/",
        "other": "" if rule else "rules:write_form",
    }
    if request.method != "POST":
        return render(request, "governance/rules/write.html", context)
    if not form.is_valid():
        return _misread(request, form, context)
    return _kept(request, context, slug=form.definition.rule, text=form.cleaned_data["text"])


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def edit(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change the text of one's own draft."""
    version = _version(slug, number)
    form = TextForm(request.POST or None, slug=slug, initial={"text": version.text})
    context: dict[str, Any] = {"form": form, "heading": f"Edit {version}", "cancel": f"/rules/{slug}/"}
    if request.method != "POST":
        return render(request, "governance/rules/write.html", context)
    if not form.is_valid():
        return _misread(request, form, context)
    if "check" in request.POST:
        return _previewed(request, context, form.cleaned_data["text"])
    text = form.cleaned_data["text"]
    return _do(
        request, version, lambda: actions.edit_draft(by=_actor(request), at=timezone.now(), version=version, text=text)
    )


def _misread(request: HttpRequest, form: TextForm, context: dict[str, Any]) -> HttpResponse:
    listing = numbered(form.data.get("text", ""), form.problems, label="Text with its errors")
    return render(request, "governance/rules/write.html", {**context, "listing": listing}, status=422)


def _kept(request: HttpRequest, context: dict[str, Any], *, slug: str, text: str) -> HttpResponse:
    """Preview when asked for, else keep the text as a draft and show it."""
    if "check" in request.POST:
        return _previewed(request, context, text)
    version = actions.draft(by=_actor(request), at=timezone.now(), slug=slug, text=text)
    messages.success(request, f"Drafted {version}.")
    return redirect("rules:detail", slug=slug)


def _previewed(request: HttpRequest, context: dict[str, Any], text: str) -> HttpResponse:
    parsed = actions.parse(text)
    preview = {"sentence": sentence.sentence(parsed), "listing": numbered(text, label="Text the rule will have")}
    return render(request, "governance/rules/write.html", {**context, **preview})


@require_POST
@page(Permission.RULE_WRITE)
def submit(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask for approval."""
    version = _version(slug, number)
    return _do(request, version, lambda: actions.submit(by=_actor(request), at=timezone.now(), version=version))


@require_POST
@page(Permission.RULE_WRITE)
def shadow(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Put into shadow."""
    version = _version(slug, number)
    return _do(request, version, lambda: actions.shadow(by=_actor(request), at=timezone.now(), version=version))


@require_POST
@page(Permission.RULE_WRITE)
def enforce(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Enforce."""
    version = _version(slug, number)
    return _do(request, version, lambda: actions.enforce(by=_actor(request), at=timezone.now(), version=version))


@require_POST
@page(Permission.RULE_WRITE)
def retire(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Retire."""
    version = _version(slug, number)
    return _do(request, version, lambda: actions.retire(by=_actor(request), at=timezone.now(), version=version))


def _version(slug: str, number: int) -> RuleVersion:
    return get_object_or_404(RuleVersion.objects.select_related("rule", "author"), rule__slug=slug, number=number)


def _do(request: HttpRequest, version: RuleVersion, act: Callable[[], object]) -> HttpResponse:
    """Take the step and show the version; a step that is refused leaves the page with the reason."""
    try:
        act()
    except REFUSALS as refused:
        return _detail(request, version.rule, version, problem=str(refused), status=409)
    version.refresh_from_db()
    messages.success(request, f"{version} is {version.get_state_display().lower()}.")
    return redirect(f"/rules/{version.rule.slug}/?version={version.number}")


@require_safe
@page(Permission.RULE_READ)
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema that editors check rule files with."""
    return HttpResponse(rule_schema_text(), content_type="application/schema+json")
