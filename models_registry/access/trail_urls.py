"""Addresses of the trail's pages."""

from django.urls import path, re_path

from models_registry.access import trail_views

app_name = "audit"

urlpatterns = [
    path("", trail_views.trail, name="list"),
    path("<int:number>/", trail_views.entry, name="detail"),
    re_path(r"^export\.(?P<form>csv|jsonl)$", trail_views.export, name="export"),
]
