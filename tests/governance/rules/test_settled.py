"""The database itself keeps the text of a submitted version, whoever asks."""

from collections.abc import Mapping

import pytest
from django.db import ProgrammingError, connection, transaction

from governance.health import actions as formulas
from governance.rules import actions
from governance.rules.models import Rule, RuleVersion
from models_registry.access.models import Account
from tests.governance.rules.people import AT, a_person, cora

pytestmark = pytest.mark.django_db

SLUG, TEXT = next(actions.shipped_texts())


def a_submitted_rule() -> RuleVersion:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    actions.submit(by=cora(), at=AT, version=version)
    return version


def rewrite(table: str, pk: int, **columns: object) -> None:
    named = ", ".join(f"{name} = %s" for name in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update {table} set {named} where id = %s", [*columns.values(), pk])


@pytest.mark.parametrize(
    "columns",
    [{"text": "rule: another"}, {"digest": "sha256:0"}, {"number": 9}, {"state": "DRAFT"}],
    ids=lambda columns: next(iter(columns)),
)
def test_a_submitted_rule_is_never_rewritten(columns: Mapping[str, object]) -> None:
    version = a_submitted_rule()

    with pytest.raises(ProgrammingError, match="never changes"):
        rewrite("rules_version", version.pk, **columns)


def test_a_submitted_formula_is_never_rewritten() -> None:
    version = formulas.ensure_shipped_formulas(by=cora(), at=AT)[0]
    formulas.submit(by=cora(), at=AT, version=version)

    with pytest.raises(ProgrammingError, match="never changes"):
        rewrite("health_formula_version", version.pk, text="formula: another")


def test_nobody_becomes_the_author_of_anothers_draft() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    carl: Account = a_person("Carl", "compliance_officer")

    with pytest.raises(ProgrammingError, match="never changes"):
        rewrite("rules_version", version.pk, author_id=carl.pk)


def test_a_draft_is_still_written() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)

    changed = actions.edit_draft(by=cora(), at=AT, version=version, text=f"{TEXT}# narrower\n")

    assert changed.text.endswith("# narrower\n")


def test_a_rule_keeps_its_name() -> None:
    a_submitted_rule()

    with pytest.raises(ProgrammingError, match="keeps its name"):
        rewrite("rules_rule", Rule.objects.get().pk, slug="another")
