"""The frame around pages: only what a person may open, with counts from the rooms above."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from models_registry.access.context import badge, navigation, shell
from models_registry.access.models import Account
from tests.models_registry.access.people import an_account

pytestmark = pytest.mark.django_db


def counted(account: Account) -> dict[str, dict[str, int]]:
    return {"counts": {"/": 4}}


def paused(account: Account) -> dict[str, str]:
    return {"paused": "Cora paused scoring."}


def labels(account: Account) -> set[str]:
    return {item["label"] for group in navigation(account, path="/", counts={}) for item in group["items"]}


def test_a_place_without_permission_is_not_in_the_navigation() -> None:
    assert "Audit log" not in labels(an_account("eve", "executive"))
    assert {"Audit log", "People and roles"} <= labels(an_account("al", "auditor"))
    assert labels(an_account("stella")) == set()


def test_rooms_above_hand_in_their_counts_and_states_by_name(settings: Any) -> None:
    here = "tests.models_registry.access.test_context"
    settings.SHELL_PARTS = [f"{here}.counted", f"{here}.paused"]
    request = RequestFactory().get("/risks/7/")
    request.user = an_account("al", "auditor")

    context = shell(request)
    items = {item["url"]: item for group in context["nav"] for item in group["items"]}

    assert items["/"]["count"] == 4
    assert items["/risks/"]["current"]
    assert not items["/"]["current"]
    assert context["paused"] == "Cora paused scoring."
    assert context["actor"].role_words == "Auditor"


def test_a_badge_is_never_wider_than_three_digits_and_a_plus() -> None:
    assert [badge(count) for count in (None, 0, 7, 999, 1000)] == ["", "", "7", "999", "999+"]


def test_strangers_and_swapped_parts_get_no_navigation() -> None:
    stranger = RequestFactory().get("/")
    stranger.user = AnonymousUser()
    part = RequestFactory().get("/", headers={"HX-Request": "true"})
    part.user = an_account("al", "auditor")

    assert shell(stranger) == {}
    assert "nav" not in shell(part)
