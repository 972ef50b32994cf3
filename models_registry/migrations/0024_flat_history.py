"""What pages of the registry read of a long history is found by an index, not sorted out of all of it."""

import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

FILLED = """
create function catalog_stage_move_model() returns trigger language plpgsql as $$
begin
  select model_id into new.model_id from catalog_version where id = new.version_id;
  return new;
end $$;

create trigger catalog_stage_move_model before insert on catalog_stage_move
  for each row execute function catalog_stage_move_model();

create function lineage_edge_ends() returns trigger language plpgsql as $$
begin
  select artifact_id into new.artifact_id from lineage_artifact_version where id = new.used_id;
  select model_id into new.model_id from catalog_version where id = new.version_id;
  return new;
end $$;

create trigger lineage_edge_ends before insert on lineage_edge
  for each row execute function lineage_edge_ends();

alter table catalog_stage_move disable trigger user;
update catalog_stage_move as move set model_id = version.model_id
from catalog_version as version where version.id = move.version_id;
alter table catalog_stage_move enable trigger user;

alter table lineage_edge disable trigger user;
update lineage_edge as edge set
  artifact_id = (select artifact_id from lineage_artifact_version where id = edge.used_id),
  model_id = (select model_id from catalog_version where id = edge.version_id);
alter table lineage_edge enable trigger user;
"""
UNFILLED = """
drop trigger lineage_edge_ends on lineage_edge;
drop function lineage_edge_ends();
drop trigger catalog_stage_move_model on catalog_stage_move;
drop function catalog_stage_move_model();
"""


def _key(to, related_name="+"):
    return models.ForeignKey(
        to=to, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0023_newest_by_stage")]

    operations = [
        migrations.AddField("stagemove", "model", _key("models_registry.registeredmodel", "stage_moves")),
        migrations.AddField("edge", "artifact", _key("models_registry.artifact")),
        migrations.AddField("edge", "model", _key("models_registry.registeredmodel")),
        migrations.RunSQL(FILLED, UNFILLED),
        migrations.AddIndex(
            "stagemove", models.Index(fields=["model", "-moved_at", "-id"], name="catalog_stage_move_newest")
        ),
        migrations.AddIndex(
            "stagemove",
            models.Index(fields=["model", "to_stage", "-version"], name="catalog_stage_move_entered"),
        ),
        migrations.AddIndex(
            "edge",
            models.Index(fields=["artifact", "model"], condition=Q(model__isnull=False), name="lineage_edge_users"),
        ),
        migrations.AddIndex(
            "artifactversion",
            models.Index(fields=["artifact", "-created_at", "-id"], name="lineage_version_newest"),
        ),
        migrations.AddIndex(
            "modelversion",
            models.Index(
                F("model"), Coalesce("changed_at", "created_at").desc(), F("number").desc(),
                name="catalog_version_model_changed",
            ),
        ),
        migrations.RemoveConstraint("modelversion", "catalog_version_number_once"),
        migrations.AddConstraint(
            "modelversion",
            models.UniqueConstraint(
                fields=["model", "number"], include=["created_at"], name="catalog_version_number_once"
            ),
        ),
        migrations.AddIndex(
            "modelversion",
            models.Index(Coalesce("changed_at", "created_at").desc(), name="catalog_version_changed"),
        ),
        migrations.AddIndex(
            "modelversion",
            models.Index(fields=["run_id"], condition=~Q(run_id=""), name="catalog_version_run"),
        ),
        migrations.RemoveIndex("run", "catalog_run_newest"),
        migrations.AddIndex(
            "run",
            models.Index(F("model"), Coalesce("started_at", "recorded_at").desc(), F("id"), name="catalog_run_newest"),
        ),
        migrations.AddIndex(
            "run", GinIndex(fields=["artifacts"], opclasses=["jsonb_path_ops"], name="catalog_run_artifacts")
        ),
        migrations.RemoveIndex("validation", "catalog_validation_newest"),
        migrations.AddIndex(
            "validation", models.Index(fields=["version", "-ran_at", "-id"], name="catalog_validation_newest")
        ),
        migrations.AddIndex(
            "validation", models.Index(fields=["version", "suite", "-ran_at", "-id"], name="catalog_validation_suite")
        ),
        migrations.RemoveConstraint("dailycost", "costs_daily_once"),
        migrations.RemoveIndex("dailycost", "costs_daily_model"),
        migrations.AddConstraint(
            "dailycost",
            models.UniqueConstraint(
                fields=["model", "day", "origin", "version", "unit", "team", "project", "currency"],
                nulls_distinct=False, name="costs_daily_once",
            ),
        ),
        migrations.AddIndex("dailycost", models.Index(fields=["day"], name="costs_daily_day")),
    ]  # fmt: skip
