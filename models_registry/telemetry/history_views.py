"""Pages of history: the terms, what they would drop, what is held back, and what was dropped."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import history_actions, history_queries, partitions
from models_registry.telemetry.compacting import EFFECT_AFTER
from models_registry.telemetry.history_forms import HoldForm, ReasonForm, TermsForm
from models_registry.telemetry.history_models import DropPart, KeepingTerms, LegalHold, Sort
from models_registry.telemetry.history_preview import HeldBack, preview
from models_registry.telemetry.needs import Need, first_kept, needs

HELD_SHOWN = 50


@dataclass(slots=True)
class MonthRow:
    """One month of single measurements: what is there, what went, and what is held back though its term is over."""

    month: dt.date
    rows: int = 0
    size: int = 0
    dropped: int = 0
    ahead: bool = False
    due: bool = False
    held: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """How the month is kept, in words."""
        if self.ahead:
            return "Made ahead"
        if not self.dropped:
            return "Held back" if self.due and self.held else "Goes in the next round" if self.due else "Whole"
        return "Windows, and the rows that are needed" if self.rows or self.size else "Windows alone"


@require_safe
@page(Permission.SOURCE_READ)
def history(request: HttpRequest) -> HttpResponse:
    """Show the terms, the months, the holds and what was dropped."""
    at, force, actor = timezone.now(), history_queries.in_force(), actor_of(request)
    proposed, answer = history_queries.proposed(), can(actor, Permission.HISTORY_MANAGE)
    tables = partitions.standing()
    context = {
        "terms": force,
        "lines": _lines(force),
        "counts_from": force.agreed_at + EFFECT_AFTER if force and force.agreed_at else None,
        "now": at,
        "proposed": proposed,
        "proposed_lines": _lines(proposed, proposed.foreseen) if proposed else (),
        "agree_refusal": answer.reason or (history_actions.why_not_agree(proposed, actor) if proposed else ""),
        "own": proposed is not None and proposed.proposed_by_id == actor.pk,
        "refusal": answer.reason,
        "months": _months(tables, force, at),
        "holds": [
            (hold, answer.reason or history_actions.why_not_lift(hold, actor), ReasonForm(auto_id=f"lift-{hold.pk}-%s"))
            for hold in _holds()
        ],
        "drops": history_queries.drops_of(),
        "ahead": [(one.table, one.newest, one.ahead(at=at), one.in_default) for one in tables],
        "sizes": partitions.table_sizes(limit=8),
        "prediction_days": settings.REDLINE_PREDICTION_DAYS,
        "end_form": ReasonForm(auto_id="end-%s"),
    }
    return render(request, "models_registry/telemetry/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.HISTORY_MANAGE)
def propose(request: HttpRequest) -> HttpResponse:
    """Show what terms would drop, and put them before a second person."""
    at, force = timezone.now(), history_queries.in_force()
    now = {name: getattr(force, name) for name in history_actions.FIELDS} if force else history_queries.usual()
    form = TermsForm(request.POST or None, initial=now)
    if request.POST.get("do") == "preview":
        form.fields["reason"].required = False
    fit = request.method != "POST" or form.is_valid()
    if request.method == "POST" and fit and request.POST.get("do") != "preview":
        try:
            made = history_actions.propose(
                by=actor_of(request), at=at, terms=form.terms, reason=form.cleaned_data["reason"]
            )
        except history_actions.ProposalStands as stands:
            form.add_error(None, str(stands) or (type(stands).__doc__ or ""))
        else:
            messages.success(request, f"Proposed terms {made.number}. Somebody else must agree to them.")
            return redirect("telemetry:history")
    wanted = form.terms if request.method == "POST" and fit else now
    found = preview(terms=KeepingTerms(**wanted), at=at) if fit else None
    context = {
        "form": form,
        "preview": found,
        "held_back": _named(found.held_back[:HELD_SHOWN]) if found else (),
        "held_more": max(0, len(found.held_back) - HELD_SHOWN) if found else 0,
    }
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/history_propose.html", context, status=status)


@page(Permission.HISTORY_MANAGE)
@require_POST
def agree(request: HttpRequest, number: int) -> HttpResponse:
    """Put proposed terms in force."""
    get_object_or_404(KeepingTerms, number=number)
    said = f"Terms {number} count from tomorrow on. Until then a hold still keeps what you name."
    return _done(request, partial(history_actions.agree, number=number), said)


@page(Permission.HISTORY_MANAGE)
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Refuse proposed terms, or take one's own back."""
    get_object_or_404(KeepingTerms, number=number)
    return _done_for_a_reason(
        request, partial(history_actions.end, number=number), f"Terms {number} are off the table."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.HISTORY_MANAGE)
