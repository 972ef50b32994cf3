"""Pages on which a rule is written: in fields or as text, with what it says beside it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance.rules import actions, fields, queries, sentence, trying
from governance.rules.definition import Definition
from governance.rules.doors import REFUSALS, TEXT, TextDesk, version_of
from governance.rules.forms import RuleForm
from governance.rules.listing import numbered
from governance.rules.models import Rule, RuleVersion
from governance.rules.parsing import parse
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission

BLANK = """rule: my-rule
title:
why:
applies_to:
  environment: [production]
when:
  metric:
  over: 1d
  below:
then:
  risk: performance
  effect: {floor: medium}
  require: [acknowledgement]
"""


def _says(text: str) -> str:
    return sentence.sentence(parse(text))


DESK = TextDesk(
    walk=actions.WALK,
    noun="rule",
    check=lambda text, slug: actions.errors_of(text, slug=slug),
    says=_says,
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def write_form(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Write a new rule, or the next version of one, in fields."""
    latest = _latest(slug)
    other = f"/rules/{slug}/draft/" if slug else "/rules/new/text/"
    heading = f"New version of {latest.rule}" if latest else "New rule"
    return _in_fields(request, latest, slug=slug, heading=heading, other=other, keep=_drafting(request))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def write_text(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Write a new rule, or the next version of one, as text."""
    latest = _latest(slug)
    return DESK.write(
        request,
        text=latest.text if latest else BLANK,
        slug=slug,
        keep=lambda form: _drafting(request)(slug or parse(form.written).rule, form.written),
        context={
            "heading": f"New version of {latest.rule}" if latest else "New rule",
            "cancel": f"/rules/{slug}/" if slug else "/rules/",
            "other": f"/rules/{slug}/draft/fields/" if slug else "/rules/new/",
            "against": latest,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def edit(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change the text of one's own draft."""
    version = version_of(actions.WALK, slug=slug, number=number)
    return DESK.write(
        request,
        text=version.text,
        slug=slug,
        keep=lambda form: _editing(request, version)(slug, form.written),
        context={
            "heading": f"Edit version {number}",
            "cancel": f"/rules/{slug}/?version={number}",
            "other": f"/rules/{slug}/{number}/edit/fields/",
            "against": version,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RULE_WRITE)
def edit_form(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change one's own draft in fields."""
    version = version_of(actions.WALK, slug=slug, number=number)
    other = f"/rules/{slug}/{number}/edit/"
    heading = f"Edit version {number}"
    return _in_fields(request, version, slug=slug, heading=heading, other=other, keep=_editing(request, version))


@require_POST
@page(Permission.RULE_WRITE)
def says(request: HttpRequest) -> HttpResponse:
    """Say what is being typed: the sentence, or what is wrong with it and where."""
    if "text" in request.POST:
        return DESK.preview(request)
    form = RuleForm(request.POST, slug=request.POST.get("slug", ""))
    context: dict[str, Any] = {"missing": []}
    if form.is_valid():
        context = {"sentence": sentence.sentence(form.definition), "listing": numbered(form.text)}
    else:
        context["missing"] = _missing(form)
    return render(request, "governance/rules/_says.html", context | {"noun": "rule"})


@require_POST
@page(Permission.RULE_WRITE)
def tried(request: HttpRequest) -> HttpResponse:
    """Say what the rule being written would have done lately, on stored readings; nothing is kept."""
    definition = _typed(request)
    trial = trying.try_out(actor=actor_of(request), definition=definition, at=timezone.now()) if definition else None
    return render(request, "governance/rules/_tried.html", {"trial": trial})


def _typed(request: HttpRequest) -> Definition | None:
    """Return the rule that is being written; None while it is none."""
    slug = request.POST.get("slug", "")
    if "text" not in request.POST:
        form = RuleForm(request.POST, slug=slug)
        return form.definition if form.is_valid() else None
    text = request.POST["text"].replace("\r\n", "\n")
    return None if actions.errors_of(text, slug=slug) else parse(text)


def _in_fields(
    request: HttpRequest,
    version: RuleVersion | None,
    *,
    slug: str,
    heading: str,
    other: str,
    keep: Callable[[str, str], RuleVersion],
) -> HttpResponse:
    """Show and take the fields of a rule; one that they cannot say is written as text."""
    definition = queries.definition(version) if version else None
    try:
        initial = fields.values_of(definition) if definition else {}
    except fields.CannotSay as reason:
        messages.info(request, f"{reason}")
        return redirect(other)
    if version and definition is None:
        messages.info(request, "Its text has errors. Mend them here first.")
        return redirect(other)
    form = RuleForm(request.POST or None, slug=slug, initial=initial)
    cancel = f"/rules/{slug}/" if slug else "/rules/"
    context = {"form": form, "heading": heading, "cancel": cancel, "other": other, "slug": slug}
    context |= {"in_fields": True, "noun": "rule"}
    if request.method != "POST":
        said = sentence.sentence(definition) if definition else ""
        return render(request, TEXT, context | {"sentence": said})
    if not form.is_valid():
        return render(request, TEXT, context | {"missing": _missing(form)}, status=422)
    try:
        kept = keep(form.definition.rule, form.text)
    except REFUSALS as refused:
        form.add_error(None, str(refused))
        return render(request, TEXT, context, status=409)
    return redirect(f"/rules/{form.definition.rule}/?version={kept.number}")


def _missing(form: RuleForm) -> list[tuple[str, str]]:
    """Return what keeps the fields from being a rule: the field's label and its first error."""
    return [(str(form[name].label), str(errors[0])) for name, errors in form.errors.items() if name in form.fields]


def _latest(slug: str) -> RuleVersion | None:
    if not slug:
        return None
    rule = get_object_or_404(Rule, slug=slug)
    return queries.versions_of(rule=rule).first()


def _drafting(request: HttpRequest) -> Callable[[str, str], RuleVersion]:
    def keep(slug: str, text: str) -> RuleVersion:
        return actions.draft(by=actor_of(request), at=timezone.now(), slug=slug, text=text)

    return keep


def _editing(request: HttpRequest, version: RuleVersion) -> Callable[[str, str], RuleVersion]:
    def keep(slug: str, text: str) -> RuleVersion:
        return actions.edit_draft(by=actor_of(request), at=timezone.now(), version=version, text=text)

    return keep
