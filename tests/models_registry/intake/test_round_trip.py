"""What goes out comes back in as no change: any text, in every form, with versions and aliases."""

import csv
import io
import json
import string
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from models_registry.access.models import Team
from models_registry.catalog.actions import name_outside, point_alias, register_version
from models_registry.catalog.models import Alias, ExternalName, ModelVersion, RegisteredModel, Stage
from models_registry.intake.exports import tables
from models_registry.intake.models import Intake, Outcome
from models_registry.tabular.writing import csv_parts, json_parts, workbook, zip_parts
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.intake.world import AT, checked, olive

pytestmark = pytest.mark.django_db

PHASES = (Phase.explicit, Phase.generate)  # each example is a journey; a smaller one is not worth minutes
FORMS = ("csv", "xlsx", "json")
NASTY = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
    st.sampled_from(
        ["=1+1", "'=1", "''@x", "-", "+4", "@a", "\t=x", " =x", "#N/A", "(empty)", "a;b,c|d", "1.0", "007", "nan",
         "true", "line\r\nline", "line\rline", "_x0041_", "\x0b", "'", '"', '","', "x" * 40_000, "é\u200b", "  ",
         "Ångström; Øre", "\ufeffbom", "sep=;", "2026-01-02", "1e5", "﷽"]
    ),
)  # fmt: skip
NAME = NASTY.map(lambda text: text.strip()[:120].strip()).filter(bool)
SHORT = NASTY.map(lambda text: text[:120])


def table_of(name: str, form: str) -> bytes:
    found = [one for one in tables(actor=olive()) if one.name == name]
    if form == "csv":
        return b"".join(csv_parts(found[0]))
    if form == "json":
        return b"".join(json_parts(found)).replace(f'"{name}"'.encode(), b'"models"', 1)
    with workbook(found) as file:
        return file.read()


def outcomes(intake: Intake) -> set[str]:
    told = [(str(item.changes)[:600], str(item.problems)[:600]) for item in intake.items.exclude(outcome=Outcome.SAME)]
    assert not told
    return set(intake.items.values_list("outcome", flat=True))


@settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(
    name=NAME, purpose=NASTY, vendor=SHORT, provider=SHORT, tags=st.lists(SHORT.map(lambda t: t[:60]), max_size=4),
    places=st.lists(st.text(string.ascii_uppercase + ";,- ", max_size=8), max_size=3), form=st.sampled_from(FORMS),
)  # fmt: skip
@example("a", "x" * 50_000, "", "", [], [], "xlsx")
@example("=cmd()", "'=1", "'", "''-1", ["a;b", " c", "(empty)"], ["EU"], "csv")
def test_exported_models_come_back_as_no_change(
    name: str, purpose: str, vendor: str, provider: str, tags: list[str], places: list[str], form: str
) -> None:
    Intake.objects.all().delete()
    RegisteredModel.objects.all().delete()
    people()
    team, _ = Team.objects.get_or_create(slug="claims-ml", defaults={"name": "Claims ML", "unit": people().claims})
    RegisteredModel.objects.create(
        slug="one", name=name, kind="VISION", purpose=purpose, vendor=vendor, provider=provider, tags=tags,
        jurisdictions=places, owner=olive(), deputy=a_person("dora", name[:100]), unit=people().claims, team=team,
        customer_facing=True, materiality="LOW", regulatory_class="LIMITED", data_sensitivity="PERSONAL",
        created_at=AT,
    )  # fmt: skip

    intake = checked(table_of("models", form))

    assert outcomes(intake) == {Outcome.SAME}


@settings(max_examples=25, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(
    text=NASTY,
    uri=SHORT,
    alias=st.text(string.ascii_letters + "._-", min_size=1, max_size=20),
    form=st.sampled_from(FORMS),
)
def test_exported_versions_come_back_as_no_change(text: str, uri: str, alias: str, form: str) -> None:
    for table in (Intake, Alias, ModelVersion, RegisteredModel):
        table.objects.all().delete()
    model = RegisteredModel.objects.create(
        slug="one", name="One", kind="VISION", owner=olive(), unit=people().claims, created_at=AT
    )
    for number, stage in ((1, Stage.ARCHIVED), (2, Stage.PRODUCTION), (5, Stage.STAGING)):
        made = ModelVersion.objects.create(
            model=model, number=number, stage=stage, description=text, source_uri=uri, created_by=olive(),
            created_at=AT, artifact_digest=f"sha256:{number:064x}",
        )  # fmt: skip
    Alias.objects.create(model=model, name=alias, version=made)
    Alias.objects.create(model=model, name="champion1", version=made, guarded=True)

    intake = checked(table_of("versions", form))

    assert outcomes(intake) == {Outcome.SAME}


@pytest.mark.parametrize("form", FORMS)
def test_names_elsewhere_come_back_too(form: str) -> None:
    model = a_model("claims-triage")
    name_outside(by=olive(), at=AT, model=model, system="arize", name="claims;prod, 2")
    name_outside(by=olive(), at=AT, model=model, system="wandb", name="team/claims:v")

    intake = checked(table_of("models", form))

    assert outcomes(intake) == {Outcome.SAME}
    assert ExternalName.objects.count() == 2


def test_no_cell_of_an_export_is_a_formula() -> None:
    a_model("claims-triage", purpose="=HYPERLINK(1)", vendor="+1", tags=["-x"])

    rows = list(csv.DictReader(io.StringIO(table_of("models", "csv").decode())))

    assert (rows[0]["purpose"], rows[0]["vendor"], rows[0]["tags"]) == ("'=HYPERLINK(1)", "'+1", "'-x")


def test_json_keeps_lists_and_truth_as_they_are() -> None:
    a_model("claims-triage", tags=["a", "b"], customer_facing=True)

    (model,) = json.loads(table_of("models", "json"))["models"]

    assert (model["tags"], model["customer_facing"]) == (["a", "b"], True)


def test_everything_is_a_zip_of_what_one_may_see() -> None:
    model = a_model("claims-triage")
    register_version(by=olive(), at=AT, model=model)
    point_alias(by=olive(), at=AT, model=model, name="blue", version=model.versions.get())
    unit = people().claims.__class__.objects.create(slug="markets", name="Markets")
    a_model("secret", owner=a_person("mona", "Mona", "model_owner"), unit=unit)

    packed = zipfile.ZipFile(io.BytesIO(b"".join(zip_parts(tables(actor=olive())))))
    texts: dict[str, Any] = {name: packed.read(name).decode() for name in packed.namelist()}

    assert set(texts) == {"models.csv", "versions.csv", "aliases.csv", "archived_models.csv", "imports.csv"}
    assert "claims-triage,blue,1,no" in texts["aliases.csv"]
    assert not any("secret" in text for text in texts.values())
