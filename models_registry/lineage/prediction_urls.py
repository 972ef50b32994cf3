"""Addresses of the pages of predictions. The page that explains one belongs to the dashboards."""

from django.urls import path

from models_registry.lineage import prediction_views

app_name = "predictions"
urlpatterns = [
    path("predictions/", prediction_views.shown, name="list"),
    path("predictions/kept/", prediction_views.kept, name="kept"),
    path("predictions/kept/<slug:slug>/", prediction_views.decide_terms, name="terms"),
    path("predictions/erase/", prediction_views.erase, name="erase"),
    path("predictions/<int:pk>/text/", prediction_views.text, name="text"),
    path("models/<slug:slug>/predictions/panel/", prediction_views.panel, name="panel"),
]
