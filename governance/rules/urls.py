"""Addresses of the rules' pages, under `/rules/`."""

from django.urls import path

from governance.rules import views, writing_views

app_name = "rules"
urlpatterns = [
    path("", views.rule_list, name="list"),
    path("rules.csv", views.rule_file, name="file"),
    path("schema.json", views.schema, name="schema"),
    path("says/", writing_views.says, name="says"),
    path("tried/", writing_views.tried, name="tried"),
    path("new/", writing_views.write_form, name="write_form"),
    path("new/text/", writing_views.write_text, name="write_text"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/draft/", writing_views.write_text, name="draft"),
    path("<slug:slug>/draft/fields/", writing_views.write_form, name="draft_form"),
    path("<slug:slug>/changes/<int:old>/<int:new>/", views.compare, name="compare"),
    path("<slug:slug>/<int:number>/edit/", writing_views.edit, name="edit"),
    path("<slug:slug>/<int:number>/edit/fields/", writing_views.edit_form, name="edit_form"),
    path("<slug:slug>/<int:number>/submit/", views.submit, name="submit"),
    path("<slug:slug>/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/<int:number>/shadow/", views.shadow, name="shadow"),
    path("<slug:slug>/<int:number>/enforce/", views.enforce, name="enforce"),
    path("<slug:slug>/<int:number>/retire/", views.retire, name="retire"),
]
