"""Doors of a model's lineage: the graph of a version, what changed between two, and the bill of materials."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from models_registry.access.callers import moment_of
from models_registry.access.listing import query_of, whole_number
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage
from models_registry.catalog.queries import models_for
from models_registry.lineage import bom, closure, comparing, queries, showing
from models_registry.lineage.models import TEXTUAL, ArtifactVersion, EdgeRole, Fact, FactSort

VERSIONS_OFFERED = 50


@require_safe
@page(Permission.MODEL_READ)
def lineage(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a version of the model came from: the one in production, or the one that is asked for."""
    model, at = _model(request, slug), moment_of(request)
    context: dict[str, Any] = {"model": model, "as_of": at}
    version = _version(model, request.GET.get("version", ""), at)
    if version is None:
        return render(request, "models_registry/lineage/model.html", context)
    shown, actor = showing.shown(request, closure.upstream(of=version, at=at)), cast(Account, request.user)
    facts = queries.facts_of(versions=[version], at=at)[version.pk]
    context |= {
        "version": version,
        "shown": shown,
        "numbers": _numbers(model, at),
        "parameters": [fact for fact in facts if fact.sort == FactSort.PARAMETER],
        "metrics": [fact for fact in facts if fact.sort == FactSort.METRIC],
        "used": _used(version, at),
        "refusal": "The past is read only." if at else can(actor, Permission.VERSION_REGISTER, on=version).reason,
        "changes_url": query_of(reverse("lineage:changes", args=[slug]), new=str(version.number)),
    }
    return render(request, "models_registry/lineage/model.html", context)


@require_safe
@page(Permission.MODEL_READ)
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the serving version uses directly, as a part of the model's page."""
    model, at = _model(request, slug), moment_of(request)
    version = _version(model, "", at)
    used = _used(version, at) if version else []
    context = {"model": model, "version": version, "used": used, "as_of": at}
    return render(request, "models_registry/lineage/_panel.html", context)


@require_safe
@page(Permission.MODEL_READ)
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what changed between two versions: artifacts, parameters, metrics, and texts line by line."""
    model, at = _model(request, slug), moment_of(request)
    numbers = _numbers(model, at)
    new = _version(model, request.GET.get("new", ""), at)
    old = _version(model, request.GET.get("old", ""), at) if "old" in request.GET else _before(model, new, numbers, at)
    if old is None and new is not None and numbers and numbers[0] > new.number:
        old, new = new, _version(model, str(min(one for one in numbers if one > new.number)), at)
    context: dict[str, Any] = {"model": model, "numbers": numbers, "old": old, "new": new, "as_of": at}
    if old is not None and new is not None:
        context |= _compared(old, new, at) | {"side_by_side": request.GET.get("view") == "sides"}
        context["views"] = [
            ("One below the other", showing.with_parameter(request, "view", None), not context["side_by_side"]),
            ("Side by side", showing.with_parameter(request, "view", "sides"), context["side_by_side"]),
        ]
    return render(request, "models_registry/lineage/changes.html", context)


@require_safe
@page(Permission.MODEL_READ)
def bill(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give the bill of materials of a version as a file of CycloneDX."""
    version = queries.told_version(model=_model(request, slug), number=number)
    if version is None:
        raise Http404
    spec = request.GET.get("spec", bom.SPECS[0])
    spec = spec if spec in bom.SPECS else bom.SPECS[0]
    document = bom.of_version(version=version, at=timezone.now(), spec=spec, base=request.build_absolute_uri("/"))
    response = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Type"] = f"application/vnd.cyclonedx+json; version={spec}"
    response["Content-Disposition"] = f'attachment; filename="{slug}-v{number}.cdx.json"'
    return response


def _used(version: ModelVersion, at: datetime | None) -> list[tuple[str, ArtifactVersion, str, int]]:
    """Return what a version uses directly: the role, the artifact version, its page, and the edge."""
    address = showing.page_of(at)
    return [
        (EdgeRole(one.role).label, one.version, address(closure.node_of(one.version)), one.edge)
        for one in queries.used_by(versions=[version], at=at)[version.pk]
    ]


