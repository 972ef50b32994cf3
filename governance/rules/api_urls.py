"""Addresses of rules under `/api/v1/`."""

from django.urls import path

from governance.rules import api

app_name = "rules_api"
urlpatterns = [
    path("rules/", api.RuleList.as_view(), name="list"),
    path("rules/lint/", api.RuleLint.as_view(), name="lint"),
    path("rules/<slug:slug>/", api.RuleDetail.as_view(), name="detail"),
    path("rules/<slug:slug>/versions/", api.RuleVersions.as_view(), name="versions"),
    path("rules/<slug:slug>/versions/<int:number>/", api.RuleVersionDetail.as_view(), name="version"),
    path("rules/<slug:slug>/versions/<int:number>/submission/", api.RuleSubmissions.as_view(), name="submission"),
]
