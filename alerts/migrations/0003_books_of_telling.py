"""Decisions and notifications are counted as they end, beginning with those that there are."""

from django.db import migrations, models

COUNT = """
insert into routing_books (id, decided)
select 1, count(*) from routing_decision having count(*) > 0;

insert into delivery_books (id, delivered, given_up, cancelled)
select 1, count(*) filter (where state = 'DELIVERED'), count(*) filter (where state = 'GIVEN_UP'),
       count(*) filter (where state = 'CANCELLED')
  from delivery_notification having count(*) > 0;
"""
"""An empty database stays empty, so that a backup can be restored into it."""


def ends() -> list[tuple[str, models.Field]]:
    """Return the columns that both tables of delivery share."""
    names = ("delivered", "given_up", "cancelled")
    return [(name, models.BigIntegerField(db_default=0, default=0)) for name in names]


def one_row(table: str) -> models.CheckConstraint:
    """Return what keeps a table at one row."""
    return models.CheckConstraint(condition=models.Q(("id", 1)), name=f"{table}_one_row")


class Migration(migrations.Migration):
    dependencies = [("alerts", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="DeliveryTally",
            fields=[*ends(), ("id", models.BigAutoField(primary_key=True, serialize=False))],
            options={"db_table": "delivery_tally"},
        ),
        migrations.CreateModel(
            name="DeliveryBooks",
            fields=[*ends(), ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False))],
            options={"db_table": "delivery_books", "constraints": [one_row("delivery_books")]},
        ),
        migrations.CreateModel(
            name="RoutingBooks",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("decided", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={"db_table": "routing_books", "constraints": [one_row("routing_books")]},
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
