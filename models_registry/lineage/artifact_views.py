"""Doors of artifacts: the list and its file, one artifact with what stands on it, and who is affected as a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access import listing
from models_registry.access.callers import actor_of, moment_of
from models_registry.access.downloads import csv_response
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.lineage import artifact_list, closure, queries, showing
from models_registry.lineage.graph import Affected, affected
from models_registry.lineage.models import Artifact, ArtifactVersion, EdgeRole

VERSIONS_SHOWN = 30
VERSIONS_COUNTED = 100
AFFECTED_SHOWN = 200
AFFECTED_HEADER = ("model", "name", "version", "stage", "aliases", "owner", "links", "role", "through")


@require_safe
@page(Permission.MODEL_READ)
@vary_on_headers("HX-Request")
def artifacts(request: HttpRequest) -> HttpResponse:
    """List the artifacts that the reader's models came from."""
    filters = _filters(request, most=VERSIONS_COUNTED + 1)
    return listing.answer(
        request,
        query=filters.whole_query,
        whole="models_registry/lineage/artifacts.html",
        part="models_registry/lineage/_artifacts.html",
        context=lambda: _list_context(filters),
    )


def _list_context(filters: artifact_list.ArtifactFilters) -> dict[str, Any]:
    found, carried = filters.slice_of(filters.qs), filters.carried()
    return {
        "filters": filters,
        "artifacts": found.rows,
        "count": filters.qs.count(),
        "counted": VERSIONS_COUNTED,
        "heads": filters.columns(artifact_list.HEADS, **carried),
        **filters.ways(found.after),
        "csv_url": f"{reverse('lineage:artifacts_file')}?{filters.address(**carried)}",
        "clear_url": listing.query_of(reverse("lineage:artifacts"), as_of=carried.get("as_of", "")),
        "now": filters.at or timezone.now(),
    }


@require_safe
@page(Permission.MODEL_READ)
def artifacts_file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the rows of the same address as a file, all of them."""
    filters = _filters(request)
    return csv_response(name="artifacts.csv", header=artifact_list.HEADER, rows=artifact_list.csv_rows(filters))


@require_safe
@page(Permission.MODEL_READ)
def artifact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version of an artifact, the newest when none is asked for: its origin, and what stands on it."""
    at = moment_of(request)
    found = get_object_or_404(queries.artifacts_for(actor=actor_of(request)), pk=pk)
    version, versions = _chosen(request, found, at)
    stands_on = closure.downstream(of=version, actor=actor_of(request), at=at)
    lines = affected(stands_on)
    serving = frozenset(one.node.key for one in lines if one.node.serves)
    shown = showing.shown(request, closure.upstream(of=version, at=at).joined(stands_on), marked=serving)
    address = showing.page_of(at)
    context: dict[str, Any] = {
        "artifact": found,
        "version": version,
        "versions": versions,
        "shown": shown,
        "affected": [(one, address(one.node), _through(one)) for one in lines[:AFFECTED_SHOWN]],
        "affected_count": len(lines),
        "serving_count": len(serving),
        "csv_url": listing.query_of(
            reverse("lineage:affected_file", args=[version.pk]), as_of=at.isoformat() if at else ""
        ),
        "facts": [
            ("Version", version.label),
            ("Digest", version.digest or "none given"),
            ("Licence", version.licence or "not stated"),
            ("Source", version.source_uri or "not stated"),
            ("Recorded by", version.created_by),
        ],
        "as_of": at,
    }
    return render(request, "models_registry/lineage/artifact.html", context)


@require_safe
@page(Permission.MODEL_READ)
def artifact_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the page of the artifact on which this version is shown."""
    version = _artifact_version(request, pk)
    return redirect(listing.query_of(reverse("lineage:artifact", args=[version.artifact_id]), version=str(pk)))


@require_safe
@page(Permission.MODEL_READ)
def affected_file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Give the model versions that are affected if this artifact version is bad, as a file."""
    version = _artifact_version(request, pk)
    found = affected(closure.downstream(of=version, actor=actor_of(request), at=moment_of(request)))
    return csv_response(name=f"affected-{pk}.csv", header=AFFECTED_HEADER, rows=_rows(found))


def _rows(lines: Sequence[Affected]) -> Iterator[Sequence[object]]:
    for one in lines:
        node = one.node
        yield (
            node.slug, node.name, node.number, node.stage, " ".join(node.aliases), node.owner, node.depth, one.role,
            str(one.via),
        )  # fmt: skip


def _through(one: Affected) -> str:
    return f"{EdgeRole(one.role).label} {one.via}"


def _chosen(
    request: HttpRequest, found: Artifact, at: datetime | None
) -> tuple[ArtifactVersion, Sequence[ArtifactVersion]]:
    """Return the version that is asked for, or the newest, and the newest ones for the list."""
    rows = queries.versions_of(artifact=found, actor=actor_of(request))
    if at is not None:
        rows = rows.filter(created_at__lte=at)
    newest = list(rows.defer("content")[:VERSIONS_SHOWN])
    asked = request.GET.get("version", "")
    key = listing.whole_number(asked) if asked else str(newest[0].pk) if newest else ""
    if not key:
        raise Http404
    return get_object_or_404(rows, pk=key), newest


def _artifact_version(request: HttpRequest, pk: int) -> ArtifactVersion:
    return get_object_or_404(queries.artifact_versions_for(actor=actor_of(request)), pk=pk)


def _filters(request: HttpRequest, *, most: int | None = None) -> artifact_list.ArtifactFilters:
    return artifact_list.ArtifactFilters(request.GET, actor=actor_of(request), at=moment_of(request), most=most)
