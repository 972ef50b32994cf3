"""Addresses of the board, the list of models and the page of one model."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from governance.dashboards import (
    board_views,
    bulk_views,
    inbox_views,
    kit_views,
    model_list,
    model_views,
    prediction_views,
    search_views,
)


class ModelSlug(SlugConverter):
    """The slug of a model; `new` and `register` are addresses of the catalog."""

    regex = "(?!(?:new|register)/)[-a-zA-Z0-9_]+"


register_converter(ModelSlug, "modelslug")

app_name = "dashboards"

urlpatterns = [
    path("", board_views.red, name="red"),
    path("in-the-red.csv", board_views.file, name="red_file"),
    path("in-the-red/over-time/", board_views.trend_part, name="trend"),
    path("in-the-red/acknowledge/R-<int:pk>/", board_views.acknowledge, name="red_acknowledge"),
    path("inbox/", inbox_views.inbox, name="inbox"),
    path("inbox/acknowledge/", inbox_views.acknowledge, name="acknowledge"),
    path("search/", search_views.search, name="search"),
    path("predictions/<int:pk>/", prediction_views.prediction, name="prediction"),
    path("predictions/<int:pk>/explanation.pdf", prediction_views.prediction_file, name="prediction_file"),
    path("kit/", kit_views.kit_page, name="kit"),
    path("models/", model_list.shown, name="models"),
    path("edit-models/", bulk_views.edit_models, name="edit_models"),
    path("models.csv", model_list.file, name="models_file"),
    path("models/<modelslug:slug>/", model_views.model, name="model"),
    path("models/<modelslug:slug>/readings.csv", model_views.readings_file, name="model_readings"),
]
