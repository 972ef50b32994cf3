"""Addresses under /api/v1/ that predictions answer."""

from django.urls import path, re_path

from models_registry.lineage import prediction_api, prediction_door

app_name = "predictions_api"
urlpatterns = [
    path("predictions/", prediction_api.PredictionList.as_view(), name="list"),
    path("predictions/<int:pk>/", prediction_api.PredictionDetail.as_view(), name="detail"),
    re_path(r"^predictions/from/(?P<path_token>[A-Za-z0-9_-]{1,64})/$", prediction_door.ingest, name="ingest"),
]
