"""The pages of history: what would go, who decides, what is held, what went."""

import datetime as dt

import pytest
from django.test import Client

from models_registry.access.models import Account
from models_registry.telemetry import actions, compacting, history_actions, history_queries
from models_registry.telemetry.history_models import KeepingTerms, LegalHold
from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.partitions import ensure_partitions
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_history import AT, JANUARY, NEXT_DAY, OLD, TERMS, measured

pytestmark = pytest.mark.django_db

FORM = {"measurements_days": "200", "bodies_days": "60", "held_days": "60", "fine_days": "", "coarse_days": ""}


@pytest.fixture
def cora() -> Account:
    return an_account("cora", "compliance_officer")


@pytest.fixture
def bruno() -> Account:
    return an_account("bruno", "governance_board")


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def shown(client: Client, address: str = "/sources/history/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_terms_are_previewed_proposed_and_agreed_on_by_somebody_else(cora: Account, bruno: Account) -> None:
    world.claims_model()
    measured(0.1, 0.2, 0.3)
    ensure_partitions(AT)
    ours, theirs = signed_in(cora), signed_in(bruno)

    preview = ours.post("/sources/history/terms/new/", {**FORM, "do": "preview"})
    known = KeepingTerms.objects.count()
    proposed = ours.post("/sources/history/terms/new/", {**FORM, "reason": "Enough.", "do": "propose"})
    own = shown(ours)
    refused = ours.post("/sources/history/terms/1/agree/")
    agreed = theirs.post("/sources/history/terms/1/agree/")

    text = " ".join(preview.content.decode().split())
    assert preview.status_code == 200
    assert known == 0
    assert '<td class="num" data-label="Would go">3</td><td data-label="Of">1 month, 2026-01' in text
    assert proposed.status_code == 302
    assert "You proposed these terms. Someone else must agree to them." in own
    assert refused.status_code == 403
    assert agreed.status_code == 302
    assert "History is kept by terms 1" in shown(ours)


def test_terms_under_the_least_come_back_with_the_reason_beside_the_field(cora: Account) -> None:
    response = signed_in(cora).post("/sources/history/terms/new/", {**FORM, "fine_days": "190", "reason": "No."})

    assert response.status_code == 422
    assert "stay at least as long as what they are made of" in response.content.decode()
    assert not KeepingTerms.objects.exists()


def test_a_refused_proposal_leaves_what_is_in_force_and_says_why(cora: Account, bruno: Account) -> None:
    history_actions.propose(by=cora, at=AT, terms=TERMS, reason="Enough.")
    client = signed_in(bruno)

    unsaid = client.post("/sources/history/terms/1/end/", {"reason": ""})
    ended = client.post("/sources/history/terms/1/end/", {"reason": "Too short."})
    late = client.post("/sources/history/terms/1/agree/")

    assert (unsaid.status_code, ended.status_code, late.status_code) == (422, 302, 409)
    assert KeepingTerms.objects.get().ended_because == "Too short."
    assert "All history is kept" in shown(client)


def test_a_hold_is_placed_and_lifted_by_two_people_and_keeps_its_month(cora: Account, bruno: Account) -> None:
    model = world.claims_model()
    measured(0.1)
    ensure_partitions(AT)
    ours = signed_in(cora)

    backwards = {"since": "2026-03", "until": "2026-01", "reason": "Case 7."}
    wrong = ours.post("/sources/history/holds/new/", backwards)
    placed = ours.post(
        "/sources/history/holds/new/",
        {"model": model.slug, "since": "2026-01", "until": "2026-01", "reason": "Case 7."},
    )
    hold = LegalHold.objects.get()
    page = shown(ours)
    own = ours.post(f"/sources/history/holds/{hold.pk}/lift/", {"reason": "Closed."})
    lifted = signed_in(bruno).post(f"/sources/history/holds/{hold.pk}/lift/", {"reason": "Closed."})
    again = signed_in(bruno).post(f"/sources/history/holds/{hold.pk}/lift/", {"reason": "Closed."})

    assert (wrong.status_code, placed.status_code, own.status_code) == (422, 302, 403)
    assert (lifted.status_code, again.status_code) == (302, 409)
    assert "Case 7." in page
    assert "You placed this hold. Someone else must lift it." in page


def test_the_page_says_which_months_are_windows_and_what_holds_the_others(cora: Account, bruno: Account) -> None:
    model = world.claims_model()
    world.claims_model("pricing")
    measured(0.1, 0.2)
    measured(0.3, model="pricing")
    measured(0.3, model="pricing", on=OLD + dt.timedelta(days=31))
    ensure_partitions(AT)
    made = history_actions.propose(by=cora, at=AT, terms=TERMS, reason="Enough.")
    history_actions.agree(by=bruno, at=AT, number=made.number)
    history_actions.place_hold(by=cora, at=AT, model=model, since=JANUARY, until=JANUARY, reason="Case 7.")
    compacting.drop_old(at=NEXT_DAY)

    page = shown(signed_in(an_account("audrey", "auditor")))

    assert "Windows, and the rows that are needed" in page
    assert f"needed by legal hold {LegalHold.objects.get().pk}" in page
    assert "Windows alone" in page
    assert all(drop.digest in page for drop in history_queries.drops_of())
    assert "None of your roles may decide how long history is kept." in page


def test_an_event_without_its_body_says_so_and_offers_no_replay(cora: Account, bruno: Account) -> None:
    receipt = actions.receive(source=world.source(), body=b"{", headers={}, at=OLD)
    actions.measure(event=TelemetryEvent.objects.select_related("source").get(pk=receipt.event_pk), at=OLD)
    made = history_actions.propose(by=cora, at=AT, terms=TERMS, reason="Enough.")
    history_actions.agree(by=bruno, at=AT, number=made.number)
    compacting.drop_old(at=NEXT_DAY)

    page = shown(signed_in(cora), f"/sources/events/{receipt.event_pk}/")

    assert "Its body was dropped" in page
    assert "021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96" in page
    assert "It stays counted as held and can no longer be replayed." in page
    assert 'data-open="replay"' not in page
