"""What the database itself promises about the trail, as texts for `migrations.RunSQL`.

* `AUDIT_ENTRY`: transaction, moment and leaf hash of an entry come from the server.
* `refuse_changes(table)`: rows are added and never altered, whoever asks.
* `require_entry(table)`: a transaction that changed a governed row commits only
  together with an entry of the trail; it catches raw SQL and bulk updates too.
* `VOTE`: nobody votes on their own request.

Grants keep the application's role from switching any of this off (`audit.roles`).
The leaf is computed by a trigger because a generated column would need
``canon::bytea``, which hashes differently as soon as the text holds a backslash.
"""

from collections.abc import Mapping

AUDIT_ENTRY = """
create function audit_seal_entry() returns trigger language plpgsql as $$
begin
  new.xid := pg_current_xact_id();
  new.at := clock_timestamp();
  new.leaf := sha256('\\x00'::bytea || convert_to(new.canon, 'UTF8'));
  return new;
end $$;

create trigger audit_entry_seal before insert on audit_entry
  for each row execute function audit_seal_entry();
"""

DROP_AUDIT_ENTRY = """
drop trigger audit_entry_seal on audit_entry;
drop function audit_seal_entry();
"""

REFUSE_FUNCTION = """
create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;
"""

DROP_REFUSE_FUNCTION = "drop function audit_refuse_change();"

REQUIRED_FUNCTION = """
create function audit_required() returns trigger language plpgsql as $$
begin
  if not exists (select from audit_entry where xid = pg_current_xact_id()) then
    raise exception 'a change of % needs an entry in the trail, in the same transaction', tg_table_name
      using errcode = 'check_violation',
            hint = 'Call models_registry.audit.actions.record inside the transaction.';
  end if;
  return null;
end $$;
"""

DROP_REQUIRED_FUNCTION = "drop function audit_required();"

VOTE = """
create function approvals_refuse_own_vote() returns trigger language plpgsql as $$
begin
  if exists (select from approvals_request r where r.id = new.request_id and r.requested_by_id = new.voter_id)
  then
    raise exception 'whoever asks for an approval cannot vote on it' using errcode = 'check_violation';
  end if;
  return new;
end $$;

create trigger approvals_vote_not_own before insert or update on approvals_vote
  for each row execute function approvals_refuse_own_vote();
"""

DROP_VOTE = """
drop trigger approvals_vote_not_own on approvals_vote;
drop function approvals_refuse_own_vote();
"""

GOVERNED_TABLES: Mapping[str, tuple[str, ...]] = {
    "access_role_grant": (),
    "access_saved_view": (),
    "access_token": ("account_id", "name", "digest", "scopes", "expires_at", "revoked_at"),
    "approvals_request": (),
    "catalog_alias": (),
    "catalog_alias_protection": (),
    "catalog_card_text": (),
    "catalog_issued_card": (),
    "catalog_model": (),
    "catalog_run": ("version_id",),
    "catalog_sweep": (),
    "catalog_validation": (),
    "catalog_version": ("model_id", "number", "artifact_digest", "source_uri", "description", "stage"),
    "costs_budget": (),
    "costs_import": ("state", "round"),
    "costs_price_list": (),
    "costs_rate": (),
    "costs_record": (),
    "gates_decision": (),
    "health_formula_version": (),
    "intake_import": ("digest", "applied_at", "undone_at"),
    "lineage_artifact": (),
    "lineage_artifact_version": (),
    "lineage_edge": (),
    "lineage_prediction_terms": (),
    "registryhooks_webhook": (),
    "outside_violation": ("model_id", "placement_id", "ended_at", "ending", "answered_at", "answer"),
    "risks_acceptance": (),
    "risks_plan": (),
    "risks_risk": (
        "model_id",
        "category",
        "inherent_likelihood",
        "inherent_impact",
        "baseline_likelihood",
        "baseline_impact",
        "target_level",
        "level",
        "state",
        "disputed",
    ),
    "rules_version": ("rule_id", "number", "text", "digest", "state", "author_id"),
    "scoring_control": (),
    "telemetry_drop": (),
    "telemetry_house_alias": (),
    "telemetry_house_metric": (),
    "telemetry_keeping_terms": (),
    "telemetry_legal_hold": (),
    "telemetry_mapping_version": (),
    "telemetry_source": (),
}
"""Tables whose changes need an entry. Named columns: an update of only the others needs none."""

INSERTED_FREELY: Mapping[str, str] = {
    "costs_import": "new.state <> 'PREVIEWED'",
    "intake_import": "new.applied_at is not null",
    "risks_risk": "new.level <> 'LOW'",
}
"""When an inserted row needs an entry, where not always: an empty line of the register says nothing yet."""


def refuse_changes(table: str) -> str:
    """Return the triggers that refuse UPDATE, DELETE and TRUNCATE of a table, even to its owner."""
    return f"""
create trigger {table}_append_only before update or delete on {table}
  for each row execute function audit_refuse_change();
create trigger {table}_no_truncate before truncate on {table}
  for each statement execute function audit_refuse_change();
"""


def drop_refuse_changes(table: str) -> str:
    """Return what undoes `refuse_changes`."""
    return f"drop trigger {table}_append_only on {table};\ndrop trigger {table}_no_truncate on {table};\n"


def require_entry(table: str) -> str:
    """Return the deferred triggers that ask for an entry at COMMIT, or fail it with 23514."""
    columns = GOVERNED_TABLES[table]
    old, new = (_row(side, columns) for side in ("old", "new"))
    inserted = f"\n  when ({INSERTED_FREELY[table]})" if table in INSERTED_FREELY else ""
    return f"""
create constraint trigger {table}_audit_inserted after insert on {table}
  deferrable initially deferred for each row{inserted} execute function audit_required();
create constraint trigger {table}_audit_removed after delete on {table}
  deferrable initially deferred for each row execute function audit_required();
create constraint trigger {table}_audit_changed after update on {table}
  deferrable initially deferred for each row
  when ({old} is distinct from {new}) execute function audit_required();
"""


def drop_require_entry(table: str) -> str:
    """Return what undoes `require_entry`."""
    names = (f"{table}_audit_{what}" for what in ("inserted", "removed", "changed"))
    return "\n".join(f"drop trigger {name} on {table};" for name in names)


def _row(side: str, columns: tuple[str, ...]) -> str:
    if not columns:
        return f"{side}.*"
    return f"row({', '.join(f'{side}.{column}' for column in columns)})"
