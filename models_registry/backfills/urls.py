"""Addresses of the backfills' pages, under /backfills/."""

from django.urls import path

from models_registry.backfills import views

app_name = "backfills"
urlpatterns = [
    path("", views.backfills, name="backfills"),
    path("new/", views.new, name="new"),
    path("begin/", views.begin, name="begin"),
    path("<int:pk>/", views.backfill, name="backfill"),
    path("<int:pk>/piece/", views.piece, name="piece"),
    path("<int:pk>/start/", views.start, name="start"),
    path("<int:pk>/pause/", views.pause, name="pause"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/rejected.csv", views.rejected, name="rejected"),
]
