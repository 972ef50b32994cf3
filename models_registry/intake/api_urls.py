"""Addresses under /api/v1/imports/."""

from django.urls import path

from models_registry.intake import api

app_name = "intake_api"
urlpatterns = [
    path("", api.ImportList.as_view(), name="imports"),
    path("<int:pk>/", api.ImportDetail.as_view(), name="import"),
    path("<int:pk>/items/", api.ItemList.as_view(), name="items"),
    path("<int:pk>/applications/", api.Applications.as_view(), name="applications"),
    path("<int:pk>/undoings/", api.TakingsBack.as_view(), name="undoings"),
]
