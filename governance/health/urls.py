"""Addresses of the formulas' pages, under `/formulas/`."""

from django.urls import path

from governance.health import views, writing_views

app_name = "formulas"
urlpatterns = [
    path("", views.formula_list, name="list"),
    path("says/", writing_views.says, name="says"),
    path("new/", writing_views.write_text, name="write_text"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/draft/", writing_views.write_text, name="draft"),
    path("<slug:slug>/changes/<int:old>/<int:new>/", views.compare, name="compare"),
    path("<slug:slug>/<int:number>/edit/", writing_views.edit, name="edit"),
    path("<slug:slug>/<int:number>/submit/", views.submit, name="submit"),
    path("<slug:slug>/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/<int:number>/enforce/", views.enforce, name="enforce"),
    path("<slug:slug>/<int:number>/retire/", views.retire, name="retire"),
]
