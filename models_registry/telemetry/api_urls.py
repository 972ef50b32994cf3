"""Addresses under /api/v1/ that telemetry answers."""

from django.urls import path, re_path

from models_registry.telemetry import api, door, history_api, poll_api, prometheus_door, trial_door

urlpatterns = [
    re_path(r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/$", door.ingest, name="telemetry-ingest"),
    re_path(
        r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/api/v2/alerts$",
        prometheus_door.alerts,
        name="telemetry-alerts",
    ),
    re_path(
        r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/api/v1/write$",
        prometheus_door.write,
        name="telemetry-write",
    ),
    re_path(r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})$", door.ingest, name="telemetry-ingest-bare"),
    re_path(r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/trial$", trial_door.trial, name="telemetry-trial"),
    re_path(
        r"^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/(?P<place>.+)$", door.elsewhere, name="telemetry-elsewhere"
    ),
    path("measurements/", api.measurements, name="measurements"),
    path("sources/", api.SourceList.as_view(), name="source-list"),
    path("history/terms/", history_api.TermsList.as_view(), name="history-terms"),
    path("history/terms/<int:number>/agreements/", history_api.Agreements.as_view(), name="history-agreements"),
    path("history/terms/<int:number>/endings/", history_api.Endings.as_view(), name="history-endings"),
    path("history/previews/", history_api.Previews.as_view(), name="history-previews"),
    path("history/holds/", history_api.HoldList.as_view(), name="history-holds"),
    path("history/holds/<int:pk>/liftings/", history_api.Liftings.as_view(), name="history-liftings"),
    path("history/drops/", history_api.DropList.as_view(), name="history-drops"),
    path("sources/<slug:slug>/polling/", poll_api.PollingView.as_view(), name="source-polling"),
    path("sources/<slug:slug>/sweeps/", poll_api.SweepList.as_view(), name="source-sweeps"),
]
app_name = "telemetry_api"
