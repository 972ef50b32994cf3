"""Every address: health first, then each room's own `urls` module."""

from django.urls import include, path

ROOM_URLS: tuple[tuple[str, str], ...] = (
    ("", "models_registry.access.urls"),
    ("audit/", "models_registry.access.trail_urls"),
    ("alerts/", "alerts.routing.urls"),
    ("alerts/", "alerts.registryhooks.urls"),
    ("alerts/", "alerts.inbox.urls"),
    ("", "alerts.routing.scrape"),
    ("sources/", "models_registry.telemetry.urls"),
    ("backfills/", "models_registry.backfills.urls"),
    ("metrics-catalogue/", "models_registry.telemetry.catalogue_urls"),
    ("models/", "models_registry.catalog.urls"),
    ("", "models_registry.lineage.urls"),
    ("", "models_registry.costs.urls"),
    ("", "models_registry.intake.urls"),
    ("elsewhere/", "models_registry.outside.urls"),
    ("", "models_registry.lineage.prediction_urls"),
    ("gates/", "governance.gates.urls"),
    ("approvals/", "governance.approvals.urls"),
    ("rules/", "governance.scoring.rule_urls"),
    ("rules/", "governance.rules.urls"),
    ("formulas/", "governance.health.urls"),
    ("scoring/", "governance.scoring.urls"),
    ("", "governance.risks.urls"),
    ("api/v1/", "governance.approvals.api_urls"),
    ("api/v1/", "governance.gates.api_urls"),
    ("api/v1/", "governance.rules.api_urls"),
    ("api/v1/", "governance.health.api_urls"),
    ("api/v1/", "governance.risks.api_urls"),
    ("api/v1/", "governance.scoring.api_urls"),
    ("v1/", "governance.scoring.compat_urls"),
    ("", "models_registry.telemetry.otlp_urls"),
    ("api/2.0/mlflow/", "governance.mlflow.urls"),
    ("api/2.0/mlflow/", "alerts.registryhooks.mlflow_urls"),
    ("", "governance.mlflow.capabilities"),
    ("api/v1/", "models_registry.telemetry.api_urls"),
    ("api/v1/", "models_registry.catalog.api_urls"),
    ("api/v1/lineage/", "models_registry.lineage.api_urls"),
    ("api/v1/backfills/", "models_registry.backfills.api_urls"),
    ("api/v1/costs/", "models_registry.costs.api_urls"),
    ("api/v1/", "models_registry.outside.api_urls"),
    ("api/v1/imports/", "models_registry.intake.api_urls"),
    ("api/v1/", "models_registry.lineage.prediction_api_urls"),
    ("api/v1/", "governance.dashboards.api_urls"),
    ("api/v1/", "alerts.inbox.api_urls"),
    ("", "governance.reports.urls"),
    ("api/v1/", "governance.reports.api_urls"),
    ("", "governance.dashboards.urls"),
)
"""Pairs of address prefix and module of the rooms that have pages or an API, most specific first."""

handler400 = "governance.config.refusals.bad_request"
handler403 = "governance.config.refusals.permission_denied"
handler404 = "governance.config.refusals.not_found"
handler500 = "governance.config.refusals.server_error"

urlpatterns = [
    path("", include("governance.config.health")),
    path("", include("governance.config.api_docs")),
    path("account/", include("allauth.urls")),
    *(path(prefix, include(module)) for prefix, module in ROOM_URLS),
]
