"""The trail as the application's role meets it: added to, hashed by the server, never altered."""

import hashlib
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from models_registry.access.models import RoleGrant
from models_registry.audit.actions import ReservedMember, record
from models_registry.audit.actor import System
from models_registry.audit.grants import APPEND_ONLY_TABLES
from models_registry.audit.models import AuditEntry
from tests.governed import switch
from tests.models_registry.access.people import AT, a_model, an_account

OTTO = System("otto")


def write(**body: object) -> AuditEntry:
    return AuditEntry.objects.get(
        pk=record(by=OTTO, action="risk.level_raised", on=("risk", "7"), body=body, cause_event_id=9)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["plain", "back\\slash \\x00 \\\\", "žluťoučký 模型 🙂", 'quote " and \n line'])
def test_the_leaf_is_the_hash_python_computes(text: str) -> None:
    entry = write(note=text)

    assert bytes(entry.leaf) == hashlib.sha256(b"\x00" + entry.canon.encode()).digest()
    assert entry.body["note"] == text


@pytest.mark.django_db
def test_the_hashed_text_names_actor_action_and_subject() -> None:
    entry = write(to="HIGH")

    assert entry.body == {
        "to": "HIGH",
        "entry": {
            "action": "risk.level_raised",
            "actor": {"id": "otto", "kind": "SYSTEM", "name": "otto"},
            "cause_event_id": 9,
            "model_id": None,
            "object": {"id": "7", "type": "risk"},
        },
    }


@pytest.mark.django_db
def test_the_moment_is_the_server_s_and_the_model_is_found() -> None:
    model = a_model("scorer", an_account("olive"), unit="credit")

    entry = AuditEntry.objects.get(pk=record(by=OTTO, action="model.registered", on=model, body={}))

    assert entry.model_id == model.pk
    assert (entry.object_type, entry.object_id) == ("registeredmodel", str(model.pk))
    assert abs(entry.at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.django_db
def test_a_body_cannot_pretend_to_be_the_envelope() -> None:
    with pytest.raises(ReservedMember):
        write(entry={"actor": "somebody else"})


HOSTILE = (
    "update audit_entry set canon = '{}'",
    "update audit_entry set leaf = leaf",
    "delete from audit_entry",
    "truncate audit_entry",
    "truncate audit_entry cascade",
    "alter table audit_entry disable trigger all",
    "alter table audit_entry disable trigger audit_entry_seal",
    "drop trigger audit_entry_append_only on audit_entry",
    "drop table audit_entry cascade",
    "set session_replication_role = replica",
    "create or replace function audit_required() returns trigger language plpgsql as $$ begin return null; end $$",
    "create table public.shadow (id int)",
    "create temp table audit_entry (id bigint)",
    "copy (select 1) to program 'true'",
    "insert into audit_entry (id, actor_kind, actor_id, actor_name, action, object_type, object_id, canon)"
    " overriding system value values (1, 'SYSTEM', '', '', 'a.b', '', '', '{}')",
    "insert into audit_entry (at, actor_kind, actor_id, actor_name, action, object_type, object_id, canon)"
    " values (now() - interval '1 year', 'SYSTEM', '', '', 'a.b', '', '', '{}')",
    "insert into audit_entry (leaf, actor_kind, actor_id, actor_name, action, object_type, object_id, canon)"
    " values ('\\x00', 'SYSTEM', '', '', 'a.b', '', '', '{}')",
    "set role redline_owner",
)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", HOSTILE)
def test_the_application_cannot_touch_the_trail(statement: str) -> None:
    entry = write(to="HIGH")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEntry.objects.get(pk=entry.pk).canon == entry.canon


@pytest.mark.django_db
@pytest.mark.parametrize("table", [table.table for table in APPEND_ONLY_TABLES])
@pytest.mark.parametrize("verb", ["update {} set id = id", "delete from {}", "truncate {}"])
def test_no_append_only_table_can_be_altered(table: str, verb: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))


@pytest.fixture
def owner(transactional_db: None, database_admin_url: str) -> psycopg.Connection:
    """The owner's own connection, as an operator with a prompt would have it."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(database_admin_url, dbname=name, autocommit=True) as found:
        found.execute("set role redline_owner")
        yield found


def test_even_the_owner_s_mistakes_are_refused(owner: psycopg.Connection) -> None:
    entry = write(to="HIGH")

    for statement in (
        "update audit_entry set canon = '{}'",
        "delete from audit_entry",
        "truncate audit_entry cascade",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(statement)

    assert AuditEntry.objects.get().pk == entry.pk


@pytest.fixture
def governed(owner: psycopg.Connection) -> None:
    """Governed tables ask for their entry, as in production."""
    before = owner.execute(
        "select tgenabled from pg_trigger where tgname = 'access_role_grant_audit_inserted'"
    ).fetchone()
    switch(owner, on=True)
    yield
    connection.close()
    switch(owner, on=before == ("O",))


@pytest.mark.usefixtures("governed")
def test_a_governed_change_without_an_entry_does_not_commit() -> None:
    olive = an_account("olive")

    with pytest.raises(IntegrityError, match="needs an entry in the trail") as refused, transaction.atomic():
        RoleGrant.objects.create(account=olive, role="auditor", granted_at=AT)

    assert refused.value.__cause__.sqlstate == "23514"
    assert not RoleGrant.objects.exists()


@pytest.mark.usefixtures("governed")
def test_a_governed_change_with_its_entry_commits_and_bulk_updates_need_one_too() -> None:
    olive = an_account("olive")
    with transaction.atomic():
        RoleGrant.objects.create(account=olive, role="auditor", granted_at=AT)
        record(by=OTTO, action="role.granted", on=olive, body={})

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.update(ended_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.all().delete()

    assert RoleGrant.objects.get().ended_at is None


@pytest.mark.usefixtures("governed")
def test_an_entry_of_another_transaction_does_not_count() -> None:
    olive = an_account("olive")
    record(by=OTTO, action="role.granted", on=olive, body={})

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(account=olive, role="auditor", granted_at=AT)
