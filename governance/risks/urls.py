"""Addresses of the register."""

from django.urls import path

from governance.risks import respond_views, views

app_name = "risks"

urlpatterns = [
    path("risks/", views.register, name="list"),
    path("risks/R-<int:pk>/", views.detail, name="detail"),
    path("risks/R-<int:pk>/respond/", respond_views.respond, name="respond"),
    path("risks/R-<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
]
