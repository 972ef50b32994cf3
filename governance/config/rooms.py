"""What rooms hand to each other and to the project by name, so that none imports one above it.

Every name is dotted and imported where it is used. `settings.py` takes all of them over.
"""

# --- Answers given before Django's own -------------------------------------------------------
# Where answers are given before sessions are looked at, see models_registry.access.early.
EARLY_URLS = {
    "/api/v1/telemetry/": ("api/v1/", "models_registry.telemetry.api_urls"),
    "/v1/": ("", "models_registry.telemetry.otlp_urls"),
    "/otlp/": ("", "models_registry.telemetry.otlp_urls"),
    "/api/2.0/mlflow/": ("api/2.0/mlflow/", "governance.mlflow.urls"),
}
# What is answered before a request is made at all, see models_registry.access.porch.
PORCH = {
    "GET /api/v1/gates/runtime/": "governance.gates.swift.runtime",
    "POST /api/v1/telemetry/": "models_registry.telemetry.swift.keep",
}

# --- Pages and files -------------------------------------------------------------------------
# Functions `() -> {topic: token}` of rooms whose changes are not in the trail.
LIVE_TOKENS: tuple[str, ...] = (
    "alerts.routing.queries.live_tokens",
    "models_registry.telemetry.arriving.live_tokens",
)
# The function `(model_id, at) -> [(title, tier, opening, address)]` that explains a past moment.
ALERTS_OPEN_AT = "alerts.inbox.queries.open_at"
# Who uses a metric: functions that give, for each metric, the names and addresses of what reads it.
METRIC_USES = ["governance.rules.uses.metrics", "governance.health.uses.metrics"]
# What the catalog asks for the house's name, direction and words of a metric, see models_registry.catalog.metric_names.
METRIC_CATALOGUE = "models_registry.telemetry.metrics.canonical"
# What rooms hand to the frame of every page, see models_registry.access.context.
SHELL_PARTS = ["governance.dashboards.shell.frame"]
# What people may take out, in the order of the export's page, see models_registry.access.exports.
EXPORTS = [
    "models_registry.intake.exports.tables",
    "models_registry.catalog.exports.tables",
    "models_registry.lineage.exports.tables",
    "models_registry.costs.exports.tables",
    "models_registry.outside.exports.tables",
    "models_registry.telemetry.exports.tables",
    "governance.scoring.exports.tables",
    "governance.risks.exports.tables",
    "governance.approvals.exports.tables",
    "governance.gates.exports.tables",
    "governance.rules.exports.tables",
    "governance.health.exports.tables",
    "alerts.inbox.exports.tables",
    "alerts.routing.exports.tables",
    "alerts.registryhooks.exports.tables",
    "models_registry.access.directory.tables",
]
# The lists whose filters people save under a name, see models_registry.access.saved.
SAVED_LISTS = [
    "governance.risks.register.LIST",
    "governance.dashboards.portfolio.LIST",
    "alerts.inbox.register.LIST",
    "governance.rules.register.LIST",
]

# --- Evidence --------------------------------------------------------------------------------
# Functions `(events, at)` of rooms above telemetry that read measured events, in one transaction.
EVENT_FOLLOWERS: tuple[str, ...] = (
    "models_registry.lineage.spans.take_in",
    "models_registry.outside.actions.take_in",
)
# What prediction traces say of each day's use, see models_registry.telemetry.usage.
USAGE_FEEDS: tuple[str, ...] = ("models_registry.lineage.daily_use.daily_use",)
# Functions that yield which history is needed as evidence, see models_registry.telemetry.needs.
RETENTION_NEEDS: tuple[str, ...] = ("governance.risks.needed.needed", "governance.gates.needed.needed")

# --- Work ------------------------------------------------------------------------------------
# Rooms whose tasks a worker knows.
ROOMS_WITH_TASKS: tuple[str, ...] = (
    "models_registry.access",
    "models_registry.telemetry",
    "models_registry.lineage",
    "models_registry.costs",
    "models_registry.intake",
    "models_registry.backfills",
    "models_registry.outside",
    "governance.scoring",
    "governance.risks",
    "governance.gates",
    "alerts.routing",
    "alerts.delivery",
    "alerts.registryhooks",
)
# Functions that `manage.py run_line` calls each second, in order of the line.
LINE_TASKS: tuple[str, ...] = (
    "models_registry.access.tasks.tick",
    "models_registry.telemetry.tasks.tick",
    "models_registry.lineage.tasks.tick",
    "models_registry.costs.tasks.tick",
    "models_registry.intake.tasks.tick",
    "models_registry.backfills.tasks.tick",
    "models_registry.outside.tasks.tick",
    "governance.scoring.tasks.tick",
    "governance.scoring.tasks.tick_sweep",
    "governance.scoring.tasks.tick_history",
    "governance.risks.tasks.tick",
    "governance.gates.tasks.tick",
    "alerts.routing.tasks.tick",
    "alerts.delivery.tasks.tick",
    "alerts.registryhooks.tasks.tick",
    "alerts.routing.metrics.tick",
)
