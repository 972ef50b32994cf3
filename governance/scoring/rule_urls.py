"""Addresses under `/rules/` that the live loop answers: the rules' own pages load them by address."""

from django.urls import path

from governance.scoring import rule_views

app_name = "rule_scoring"
urlpatterns = [
    path("<slug:slug>/automation/", rule_views.automation, name="automation"),
    path("<slug:slug>/<int:number>/effect/", rule_views.effect, name="effect"),
    path("<slug:slug>/<int:number>/reinstate/", rule_views.reinstate, name="reinstate"),
]
