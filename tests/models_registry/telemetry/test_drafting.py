"""Mappings written by pointing: what a payload suggests, and what each click changes."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.telemetry import drafting, trees
from models_registry.telemetry.adapters import generic_json
from models_registry.telemetry.adapters.generic_json import parse_mapping
from models_registry.telemetry.readings import Reading, Unreadable

AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
FLAT = {"id": "run-7", "model": "claims-triage", "at": "2026-11-20T11:00:00Z", "results": {"accuracy": 0.91, "rows": 7}}
LISTED = {
    "project": {"name": "claims-triage"},
    "timestamp": 1795172400,
    "results": [{"metric": "Faithfulness", "score": 0.8, "unit": "ratio"}, {"metric": "toxicity", "score": 0.1}],
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1e9, 1e9) | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=6), each, max_size=4),
    max_leaves=12,
)


def readings(document: Any, mapping: dict[str, Any]) -> list[Reading]:
    return generic_json.read(json.dumps(document).encode(), headers={}, mapping=mapping, received_at=AT)


def test_a_flat_payload_is_guessed_whole() -> None:
    mapping = drafting.starter(FLAT)

    [reading] = readings(FLAT, mapping)

    assert (reading.model, reading.metric, reading.value) == ("claims-triage", "accuracy", 0.91)
    assert reading.observed_at == AT - dt.timedelta(hours=1)
    assert mapping["event_id"] == "/id"


def test_a_list_of_named_numbers_is_walked_with_what_lies_outside_it() -> None:
    mapping = drafting.assign(drafting.starter(LISTED), pointer="/project/name", role="model")

    found = readings(LISTED, mapping)

    assert [(each.model, each.metric, each.value) for each in found] == [
        ("claims-triage", "groundedness", 0.8),
        ("claims-triage", "toxicity_rate", 0.1),
    ]
    assert mapping["items"] == "/results"
    assert mapping["fields"]["model"] == {"pointer": "/project/name", "from": "body"}


def test_a_field_with_a_number_behind_its_name_is_still_the_number() -> None:
    body = {"model_id": "m", "metric_name": "psi", "metric_value_v2": 0.3, "timestamp": "2026-11-20T11:00:00Z"}

    [reading] = readings(body, drafting.starter(body))

    assert (reading.metric, reading.value) == ("psi", 0.3)


def test_walking_another_list_leaves_every_place_where_it_was() -> None:
    body = {"model": "m", "at": "2026-11-20T11:00:00Z", "results": [{"acc": 0.5, "region": "eu"}]}
    mapping: dict[str, Any] = {"mapping": 1, "fields": {}, "values": []}
    for pointer, role in (("/model", "model"), ("/results/0/acc", "value"), ("/results/0/region", "segment")):
        mapping = drafting.assign(mapping, pointer=pointer, role=role)
    before = readings(body, mapping)

    walking = drafting.assign(mapping, pointer="/results", role="items")
    still = drafting.assign(walking, pointer="/results", role="items")

    assert readings(body, walking) == before
    assert walking["values"][0]["value"] == "/acc"
    assert walking["fields"]["model"] == {"pointer": "/model", "from": "body"}
    assert still == mapping


def test_a_number_clicked_twice_is_measured_once_and_left_aside_when_told_so() -> None:
    mapping = drafting.assign({"mapping": 1, "fields": {"model": "/m"}, "values": []}, pointer="/acc", role="value")

    twice = drafting.assign(mapping, pointer="/acc", role="value")
    named = drafting.assign(twice, pointer="/name", role="metric")
    unnamed = drafting.assign(named, pointer="/name", role="nothing")
    gone = drafting.assign(unnamed, pointer="/acc", role="nothing")

    assert twice["values"] == [{"metric": {"const": "accuracy"}, "value": "/acc"}]
    assert named["values"][0]["metric"] == "/name"
    assert unnamed["values"] == twice["values"]
    assert gone["values"] == []
    assert mapping["values"] == twice["values"]


def test_a_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="conductor"):
        drafting.assign({}, pointer="/a", role="conductor")


def test_used_places_are_named_by_their_absolute_pointers() -> None:
    mapping = drafting.starter(LISTED)

    used = drafting.used(mapping)

    assert used["/results"] == "list to walk"
    assert used["/results/0/score"] == "number"
    assert used["/results/0/metric"] == "metric's name"
    assert used["/timestamp"] == "time"
    assert drafting.read_paths(mapping) >= {"/results/*/score", "/timestamp"}


@given(document=JSON, data=st.data())
def test_no_payload_and_no_click_makes_a_text_that_is_not_an_outline_of_a_mapping(
    document: Any, data: st.DataObject
) -> None:
    mapping = drafting.starter(document)
    for _ in range(4):
        seen = trees.places(document)
        pointer = data.draw(st.sampled_from([each.pointer for each in seen]) if seen else st.just("/a"))
        mapping = drafting.assign(mapping, pointer=pointer, role=data.draw(st.sampled_from(list(drafting.ROLES))))

        assert drafting.is_draft(mapping)
        assert json.loads(json.dumps(mapping)) == mapping
        drafting.used(mapping)


@given(document=JSON)
def test_what_is_guessed_is_a_mapping_once_it_names_a_model_and_a_number(document: Any) -> None:
    mapping = drafting.starter(document)

    if "model" in mapping["fields"] and mapping["values"]:
        parse_mapping(mapping)
        try:
            readings(document, mapping)
        except Unreadable as error:
            assert error.reason != "E_MAPPING"


@given(document=JSON)
def test_the_fields_of_a_payload_are_places_and_kinds_without_values(document: Any) -> None:
    for path, kind in trees.fields(document):
        assert path.startswith("/")
        assert kind in {"number", "text", "yes or no"}


def test_items_of_a_list_share_one_path() -> None:
    assert trees.fields({"a": [{"b": 1}, {"b": 2}, {"b": "x"}]}) == {("/a/*/b", "number"), ("/a/*/b", "text")}
