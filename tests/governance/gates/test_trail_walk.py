"""An altered entry of the trail stops its model's promotions, however long the trail has grown since."""

import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from governance.gates import actions, tasks, trail
from governance.gates.models import TrailBreak, TrailWalk
from models_registry.audit.actions import record
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import ModelVersion
from tests.governance.gates.world import AT, OPERATOR, a_clean_version, codes, otto


def ask(version: ModelVersion) -> set[str]:
    return codes(actions.ask(by=otto(), at=AT, version=version, target="production"))


def first_entry(version: ModelVersion) -> AuditEntry:
    return AuditEntry.objects.filter(model_id=version.model_id).order_by("pk")[0]


def grow(version: ModelVersion, count: int) -> None:
    for number in range(count):
        record(by=OPERATOR, action="model.edited", on=version.model, body={"number": number})


def replace_text(admin_url: str, entry: int, old: str, new: str) -> None:
    """Alter an entry as somebody with all powers over the database can."""
    address = psycopg.conninfo.make_conninfo(admin_url, dbname=settings.DATABASES["default"]["NAME"])
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update audit_entry set canon = replace(canon, %s, %s) where id = %s", [old, new, entry])


@pytest.fixture
def version(transactional_db: None) -> ModelVersion:
    return a_clean_version()


def alter(admin_url: str, version: ModelVersion) -> int:
    entry = first_entry(version).pk
    replace_text(admin_url, entry, "Claims triage", "Clams triage")
    return entry


@pytest.mark.django_db(transaction=True)
def test_an_entry_among_the_newest_is_noticed_at_once(version: ModelVersion, database_admin_url: str) -> None:
    assert ask(version) == set()

    alter(database_admin_url, version)

    assert ask(version) == {"AUDIT_CHAIN_BROKEN"}


@pytest.mark.django_db(transaction=True)
def test_an_old_entry_is_found_by_the_walk_and_blocks_until_it_is_put_right(
    version: ModelVersion, database_admin_url: str
) -> None:
    grow(version, trail.NEWEST + 5)
    entry = alter(database_admin_url, version)
    epoch = ModelVersion.objects.get(pk=version.pk).epoch

    found = [trail.walk(at=AT + timedelta(seconds=second), limit=20) for second in range(12)]

    assert sum(found) == 1
    assert TrailBreak.objects.get().entry_id == entry
    assert AuditEntry.objects.get(action="trail.break_found").model_id == version.model_id
    assert ModelVersion.objects.get(pk=version.pk).epoch > epoch
    assert ask(version) == {"AUDIT_CHAIN_BROKEN"}
    replace_text(database_admin_url, entry, "Clams triage", "Claims triage")
    assert ask(version) == set()


@pytest.mark.django_db
def test_the_walk_begins_again_when_it_has_read_everything() -> None:
    version = a_clean_version()
    grow(version, 10)
    total = AuditEntry.objects.count()

    trail.walk(at=AT, limit=total - 1)
    assert TrailWalk.objects.get().entry_id > 0
    tasks.tick(AT)

    walk = TrailWalk.objects.get()
    assert (walk.entry_id, walk.round_ended_at) == (0, AT)
    assert not TrailBreak.objects.exists()


@pytest.mark.django_db
def test_a_question_reads_as_many_entries_of_a_long_trail_as_of_a_short_one() -> None:
    version = a_clean_version()
    grow(version, 200)

    with connection.cursor() as cursor:
        cursor.execute(
            "explain (analyze, format json) " + trail.IS_INTACT, {"model": version.model_id, "newest": trail.NEWEST}
        )
        plan: Any = cursor.fetchone()

    assert most_rows(plan[0] if isinstance(plan[0], list) else json.loads(plan[0])) <= trail.NEWEST


def most_rows(plan: Any) -> float:
    """Return the largest number of rows that any step over the trail read."""
    if isinstance(plan, list):
        return max(map(most_rows, plan), default=0)
    if not isinstance(plan, dict):
        return 0
    own = plan.get("Actual Rows", 0) if plan.get("Relation Name") == "audit_entry" else 0
    return max([own, *(most_rows(part) for part in plan.values() if isinstance(part, list | dict))])
