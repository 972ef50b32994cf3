"""Addresses under /api/v1/ that telemetry answers."""

from django.urls import path, re_path

from models_registry.telemetry import api, door

urlpatterns = [
    re_path(r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/$", door.ingest, name="telemetry-ingest"),
    path("measurements/", api.measurements, name="measurements"),
    path("sources/", api.SourceList.as_view(), name="source-list"),
]
app_name = "telemetry_api"
