"""Addresses of the pages of the registry's webhooks, under `/alerts/`."""

from django.urls import path

from alerts.registryhooks import views

app_name = "registryhooks"
urlpatterns = [
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/new/", views.new_webhook, name="new_webhook"),
    path("webhooks/<uuid:pk>/", views.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/test/", views.test, name="test"),
    path("webhooks/<uuid:pk>/switch/", views.switch, name="switch"),
    path("webhooks/<uuid:pk>/delete/", views.delete, name="delete"),
]
