"""Pages of the trail. They stand in this room because the trail itself knows no permissions."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, registered_models, visible
from models_registry.audit.actions import record
from models_registry.audit.export import as_csv, as_jsonl
from models_registry.audit.models import AuditEntry, AuditEntryQuerySet
from models_registry.audit.queries import Filters, matching

PER_PAGE = 50

WRITERS: dict[str, tuple[str, Callable[[Iterable[AuditEntry]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl", as_jsonl),
}


class TrailFilter(forms.Form):
    """What to look for in the trail."""

    actor = forms.CharField(required=False, max_length=150)
    subject = forms.CharField(required=False, max_length=120, widget=forms.TextInput(attrs={"placeholder": "risk:42"}))
    action = forms.CharField(
        required=False, max_length=64, widget=forms.TextInput(attrs={"placeholder": "risk.level_raised"})
    )
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    @property
    def is_filtered(self) -> bool:
        """Say whether anything is asked."""
        return self.is_valid() and any(self.cleaned_data.values())

    def filters(self) -> Filters:
        """Return what was asked; ``until`` includes its whole day. Raises BadRequest."""
        if not self.is_valid():
            raise BadRequest("A date is written as 2026-11-21.")
        asked = self.cleaned_data
        return Filters(
            actor=asked["actor"],
            subject=asked["subject"],
            action=asked["action"],
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
    entries = _asked(request, form, Permission.AUDIT_READ).newest_first()
    context = {
        "filters": form,
        "page": Paginator(entries, PER_PAGE).get_page(request.GET.get("page")),
        "may_export": everywhere(request.user, Permission.AUDIT_EXPORT),
        "query": request.GET.urlencode(),
    }
    swap = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    template = "_table.html" if swap else "list.html"
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
        ("When", found.at.isoformat()),
        ("Actor", f"{found.actor_name} ({found.actor_kind.lower()})"),
        ("Action", found.action),
        ("Subject", f"{found.object_type}:{found.object_id}"),
        ("Request", found.request_id or "–"),
        ("Caused by event", found.cause_event_id or "–"),
    ]
    context = {"entry": found, "facts": facts, "leaf": bytes(found.leaf).hex()}
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
