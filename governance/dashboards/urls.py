"""Addresses of the board, the list of models and the page of one model."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from governance.dashboards import views


class ModelSlug(SlugConverter):
    """The slug of a model; `new` and `register` are addresses of the catalog."""

    regex = "(?!(?:new|register)/)[-a-zA-Z0-9_]+"


register_converter(ModelSlug, "modelslug")

app_name = "dashboards"

urlpatterns = [
    path("", views.red, name="red"),
    path("models/", views.models, name="models"),
    path("models/<modelslug:slug>/", views.model, name="model"),
]
