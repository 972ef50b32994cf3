"""A card as values: frozen and read back whole, kept from who may not see, compared, and never making anything up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from governance.reports import card_bom
from governance.reports.assembling import assembled
from governance.reports.card_actions import issue_card
from governance.reports.card_pdf import document as pdf
from governance.reports.card_registry import facts_at
from governance.reports.cards import (
    Card,
    CardUnreadable,
    Facts,
    Part,
    Result,
    Statement,
    Written,
    as_document,
    compare,
    from_document,
    seen_with,
)
from governance.risks.actions import acknowledge
from governance.risks.models import Risk
from models_registry.access.rights import AccessDenied
from models_registry.audit.canonical import canonical
from models_registry.catalog import card_queries
from models_registry.catalog.actions import edit_model, move_stage, point_alias
from models_registry.catalog.card_actions import write_section
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.catalog.validation_models import Validation, ValidationResult
from tests.journeys.builders import NOON, a_model, a_model_past_its_line, a_person, people
from tests.models_registry.lineage.test_bom import wrong
from tests.models_registry.lineage.world import AT, a_rag_version, digest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + DAY - HOUR


def a_card(**more: Any) -> Card:
    written = Written("Not *tested* on scans.", 2, "sha256:" + "a" * 64, "Olive Okafor", NOON)
    parts = (
        Part("details", "Model details", (Statement("Registered as", "claims", "/models/claims/", NOON),)),
        Part("limitations", "Limitations", written=written, section="LIMITATIONS"),
        Part("contact", "Contact", missing="Nobody has written it.", section="CONTACT"),
        Part("risks", "Risks and answers", (Statement("Fairness", "open.", level="HIGH"),), permission="risk.read"),
    )
    given: dict[str, Any] = {
        "slug": "claims",
        "name": "Claims",
        "at": NOON,
        "facts": Facts("CLASSIFIER"),
        "parts": parts,
    }
    return Card(**given | more)


def test_a_card_comes_back_from_its_document_as_it_was() -> None:
    result = Result("held-out", "PERFORMANCE", "accuracy", 0.91, low=0.9, high=0.92)
    card = a_card(facts=Facts("CLASSIFIER", version=3, tags=("eu",), results=(result,), properties={"a": "b"}))

    assert from_document(msgspec.json.decode(canonical(as_document(card)))) == card


@pytest.mark.parametrize("document", [{}, {**as_document(a_card()), "format": "other/1"}, {"parts": 3}])
def test_a_document_of_another_kind_is_not_read(document: dict[str, Any]) -> None:
    with pytest.raises(CardUnreadable):
        from_document(document)


def test_a_reader_sees_the_parts_that_their_permissions_cover_and_is_told_of_the_others() -> None:
    seen = seen_with(a_card(), may=lambda permission: permission != "risk.read")

    assert [one.key for one in seen.parts] == ["details", "limitations", "contact"]
    assert seen.withheld == ("Risks and answers",)
    assert seen_with(a_card(), may=lambda _: True) == a_card()


def test_two_cards_differ_where_a_statement_or_a_text_does() -> None:
    old = a_card()
    part = replace(old.parts[1], written=replace(old.parts[1].written, text="Tested on scans."))  # type: ignore[type-var]
    risk = replace(old.parts[3], statements=(Statement("Fairness", "accepted.", level="HIGH"),))
    new = replace(old, parts=(old.parts[0], part, old.parts[2], risk))

    texts, risks = compare(old, new)

    assert (texts.title, texts.old_text, texts.new_text) == (
        "Limitations",
        "Not *tested* on scans.",
        "Tested on scans.",
    )
    assert [(one.term, one.old, one.new) for one in risks.statements] == [
        ("Fairness", "High · open.", "High · accepted.")
    ]
    assert compare(old, old) == []
    [gone] = compare(old, replace(old, parts=old.parts[:3]))
    assert (gone.title, gone.statements[0].new) == ("Risks and answers", "")


# ---- the record ----


def validated(version: ModelVersion) -> None:
    facts = {"ran_at": AT, "recorded_at": AT, "recorded_by": people().olive, "digest": digest("v")}
    suite = Validation.objects.create(
        version=version, suite="held-out", kind="PERFORMANCE", dataset="claims-2026", verdict="PASS", **facts
    )
    ValidationResult.objects.create(
        validation=suite, position=1, metric="accuracy", value=0.91, way="HIGHER_IS_BETTER", threshold=0.9,
        verdict="PASS", reason="0.91 is at least 0.9.", low=0.9, high=0.92,
    )  # fmt: skip


def lines(card: Card, key: str) -> dict[str, str]:
    part = card.part(key)
    assert part is not None
    return {one.term: one.text for one in part.statements}


@pytest.mark.django_db
def test_a_model_of_which_little_is_known_says_so_part_by_part() -> None:
    card = assembled(model=a_model(), now=NOON)

    assert {one.key: one.missing for one in card.missing} == {
        "details": "Nobody has stated its purpose in the registry.",
        "intended-use": "Nobody has written what it is meant for.",
        "out-of-scope": "Nobody has written what it must not be used for.",
        "human-oversight": "Nobody has written how people oversee it.",
        "training-data": "Nobody has described the training data.",
        "evaluation-data": "Nobody has described the evaluation data.",
        "validation": "No validation of the serving version is on record.",
        "health": "Its health is not scored.",
        "limitations": "Nobody has written the limitations.",
        "ethical-considerations": "Nobody has written ethical considerations.",
        "decisions": "The gate was never asked about a version of this model.",
        "approvals": "Nobody was asked to approve anything about this model.",
        "law": "Nobody has stated where it is used.",
        "versions": "No version is registered that is not archived.",
        "lineage": "Nothing is recorded of what it came from.",
        "contact": "Nobody has written where questions go; the owner is named above.",
    }
    assert lines(card, "people") == {"Owner": "Olive Okafor", "Unit": "Claims"}
    assert lines(card, "law") == {"EU AI Act class": "Minimal"}


@pytest.mark.django_db
def test_versions_origin_and_results_come_from_the_record_each_with_its_source_and_age() -> None:
    version, _ = a_rag_version(number="1")
    validated(version)
    olive, model = people().olive, version.model
    move_stage(by=olive, at=NOON - HOUR, version=version, to="STAGING")
    point_alias(by=olive, at=NOON, model=model, name="challenger", version=version)

    card = assembled(model=model, now=LATER)

    assert lines(card, "versions")["Alias challenger"] == "v1"
    assert lines(card, "versions")["v1"].startswith("Staging, artifact sha256:")
    assert lines(card, "validation") == {
        "held-out: accuracy": "Passed. 0.91 is at least 0.9. Its 95 % interval is 0.9 to 0.92."
    }
    assert any("qwen" in text or "base" in text.lower() for text in lines(card, "lineage").values())
    assert card.facts.version == 1
    assert card.facts.results[0].value == 0.91
    for part in card.parts:
        assert all(one.url.startswith("/") and (one.at or part.key == "risks") for one in part.statements)


@pytest.mark.django_db
def test_risks_are_told_with_their_level_and_what_was_answered() -> None:
    model = a_model_past_its_line()
    risk = Risk.objects.filter(model=model).order_by("-score")[0]
    before = assembled(model=model, now=LATER)
    acknowledge(by=people().olive, at=LATER, risk_id=risk.pk, judged_digest=risk.digest)

    after = assembled(model=model, now=LATER)

    [was] = [one for one in before.part("risks").statements if one.url == f"/risks/R-{risk.pk}/"]  # type: ignore[union-attr]
    [now] = [one for one in after.part("risks").statements if one.url == was.url]  # type: ignore[union-attr]
    assert (was.level, was.text.split(".")[0]) == ("HIGH", "Open, nobody has answered yet")
    assert now.text.startswith("Acknowledged by Olive Okafor on ")


@pytest.mark.django_db
def test_the_card_of_a_past_moment_says_what_was_so_then() -> None:
    model, cover = a_model(purpose="Sorts claims."), a_person("cover", "Cover Person", "model_owner")
    olive = people().olive
    edit_model(by=olive, at=NOON - HOUR, model=model, changes={"deputy": cover, "purpose": "Sorts and pays claims."})
    write_section(by=olive, at=NOON, model=model, section="CONTACT", text="Call us.", judged="")
    model.refresh_from_db()

    then, now = (assembled(model=model, now=LATER, as_of=at) for at in (NOON - DAY, None))

    assert lines(then, "details")["Purpose"] == "Sorts claims."
    assert "Deputy" not in lines(then, "people")
    assert then.written("CONTACT") == ""
    assert lines(now, "details")["Purpose"] == "Sorts and pays claims."
    assert lines(now, "people")["Deputy"] == "Cover Person"
    assert now.written("CONTACT") == "Call us."
    assert facts_at(model=model).since["purpose"] == NOON - HOUR


@pytest.mark.django_db
def test_an_issued_card_keeps_what_changes_afterwards() -> None:
    model, olive = a_model(), people().olive
    first = write_section(by=olive, at=NOON, model=model, section="CONTACT", text="Call us.", judged="")
    issued = issue_card(by=olive, at=NOON + HOUR, model=model, note="Review")
    write_section(by=olive, at=NOON + 2 * HOUR, model=model, section="CONTACT", text="Write.", judged=first.digest)

    frozen = from_document(card_queries.document_of(card=issued))

    assert frozen.written("CONTACT") == "Call us."
    assert [one.title for one in compare(frozen, assembled(model=model, now=NOON + 3 * HOUR))] == ["Contact"]
    with pytest.raises(AccessDenied):
        issue_card(by=people().cora, at=NOON, model=model)


@pytest.mark.django_db
@pytest.mark.parametrize("spec", card_bom.SPECS)
def test_the_bill_of_materials_with_the_card_is_valid_by_the_schema(spec: str) -> None:
    version, _ = a_rag_version(number="1")
    validated(version)
    for section in ("LIMITATIONS", "OUT_OF_SCOPE", "ETHICAL_CONSIDERATIONS", "INTENDED_USE"):
        write_section(
            by=people().olive, at=NOON, model=version.model, section=section, text=f"Of {section}.", judged=""
        )
    card = assembled(model=version.model, now=LATER)

    bill = card_bom.document(card=card, version=version, at=LATER, base="https://redline.example", spec=spec)

    assert wrong(bill) == []
    told = bill["metadata"]["component"]["modelCard"]
    assert told["considerations"]["technicalLimitations"] == ["Of LIMITATIONS."]
    assert {
        "type": "accuracy",
        "value": "0.91",
        "slice": "overall",
        "confidenceInterval": {"lowerBound": "0.9", "upperBound": "0.92"},
    } in told["quantitativeAnalysis"]["performanceMetrics"]
    assert {"name": "redline:out-of-scope-use", "value": "Of OUT_OF_SCOPE."} in told["properties"]
    assert RegisteredModel.objects.count() == 1


def test_the_pdf_holds_the_words_of_the_card() -> None:
    pypdf = pytest.importorskip("pypdf")
    import io

    body = pdf(
        a_card(withheld=("Approvals",)), by="Ruth", at=NOON, address="https://redline.example/models/claims/card/"
    )

    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    for words in ("Model card of Claims", "Not tested on scans.", "Nobody has written it.", "High. open", "Approvals"):
        assert words in text
