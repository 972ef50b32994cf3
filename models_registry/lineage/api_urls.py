"""Addresses under /api/v1/lineage/."""

from django.urls import path

from models_registry.lineage import api

app_name = "lineage_api"
urlpatterns = [
    path("artifacts/", api.ArtifactList.as_view(), name="artifacts"),
    path("artifacts/<int:pk>/versions/", api.ArtifactVersions.as_view(), name="artifact-versions"),
    path("versions/<int:pk>/", api.ArtifactVersionDetail.as_view(), name="artifact-version"),
    path("versions/<int:pk>/upstream/", api.Upstream.as_view(), name="upstream"),
    path("versions/<int:pk>/downstream/", api.Downstream.as_view(), name="downstream"),
    path("versions/<int:pk>/affected/", api.AffectedVersions.as_view(), name="affected"),
    path("edges/", api.Edges.as_view(), name="edges"),
    path("edges/<int:pk>/withdrawals/", api.Withdrawals.as_view(), name="withdrawals"),
    path("models/<slug:slug>/versions/<int:number>/", api.VersionLineage.as_view(), name="version"),
    path("models/<slug:slug>/versions/<int:number>/bom/", api.VersionBom.as_view(), name="bom"),
]
