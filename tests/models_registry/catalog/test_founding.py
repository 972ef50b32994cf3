"""Many models at once: the same rows and entries as one by one, all or none, refused in the same words."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions
from models_registry.catalog.clearance_actions import ClearanceMissing
from models_registry.catalog.founding import NewModel, NewVersion, register_all
from models_registry.catalog.models import Alias, AliasMove, ExternalName, ModelVersion, RegisteredModel, StageMove
from tests.journeys.builders import people

pytestmark = pytest.mark.django_db

AT = timezone.now()
DIGEST = "sha256:" + "7" * 64


def olive() -> Account:
    return Account.objects.get(pk=people().olive.pk)


def a_new(slug: str, **more: Any) -> NewModel:
    facts = {"name": slug.title(), "kind": "VISION", "owner": olive(), "unit": people().claims, "tags": ["a"]}
    return NewModel(slug=slug, facts={**facts, **more.pop("facts", {})}, **more)


def told(table: Any, slug: str, way: str) -> list[dict[str, Any]]:
    """Return the rows about a model without their keys and without its name."""
    fields = [field.attname for field in table._meta.concrete_fields if not field.is_relation and field.name != "id"]
    return [
        {name: str(value).replace(slug, "") for name, value in row.items()}
        for row in table.objects.filter(**{way: slug}).order_by("pk").values(*fields)
    ]


def entries(slug: str) -> list[tuple[str, str]]:
    model = RegisteredModel.objects.get(slug=slug)
    rows = AuditEntry.objects.filter(model_id=model.pk).order_by("action", "id")
    names = (slug.title(), slug)

    def bare(body: dict[str, Any]) -> str:
        text = str(sorted((name, value) for name, value in body.items() if name != "entry"))
        return text.replace(names[0], "").replace(names[1], "")

    return [(row.action, bare(row.body)) for row in rows]


def test_models_made_together_are_as_those_made_one_by_one() -> None:
    versions = [NewVersion(2, DIGEST, "s3://a", "First.", "STAGING"), NewVersion(5)]
    together = a_new("together", outside=[("arize", "together")], versions=versions, aliases={"blue": 5})
    by = olive()

    [made] = register_all(by=by, at=AT, asked=[together])
    facts = dict(a_new("alone").facts)
    alone = actions.register_model(by=by, at=AT, slug="alone", registered_by=by, **facts)
    actions.name_outside(by=by, at=AT, model=alone, system="arize", name="alone")
    first = actions.register_version(
        by=by, at=AT, model=alone, artifact_digest=DIGEST, source_uri="s3://a", description="First.", after=1
    )
    actions.move_stage(by=by, at=AT, version=first, to="STAGING")
    fifth = actions.register_version(by=by, at=AT, model=alone, after=4)
    actions.point_alias(by=by, at=AT, model=alone, name="blue", version=fifth)

    assert (made.pk, fifth.number) == (RegisteredModel.objects.get(slug="together").pk, 5)
    tables = ((RegisteredModel, "slug"), (ModelVersion, "model__slug"), (StageMove, "version__model__slug"),
              (Alias, "model__slug"), (AliasMove, "model__slug"), (ExternalName, "model__slug"))  # fmt: skip
    for table, way in tables:
        rows = [
            [{name: value.lower().replace(slug, "") for name, value in row.items()} for row in told(table, slug, way)]
            for slug in ("together", "alone")
        ]
        assert rows[0] == rows[1], table
    assert entries("together") == entries("alone")


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"slug": "Not A Slug"}, actions.NameUnfit),
        ({"facts": {"kind": "TOASTER"}}, ValidationError),
        ({"facts": {"name": ""}}, ValidationError),
        ({"versions": [NewVersion(1, "sha256:short")]}, actions.DigestMalformed),
        ({"versions": [NewVersion(1, source_uri="x" * 501)]}, ValidationError),
        ({"versions": [NewVersion(1, stage="PRODUCTION")]}, ClearanceMissing),
        ({"versions": [NewVersion(1)], "aliases": {"production": 1}}, ClearanceMissing),
        ({"versions": [NewVersion(1)], "aliases": {"not an alias": 1}}, actions.NameUnfit),
        ({"outside": [("arize", "taken")]}, actions.NameTaken),
        ({"slug": "first"}, actions.NameTaken),
    ],
)
def test_one_that_cannot_be_keeps_all_of_them_out(wrong: dict[str, Any], refused: type[Exception]) -> None:
    by = olive()
    register_all(by=by, at=AT, asked=[a_new("there", outside=[("arize", "taken")])])

    with pytest.raises(refused):
        register_all(by=by, at=AT, asked=[a_new("first"), a_new(wrong.pop("slug", "second"), **wrong)])

    assert list(RegisteredModel.objects.values_list("slug", flat=True)) == ["there"]


def test_who_may_not_register_registers_none() -> None:
    with pytest.raises(AccessDenied):
        register_all(by=people().cora, at=AT, asked=[a_new("first")])


def test_more_models_ask_no_more_of_the_database() -> None:
    by = olive()

    def asked(count: int, name: str) -> int:
        new = [a_new(f"{name}-{number}", versions=[NewVersion(1)], aliases={"blue": 1}) for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            register_all(by=by, at=AT, asked=new)
        return len(seen)

    assert asked(3, "few") >= asked(30, "many")
