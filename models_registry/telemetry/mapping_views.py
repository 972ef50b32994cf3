"""Doors of the mapping editor: point at fields of a payload, save a version, see what it would do, put it in force."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from models_registry.access.callers import actor_of
from models_registry.access.listing import whole_number
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.audit.canonical import digest
from models_registry.telemetry import (
    actions,
    adapters,
    catalogue_queries,
    drafting,
    queries,
    series_drafting,
    source_actions,
    trees,
    trying,
    units,
)
from models_registry.telemetry.adapters.generic_json import FORMAT
from models_registry.telemetry.forms import MappingForm
from models_registry.telemetry.models import MappingVersion, Source, SourceKind, TelemetryEvent
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads

OFFERED = 10
"""Payloads of each sort that are offered for picking."""
REPLAY_AT_ONCE = 500
SHOWN_TRIED = 20
EMPTY: Mapping[str, Any] = {
    "mapping": FORMAT,
    "fields": {"model": "/model", "observed_at": "/at"},
    "values": [{"metric": {"const": "accuracy"}, "value": "/accuracy"}],
}
"""What stands in the editor before anything was sent."""
EMPTY_SERIES: Mapping[str, Any] = {"mapping": FORMAT, "series": {}}
ALERTS = "These are alerts, which are read without a mapping. Pick a body of samples, or paste lines of /metrics."


@dataclass(frozen=True)
class Payload:
    """The body that is looked at: an event of the source, or what somebody pasted."""

    event: TelemetryEvent | None = None
    document: Any = None
    series: Sequence[series_drafting.Labels] | None = None
    problem: str = ""
    pasted: bool = False

    @property
    def is_readable(self) -> bool:
        """Say whether there is a body, and it is JSON or holds series."""
        return self.event is not None and not self.problem

    @property
    def start(self) -> dict[str, Any]:
        """Return the mapping that a guess from this body begins with."""
        return drafting.starter(self.document) if self.series is None else series_drafting.starter(self.series)

    def is_draft(self, document: Any) -> bool:
        """Say whether a click in this body can change a mapping."""
        return drafting.is_draft(document) if self.series is None else series_drafting.is_draft(document)

    def assigned(self, draft: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the mapping as a click changed it. Raises ValueError for what a place cannot be."""
        place, role = str(sent["field"]), str(sent["use"])
        if self.series is None:
            return drafting.assign(draft, pointer=place, role=role)
        metric, unit = str(sent.get("metric", "")), str(sent.get("unit", ""))
        return series_drafting.assign(draft, pointer=place, role=role, metric=metric, unit=unit)

    def rows(self, document: dict[str, Any] | None) -> list[tuple[trees.Place, str]]:
        """Return the places of this body, and what a mapping uses each as."""
        if not self.is_readable:
            return []
        if self.series is None:
            used = drafting.used(document) if document is not None else {}
            return [(each, used.get(each.pointer, "")) for each in trees.places(self.document)]
        used = series_drafting.used(document, found=self.series) if document is not None else {}
        return [(each, used.get(each.pointer, "")) for each in series_drafting.places(self.series)]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a mapping by pointing at fields; what it would give stands beside. Saving makes a version."""
    source = get_object_or_404(Source, slug=slug)
    if source.kind in adapters.UNMAPPED:
        messages.error(request, adapters.UNMAPPED[source.kind])
        return redirect("telemetry:source", slug)
    sent = request.POST if request.method == "POST" else None
    payload = _payload(request, source)
    form = MappingForm(sent, initial={"document": _text(_beginning(request, source, payload))})
    status = 200
    if sent is not None:
        if "save" in sent and form.is_valid():
            return _save(request, source, form.cleaned_data)
        if "use" in sent or "start" in sent:
            form, status = _redrafted(request, payload)
        elif not form.is_valid() and ("save" in sent or "try" in sent):
            status = 422
    return render(
        request, "models_registry/telemetry/mapping.html", _context(request, source, payload, form), status=status
    )


@require_GET
@page(Permission.SOURCE_READ)
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one version: who wrote it and why, what differs from the one in force, and what it would do."""
    source = get_object_or_404(Source, slug=slug)
    found = get_object_or_404(source.mappings.select_related("created_by", "activated_by"), number=number)
    active = source_actions.in_force(source)
    manage = can(actor_of(request), Permission.SOURCE_MANAGE)
    context = {
        "source": source,
        "version": found,
        "state": state_of(found, active),
        "active": active,
        "digest": digest(found.document),
        "text": _text(found.document),
        "before": _text(active.document) if active and active != found else "",
        "trial": trying.trial(source=source, document=found.document) if active != found else None,
        "shown": SHOWN_TRIED,
        "refusal": "" if manage else manage.reason,
        "replay_refusal": can(actor_of(request), Permission.QUARANTINE_REPLAY).reason,
    }
    return render(request, "models_registry/telemetry/mapping_version.html", context)


