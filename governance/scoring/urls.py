"""Addresses of the pause switch."""

from django.urls import path

from governance.scoring import views

app_name = "scoring"

urlpatterns = [
    path("", views.show, name="switch"),
    path("pause/<slug:scope>/", views.pause, name="pause"),
    path("resume/<int:pk>/", views.resume, name="resume"),
]
