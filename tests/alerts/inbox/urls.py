"""The alerts' addresses alone, so that these tests stand by themselves."""

from django.urls import include, path

urlpatterns = [
    path("alerts/", include("alerts.inbox.urls")),
    path("api/v1/", include("alerts.inbox.api_urls")),
]
