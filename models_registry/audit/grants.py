"""Which tables the application may add to but never change.

`manage.py setup_database` reads this list after migrating. For a table named here the
application's role holds SELECT, and INSERT on the listed columns alone: never UPDATE, DELETE or
TRUNCATE, and never the columns that the database fills in itself (identity, transaction id,
moment, leaf hash), because `OVERRIDING SYSTEM VALUE` would otherwise let them be forged.
"""

from typing import NamedTuple


class AppendOnly(NamedTuple):
    """A table that only grows, and the columns that the application fills in."""

    table: str
    columns: tuple[str, ...]


APPEND_ONLY_TABLES: tuple[AppendOnly, ...] = (
    AppendOnly("approvals_vote", ("request_id", "voter_id", "as_role", "approves", "digest", "comment", "voted_at")),
    AppendOnly(
        "audit_entry",
        (
            "actor_kind",
            "actor_id",
            "actor_name",
            "request_id",
            "action",
            "object_type",
            "object_id",
            "model_id",
            "cause_event_id",
            "canon",
        ),
    ),
    AppendOnly("catalog_alias_move", ("model_id", "name", "version_id", "clearance_id", "moved_by_id", "moved_at")),
    AppendOnly(
        "catalog_card_text",
        ("model_id", "section", "number", "text", "digest", "written_by_id", "written_at"),
    ),
    AppendOnly(
        "catalog_issued_card",
        ("model_id", "number", "document", "digest", "note", "issued_by_id", "issued_at"),
    ),
    AppendOnly(
        "catalog_stage_move",
        ("version_id", "model_id", "from_stage", "to_stage", "clearance_id", "moved_by_id", "moved_at"),
    ),
    AppendOnly(
        "catalog_validation",
        (
            "version_id",
            "suite",
            "kind",
            "dataset",
            "dataset_digest",
            "report_uri",
            "note",
            "ran_at",
            "ran_by",
            "verdict",
            "digest",
            "recorded_by_id",
            "recorded_at",
        ),
    ),
    AppendOnly(
        "catalog_validation_result",
        (
            "validation_id",
            "position",
            "metric",
            "segment",
            "value",
            "way",
            "threshold",
            "baseline",
            "verdict",
            "reason",
            "low",
            "high",
            "count",
            "successes",
            "variance",
            "samples",
        ),
    ),
    AppendOnly(
        "costs_price_list",
        ("provider", "number", "effective_on", "currency", "prices", "source", "entered_by_id", "entered_at"),
    ),
    AppendOnly("costs_rate", ("currency", "reporting", "effective_on", "rate", "entered_by_id", "entered_at")),
    AppendOnly(
        "costs_record",
        (
            "source_id",
            "round",
            "row",
            "compensates_id",
            "day",
            "model_id",
            "version_id",
            "unit_id",
            "team_id",
            "project",
            "currency",
            "amount_micros",
            "description",
            "recorded_by_id",
            "recorded_at",
        ),
    ),
    AppendOnly(
        "delivery_attempt",
        ("notification_id", "number", "began_at", "elapsed_ms", "succeeded", "permanent", "status", "error"),
    ),
    AppendOnly(
        "health_score",
        (
            "model_id",
            "formula_version_id",
            "score",
            "redline",
            "coverage",
            "components",
            "segments",
            "scored_at",
        ),
    ),
    AppendOnly("lineage_fact", ("version_id", "sort", "name", "text", "number", "recorded_by_id", "recorded_at")),
    AppendOnly("inbox_annotation", ("alert_id", "text", "by_id", "at")),
    AppendOnly("risks_acknowledgement", ("risk_id", "by_id", "at", "note", "judged_digest")),
    AppendOnly(
        "risks_change",
        (
            "risk_id",
            "from_level",
            "to_level",
            "from_score",
            "to_score",
            "state",
            "cause",
            "explanation",
            "contributions",
            "evaluation_id",
            "changed_at",
        ),
    ),
    AppendOnly("risks_assessment", ("risk_id", "likelihood", "impact", "reason", "assessed_by_id", "assessed_at")),
    AppendOnly("risks_release", ("risk_id", "reason", "released_by_id", "released_at")),
    AppendOnly("telemetry_drop", ("sort", "month", "count", "freed", "digest", "terms_id", "dropped_at")),
    AppendOnly("telemetry_drop_part", ("drop_id", "model_id", "month", "width_s", "count", "readings", "total")),
    AppendOnly("routing_decision", ("entry_id", "outcome", "tier", "route_id", "alert_id", "reason", "decided_at")),
    AppendOnly(
        "rules_evaluation",
        (
            "rule_version_id",
            "model_id",
            "environment",
            "segment",
            "mode",
            "holds",
            "firing",
            "value",
            "threshold",
            "points",
            "readings",
            "explanation",
            "event_id",
            "judged_at",
        ),
    ),
    AppendOnly(
        "scoring_posture_change",
        (
            "risk_score",
            "level",
            "tolerance",
            "appetite",
            "health",
            "health_redline",
            "coverage",
            "room",
            "in_the_red",
            "quiet",
            "accepted",
            "why",
            "way_out",
            "model_id",
            "changed_at",
        ),
    ),
)
