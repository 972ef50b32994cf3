"""Addresses of what stands elsewhere, under /elsewhere/."""

from django.urls import path

from models_registry.outside import views

app_name = "outside"
urlpatterns = [
    path("", views.places, name="places"),
    path("<int:pk>/", views.violation, name="violation"),
    path("<int:pk>/answer/", views.answer, name="answer"),
]
