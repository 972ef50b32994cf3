"""Pages of the trail. They stand in this room because the trail itself knows no permissions."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from models_registry.access.listing import is_fragment, whole_number
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, registered_models, visible
from models_registry.access.trail_lines import lines
from models_registry.access.widgets import Day
from models_registry.audit.actions import record
from models_registry.audit.export import as_csv, as_jsonl
from models_registry.audit.models import ActorKind, AuditEntry, AuditEntryQuerySet
from models_registry.audit.queries import Filters, matching
from models_registry.audit.telling import NOUNS, SENTENCES, named

PER_PAGE = 50

WRITERS: dict[str, tuple[str, Callable[[Iterable[AuditEntry]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl", as_jsonl),
}


def _actions() -> list[tuple[str, object]]:
    """Return what one may look for: everything about a noun, or one of its actions."""
    groups: dict[str, list[tuple[str, str]]] = {noun: [(noun, f"{NOUNS[noun]}: all")] for noun in NOUNS}
    for action in SENTENCES:
        groups[action.partition(".")[0]].append((action, named(action).rstrip(".")))
    return [("", "Everything"), *((NOUNS[noun], rows) for noun, rows in groups.items())]


class TrailFilter(forms.Form):
    """What to look for in the trail."""

    action = forms.CharField(
        label="What",
        required=False,
        max_length=64,
        widget=forms.Select(choices=_actions()),  # an unknown one finds none
    )
    who = forms.ChoiceField(
        label="By", required=False, choices=[("", "Anyone"), *((k.value.lower(), k.label) for k in ActorKind)]
    )
    actor = forms.CharField(label="Name", required=False, max_length=150)
    subject = forms.CharField(
        label="About", required=False, max_length=120, widget=forms.TextInput(attrs={"placeholder": "risk:42"})
    )
    since = forms.DateField(required=False, widget=Day())
    until = forms.DateField(required=False, widget=Day())

    @property
    def is_filtered(self) -> bool:
        """Say whether anything is asked."""
        return self.is_valid() and any(self.cleaned_data.values())

    def filters(self) -> Filters:
        """Return what was asked; ``until`` includes its whole day. Raises BadRequest."""
        if not self.is_valid():
            raise BadRequest("; ".join(f"{name}: {errors[0]}" for name, errors in self.errors.items()))
        asked = self.cleaned_data
        return Filters(
            actor=asked["actor"],
            subject=asked["subject"],
            action=asked["action"],
            kind=asked["who"].upper(),
            since=_midnight(asked["since"]) if asked["since"] else None,
            until=_midnight(asked["until"] + timedelta(days=1)) if asked["until"] else None,
        )


def readable(account: Account, permission: Permission) -> AuditEntryQuerySet:
    """Return the entries an account may see: all of them, or those of models it sees."""
    entries = AuditEntry.objects.all()
    if everywhere(account, permission):
        return entries
    return entries.filter(model_id__in=visible(account, permission, registered_models()).values("pk"))


@require_safe
@page(Permission.AUDIT_READ)
def trail(request: HttpRequest) -> HttpResponse:
    """The trail, newest first."""
    form = TrailFilter(request.GET)
    entries = _asked(request, form, Permission.AUDIT_READ)
    before = whole_number(request.GET.get("before"))
    found = list((entries.filter(pk__lt=before) if before else entries).newest_first()[: PER_PAGE + 1])
    context = {
        "filters": form,
        "lines": lines(found[:PER_PAGE]),
        "older": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "before": before,
        "may_export": everywhere(request.user, Permission.AUDIT_EXPORT),
        "query": request.GET.urlencode(),
    }
    template = "_table.html" if is_fragment(request) else "list.html"
    response = render(request, f"models_registry/audit/{template}", context)
    response["Vary"] = "HX-Request"
    return response


@require_safe
@page(Permission.AUDIT_READ)
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry: what happened, and the text its hash covers."""
    found = readable(request.user, Permission.AUDIT_READ).filter(pk=number).first()  # type: ignore[arg-type]
    if found is None:
        raise Http404("Not found.")
    facts = [
        ("When", found.at.isoformat(timespec="milliseconds")),
        ("By", f"{found.actor_name} ({found.get_actor_kind_display().lower()})"),
        ("Action", found.action),
        ("About", f"{found.object_type}:{found.object_id}"),
        ("Request", found.request_id or "–"),
    ]
    [line] = lines([found])
    context = {"entry": found, "line": line, "facts": facts, "leaf": bytes(found.leaf).hex()}
    return render(request, "models_registry/audit/detail.html", context)


@require_safe
@page(Permission.AUDIT_EXPORT)
def export(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """The same selection as a file, streamed; the export is itself in the trail."""
    account: Account = request.user  # type: ignore[assignment]
    entries = _asked(request, TrailFilter(request.GET), Permission.AUDIT_EXPORT).order_by("id")
    last = AuditEntry.objects.newest_first().values_list("pk", flat=True).first() or 0
    record(
        by=account,
        action="audit.exported",
        on=("audit_entry", "*"),
        body={"format": form, "query": request.GET.urlencode(), "until_entry": last},
    )
    content_type, write = WRITERS[form]
    lines = write(entries.filter(pk__lte=last).iterator(chunk_size=1000))
    disposition = f'attachment; filename="redline-audit.{form}"'
    return StreamingHttpResponse(lines, content_type=content_type, headers={"Content-Disposition": disposition})


def _asked(request: HttpRequest, form: TrailFilter, permission: Permission) -> AuditEntryQuerySet:
    entries = matching(readable(request.user, permission), form.filters())  # type: ignore[arg-type]
    as_of: datetime | None = request.as_of  # type: ignore[attr-defined]
    return entries.filter(at__lte=as_of) if as_of else entries


def _midnight(day: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
