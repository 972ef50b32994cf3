"""Who held an alias and when, who alone may move one, and what a withdrawn version still may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.access.models import Account
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions, queries, registry_actions, version_views
from models_registry.catalog.models import AliasProtection, ModelVersion, RegisteredModel
from tests.models_registry.catalog.test_stages import person, staged

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PAGE = "/models/claims-triage/versions/"


@pytest.fixture
def olive() -> Account:
    return person("olive", "model_owner")


@pytest.fixture
def first(olive: Account) -> ModelVersion:
    return staged(olive)


@pytest.fixture
def browser(olive: Account, first: ModelVersion) -> Client:
    client = Client()
    client.force_login(olive, backend="django.contrib.auth.backends.ModelBackend")
    return client


def held(model: RegisteredModel, at: datetime | None = None) -> list[tuple[str, int, datetime, datetime | None]]:
    moves = queries.alias_holdings(model=model, at=at)
    return [(move.name, move.version.number, move.moved_at, move.until) for move in moves]  # type: ignore[union-attr, attr-defined]


def pointed_at(model: RegisteredModel, day: int) -> ModelVersion | None:
    move = queries.alias_at(model=model, name="live", at=MARCH + day * DAY)
    assert move is not None
    return move.version


def test_the_history_of_an_alias_says_who_held_it_when(olive: Account, first: ModelVersion) -> None:
    model = first.model
    second = actions.register_version(by=olive, at=MARCH, model=model)
    for day, version in ((0, first), (2, second), (5, None), (7, first)):
        actions.point_alias(by=olive, at=MARCH + day * DAY, model=model, name="live", version=version)

    assert held(model) == [
        ("live", 1, MARCH + 7 * DAY, None),
        ("live", 2, MARCH + 2 * DAY, MARCH + 5 * DAY),
        ("live", 1, MARCH, MARCH + 2 * DAY),
    ]
    assert held(model, MARCH + 3 * DAY)[0][:2] == ("live", 2)
    assert held(model, MARCH + 3 * DAY)[0][3] is None
    assert pointed_at(model, 3) == second
    assert pointed_at(model, 6) is None
    assert queries.alias_at(model=model, name="live", at=MARCH - DAY) is None
    assert [(move.name, move.version) for move in queries.pointing(model=model)] == [("live", first)]
    assert list(queries.pointing(model=model, at=MARCH + 6 * DAY)) == []


def test_the_page_shows_the_history_as_it_was_on_a_day(olive: Account, first: ModelVersion, browser: Client) -> None:
    second = actions.register_version(by=olive, at=timezone.now(), model=first.model)
    now = timezone.now()
    actions.point_alias(by=olive, at=now - 2 * DAY, model=first.model, name="live", version=first)
    actions.point_alias(by=olive, at=now, model=first.model, name="live", version=second)

    today = browser.get(PAGE).context["holdings"]
    before = browser.get(PAGE, {"as_of": (now - DAY).isoformat()}).context["holdings"]

    assert [move.version.number for move in today] == [2, 1]
    assert [move.version.number for move in before] == [1]


def test_an_alias_is_protected_and_freed_on_the_page(first: ModelVersion, browser: Client) -> None:
    address = "/models/claims-triage/aliases/"
    assert browser.get(address + "protect/").status_code == 200

    nobody = browser.post(address + "protect/", {"name": "live", "who": "named"})
    assert (nobody.status_code, AliasProtection.objects.count()) == (422, 0)
    assert browser.post(address + "protect/", {"name": "live", "who": "pipelines"}).status_code == 302
    assert AliasProtection.objects.get().pipeline_only
    assert "pipelines" in browser.get(PAGE).text
    refused = browser.post(PAGE + "1/alias/", {"name": "live"})
    assert (refused.status_code, "only pipelines may move it" in refused.text) == (409, True)

    assert browser.post(address + "lift/", {"name": "live"}).status_code == 302
    assert browser.post(address + "lift/", {"name": "live"}).status_code == 302
    assert not AliasProtection.objects.exists()
    said = AuditEntry.objects.filter(action__startswith="alias.").order_by("id").values_list("action", flat=True)
    assert list(said) == ["alias.protected", "alias.unprotected"]


def test_a_withdrawn_version_neither_moves_nor_takes_an_alias(olive: Account, first: ModelVersion) -> None:
    registry_actions.withdraw_version(by=olive, at=timezone.now(), version=first)
    first.refresh_from_db()

    with pytest.raises(actions.VersionWithdrawn):
        actions.move_stage(by=olive, at=timezone.now(), version=first, to="STAGING")
    with pytest.raises(actions.VersionWithdrawn):
        actions.point_alias(by=olive, at=timezone.now(), model=first.model, name="live", version=first)


def test_the_page_of_a_model_with_many_protected_aliases_asks_no_more(
    olive: Account, first: ModelVersion, browser: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        registry_actions.protect_alias(
            by=olive, at=MARCH, model=first.model, name=f"a{number}", pipeline_only=False, movers=[olive]
        )

    with django_assert_max_num_queries(22):  # type: ignore[operator]
        assert browser.get(PAGE).status_code == 200


def test_a_program_asks_what_an_alias_held_on_a_day(olive: Account, first: ModelVersion, browser: Client) -> None:
    second = actions.register_version(by=olive, at=MARCH, model=first.model)
    for day, version in ((0, first), (2, second), (5, None)):
        actions.point_alias(by=olive, at=MARCH + day * DAY, model=first.model, name="live", version=version)
    address = f"/api/v1/models/{first.model.slug}/aliases/live/"

    def on(day: int) -> Any:
        return browser.get(address, {"as_of": (MARCH + day * DAY).isoformat()}).json()

    assert on(3) == {"name": "live", "version": 2, "since": (MARCH + 2 * DAY).isoformat().replace("+00:00", "Z")}
    assert [on(1)["version"], on(6)["version"]] == [1, None]
    assert browser.get(address).json()["version"] is None
    assert browser.get(address, {"as_of": (MARCH - DAY).isoformat()}).status_code == 404
    assert browser.get(address, {"as_of": "yesterday"}).status_code == 400
    assert browser.get(address.replace("live", "never")).status_code == 404


def test_many_versions_are_listed_in_pieces_now_and_in_the_past(
    olive: Account, first: ModelVersion, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_views, "VERSIONS_SHOWN", 2)
    for day in range(1, 5):
        actions.register_version(by=olive, at=MARCH + day * DAY, model=first.model)
    address = f"/models/{first.model.slug}/versions/"

    def numbers(found: Any) -> list[int]:
        return [version.number for version, _ in found.context["rows"]]

    newest = browser.get(address)
    older = browser.get(newest.context["more_url"])
    oldest = browser.get(older.context["more_url"])
    past = browser.get(address, {"as_of": (MARCH + 4 * DAY).isoformat(), "before": "5"})

    assert [numbers(one) for one in (newest, older, oldest)] == [[5, 4], [3, 2], [1]]
    assert (newest.context["count"], oldest.context["more_url"]) == (5, "")
    assert (numbers(past), "as_of=" in past.context["more_url"]) == ([4, 3], True)
    assert numbers(browser.get(address, {"before": "x" * 20})) == [5, 4]
