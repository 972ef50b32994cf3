"""Only an answer that is certainly an APPROVE of the question leaves with 0."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redline_cli.answers import Exit, Question, judge

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
QUESTION = Question("claims-triage", 7, "production")
APPROVAL = {
    "id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "decision": "APPROVE",
    "reasons": [],
    "model": "claims-triage",
    "version": 7,
    "target": "stage:PRODUCTION",
    "digest": DIGEST,
    "decided_at": NOW.isoformat(),
    "expires_at": (NOW + timedelta(minutes=10)).isoformat(),
    "url": "https://redline.example/gates/1/",
}


def exit_of(answer: object, *, status: int = 200, question: Question = QUESTION) -> Exit:
    return judge(status=status, body=json.dumps(answer).encode(), question=question, now=NOW).exit


def test_each_verdict_has_its_own_code() -> None:
    assert exit_of(APPROVAL) is Exit.APPROVED
    assert exit_of({**APPROVAL, "decision": "REVIEW_REQUIRED"}) is Exit.REVIEW
    assert exit_of({**APPROVAL, "decision": "BLOCK"}) is Exit.BLOCKED


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "approve"},
        {"decision": True},
        {"decision": None},
        {"model": "other"},
        {"version": 8},
        {"version": "7"},
        {"target": "alias:champion"},
        {"id": None},
        {"digest": ""},
        {"reasons": [{"code": "RULE_FAILED", "text": "no"}]},
        {"reasons": None},
        {"decided_at": (NOW - timedelta(hours=1)).isoformat()},
        {"decided_at": "2026-11-20T12:00:00"},
        {"decided_at": "now"},
        {"expires_at": (NOW + timedelta(hours=1)).isoformat()},
        {"expires_at": (NOW - timedelta(hours=1)).isoformat()},
        {"expires_at": None},
    ],
)
def test_an_approval_that_does_not_fit_the_question_is_an_error(change: dict[str, object]) -> None:
    assert exit_of({**APPROVAL, **change}) is Exit.ERROR


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 403, 404, 409, 429, 500, 502, 503])
def test_an_approval_under_any_other_status_is_an_error(status: int) -> None:
    assert exit_of(APPROVAL, status=status) is Exit.ERROR


def test_an_approval_of_another_artifact_than_the_one_at_hand_is_an_error() -> None:
    assert exit_of(APPROVAL, question=Question("claims-triage", 7, "production", DIGEST)) is Exit.APPROVED
    other = Question("claims-triage", 7, "production", "sha256:" + "b" * 64)
    assert exit_of(APPROVAL, question=other) is Exit.ERROR


@given(st.binary() | st.text().map(str.encode))
def test_noise_never_leaves_with_0(body: bytes) -> None:
    assert judge(status=200, body=body, question=QUESTION, now=NOW).exit is Exit.ERROR


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(sorted(set(APPROVAL) - {"url"})), JSON, min_size=1))
def test_an_approval_with_any_member_replaced_leaves_with_0_only_if_nothing_changed(change: dict) -> None:
    answer = {**APPROVAL, **change}
    assert (exit_of(answer) is Exit.APPROVED) == (answer == APPROVAL)
