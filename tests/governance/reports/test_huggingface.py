"""A card as a README of the Hub: its head holds what the Hub reads, nothing it refuses and nothing made up."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from governance.reports import huggingface
from governance.reports.cards import Card, Facts, Part, Result, Statement
from tests.governance.reports.test_cards import a_card
from tests.journeys.builders import NOON
from tests.models_registry.lineage.world import digest


def front_matter(card: Card) -> dict[str, Any]:
    text = huggingface.document(card, base="https://redline.example/")
    assert text.startswith("---\n")
    found: dict[str, Any] = yaml.safe_load(text[4 : text.index("\n---\n", 4) + 1]) or {}
    return found


def test_the_head_of_the_markdown_has_the_keys_of_the_hub() -> None:
    results = (
        Result("held-out", "PERFORMANCE", "accuracy", 0.91, "PASS", "", "claims-2026", digest("x"), 0.9, 0.92),
        Result("parity", "FAIRNESS", "accuracy", 0.87, "FAIL", "under-25", "claims-2026", digest("x")),
        Result("red-team", "SAFETY", "toxicity", 0.01),
    )
    facts = Facts(
        "LLM_APPLICATION", version=2, licence="Apache-2.0", base_models=("qwen3-8b",), trained_on=("a", "b"),
        tags=("eu",), results=results,
    )  # fmt: skip

    found = front_matter(a_card(facts=facts))

    assert {key: found[key] for key in found if key != "model-index"} == {
        "license": "apache-2.0", "pipeline_tag": "text-generation", "tags": ["eu"], "datasets": ["a", "b"],
        "metrics": ["accuracy", "toxicity"], "base_model": "qwen3-8b", "model_name": "Claims",
    }  # fmt: skip
    [index] = found["model-index"]
    red, held = index["results"]
    assert index["name"] == "claims"
    assert held["dataset"] == {"type": "claims-2026", "name": "claims-2026", "revision": digest("x")}
    assert held["metrics"] == [
        {
            "type": "accuracy", "value": 0.91, "name": "held-out: accuracy",
            "args": {"suite": "held-out", "confidence_interval_95": [0.9, 0.92]},
        },
        {
            "type": "accuracy", "value": 0.87, "name": "parity: accuracy, under-25",
            "args": {"suite": "parity", "segment": "under-25"},
        },
    ]  # fmt: skip
    assert held["source"] == {"name": "Redline", "url": "https://redline.example/models/claims/versions/2/"}
    assert red["dataset"] == {"type": "not-stated", "name": "Not stated"}
    assert all(one["task"] == {"type": "text-generation"} for one in index["results"])


def test_results_are_grouped_as_the_librarys_own_so_that_reading_and_writing_loses_none() -> None:
    told = [(suite, data, sha) for suite in "cd" for data in ("a", "b", "") for sha in ("", "x")]
    results = tuple(Result(suite, "OTHER", "m", 1, dataset=data, dataset_digest=sha) for suite, data, sha in told)

    [index] = front_matter(a_card(facts=Facts("AGENT", results=results)))["model-index"]

    groups = [(one["task"]["type"], one["dataset"]["type"], one["dataset"].get("revision")) for one in index["results"]]
    assert len(set(groups)) == len(groups) == 6
    assert sum(len(one["metrics"]) for one in index["results"]) == len(results)


def test_what_is_not_on_record_is_left_out() -> None:
    assert front_matter(a_card()) == {"model_name": "Claims"}
    assert front_matter(a_card(facts=Facts("VISION", licence="House terms"))) == {
        "license": "other", "license_name": "house-terms", "model_name": "Claims",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("GPL-3.0-or-later", {"license": "gpl-3.0"}),
        ("ODbL-1.0", {"license": "odbl"}),
        ("Meridian's own, v2", {"license": "other", "license_name": "meridian-s-own-v2"}),
        ("社内", {"license": "other", "license_name": "not-named"}),
    ],
)
def test_a_licence_goes_by_the_hubs_name_or_by_one_that_it_takes(name: str, licence: dict[str, str]) -> None:
    assert front_matter(a_card(facts=Facts("VISION", licence=name))) == {**licence, "model_name": "Claims"}


BAD = (
    "a name", "a/b/c", "--a", "a--b", "a..b", ".a", "a-", "a/b.git", "é", "", "/a", "a/", "a" * 97, "m/-a", "s3://a/b",
)  # fmt: skip


def test_names_that_are_no_ids_stay_out_of_the_head_because_the_hub_would_refuse_the_file() -> None:
    good = ("qwen3-8b", "Qwen/Qwen3-8B", "a.b_c", "x")

    found = front_matter(a_card(facts=Facts("AGENT", base_models=(*BAD, *good), trained_on=(*good, *BAD))))

    assert found["base_model"] == found["datasets"] == list(good)
    assert "base_model" not in front_matter(a_card(facts=Facts("AGENT", base_models=BAD, trained_on=BAD)))


def test_what_came_from_the_hub_goes_by_its_id_there_and_says_what_it_is_to_its_base() -> None:
    ids = {"qwen3-8b": "Qwen/Qwen3-8B", "squad": "rajpurkar/squad"}
    facts = Facts(
        "AGENT", base_models=("qwen3-8b",), trained_on=("squad", "ours"), base_relation="adapter", hub_ids=ids
    )

    found = front_matter(a_card(facts=facts))

    assert (found["base_model"], found["base_model_relation"]) == ("Qwen/Qwen3-8B", "adapter")
    assert found["datasets"] == ["rajpurkar/squad", "ours"]
    assert "base_model_relation" not in front_matter(a_card(facts=Facts("AGENT", base_relation="adapter")))


@given(name=st.text(min_size=1, max_size=40), tag=st.text(min_size=1, max_size=40))
def test_no_name_breaks_out_of_the_head(name: str, tag: str) -> None:
    printable = "".join(one for one in name if one.isprintable()) or "x"
    tags = ("".join(one for one in tag if one.isprintable()) or "x", "--- \n", "a: b", "# c", "'\"", "yes", "1")

    found = front_matter(a_card(name=printable, facts=Facts("AGENT", tags=tags)))

    assert found["model_name"] == printable
    assert found["tags"] == list(tags)


def test_names_are_text_in_the_body_too() -> None:
    statement = Statement("Owner", "[x](javascript:alert(1)) <b>", "/models/claims/", NOON)
    text = huggingface.document(a_card(parts=(Part("p", "# *People*", (statement,)),)), base="https://redline.example")

    assert r"## \# \*People\*" in text
    assert r"\[x\](javascript:alert(1)) \<b\>" in text
    assert "([source](<https://redline.example/models/claims/>)" in text
