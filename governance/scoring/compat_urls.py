"""Addresses that existing senders already use, under `/v1/`."""

from django.urls import path

from governance.scoring import api

app_name = "scoring_compat"
urlpatterns = [path("risk/update", api.RiskUpdate.as_view(), name="risk_update")]
