"""Addresses under /api/v1/ that the catalog answers."""

from django.urls import path, re_path

from models_registry.catalog import api, run_api, validation_api

app_name = "catalog_api"
urlpatterns = [
    path("models/", api.ModelList.as_view(), name="model-list"),
    path("models/<slug:slug>/", api.ModelDetail.as_view(), name="model"),
    path("models/<slug:slug>/versions/", api.VersionList.as_view(), name="version-list"),
    path("models/<slug:slug>/versions/<int:number>/stage/", api.VersionStage.as_view(), name="version-stage"),
    path(
        "models/<slug:slug>/versions/<int:number>/validations/",
        validation_api.ValidationList.as_view(),
        name="validation-list",
    ),
    path(
        "models/<slug:slug>/versions/<int:number>/validations/<int:pk>/",
        validation_api.ValidationDetail.as_view(),
        name="validation",
    ),
    path(
        "models/<slug:slug>/versions/<int:number>/comparison/",
        validation_api.VersionComparison.as_view(),
        name="version-comparison",
    ),
    path("models/<slug:slug>/versions/<int:number>/run/", run_api.VersionRun.as_view(), name="version-run"),
    path("models/<slug:slug>/runs/", run_api.RunList.as_view(), name="run-list"),
    path("models/<slug:slug>/runs/<int:pk>/", run_api.RunDetail.as_view(), name="run"),
    path("models/<slug:slug>/sweeps/", run_api.SweepList.as_view(), name="sweep-list"),
    re_path(
        r"^models/(?P<slug>[-a-zA-Z0-9_]+)/aliases/(?P<name>[A-Za-z0-9_.-]{1,255})/$",
        api.AliasDetail.as_view(),
        name="alias",
    ),
]
