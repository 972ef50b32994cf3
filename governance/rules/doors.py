"""The doors that versions of rules and of health formulas have in common: a step's button, and the text's desk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.approvals.actions import ApprovalConflict
from governance.rules import road
from governance.rules.forms import TextForm
from governance.rules.listing import numbered, reworded
from governance.rules.models import VersionState
from governance.rules.standing import WORDS
from governance.rules.walking import Walk
from governance.rules.yamltree import RuleError, RuleInvalid
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission

TEXT = "governance/rules/write.html"
REFUSALS = (road.RoadRefusal, RuleInvalid, ApprovalConflict)


class Show(Protocol):
    """Shows a version's page with what went wrong."""

    def __call__(self, request: HttpRequest, version: Any, *, problem: str, status: int) -> HttpResponse:
        """Answer the page."""


def version_of(walk: Walk[Any], *, slug: str, number: int) -> Any:
    """Return one version by its name and number, or answer 404."""
    rows = walk.versions._default_manager.select_related(walk.parent, "author")
    return get_object_or_404(rows, number=number, **{f"{walk.parent}__slug": slug})


def step(walk: Walk[Any], act: Callable[..., Any], show: Show) -> Callable[..., HttpResponseBase]:
    """Return the view of one step's button; a step that is refused leaves the page with the reason."""

    @require_POST
    @page(walk.permission)
    def take(request: HttpRequest, slug: str, number: int) -> HttpResponse:
        version = version_of(walk, slug=slug, number=number)
        try:
            act(by=actor_of(request), at=timezone.now(), version=version)
        except REFUSALS as refused:
            return show(request, version, problem=str(refused), status=409)
        return taken(request, walk, version)

    return take


def compared[V: Any](version: V, versions: Iterable[V]) -> V | None:
    """Return the version in force to compare with, or else the one before; ``versions`` are newest first."""
    earlier = [one for one in versions if one.number < version.number]
    enforced = next((one for one in earlier if one.state == VersionState.ENFORCED), None)
    return enforced or next(iter(earlier), None)


def reworded_by(words: Callable[[Any], str], before: Any, after: Any) -> str:
    """Return what changed in words between two versions; empty where they say the same."""
    old, new = words(before), words(after)
    return reworded(old, new) if old != new else ""


def facts_of(version: Any) -> list[tuple[str, object]]:
    """Return what stands beside the page of a version."""
    return [
        ("Version", version.number),
        ("Author", version.author),
        ("Digest", version.digest.removeprefix("sha256:")[:16]),
    ]


def comparison(
    walk: Walk[Any], room: str, permission: Permission, words: Callable[[Any], str]
) -> Callable[..., HttpResponseBase]:
    """Return the page that shows what changed between two versions, in words and in text."""

    @require_safe
    @page(permission)
    def compare(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
        before, after = version_of(walk, slug=slug, number=old), version_of(walk, slug=slug, number=new)
        context = {
            "title": getattr(after, walk.parent).title,
            "slug": slug,
            "room": (room, walk.address),
            "address": f"{walk.address}{slug}/",
            "old": before,
            "new": after,
            "reworded": reworded_by(words, before, after),
        }
        return render(request, "governance/rules/compare.html", context)

    return compare


def taken(request: HttpRequest, walk: Walk[Any], version: Any) -> HttpResponse:
    """Say where the version stands now, on its page."""
    version.refresh_from_db()
    messages.success(request, f"Version {version.number} is {WORDS[version.state].lower()}.")
    return redirect(f"{walk.address}{walk.slug(version)}/?version={version.number}")


@dataclass(frozen=True)
class TextDesk:
    """Where one kind of text is written: how it is checked, and what it says in words."""

    walk: Walk[Any]
    noun: str
    check: Callable[[str, str], list[RuleError]]
    says: Callable[[str], str]
    more: Callable[[HttpRequest, str, str], Mapping[str, Any]] = lambda request, text, slug: {}
    form: type[TextForm] = TextForm

    def write(
        self, request: HttpRequest, *, text: str, slug: str, keep: Callable[[TextForm], Any], context: dict[str, Any]
    ) -> HttpResponse:
        """Show and take a text. One with errors is kept only when it is asked for, and never submitted."""
        form = self.form(request.POST or None, check=lambda given: self.check(given, slug), initial={"text": text})
        given = {"form": form, "noun": self.noun, "slug": slug, **context}
        if request.method != "POST":
            return render(request, TEXT, given | self._said(request, text, slug))
        unread = not form.is_valid()
        if unread and not (slug and "keep" in request.POST and form.problems):
            return render(request, TEXT, given | self._said(request, form.written, slug) | {"unread": True}, status=422)
        try:
            version = keep(form)
        except REFUSALS as refused:
            form.add_error(None, str(refused))
            return render(request, TEXT, given | self._said(request, form.written, slug), status=409)
        return redirect(f"{self.walk.address}{self.walk.slug(version)}/?version={version.number}")

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Say what a text means while it is typed, or list what is wrong with it under its lines."""
        text = request.POST.get("text", "").replace("\r\n", "\n")
        said = self._said(request, text, request.POST.get("slug", ""))
        return render(request, "governance/rules/_says.html", said | {"noun": self.noun})

    def _said(self, request: HttpRequest, text: str, slug: str) -> dict[str, Any]:
        problems = self.check(text, slug)
        if problems:
            return {"problems": problems, "listing": numbered(text, problems, label="Text with its errors")}
        return {"sentence": self.says(text), **self.more(request, text, slug)}
