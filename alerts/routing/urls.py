"""Addresses of routing's pages, under `/alerts/`."""

from django.urls import path

from alerts.routing import channel_views, views

app_name = "routing"
urlpatterns = [
    path("decisions/", views.decisions, name="decisions"),
    path("routes/", views.routes, name="routes"),
    path("channels/new/", channel_views.new_channel, name="new_channel"),
    path("channels/<int:pk>/", channel_views.channel, name="channel"),
    path("channels/<int:pk>/routes/", channel_views.connect, name="connect"),
    path("channels/<int:pk>/test/", channel_views.test, name="test"),
    path("channels/<int:pk>/switch/", channel_views.switch, name="switch"),
]
