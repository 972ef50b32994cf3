"""Addresses of the violations' API, under `/api/v1/`."""

from django.urls import path

from models_registry.outside import api

app_name = "outside_api"
urlpatterns = [
    path("violations/", api.ViolationList.as_view(), name="list"),
    path("violations/<int:pk>/", api.ViolationDetail.as_view(), name="detail"),
    path("violations/<int:pk>/answers/", api.Answers.as_view(), name="answers"),
]
