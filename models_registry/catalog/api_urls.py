"""Addresses under /api/v1/ that the catalog answers."""

from django.urls import path, re_path

from models_registry.catalog import api

app_name = "catalog_api"
urlpatterns = [
    path("models/", api.ModelList.as_view(), name="model-list"),
    path("models/<slug:slug>/", api.ModelDetail.as_view(), name="model"),
    path("models/<slug:slug>/versions/", api.VersionList.as_view(), name="version-list"),
    path("models/<slug:slug>/versions/<int:number>/stage/", api.VersionStage.as_view(), name="version-stage"),
    re_path(
        r"^models/(?P<slug>[-a-zA-Z0-9_]+)/aliases/(?P<name>[A-Za-z0-9_.-]{1,80})/$",
        api.AliasDetail.as_view(),
        name="alias",
    ),
]
