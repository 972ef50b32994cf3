"""Addresses of the sources pages, under /sources/."""

from django.urls import path

from models_registry.telemetry import connect_views, history_views, mapping_views, poll_views, source_views, views

app_name = "telemetry"
urlpatterns = [
    path("", views.sources, name="sources"),
    path("connect/", connect_views.gallery, name="connect"),
    path("connect/<slug:kind>/", connect_views.choose, name="choose"),
    path("held/", views.held, name="held"),
    path("events/<int:pk>/", views.event, name="event"),
    path("events/<int:pk>/replay/", views.replay_event, name="replay-event"),
    path("history/", history_views.history, name="history"),
    path("history/terms/new/", history_views.propose, name="history-propose"),
    path("history/terms/<int:number>/agree/", history_views.agree, name="history-agree"),
    path("history/terms/<int:number>/end/", history_views.end, name="history-end"),
    path("history/holds/new/", history_views.place_hold, name="history-hold"),
    path("history/holds/<int:pk>/lift/", history_views.lift_hold, name="history-lift"),
    path("<slug:slug>/", views.source, name="source"),
    path("<slug:slug>/mapping/", mapping_views.edit, name="mapping"),
    path("<slug:slug>/mapping/<int:number>/", mapping_views.version, name="mapping-version"),
    path("<slug:slug>/mapping/<int:number>/activate/", mapping_views.activate, name="activate-mapping"),
    path("<slug:slug>/mapping/<int:old>/<int:new>/", mapping_views.changes, name="mapping-changes"),
    path("<slug:slug>/connect/", connect_views.own, name="connect-source"),
    path("<slug:slug>/trial/", connect_views.trial, name="try-source"),
    path("<slug:slug>/names/", connect_views.names, name="names"),
    path("<slug:slug>/secret/", connect_views.prepare_secret, name="prepare-secret"),
    path("<slug:slug>/secret/rotate/", source_views.end_rotation, name="end-rotation"),
    path("<slug:slug>/switch/", source_views.switch, name="switch"),
    path("<slug:slug>/interval/", source_views.expect, name="expect"),
    path("<slug:slug>/sweeps/", poll_views.edit, name="polling"),
    path("<slug:slug>/sweeps/now/", poll_views.sweep_now, name="sweep"),
    path("<slug:slug>/sweeps/switch/", poll_views.switch, name="sweeps-switch"),
    path("<slug:slug>/replay/", views.replay_source, name="replay-source"),
]
