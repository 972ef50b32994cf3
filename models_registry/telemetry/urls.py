"""Addresses of the sources pages, under /sources/."""

from django.urls import path

from models_registry.telemetry import mapping_views, source_views, views

app_name = "telemetry"
urlpatterns = [
    path("", views.sources, name="sources"),
    path("connect/", source_views.connect, name="connect"),
    path("held/", views.held, name="held"),
    path("events/<int:pk>/", views.event, name="event"),
    path("events/<int:pk>/replay/", views.replay_event, name="replay-event"),
    path("<slug:slug>/", views.source, name="source"),
    path("<slug:slug>/mapping/", mapping_views.edit, name="mapping"),
    path("<slug:slug>/mapping/<int:number>/", mapping_views.version, name="mapping-version"),
    path("<slug:slug>/mapping/<int:number>/activate/", mapping_views.activate, name="activate-mapping"),
    path("<slug:slug>/mapping/<int:old>/<int:new>/", mapping_views.changes, name="mapping-changes"),
    path("<slug:slug>/secret/", source_views.prepare_secret, name="prepare-secret"),
    path("<slug:slug>/secret/rotate/", source_views.end_rotation, name="end-rotation"),
    path("<slug:slug>/switch/", source_views.switch, name="switch"),
    path("<slug:slug>/interval/", source_views.expect, name="expect"),
    path("<slug:slug>/replay/", views.replay_source, name="replay-source"),
]
