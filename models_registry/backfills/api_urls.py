"""Addresses under /api/v1/backfills/."""

from django.urls import path

from models_registry.backfills import api

app_name = "backfills_api"
urlpatterns = [
    path("", api.BackfillList.as_view(), name="list"),
    path("<int:pk>/", api.BackfillDetail.as_view(), name="detail"),
    path("<int:pk>/file/", api.BackfillFile.as_view(), name="file"),
    path("<int:pk>/preview/", api.BackfillPreview.as_view(), name="preview"),
    path("<int:pk>/start/", api.BackfillStart.as_view(), name="start"),
    path("<int:pk>/pause/", api.BackfillDeed.as_view(deed="pause"), name="pause"),
    path("<int:pk>/resume/", api.BackfillDeed.as_view(deed="resume"), name="resume"),
    path("<int:pk>/cancel/", api.BackfillDeed.as_view(deed="cancel"), name="cancel"),
    path("<int:pk>/rejected.csv", api.RejectedRows.as_view(), name="rejected"),
]
