"""Addresses of the catalog's pages, under /models/."""

from django.urls import path

from models_registry.catalog import views

app_name = "catalog"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/versions/", views.versions, name="versions"),
]
