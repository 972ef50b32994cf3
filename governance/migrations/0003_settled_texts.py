"""What a version of a rule or formula says is settled once it is submitted: the database refuses anything else."""

from django.db import migrations

FUNCTION = """
create function rules_refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception '% %: the text of a version in state % never changes', tg_table_name, old.id, old.state
    using errcode = 'insufficient_privilege',
          hint = 'Draft a new version.';
end $$;
"""

TRIGGER = """
create trigger {table}_settled before update on {table} for each row
  when (
    (row(old.{parent}_id, old.number, old.author_id) is distinct from row(new.{parent}_id, new.number, new.author_id))
    or (old.state <> 'DRAFT' and row(old.text, old.digest) is distinct from row(new.text, new.digest))
    or (old.state <> 'DRAFT' and new.state = 'DRAFT')
  )
  execute function rules_refuse_rewriting();
"""

NAME = """
create trigger {table}_named before update on {table} for each row
  when (old.slug is distinct from new.slug)
  execute function rules_refuse_renaming();
"""

NAME_FUNCTION = """
create function rules_refuse_renaming() returns trigger language plpgsql as $$
begin
  raise exception '% % keeps its name', tg_table_name, old.slug using errcode = 'insufficient_privilege';
end $$;
"""

VERSIONS = {"rules_version": "rule", "health_formula_version": "formula"}
NAMED = ("rules_rule", "health_formula")


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_trail_promises")]
    operations = [
        migrations.RunSQL(FUNCTION, "drop function rules_refuse_rewriting();"),
        migrations.RunSQL(NAME_FUNCTION, "drop function rules_refuse_renaming();"),
        *(
            migrations.RunSQL(TRIGGER.format(table=table, parent=parent), f"drop trigger {table}_settled on {table};")
            for table, parent in VERSIONS.items()
        ),
        *(migrations.RunSQL(NAME.format(table=table), f"drop trigger {table}_named on {table};") for table in NAMED),
    ]
