"""Addresses of the gates' pages, under `/gates/`."""

from django.urls import path

from governance.gates import views

app_name = "gates"
urlpatterns = [
    path("models/<slug:slug>/panel/", views.panel, name="panel"),
    path("<uuid:pk>/", views.decision, name="decision"),
    path("<uuid:pk>/use/", views.use, name="use"),
    path("<uuid:pk>/approval/", views.request_approval, name="request_approval"),
    path("versions/<int:pk>/ask/", views.ask, name="ask"),
]
