"""A mapping of series written by pointing at labels and names, and what the editor says of them."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from models_registry.telemetry import actions, series_drafting, source_actions
from models_registry.telemetry.adapters.series_mapping import parse_series_mapping
from models_registry.telemetry.models import Measurement, Source
from tests.models_registry.telemetry import prompb, world
from tests.models_registry.telemetry.test_mapping_pages import document_of, signed_in
from tests.models_registry.telemetry.world import AT

SAMPLES = {"content-type": "application/x-protobuf"}
NOW = int(AT.timestamp() * 1000) - 60_000
LABELS = [
    {"__name__": "rag_drift", "app": "claims-triage", "zone": "eu"},
    {"__name__": "rag_drift", "app": "claims-triage", "zone": "us"},
    {"__name__": "node_load1", "instance": "a"},
]
WRITTEN = prompb.packed(prompb.version_1(*((labels, [(0.31, NOW)]) for labels in LABELS)))
EMPTY: dict[str, Any] = {"mapping": 1, "series": {}}


def test_labels_and_names_are_shown_with_examples_the_commonest_first() -> None:
    shown = [(each.pointer, each.text, each.kind) for each in series_drafting.places(LABELS)]

    assert shown[1] == ("/labels/app", "claims-triage", "2 of 3 series")
    assert shown[2] == ("/labels/zone", "eu, us", "2 of 3 series")
    assert [pointer for pointer, _, _ in shown if pointer.startswith("/names/")] == [
        "/names/rag_drift",
        "/names/node_load1",
    ]


def test_a_label_is_one_thing_and_a_segment_several_labels() -> None:
    draft = EMPTY
    for label, role in (("app", "segment"), ("zone", "segment"), ("app", "model")):
        draft = series_drafting.assign(draft, pointer=f"/labels/{label}", role=role)

    assert draft["series"] == {"segment": ["zone"], "model": ["app"]}
    assert series_drafting.assign(draft, pointer="/labels/zone", role="nothing")["series"] == {"model": ["app"]}
    assert EMPTY == {"mapping": 1, "series": {}}


def test_a_name_stands_for_a_metric_in_a_unit_and_is_left_aside_again() -> None:
    draft = series_drafting.assign(EMPTY, pointer="/names/p95", role="metric", metric="p95_latency_ms", unit="s")

    assert parse_series_mapping(draft).metrics["p95"].metric == "p95_latency_ms"
    assert series_drafting.used(draft, found=[{"__name__": "p95"}])["/names/p95"] == "measured as p95_latency_ms"
    assert series_drafting.assign(draft, pointer="/names/p95", role="nothing") == EMPTY


@pytest.mark.parametrize(
    ("place", "role"),
    [("/labels/app", "metric"), ("/names/p95", "model"), ("/labels", "model"), ("/other/x", "nothing")],
)
def test_a_label_is_no_metric_and_a_name_no_model(place: str, role: str) -> None:
    with pytest.raises(series_drafting.NotSoUsed):
        series_drafting.assign(EMPTY, pointer=place, role=role)


def test_the_usual_places_are_told_and_a_likely_label_is_guessed() -> None:
    assert series_drafting.used(EMPTY, found=[{"__name__": "psi"}])["/labels/model_id"] == "model"
    assert series_drafting.used(EMPTY, found=[{"__name__": "psi"}])["/names/psi"] == "measured as psi"
    assert series_drafting.starter(LABELS)["series"] == {"model": ["app"]}
    assert series_drafting.starter([{"__name__": "psi", "model_id": "x", "app": "y"}])["series"] == {}


def test_lines_as_metrics_shows_them_are_a_body() -> None:
    text = '# HELP psi Drift\npsi{model_id="a",q="say \\"x\\""} 0.31\nup 1 1767225600000\n'

    found = series_drafting.series_of(series_drafting.from_text(text, at=AT) or b"", headers={})

    assert found == [{"__name__": "psi", "model_id": "a", "q": 'say "x"'}, {"__name__": "up"}]
    assert series_drafting.from_text('{"alerts": []}', at=AT) is None
    assert series_drafting.series_of(b'{"alerts": []}', headers={}) is None


def test_a_long_word_between_the_braces_is_no_label_and_takes_no_time() -> None:
    began = time.process_time()

    found = series_drafting.from_text("psi{%s} 0.31" % ("a" * 100_000), at=AT)

    assert series_drafting.series_of(found or b"", headers={}) == [{"__name__": "psi"}]
    assert time.process_time() - began < 1


@pytest.fixture
def written(db: None, run_line: Callable[[], None]) -> Source:
    """A Prometheus whose series nothing reads yet."""
    world.claims_model()
    source = world.source("prometheus")
    actions.receive(source=source, body=WRITTEN, headers=SAMPLES, at=AT)
    run_line()
    assert not Measurement.objects.exists()
    return source


def test_from_samples_nobody_reads_to_measurements_by_clicks(written: Source, run_line: Callable[[], None]) -> None:
    client, address = signed_in("administrator"), f"/sources/{written.slug}/mapping/"
    opened = client.get(address)
    assert "2 of 3 series" in opened.text
    assert 'name="metric"' in opened.text
    clicks: list[dict[str, str]] = [
        {"field": "/labels/zone", "use": "segment"},
        {"field": "/names/rag_drift", "use": "metric", "metric": "embedding_cosine_drift"},
    ]
    document = json.dumps(document_of(opened))
    for click in clicks:
        answer = client.post(address, {"document": document, **click})
        document = json.dumps(document_of(answer))

    given = answer.context["gives"]
    assert [(each.model, each.metric, each.segment) for each in given.readings] == [
        ("claims-triage", "embedding_cosine_drift", "zone=eu"),
        ("claims-triage", "embedding_cosine_drift", "zone=us"),
    ]
    assert "node_load1" in answer.text
    saved = client.post(address, {"document": document, "save": "1"})
    assert saved.status_code == 302
    client.post(f"/sources/{written.slug}/mapping/1/activate/")
    later = prompb.packed(prompb.version_1(*((labels, [(0.4, NOW + 1_000)]) for labels in LABELS)))
    actions.receive(source=written, body=later, headers=SAMPLES, at=AT)
    run_line()
    assert {each.segment for each in Measurement.objects.all()} == {"zone=eu", "zone=us"}


def test_a_wrong_click_says_why_and_changes_nothing(written: Source) -> None:
    client, address = signed_in("administrator"), f"/sources/{written.slug}/mapping/"

    answer = client.post(address, {"document": json.dumps(EMPTY), "field": "/names/rag_drift", "use": "model"})

    assert answer.status_code == 422
    assert "a series&#x27; name is a metric" in answer.text
    assert document_of(answer) == EMPTY


def test_alerts_are_not_mapped_and_the_newest_samples_are_shown_before_them(written: Source) -> None:
    client, address = signed_in("administrator"), f"/sources/{written.slug}/mapping/"
    told = [{"labels": {"alertname": "Drift"}, "startsAt": AT.isoformat()}]
    alerts = actions.receive(source=written, body=json.dumps(told).encode(), headers={}, at=AT)

    assert "rag_drift" in client.get(address).text
    shown = client.get(f"{address}?event={alerts.event_pk}")
    assert "These are alerts, which are read without a mapping." in shown.text
    assert document_of(shown) == EMPTY


def test_pasted_lines_are_looked_at(written: Source) -> None:
    client, address = signed_in("administrator"), f"/sources/{written.slug}/mapping/"

    answer = client.post(
        address, {"document": json.dumps(EMPTY), "sample": 'psi{model_id="claims-triage"} 0.2', "show": "1"}
    )

    assert [(each.metric, each.value) for each in answer.context["gives"].readings] == [("psi", 0.2)]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["opentelemetry", "measurements"])
def test_a_source_that_reads_no_mapping_says_so_and_offers_none(kind: str) -> None:
    source, _ = source_actions.create_source(by=world.OPERATOR, at=AT, name="Plain", kind=kind)
    client: Client = signed_in("administrator")

    page = client.get(f"/sources/{source.slug}/")
    answer = client.get(f"/sources/{source.slug}/mapping/", follow=True)

    assert f'href="/sources/{source.slug}/mapping/"' not in page.text
    assert "without a mapping" in page.text
    assert answer.redirect_chain == [(f"/sources/{source.slug}/", 302)]