def _compared(old: ModelVersion, new: ModelVersion, at: datetime | None) -> dict[str, Any]:
    used = queries.used_by(versions=[old, new], at=at)
    facts = queries.facts_of(versions=[old, new], at=at)
    found = comparing.artifacts(_held(used[old.pk]), _held(used[new.pk]))
    was, now = facts[old.pk], facts[new.pk]
    address = showing.page_of(at)
    return {
        "artifacts": [
            (change, EdgeRole(change.role).label, *(_linked(one, address) for one in (change.old, change.new)))
            for change in found
        ],
        "parameters": comparing.facts(_facts(was, FactSort.PARAMETER), _facts(now, FactSort.PARAMETER)),
        "metrics": comparing.facts(_facts(was, FactSort.METRIC), _facts(now, FactSort.METRIC)),
        "texts": [_texts(change) for change in found if _has_text(change)],
        "changed_count": sum(1 for change in found if change.state != comparing.SAME),
    }


def _held(used: Sequence[queries.Used]) -> list[comparing.Held[ArtifactVersion]]:
    return [comparing.Held(one.role, one.version.artifact_id, str(one.version.artifact), one.version) for one in used]


def _linked(version: ArtifactVersion | None, address: Any) -> tuple[ArtifactVersion, str] | None:
    return (version, address(closure.node_of(version))) if version is not None else None


def _facts(facts: Sequence[Fact], sort: FactSort) -> dict[str, str]:
    return {fact.name: fact.text for fact in facts if fact.sort == sort}


def _has_text(change: comparing.Change[ArtifactVersion]) -> bool:
    if change.state == comparing.SAME:
        return False
    return any(one is not None and one.content and one.artifact.kind in TEXTUAL for one in (change.old, change.new))


def _texts(change: comparing.Change[ArtifactVersion]) -> dict[str, Any]:
    old, new = (one.content or "" if one is not None else "" for one in (change.old, change.new))
    comparable = comparing.may_compare(old, new)
    left, right = comparing.sides(old, new) if comparable else ([], [])
    return {"change": change, "old": old, "new": new, "comparable": comparable, "left": left, "right": right}


def _numbers(model: RegisteredModel, at: datetime | None) -> list[int]:
    rows = ModelVersion.objects.filter(model=model)
    rows = rows.filter(created_at__lte=at) if at else rows.filter(withdrawn_at__isnull=True)
    return list(rows.order_by("-number").values_list("number", flat=True)[:VERSIONS_OFFERED])


def _before(
    model: RegisteredModel, new: ModelVersion | None, numbers: Sequence[int], at: datetime | None
) -> ModelVersion | None:
    """Return the version to compare with when none is named: that in production, else the one before."""
    if new is None:
        return None
    serving = ModelVersion.objects.filter(model=model, stage=Stage.PRODUCTION).exclude(pk=new.pk)
    number = serving.order_by("-number").values_list("number", flat=True).first()
    earlier = [one for one in numbers if one < new.number]
    number = number if number is not None else next(iter(earlier), None)
    return _version(model, str(number), at) if number is not None else None


def _version(model: RegisteredModel, asked: str, at: datetime | None) -> ModelVersion | None:
    """Return the version that is asked for. Raises Http404 for one that is not, or was not yet, on record."""
    text = whole_number(asked)
    if asked and (not text or len(text) > 9):
        raise Http404
    found = queries.told_version(model=model, number=int(text) if text else None)
    if found is None and asked:
        raise Http404
    if found is not None and at is not None and found.created_at > at:
        if asked:
            raise Http404
        earlier = ModelVersion.objects.filter(model=model, created_at__lte=at).select_related("model__owner")
        found = earlier.order_by("-number").first()
    return found


def _model(request: HttpRequest, slug: str) -> RegisteredModel:
    found: RegisteredModel = get_object_or_404(models_for(actor=cast(Account, request.user)), slug=slug)
    return found
