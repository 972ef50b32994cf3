"""Writing a rule: fields and text say the same, and what cannot be said is refused beside its field."""

from typing import Any

import pytest
from django.test import Client

from governance.rules import actions, fields, writing
from governance.rules.definition import Test
from governance.rules.forms import RuleForm
from governance.rules.models import RuleVersion
from governance.rules.parsing import parse
from tests.governance.rules.people import AT, a_person, cora

SHIPPED = dict(actions.shipped_texts())
SLUG = "error-rate-sla-breach"
FIELDS = {
    "rule": "recall-low",
    "title": "Recall is low",
    "why": "Missed fraud costs money.",
    "metric": "recall",
    "aggregate": "AVG",
    "over": "1D",
    "side": "BELOW",
    "low": "0.6",
    "medium": "0.7",
    "high": "0.8",
    "windows": "2",
    "per": "MODEL",
    "gaps": "BREAK",
    "category": "PERFORMANCE",
    "effect": "FLOOR",
    "level": "HIGH",
    "tier": "",
    "require": ["ACKNOWLEDGEMENT"],
    "restrict": "NONE",
    "clear_windows": "1",
    "clearing": "PROPOSE",
    "environment": "production, staging",
}


def a_client(name: str = "Cora", role: str = "compliance_officer") -> Client:
    client = Client()
    client.force_login(a_person(name, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a form as a browser would send them."""
    sent = {}
    for name, value in values.items():
        if name in ("require", "kind", "materiality", "regulatory_class"):
            sent[name] = list(value)
        elif name == "scale":
            sent[name] = ", ".join(f"{limit!r}: {points!r}" for limit, points in value)
        elif isinstance(value, tuple):
            sent[name] = ", ".join(value)
        else:
            sent[name] = "" if value is None else repr(value) if isinstance(value, float) else str(value)
    return sent


def sayable(text: str) -> bool:
    return isinstance(parse(text).when, Test)


@pytest.mark.parametrize("slug", [slug for slug, text in SHIPPED.items() if sayable(text)])
def test_fields_and_text_say_the_same_rule(slug: str) -> None:
    definition = parse(SHIPPED[slug])

    form = RuleForm(as_typed(fields.values_of(definition)))

    assert form.is_valid(), form.errors
    assert form.definition == definition
    assert parse(form.text) == definition


def test_several_comparisons_are_left_to_the_text() -> None:
    both = next(text for text in SHIPPED.values() if not isinstance(parse(text).when, Test))

    with pytest.raises(fields.CannotSay, match="several comparisons"):
        fields.values_of(parse(both))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metric": "Recall!"}, "metric"),
        ({"clear_low": "0.1"}, "clear_low"),
        ({"effect": "SCALE", "scale": "a lot"}, "scale"),
        ({"effect": "SCALE", "scale": "0.1: 10, 0.1: 20"}, "scale"),
        ({"effect": "POINTS", "points": ""}, "points"),
        ({"controls": "not a control"}, "controls"),
        ({"runbook": "http://plain"}, "runbook"),
        ({"low": "nan"}, "low"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_said_is_refused_at_its_field(changes: dict[str, str], field: str) -> None:
    form = RuleForm({**FIELDS, **changes})

    assert not form.is_valid()
    assert field in form.errors


def test_the_fields_write_the_canonical_text() -> None:
    form = RuleForm(FIELDS)

    assert form.is_valid(), form.errors
    assert form.text == writing.write(parse(form.text))
    assert "below: {low: 0.6, medium: 0.7, high: 0.8}" in form.text


@pytest.mark.django_db
def test_fields_become_a_draft() -> None:
    answer = a_client().post("/rules/new/", FIELDS)

    assert answer.status_code == 302
    assert actions.errors_of(RuleVersion.objects.get().text) == []


@pytest.mark.django_db
def test_the_sentence_is_said_while_the_fields_are_filled() -> None:
    page = a_client().post("/rules/says/", FIELDS).content.decode()

    assert "When average recall is below 0.6" in page


@pytest.mark.django_db
def test_what_is_still_missing_is_said_while_the_fields_are_filled() -> None:
    page = a_client().post("/rules/says/", {**FIELDS, "metric": ""}).content.decode()

    assert "Metric: This field is required." in page


@pytest.mark.django_db
def test_line_and_column_are_said_while_text_is_typed() -> None:
    page = a_client().post("/rules/says/", {"text": "rule: x\ntitle: y\nwhat: z\n"}).content.decode()

    assert "Line 3, column 1" in page


@pytest.mark.django_db
def test_a_text_with_errors_is_kept_as_a_draft_only_when_asked() -> None:
    actions.draft(by=cora(), at=AT, slug=SLUG, text=SHIPPED[SLUG])
    wrong = SHIPPED[SLUG].replace("over: ", "over: never")

    refused = a_client().post(f"/rules/{SLUG}/1/edit/", {"text": wrong})
    kept = a_client().post(f"/rules/{SLUG}/1/edit/", {"text": wrong, "keep": "1"})

    assert (refused.status_code, kept.status_code) == (422, 302)
    assert RuleVersion.objects.get().text == wrong


@pytest.mark.django_db
def test_a_text_cannot_take_another_rules_name() -> None:
    actions.draft(by=cora(), at=AT, slug=SLUG, text=SHIPPED[SLUG])

    answer = a_client().post(f"/rules/{SLUG}/draft/", {"text": SHIPPED[SLUG].replace(SLUG, "another")})

    assert answer.status_code == 422
    assert "keeps its name" in answer.content.decode()


@pytest.mark.django_db
def test_a_rule_that_fields_cannot_say_is_opened_as_text() -> None:
    slug = next(slug for slug, text in SHIPPED.items() if not isinstance(parse(text).when, Test))
    actions.draft(by=cora(), at=AT, slug=slug, text=SHIPPED[slug])

    answer = a_client().get(f"/rules/{slug}/draft/fields/")

    assert answer.headers["Location"] == f"/rules/{slug}/draft/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/rules/new/", "/rules/new/text/"])
@pytest.mark.parametrize(
    ("role", "status"), [("compliance_officer", 200), ("auditor", 403), ("model_owner", 403), ("administrator", 403)]
)
def test_only_compliance_writes(address: str, role: str, status: int) -> None:
    assert a_client(role.title().replace("_", ""), role).get(address).status_code == status
