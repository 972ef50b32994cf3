"""Addresses under /api/v1/ that the dashboards answer."""

from django.urls import path

from governance.dashboards import api

app_name = "dashboards_api"
urlpatterns = [
    path("predictions/<int:pk>/explanation/", api.PredictionExplanation.as_view(), name="explanation"),
]
