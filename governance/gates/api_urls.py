"""Addresses of the gates under `/api/v1/`."""

from django.urls import path

from governance.gates import api

app_name = "gates_api"
urlpatterns = [
    path("gates/promotion/", api.Promotions.as_view(), name="promotion"),
    path("gates/promotion/<uuid:pk>/use/", api.Uses.as_view(), name="use"),
    path("gates/runtime/<slug:slug>/", api.Runtime.as_view(), name="runtime"),
]
