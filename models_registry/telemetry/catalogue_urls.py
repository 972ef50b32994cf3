"""Addresses of the metric catalogue, under /metrics-catalogue/."""

from django.urls import path

from models_registry.telemetry import catalogue_views

app_name = "metric_catalogue"
urlpatterns = [
    path("", catalogue_views.metrics, name="metrics"),
    path("unmapped/", catalogue_views.unmapped, name="unmapped"),
    path("adopt/", catalogue_views.adopt, name="adopt"),
    path("aliases/<int:pk>/read-again/", catalogue_views.read_again, name="read-again"),
    path("aliases/<int:pk>/end/", catalogue_views.end_alias, name="end-alias"),
    path("names/<str:name>/", catalogue_views.metric, name="metric"),
]
