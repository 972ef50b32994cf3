"""Addresses of health formulas under `/api/v1/`."""

from django.urls import path

from governance.health import api

app_name = "formulas_api"
urlpatterns = [
    path("formulas/", api.FormulaList.as_view(), name="list"),
    path("formulas/lint/", api.FormulaLint.as_view(), name="lint"),
    path("formulas/<slug:slug>/", api.FormulaDetail.as_view(), name="detail"),
    path("formulas/<slug:slug>/versions/", api.FormulaVersions.as_view(), name="versions"),
    path("formulas/<slug:slug>/versions/<int:number>/", api.FormulaVersionDetail.as_view(), name="version"),
    path("formulas/<slug:slug>/versions/<int:number>/submission/", api.FormulaSubmissions.as_view(), name="submission"),
]
