"""Addresses of scoring under `/api/v1/`."""

from django.urls import path

from governance.scoring import api

app_name = "scoring_api"
urlpatterns = [path("models/<str:name>/risk_scores", api.RiskScores.as_view(), name="risk_scores")]
