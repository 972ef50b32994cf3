"""Sections of model cards: who writes them, that nothing is lost between two writers, and that what is kept stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction

from models_registry.access.rights import AccessDenied
from models_registry.audit.canonical import canonical
from models_registry.audit.models import AuditEntry
from models_registry.catalog import card_queries
from models_registry.catalog.actions import NothingToChange
from models_registry.catalog.card_actions import ArchivedModel, SectionChanged, issue, write_section
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.card_sections import LONGEST, TOPICS, SectionUnfit, SectionUnknown, address_of, section_of
from models_registry.catalog.models import RegisteredModel
from tests.journeys.builders import NOON, a_model, a_person, people

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def wrote(model: RegisteredModel, text: str, judged: str = "", **more: object) -> CardText:
    given = {"by": people().olive, "at": NOON, "section": "LIMITATIONS"} | more
    return write_section(model=model, text=text, judged=judged, **given)  # type: ignore[arg-type]


def test_every_save_is_a_version_with_author_time_digest_and_entry() -> None:
    model = a_model()

    first = wrote(model, "Fails on\r\nhandwriting.\n")
    second = wrote(model, "Fails on handwriting and stamps.", first.digest, at=NOON + HOUR)

    assert (first.number, first.text) == (1, "Fails on\nhandwriting.")
    assert (second.number, second.written_by, second.written_at) == (2, people().olive, NOON + HOUR)
    entries = AuditEntry.objects.filter(action="card.section_written").order_by("id")
    assert [one.body["digest"] for one in entries] == [first.digest, second.digest]
    assert entries[1].body["from_digest"] == first.digest
    assert "handwriting" not in entries[1].canon
    assert [one.number for one in card_queries.versions_of(model=model, section="LIMITATIONS")] == [2, 1]


def test_the_past_shows_what_stood_then() -> None:
    model = a_model()
    first = wrote(model, "One.")
    wrote(model, "Two.", first.digest, at=NOON + HOUR)

    assert card_queries.texts_of(model=model)["LIMITATIONS"].text == "Two."
    assert card_queries.texts_of(model=model, at=NOON)["LIMITATIONS"].text == "One."
    assert card_queries.texts_of(model=model, at=NOON - HOUR) == {}


def test_whoever_wrote_from_an_older_version_is_told_who_changed_it_and_nothing_is_overwritten() -> None:
    model, cover = a_model(), a_person("cover", "Cover Person", "model_owner")
    RegisteredModel.objects.filter(pk=model.pk).update(deputy=cover)
    model.refresh_from_db()
    first = wrote(model, "One.")
    wrote(model, "Theirs.", first.digest, by=cover)

    with pytest.raises(SectionChanged, match="Cover Person changed this section") as told:
        wrote(model, "Mine.", first.digest)

    assert told.value.standing.text == "Theirs."
    assert card_queries.texts_of(model=model)["LIMITATIONS"].text == "Theirs."
    with pytest.raises(SectionChanged):
        wrote(model, "From nothing.", "")


@pytest.mark.parametrize(
    ("text", "judged", "refusal"),
    [("x" * (LONGEST + 1), "", SectionUnfit), ("a\x00b", "", SectionUnfit), ("  \n", "", NothingToChange)],
)
def test_a_text_that_is_unfit_or_says_nothing_new_is_refused(text: str, judged: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        wrote(a_model(), text, judged)

    assert not CardText.objects.exists()


def test_a_section_can_be_taken_back_and_the_record_keeps_both() -> None:
    model = a_model()
    first = wrote(model, "One.")

    wrote(model, "", first.digest)

    assert [one.text for one in card_queries.versions_of(model=model, section="LIMITATIONS")] == ["", "One."]


def test_sections_have_one_address_each_and_others_are_unknown() -> None:
    assert [section_of(address_of(key)) for key in TOPICS] == list(TOPICS)
    with pytest.raises(SectionUnknown):
        section_of("LIMITATIONS")
    with pytest.raises(SectionUnknown):
        wrote(a_model(), "x", section="POEMS")


def test_strangers_compliance_and_automation_may_not_write_or_issue() -> None:
    model = a_model()
    for by in (people().cora, people().stella, a_person("neighbour", "", "model_owner", unit=people().claims)):
        with pytest.raises(AccessDenied):
            wrote(model, "x", by=by)
        with pytest.raises(AccessDenied):
            issue(by=by, at=NOON, model=model, document={"a": 1})


def test_the_card_of_an_archived_model_stays_as_it_was() -> None:
    model = a_model()
    RegisteredModel.objects.filter(pk=model.pk).update(archived_at=NOON)

    with pytest.raises(ArchivedModel):
        wrote(model, "x")


def test_an_issued_card_is_numbered_and_anyone_can_check_its_digest() -> None:
    model, document = a_model(), {"name": "Claims", "numbers": [1, 0.5]}

    cards = [issue(by=people().olive, at=NOON, model=model, document=document, note="Review") for _ in range(2)]

    assert [card.number for card in cards] == [1, 2]
    assert cards[0].document.encode() == canonical(document)
    assert cards[0].digest == "sha256:" + sha256(cards[0].document.encode()).hexdigest()
    assert card_queries.is_intact(card=cards[0])
    entry = AuditEntry.objects.filter(action="card.issued").latest("id")
    assert (entry.body["number"], entry.body["digest"]) == (2, cards[1].digest)


@pytest.mark.parametrize("statement", ["UPDATE {} SET digest = digest", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["catalog_card_text", "catalog_issued_card"])
def test_the_database_refuses_to_change_what_was_written(table: str, statement: str) -> None:
    model = a_model()
    wrote(model, "One.")
    issue(by=people().olive, at=NOON, model=model, document={"a": 1})

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert CardText.objects.count() == IssuedCard.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_write_at_once_one_wins_and_the_others_are_told() -> None:
    model, olive = a_model(), people().olive

    def write(text: str) -> str:
        try:
            return wrote(model, text, by=olive).text
        except SectionChanged:
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as writers:
        answers = sorted(writers.map(write, ("a", "b", "c", "d")), key=len)

    assert [len(one) for one in answers] == [1, 4, 4, 4]
    assert CardText.objects.get().text == answers[0]


@pytest.mark.django_db(transaction=True)
def test_a_text_without_an_entry_in_the_trail_does_not_commit(governed_tables: None) -> None:
    model = a_model()
    facts = {"section": "CONTACT", "text": "x", "digest": "sha256:" + "a" * 64, "written_at": NOON}

    with pytest.raises(DatabaseError, match="needs an entry in the trail"), transaction.atomic():
        CardText.objects.create(model=model, number=1, written_by=people().olive, **facts)
