"""Addresses of approvals under `/api/v1/`."""

from django.urls import path

from governance.approvals import api

app_name = "approvals_api"
urlpatterns = [
    path("approvals/", api.Requests.as_view(), name="list"),
    path("approvals/<uuid:pk>/", api.OneRequest.as_view(), name="detail"),
    path("approvals/<uuid:pk>/votes/", api.Votes.as_view(), name="votes"),
]
