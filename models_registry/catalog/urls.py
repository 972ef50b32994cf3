"""Addresses of the catalog's pages, under /models/."""

from django.urls import path

from models_registry.catalog import alias_views, run_views, version_views, views

app_name = "catalog"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/versions/", version_views.version_list, name="versions"),
    path("<slug:slug>/versions/new/", version_views.new_version, name="new-version"),
    path("<slug:slug>/versions/<int:number>/", version_views.version, name="version"),
    path("<slug:slug>/versions/<int:number>/stage/", version_views.move, name="move"),
    path("<slug:slug>/versions/<int:number>/alias/", version_views.alias, name="point-alias"),
    path("<slug:slug>/runs/", run_views.runs, name="runs"),
    path("<slug:slug>/runs/compare/", run_views.compare, name="compare-runs"),
    path("<slug:slug>/runs/<int:pk>/", run_views.run, name="run"),
    path("<slug:slug>/runs/<int:pk>/link/", run_views.link, name="link-run"),
    path("<slug:slug>/sweeps/<int:pk>/", run_views.sweep, name="sweep"),
    path("<slug:slug>/aliases/protect/", alias_views.protect, name="protect-alias"),
    path("<slug:slug>/aliases/lift/", alias_views.lift, name="lift-protection"),
]
