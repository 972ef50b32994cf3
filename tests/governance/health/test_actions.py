"""The road of a formula version, through the real actions."""

import pytest

from governance.approvals import actions as approvals
from governance.health import actions, scoring
from governance.health.models import FormulaVersion
from governance.rules import road
from governance.rules.models import VersionState
from governance.rules.yamltree import RuleInvalid
from models_registry.access.rights import AccessDenied
from models_registry.catalog.models import Kind
from tests.governance.rules.people import AT, a_person, agree, cora

pytestmark = pytest.mark.django_db


def walked(version: FormulaVersion) -> FormulaVersion:
    agree(actions.submit(by=cora(), at=AT, version=version))
    return actions.enforce(by=cora(), at=AT, version=version)


@pytest.mark.django_db(transaction=True)
def test_shipped_formulas_cover_every_kind_and_walk_the_road(governed_tables: None) -> None:
    for version in actions.ensure_shipped_formulas(by=cora(), at=AT):
        walked(version)

    assert set(scoring.in_force()) == set(dict(Kind.stated()))
    assert actions.ensure_shipped_formulas(by=cora(), at=AT) == []


def test_the_author_cannot_approve() -> None:
    version = actions.ensure_shipped_formulas(by=cora(), at=AT)[0]
    request = actions.submit(by=cora(), at=AT, version=version)

    with pytest.raises(AccessDenied):
        approvals.vote(by=cora(), at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)


def test_a_stranger_writes_no_formula() -> None:
    with pytest.raises(AccessDenied):
        actions.ensure_shipped_formulas(by=a_person("Stella", "auditor"), at=AT)


def test_a_text_that_is_no_formula_is_not_submitted() -> None:
    version = actions.ensure_shipped_formulas(by=cora(), at=AT)[0]
    actions.edit_draft(by=cora(), at=AT, version=version, text=version.text.replace("redline: 75", "redline: 175"))

    with pytest.raises(RuleInvalid, match="line 3"):
        actions.submit(by=cora(), at=AT, version=version)


def test_no_step_is_skipped() -> None:
    version = actions.ensure_shipped_formulas(by=cora(), at=AT)[0]

    with pytest.raises(road.NotOnTheRoad):
        actions.enforce(by=cora(), at=AT, version=version)


def test_enforcing_retires_the_version_before() -> None:
    first = walked(actions.ensure_shipped_formulas(by=cora(), at=AT)[0])

    second = walked(actions.draft(by=cora(), at=AT, slug=first.formula.slug, text=f"{first.text}# second\n"))

    first.refresh_from_db()
    assert (first.state, second.state) == (VersionState.RETIRED, VersionState.ENFORCED)


def test_two_formulas_never_score_the_same_kind() -> None:
    first = walked(actions.ensure_shipped_formulas(by=cora(), at=AT)[0])
    text = first.text.replace(f"formula: {first.formula.slug}", "formula: another")
    other = actions.draft(by=cora(), at=AT, slug="another", text=text, kinds=[Kind.CLASSIFIER])

    with pytest.raises(actions.KindTaken):
        walked(other)
