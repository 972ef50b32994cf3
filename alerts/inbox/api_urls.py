"""Addresses of the alerts' API, under `/api/v1/`."""

from django.urls import path

from alerts.inbox import api

app_name = "alerts_inbox_api"
urlpatterns = [
    path("alerts/", api.AlertList.as_view(), name="list"),
    path("alerts/<int:pk>/acknowledgements/", api.Acknowledgements.as_view(), name="acknowledge"),
    path("alerts/<int:pk>/snoozes/", api.Snoozes.as_view(), name="snoozes"),
]
