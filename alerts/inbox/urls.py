"""Addresses of the alerts' pages, under `/alerts/`."""

from django.urls import path

from alerts.inbox import snooze_views, views

app_name = "alerts_inbox"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("alerts.csv", views.alert_file, name="file"),
    path("acknowledge/", views.acknowledge_picked, name="acknowledge_picked"),
    path("snooze/", snooze_views.snooze, name="snooze"),
    path("snooze/end/", snooze_views.end, name="snooze_end"),
    path("mine/", views.alerts_of_mine, name="mine"),
    path("<int:pk>/", views.alert_detail, name="detail"),
    path("<int:pk>/acknowledge/", views.alert_acknowledge, name="acknowledge"),
    path("<int:pk>/resolve/", views.alert_resolve, name="resolve"),
    path("<int:pk>/notes/", views.alert_annotate, name="annotate"),
]
