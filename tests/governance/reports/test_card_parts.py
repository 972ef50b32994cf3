"""What a card says besides: how its version was built, sections that are optional, and what came from the Hub."""

from datetime import timedelta

import pytest
from django.test import Client

from governance.reports import huggingface
from governance.reports.assembling import assembled
from governance.reports.card_actions import issue_card
from governance.reports.card_pdf import document as pdf
from models_registry.access.models import Account
from models_registry.catalog.card_actions import write_section
from models_registry.catalog.card_sections import TOPICS
from models_registry.lineage.statement import Member
from tests.journeys.builders import NOON, a_model, people
from tests.models_registry.lineage.world import a_version, artifact, dataset, stated

pytestmark = pytest.mark.django_db
PAGE = "/models/claims-triage/card/"
QWEN = artifact("BASE_MODEL", "qwen3-8b", "2025-04", source_uri="https://huggingface.co/Qwen/Qwen3-8B")


def window(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_card_tells_how_its_version_was_built_and_long_lists_lead_on() -> None:
    version = a_version()
    stated(version, parameters={f"p{number:02}": number for number in range(25)}, metrics={"auc": 0.9})

    part = assembled(model=version.model, now=NOON).part("build")

    assert part is not None and part.title == "Build of v1"
    told = {one.term: one.text for one in part.statements}
    assert told["Registered"] == "by Olive Okafor"
    assert told["Parameter p00"] == "0" and "Parameter p20" not in told and "auc" not in str(told)
    assert told["More parameters"] == "5 more stand in its lineage."
    assert all(one.url.startswith("/models/claims-triage/") for one in part.statements)


def test_the_newest_versions_of_a_stage_are_listed_and_lead_to_all_of_them() -> None:
    model = a_version().model
    for _ in range(22):
        a_version()

    part = assembled(model=model, now=NOON).part("versions")

    assert part is not None
    assert [one.term for one in part.statements] == [*(f"v{number}" for number in range(23, 3, -1)), "Older versions"]
    assert part.statements[-1].text == "More stand in development than these 20."
    assert part.statements[-1].url == "/models/claims-triage/versions/"


def test_parameters_that_were_recorded_later_are_not_in_the_card_of_the_day_before() -> None:
    version = a_version()
    stated(version, parameters={"depth": 6})
    before = version.created_at - timedelta(seconds=1)

    assert "Parameter depth" not in str(assembled(model=version.model, now=NOON, as_of=before).parts)
    assert "Parameter depth" in str(assembled(model=version.model, now=NOON).parts)


def test_a_model_without_a_version_has_no_build_to_tell_of() -> None:
    a_model()

    page = window(people().olive).get(PAGE).content

    assert b'id="build"' not in page


def test_an_issued_card_leads_to_what_changed_since_it() -> None:
    model, olive = a_model(), people().olive
    for _ in range(2):
        issue_card(by=olive, at=NOON, model=model)

    page = window(olive).get(f"{PAGE}issued/1/").content.decode()

    assert f'href="{PAGE}changes/?old=1">What changed since' in page
    assert window(olive).get(f"{PAGE}changes/?old=1").context["old"] == "1"


def test_optional_sections_ask_their_writers_and_are_nothing_to_readers() -> None:
    model = a_model()
    optional = [topic.title for topic in TOPICS.values() if not topic.is_expected]
    card = assembled(model=model, now=NOON)
    writer, reader = (window(one).get(PAGE).content.decode() for one in (people().olive, people().cora))

    assert optional == ["Users and people affected", "Instructions for use", "Trade-offs", "Environmental impact"]
    assert not {one.title for one in card.missing} & set(optional)
    text = huggingface.document(card, base="https://redline.example")
    for title in optional:
        assert f"<h2>{title}</h2>" in writer and f"<h2>{title}</h2>" not in reader
        assert f"## {title}" not in text
    assert writer.count("Optional. ") == len(optional)
    window_of_olive = window(people().olive)
    assert b"the card leaves the section out" in window_of_olive.get(f"{PAGE}sections/trade-offs/").content
    assert b"the section counts as missing" in window_of_olive.get(f"{PAGE}sections/limitations/").content
    assert pdf(card, by="Ruth", at=NOON, address="https://redline.example/models/claims-triage/card/")


def test_an_optional_section_that_was_taken_back_is_missed_by_nobody() -> None:
    model, olive = a_model(), people().olive
    first = write_section(by=olive, at=NOON, model=model, section="TRADE_OFFS", text="Speed.", judged="")
    written = assembled(model=model, now=NOON)
    write_section(by=olive, at=NOON, model=model, section="TRADE_OFFS", text="", judged=first.digest)

    assert written.written("TRADE_OFFS") == "Speed."
    part = assembled(model=model, now=NOON + timedelta(hours=1)).part("trade-offs")
    assert part is not None and part.is_blank


@pytest.mark.parametrize(
    ("members", "relation"),
    [
        ((Member("base", QWEN, "FINE_TUNED_FROM"),), "finetune"),
        ((Member("base", QWEN, "CONSISTS_OF"),), ""),
        ((Member("base", QWEN), Member("lora", artifact("ADAPTER", "lora"), "CONSISTS_OF")), "adapter"),
    ],
)
def test_what_a_version_is_to_its_base_model_is_read_from_its_lineage(
    members: tuple[Member, ...], relation: str
) -> None:
    version = a_version()
    stated(version, *members)

    assert assembled(model=version.model, now=NOON).facts.base_relation == relation


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("https://huggingface.co/datasets/rajpurkar/squad", "rajpurkar/squad"),
        ("https://huggingface.co/datasets/rajpurkar/squad/tree/main", "rajpurkar/squad"),
        ("hf://datasets/rajpurkar/squad@v1/train.parquet", "rajpurkar/squad"),
        ("https://hf.co/rajpurkar/squad?x=1", "rajpurkar/squad"),
        ("s3://lake/datasets/rajpurkar/squad", None),
        ("https://huggingface.co.example/rajpurkar/squad", None),
        ("https://huggingface.co/squad", None),
    ],
)
def test_the_id_of_the_hub_is_read_from_where_the_source_is_kept(uri: str, found: str | None) -> None:
    version = a_version()
    stated(version, Member("data", dataset("squad", source_uri=uri), "TRAINED_ON"))

    assert assembled(model=version.model, now=NOON).facts.hub_ids.get("squad") == found