@require_GET
@page(Permission.SOURCE_READ)
def changes(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """Show what changed from one version of a mapping to another."""
    source = get_object_or_404(Source, slug=slug)
    found = [get_object_or_404(source.mappings.select_related("created_by"), number=each) for each in (old, new)]
    context = {"source": source, "old": found[0], "new": found[1], "texts": [_text(each.document) for each in found]}
    return render(request, "models_registry/telemetry/mapping_changes.html", context)


@require_POST
@page(Permission.SOURCE_MANAGE)
def activate(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Put a version in force and, where asked, send what is held through the line again."""
    source = get_object_or_404(Source, slug=slug)
    found = get_object_or_404(source.mappings, number=number)
    at = timezone.now()
    try:
        source_actions.activate_mapping(by=actor_of(request), at=at, mapping=found)
    except source_actions.AlreadyInForce as refused:
        messages.error(request, str(refused) or str(refused.__doc__))
        return redirect("telemetry:mapping-version", slug, number)
    text = f"Version {number} is in force."
    if "replay" in request.POST and (again := _replayed(request, source)):
        text += f" {again} {'event goes' if again == 1 else 'events go'} through the line again."
    messages.success(request, text)
    return redirect("telemetry:source", slug)


def state_of(version: MappingVersion, active: MappingVersion | None) -> str:
    """Return where a version stands: in force, replaced, or draft."""
    if active is not None and version.pk == active.pk:
        return "in force"
    return "replaced" if version.activated_at else "draft"


def _replayed(request: HttpRequest, source: Source) -> int:
    pks = queries.held_events(source=source).order_by("pk").values_list("pk", flat=True)[:REPLAY_AT_ONCE]
    try:
        return actions.replay(by=actor_of(request), at=timezone.now(), events=list(pks))
    except actions.NothingHeld:
        return 0


def _payload(request: HttpRequest, source: Source) -> Payload:
    """Return what is looked at: the pasted text, the picked event, else the newest held one, else the newest."""
    pasted, at = request.POST.get("sample", "").strip(), timezone.now()
    if pasted:
        lines = series_drafting.from_text(pasted, at=at) if source.kind == SourceKind.PROMETHEUS else None
        return _read(TelemetryEvent(source=source, raw=lines or pasted.encode(), received_at=at), pasted=True)
    asked = whole_number(request.POST.get("event") or request.GET.get("event"))
    mine = TelemetryEvent.objects.filter(source=source, body_digest__isnull=True).select_related("source")
    held = queries.held_events(source=source).filter(body_digest__isnull=True).defer(None)
    event = mine.filter(pk=asked).first() if asked else None
    event = event or held.first() or _newest(source, mine)
    return _read(event) if event is not None else Payload()


def _newest(source: Source, mine: QuerySet[TelemetryEvent]) -> TelemetryEvent | None:
    """Return the newest event; of a Prometheus the newest samples, where some came lately."""
    newest = list(mine.order_by("-pk")[: OFFERED if source.kind == SourceKind.PROMETHEUS else 1])
    packed = (each for each in newest if "protobuf" in each.headers.get("content-type", ""))
    return next(packed, None) or next(iter(newest), None)


def _read(event: TelemetryEvent, *, pasted: bool = False) -> Payload:
    body = bytes(event.raw)
    try:
        if event.source.kind == SourceKind.PROMETHEUS:
            found = series_drafting.series_of(body, headers=event.headers)
            if found is not None:
                return Payload(event, series=found, pasted=pasted)
            if isinstance(loads(body), list):
                return Payload(event, series=[], problem=ALERTS, pasted=pasted)
        return Payload(event, loads(body), pasted=pasted)
    except Unreadable as error:
        return Payload(event, problem=f"{error.problems[0].message} ({error.reason})", pasted=pasted)


def _beginning(request: HttpRequest, source: Source, payload: Payload) -> Mapping[str, Any]:
    """Return the text the editor opens with: the version asked for, the one in force, or a guess from the payload."""
    asked = whole_number(request.GET.get("version"))
    named = source.mappings.filter(number=asked).first() if asked else None
    known = named or source_actions.in_force(source)
    if known is not None:
        return cast(Mapping[str, Any], known.document)
    if payload.is_readable:
        return payload.start
    return EMPTY_SERIES if payload.series is not None else EMPTY


def _redrafted(request: HttpRequest, payload: Payload) -> tuple[MappingForm, int]:
    """Return the form with the text as one click changed it; as it was, with the reason, where that cannot be."""
    sent = request.POST.copy()
    if "start" in sent:
        if payload.is_readable:
            sent["document"] = _text(payload.start)
        return _unbound(sent), 200
    try:
        draft = loads(sent.get("document", "").encode())
        if not payload.is_draft(draft):
            raise ValueError
        sent["document"] = _text(payload.assigned(draft, sent))
    except KeyError:
        return _refused(sent, "Choose a field of the payload first, then what it is."), 422
    except series_drafting.NotSoUsed as refused:
        return _refused(sent, str(refused)), 422
    except (Unreadable, ValueError):
        return _refused(
            sent, "The text is no mapping, so nothing can be added to it. Begin again from the payload."
        ), 422
    return _unbound(sent), 200


def _unbound(sent: Mapping[str, Any]) -> MappingForm:
    return MappingForm(initial={"document": sent.get("document", ""), "note": sent.get("note", "")})


def _refused(sent: Any, reason: str) -> MappingForm:
    form = MappingForm(sent)
    form.full_clean()
    form.errors.clear()
    form.add_error(None, reason)
    return form


def _context(request: HttpRequest, source: Source, payload: Payload, form: MappingForm) -> dict[str, Any]:
    text = str(form["document"].value() or "")
    document, errors = _checked(text, payload)
    seen = payload.rows(document)
    gives = tried = None
    if document is not None and not errors:
        if payload.is_readable and payload.event is not None:
            gives = trying.given(event=payload.event, document=document)
        if "try" in request.POST:
            tried = trying.trial(source=source, document=document)
    return {
        "source": source,
        "form": form,
        "payload": payload,
        "rows": [(each, words, min(each.depth, 6)) for each, words in seen[: trees.SHOWN_PLACES]],
        "cut": len(seen) > trees.SHOWN_PLACES,
        "of_series": payload.series is not None,
        "roles": (drafting if payload.series is None else series_drafting).ROLES.items(),
        "metrics": [] if payload.series is None else catalogue_queries.metric_names(),
        "units": [] if payload.series is None else units.spellings(),
        "metric": request.POST.get("metric", ""),
        "unit": request.POST.get("unit", ""),
        "chosen": request.POST.get("field", ""),
        "sample": request.POST.get("sample", ""),
        "offered": _offered(source),
        "gives": gives,
        "errors": errors,
        "trial": tried,
        "shown": SHOWN_TRIED,
        "next_number": (source.mappings.order_by("-number").values_list("number", flat=True).first() or 0) + 1,
        "address": reverse("telemetry:mapping", args=[source.slug]),
    }


def _checked(text: str, payload: Payload) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the mapping in a text and its errors; nothing where the text is not even an object."""
    form = MappingForm({"document": text})
    form.is_valid()
    errors = [str(each) for each in form.errors.get("document", [])]
    try:
        document = loads(text.encode())
    except Unreadable:
        return None, errors
    return (document if payload.is_draft(document) else None), errors


def _offered(source: Source) -> list[tuple[str, list[TelemetryEvent]]]:
    held = list(queries.held_events(source=source).filter(body_digest__isnull=True)[:OFFERED])
    kept = TelemetryEvent.objects.filter(source=source, body_digest__isnull=True)
    newest = kept.exclude(pk__in=[each.pk for each in held]).defer("raw")
    groups = [("Held", held), ("Newest", list(newest.order_by("-pk")[:OFFERED]))]
    return [(label, events) for label, events in groups if events]


def _save(request: HttpRequest, source: Source, asked: Mapping[str, Any]) -> HttpResponse:
    saved = source_actions.save_mapping(
        by=actor_of(request), at=timezone.now(), source=source, document=asked["document"], note=asked["note"]
    )
    messages.success(request, f"Version {saved.number} is saved. It is not in force yet.")
    return redirect("telemetry:mapping-version", source.slug, saved.number)


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
