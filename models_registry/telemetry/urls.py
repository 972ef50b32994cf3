"""Addresses of the sources pages, under /sources/."""

from django.urls import path

from models_registry.telemetry import views

app_name = "telemetry"
urlpatterns = [
    path("", views.sources, name="sources"),
    path("held/", views.held, name="held"),
    path("events/<int:pk>/", views.event, name="event"),
    path("events/<int:pk>/replay/", views.replay_event, name="replay-event"),
    path("<slug:slug>/", views.source, name="source"),
    path("<slug:slug>/mapping/", views.mapping, name="mapping"),
    path("<slug:slug>/replay/", views.replay_source, name="replay-source"),
]