def place_hold(request: HttpRequest) -> HttpResponse:
    """Hold back months of a model, or of all."""
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        hold = history_actions.place_hold(by=actor_of(request), at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"Placed legal hold {hold.pk}. It counts at once.")
        return redirect("telemetry:history")
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/history_hold.html", {"form": form}, status=status)


@page(Permission.HISTORY_MANAGE)
@require_POST
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a legal hold."""
    get_object_or_404(LegalHold, pk=pk)
    said = f"Lifted legal hold {pk}. What nothing else needs goes in the next round."
    return _done_for_a_reason(request, partial(history_actions.lift_hold, pk=pk), said)


def _done_for_a_reason(request: HttpRequest, act: Callable[..., object], said: str) -> HttpResponse:
    """Do what needs a reason, and say so; say what is missing or in the way where it cannot be done."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _refused(request, "Say why.", status=422)
    return _done(request, partial(act, reason=form.cleaned_data["reason"]), said)


def _done(request: HttpRequest, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(by=actor_of(request), at=timezone.now())
    except (history_actions.NothingProposed, history_actions.HoldLifted) as error:
        return _refused(request, str(error), status=409)
    messages.success(request, said)
    return redirect("telemetry:history")


def _refused(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    return render(request, "models_registry/telemetry/history_refused.html", {"reason": reason}, status=status)


def _lines(terms: KeepingTerms | None, foreseen: Mapping[str, Any] | None = None) -> list[tuple[str, str, Any]]:
    """Return each sort with its term in words and what was foreseen of it."""
    found = []
    for sort in Sort:
        days = terms.days(sort) if terms else None
        found.append((str(sort.label), f"{days} days" if days else "for ever", (foreseen or {}).get(sort.value, {})))
    return found


def _months(tables: Sequence[partitions.Partitioned], force: KeepingTerms | None, at: dt.datetime) -> list[MonthRow]:
    rows: dict[dt.date, MonthRow] = {}
    for one in next((table.months for table in tables if table.table == "telemetry_measurement"), ()):
        rows[one.month] = MonthRow(one.month, one.rows, one.size, ahead=one.month > at.astimezone(dt.UTC).date())
    for month, count in DropPart.objects.filter(width_s=0).order_by().values_list("month", "count"):
        rows.setdefault(month, MonthRow(month)).dropped += count
    if force and force.measurements_days:
        before = first_kept(days=force.measurements_days, at=at)
        due = [row for row in rows.values() if row.month < before and row.size]
        known = needs() if due else None
        for row in due:
            row.due = True
            row.held = _reasons(known.by_model.values(), row.month) if known else []
    return sorted(rows.values(), key=lambda row: row.month, reverse=True)


def _reasons(by_model: Any, month: dt.date) -> list[str]:
    from_each = (need for own in by_model for need in own if need.covers(month))
    return sorted({need.why for need in from_each})


def _named(held: Sequence[HeldBack]) -> list[tuple[str, str, list[tuple[dt.date, Sequence[Need]]]]]:
    """Return what is held back by model: its name, its slug, and its months with what needs them."""
    names = dict(RegisteredModel.registry.filter(pk__in={one.model_id for one in held}).values_list("pk", "name"))
    slugs = dict(RegisteredModel.registry.filter(pk__in=names).values_list("pk", "slug"))
    found: dict[int, list[tuple[dt.date, Sequence[Need]]]] = defaultdict(list)
    for one in held:
        found[one.model_id].append((one.month, one.needs))
    return [(names[pk], slugs[pk], months) for pk, months in sorted(found.items(), key=lambda pair: names[pair[0]])]


def _holds() -> Sequence[LegalHold]:
    rows = LegalHold.objects.filter(lifted_at__isnull=True).select_related("model", "placed_by")
    return list(rows.order_by("-pk")[:100])
