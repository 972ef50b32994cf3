"""History goes by its term: proven to be in its windows, recorded, and never while something needs it."""

import datetime as dt
import hashlib
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions, compacting, history_actions, history_queries, queries, tasks
from models_registry.telemetry.history_models import STATES, WIDTHS, Drop, DropPart, KeepingTerms, LegalHold, Sort
from models_registry.telemetry.history_preview import preview
from models_registry.telemetry.models import EventState, Measurement, Rollup, Source, TelemetryEvent
from models_registry.telemetry.needs import needs
from models_registry.telemetry.partitions import ensure_partitions
from models_registry.telemetry.rederiving import differing_windows
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

OLD = dt.datetime(2026, 1, 10, 12, tzinfo=dt.UTC)
JANUARY = dt.date(2026, 1, 1)
NEXT_DAY = AT + dt.timedelta(days=2)
TERMS = {"measurements_days": 200, "bodies_days": 60, "held_days": 60, "fine_days": None, "coarse_days": None}

pytestmark = pytest.mark.django_db


@pytest.fixture
def cora() -> Account:
    return an_account("cora", "compliance_officer")


@pytest.fixture
def bruno() -> Account:
    return an_account("bruno", "governance_board")


@pytest.fixture
def terms(cora: Account, bruno: Account) -> KeepingTerms:
    """Terms that two people agreed on two days before `NEXT_DAY`."""
    return agreed(cora, bruno)


def agreed(cora: Account, bruno: Account, **other: int | None) -> KeepingTerms:
    made = history_actions.propose(by=cora, at=AT, terms={**TERMS, **other}, reason="Two hundred days are enough.")
    return history_actions.agree(by=bruno, at=AT, number=made.number)


def measured(*values: float, model: str = "claims-triage", on: dt.datetime = OLD, source: Source | None = None) -> int:
    """Measure these numbers, a second apart, and return the event's number."""
    body = world.measurements(*values, model=model, minute=int((AT - on).total_seconds() // 60) - 30)
    receipt = actions.receive(source=source or world.source(), body=body, headers={"webhook-id": "m1"}, at=on)
    event = TelemetryEvent.objects.select_related("source").get(pk=receipt.event_pk)
    actions.measure(event=event, at=on)
    return receipt.event_pk


def months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM telemetry_measurement ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_a_month_goes_when_its_windows_hold_it_and_the_books_and_windows_still_balance(terms: KeepingTerms) -> None:
    model = world.claims_model()
    measured(0.1, 0.2, 0.3)
    measured(0.9, on=AT - dt.timedelta(days=3))
    ensure_partitions(AT)
    windows = list(Rollup.objects.order_by("pk").values())

    assert compacting.drop_old(at=NEXT_DAY) == 1 + 1  # the month's measurements, and their body

    assert Measurement.objects.get().value == 0.9
    assert list(Rollup.objects.order_by("pk").values()) == windows
    assert queries.unmerged_windows() == []
    assert queries.miscounted() == {}
    assert differing_windows(model_id=model.pk) == []
    drop = Drop.objects.get(sort=Sort.MEASUREMENTS)
    part = DropPart.objects.get(drop=drop)
    assert (drop.month, drop.count, part.readings, part.total) == (JANUARY, 3, 3, Decimal("0.6"))
    assert drop.freed > 0
    assert "telemetry_measurement_2026_01" not in months()


def test_the_trail_says_what_went_with_its_count_and_digest(terms: KeepingTerms) -> None:
    model = world.claims_model()
    event = measured(0.5)
    ensure_partitions(AT)

    compacting.drop_old(at=NEXT_DAY)

    line = f"{event}|0|0.5|{OLD.timestamp():.6f}"
    series = b"accuracy|production||" + hashlib.sha256(line.encode()).digest()
    own = hashlib.sha256(series).hexdigest()
    whole = hashlib.sha256(f"{model.pk}|0|{own}\n".encode()).hexdigest()
    entry = AuditEntry.objects.get(action="history.dropped", object_id="measurements:2026-01")
    assert entry.body["digest"] == f"sha256:{whole}"
    assert (entry.body["count"], entry.body["terms"]) == (1, terms.number)


def test_nothing_goes_while_a_window_lacks_a_measurement(terms: KeepingTerms, caplog: pytest.LogCaptureFixture) -> None:
    world.claims_model()
    measured(0.1, 0.2)
    ensure_partitions(AT)
    Rollup.objects.filter(width_s=3600).update(count=1)

    compacting.drop_old(at=NEXT_DAY)

    assert Measurement.objects.count() == 2
    assert not Drop.objects.filter(sort=Sort.MEASUREMENTS).exists()
    assert "do not hold every measurement" in caplog.text


def test_the_database_itself_refuses_young_months_and_months_held_by_law(cora: Account) -> None:
    model = world.claims_model()
    measured(0.1)
    ensure_partitions(AT)
    history_actions.place_hold(by=cora, at=AT, model=model, since=JANUARY, until=JANUARY, reason="Case 7.")

    for month, why in (
        (dt.datetime.now(dt.UTC).date().replace(day=1), "last 180 days"),
        (JANUARY, "a legal hold stands"),
    ):
        with pytest.raises(IntegrityError, match=why), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM telemetry_compact_month(%s, '{}')", [month])

    assert Measurement.objects.count() == 1


def test_a_held_model_keeps_its_rows_of_the_month_and_the_others_go(terms: KeepingTerms, cora: Account) -> None:
    held, other = world.claims_model(), world.claims_model("pricing")
    kept = measured(0.1, 0.2)
    gone = measured(0.3, 0.4, model="pricing")
    ensure_partitions(AT)
    history_actions.place_hold(by=cora, at=AT, model=held, since=JANUARY, until=None, reason="Case 7.")

    compacting.drop_old(at=NEXT_DAY)

    assert set(Measurement.objects.values_list("model_id", flat=True)) == {held.pk}
    assert months() == ["telemetry_measurement_2026_01"]
    assert history_queries.compacted_months(model_id=other.pk) == [JANUARY]
    assert history_queries.compacted_months(model_id=held.pk) == []
    assert bytes(TelemetryEvent.objects.get(pk=kept).raw) != b""
    assert bytes(TelemetryEvent.objects.get(pk=gone).raw) == b""
    assert queries.unmerged_windows() == []
    assert compacting.drop_old(at=NEXT_DAY + dt.timedelta(days=1)) == 0


def test_what_was_held_goes_when_two_people_lift_the_hold(terms: KeepingTerms, cora: Account, bruno: Account) -> None:
    held = world.claims_model()
    world.claims_model("pricing")
    measured(0.1, 0.2)
    measured(0.3, model="pricing")
    ensure_partitions(AT)
    hold = history_actions.place_hold(by=cora, at=AT, model=held, since=JANUARY, until=None, reason="Case 7.")
    compacting.drop_old(at=NEXT_DAY)

    with pytest.raises(AccessDenied, match="You placed this hold"):
        history_actions.lift_hold(by=cora, at=NEXT_DAY, pk=hold.pk, reason="Closed.")
    history_actions.lift_hold(by=bruno, at=NEXT_DAY, pk=hold.pk, reason="Closed.")
    compacting.drop_old(at=NEXT_DAY + dt.timedelta(days=1))

    assert Measurement.objects.count() == 0
    assert queries.unmerged_windows() == []


def test_a_late_measurement_of_a_month_that_went_joins_its_windows_and_goes_too(terms: KeepingTerms) -> None:
    world.claims_model()
    measured(0.1, 0.2)
    ensure_partitions(AT)
    compacting.drop_old(at=NEXT_DAY)

    measured(0.7)
    ensure_partitions(AT)
    late = Measurement.objects.count()
    compacting.drop_old(at=NEXT_DAY + dt.timedelta(days=1))

    assert (late, Measurement.objects.count()) == (1, 0)
    assert Rollup.objects.get(width_s=86_400).sum == Decimal("1.0")
    assert queries.unmerged_windows() == []
    assert list(DropPart.objects.order_by("pk").values_list("readings", flat=True)) == [2, 1]


def test_an_emptied_body_leaves_its_digest_and_a_second_delivery_is_still_a_duplicate(terms: KeepingTerms) -> None:
    world.claims_model()
    source = world.source()
    event = measured(0.1, source=source)
    body = bytes(TelemetryEvent.objects.get(pk=event).raw)
    compacting.drop_old(at=NEXT_DAY)
    emptied = TelemetryEvent.objects.get(pk=event)

    again = actions.receive(source=source, body=body, headers={"webhook-id": "m1"}, at=OLD)
    other = actions.receive(source=source, body=body + b" ", headers={"webhook-id": "m1"}, at=OLD)

    assert bytes(emptied.raw) == b""
    assert bytes(emptied.body_digest or b"") == hashlib.sha256(body).digest()
    assert emptied.body_size == len(body)
    assert (again.duplicate, again.event_pk) == (True, event)
    assert other.conflict
    assert queries.miscounted() == {}


def test_a_held_event_without_its_body_stays_counted_and_is_not_replayed(terms: KeepingTerms) -> None:
    receipt = actions.receive(source=world.source(), body=b"{", headers={}, at=OLD)
    event = TelemetryEvent.objects.select_related("source").get(pk=receipt.event_pk)
    actions.measure(event=event, at=OLD)

    compacting.drop_old(at=NEXT_DAY)

    event.refresh_from_db()
    assert (event.state, bytes(event.raw), event.body_size) == (EventState.QUARANTINED, b"", 1)
    with pytest.raises(actions.NothingHeld):
        actions.replay(by=world.OPERATOR, at=AT, events=[event.pk])
    assert queries.miscounted() == {}


def test_a_legal_hold_on_every_model_keeps_bodies_that_measured_nothing(terms: KeepingTerms, cora: Account) -> None:
    receipt = actions.receive(source=world.source(), body=b"{", headers={}, at=OLD)
    actions.measure(event=TelemetryEvent.objects.select_related("source").get(pk=receipt.event_pk), at=OLD)
    history_actions.place_hold(by=cora, at=AT, model=None, since=JANUARY, until=JANUARY, reason="Inspection.")

    compacting.drop_old(at=NEXT_DAY)

    assert bytes(TelemetryEvent.objects.get().raw) == b"{"


def test_fine_windows_go_but_for_the_newest_of_every_series(
    cora: Account, bruno: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compacting, "NEWEST_KEPT", 2)
    agreed(cora, bruno, fine_days=200)
    world.claims_model()
    for hour in range(4):
        measured(0.5, on=OLD + dt.timedelta(hours=hour))
    ensure_partitions(AT)

    compacting.drop_old(at=NEXT_DAY)

    left = Rollup.objects.filter(width_s=300).order_by("starts_at").values_list("starts_at", flat=True)
    assert [moment.hour for moment in left] == [14, 15]
    assert Rollup.objects.filter(width_s=3_600).count() == 4
    assert queries.unmerged_windows() == []
    assert Drop.objects.get(sort=Sort.FINE).count == 2


def test_nothing_goes_without_terms_nor_in_the_day_after_they_were_agreed_on(cora: Account, bruno: Account) -> None:
    world.claims_model()
    measured(0.1)
    ensure_partitions(AT)

    before = compacting.drop_old(at=NEXT_DAY)
    agreed(cora, bruno)
    early = compacting.drop_old(at=AT + dt.timedelta(hours=23))
    due = compacting.drop_old(at=AT + dt.timedelta(hours=25))

    assert (before, early, due) == (0, 0, 2)


@pytest.mark.django_db(transaction=True)
def test_the_clock_drops_beside_the_line_and_one_round_at_a_time() -> None:
    agreed(an_account("cora", "compliance_officer"), an_account("bruno", "governance_board"))
    world.claims_model()
    measured(0.1)
    ensure_partitions(AT)

    first = tasks.drop_beside(NEXT_DAY)
    again = tasks.drop_beside(NEXT_DAY)
    first.join(20)
    again.join(20)

    assert Drop.objects.filter(sort=Sort.MEASUREMENTS).count() == 1
    assert Measurement.objects.count() == 0


def test_a_hold_that_is_placed_in_the_middle_of_a_round_still_counts(
    terms: KeepingTerms, cora: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.claims_model()
    measured(0.1)
    measured(0.2, on=OLD + dt.timedelta(days=31))
    ensure_partitions(AT)
    compact = compacting.compact

    def then_hold(**given: object) -> Drop | None:
        made = compact(**given)  # type: ignore[arg-type]
        if not LegalHold.objects.exists():
            history_actions.place_hold(by=cora, at=NEXT_DAY, model=None, since=JANUARY, until=None, reason="Now.")
        return made

    monkeypatch.setattr(compacting, "compact", then_hold)
    compacting.drop_old(at=NEXT_DAY)

    assert [drop.month for drop in Drop.objects.all()] == [JANUARY]
    assert Measurement.objects.get().value == 0.2


def test_bodies_and_windows_stay_when_a_hold_is_placed_while_they_are_dropped(
    terms: KeepingTerms, cora: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compacting, "NEWEST_KEPT", 1)
    model = world.claims_model()
    measured(0.2, on=OLD - dt.timedelta(hours=1))
    event = measured(0.1)
    ensure_partitions(AT)
    known = needs()
    compacting.compact(month=JANUARY, terms=terms, known=known, at=NEXT_DAY)
    history_actions.place_hold(by=cora, at=NEXT_DAY, model=model, since=JANUARY, until=None, reason="Case 7.")
    given = {"month": JANUARY, "terms": terms, "known": known, "at": NEXT_DAY}

    with pytest.raises(compacting.HoldPlaced):
        compacting.empty(sort=Sort.BODIES, states=STATES[Sort.BODIES], after=event - 1, upto=event, **given)
    with pytest.raises(compacting.HoldPlaced):
        compacting.thin(sort=Sort.FINE, widths=WIDTHS[Sort.FINE], **given)

    assert TelemetryEvent.objects.get(pk=event).body_digest is None
    assert Rollup.objects.filter(width_s=300).count() == 2
    assert compacting.drop_old(at=NEXT_DAY) == 0


def test_bodies_of_a_month_are_emptied_batch_by_batch(terms: KeepingTerms, monkeypatch: pytest.MonkeyPatch) -> None:
    world.claims_model()
    source = world.source()
    for number in range(5):
        actions.receive(source=source, body=b"{%d" % number, headers={"webhook-id": f"m{number}"}, at=OLD)
    for event in TelemetryEvent.objects.select_related("source"):
        actions.measure(event=event, at=OLD)
    monkeypatch.setattr(compacting, "BODIES_AT_ONCE", 2)

    assert compacting.drop_old(at=NEXT_DAY) == 3

    drops = list(Drop.objects.order_by("pk"))
    assert [drop.count for drop in drops] == [2, 2, 1]
    events = TelemetryEvent.objects.order_by("pk")[:2]
    told = [f"{event.pk}|".encode() + hashlib.sha256(b"{%d" % at).digest() for at, event in enumerate(events)]
    assert (drops[0].digest, drops[0].freed) == (f"sha256:{hashlib.sha256(b''.join(told)).hexdigest()}", 4)
    assert not TelemetryEvent.objects.filter(body_digest__isnull=True).exists()


def test_terms_need_a_second_person_and_one_proposal_stands_at_a_time(cora: Account, bruno: Account) -> None:
    made = history_actions.propose(by=cora, at=AT, terms=TERMS, reason="Enough.")

    with pytest.raises(AccessDenied, match="You proposed these terms"):
        history_actions.agree(by=cora, at=AT, number=made.number)
    with pytest.raises(history_actions.ProposalStands):
        history_actions.propose(by=bruno, at=AT, terms=TERMS, reason="Mine.")
    with pytest.raises(IntegrityError), transaction.atomic():
        KeepingTerms.objects.filter(pk=made.pk).update(agreed_by=cora, agreed_at=AT)

    history_actions.end(by=bruno, at=AT, number=made.number, reason="Too short.")
    assert history_queries.proposed() is None
    assert AuditEntry.objects.filter(action="history.terms_refused").exists()
    with pytest.raises(history_actions.NothingProposed):
        history_actions.agree(by=bruno, at=AT, number=made.number)


@pytest.mark.parametrize(
    "wrong",
    [
        {"measurements_days": 179},
        {"bodies_days": 30},
        {"fine_days": 190},
        {"measurements_days": None, "fine_days": 400},
        {"fine_days": 900, "coarse_days": 850},
        {"coarse_days": 850},
    ],
)
def test_terms_that_do_not_go_together_are_refused_by_the_action_and_by_the_database(
    cora: Account, wrong: dict[str, int | None]
) -> None:
    given = {**TERMS, **wrong}

    with pytest.raises(history_actions.TermsUnfit):
        history_actions.propose(by=cora, at=AT, terms=given, reason="No.")
    with pytest.raises(IntegrityError), transaction.atomic():
        KeepingTerms.objects.create(number=9, reason="No.", proposed_by=cora, proposed_at=AT, **given)


@pytest.mark.parametrize("role", ["administrator", "auditor", "model_owner", "on_call"])
def test_who_may_not_decide_about_history_is_told_so(role: str) -> None:
    someone = an_account("someone", role)

    with pytest.raises(AccessDenied, match="decide how long history is kept"):
        history_actions.propose(by=someone, at=AT, terms=TERMS, reason="No.")
    with pytest.raises(AccessDenied):
        history_actions.place_hold(by=someone, at=AT, model=None, since=JANUARY, until=None, reason="No.")


def test_a_preview_says_what_would_go_and_what_is_held_back(cora: Account) -> None:
    held = world.claims_model()
    world.claims_model("pricing")
    measured(0.1, 0.2)
    measured(0.3, 0.4, 0.5, model="pricing")
    ensure_partitions(AT)
    history_actions.place_hold(by=cora, at=AT, model=held, since=JANUARY, until=None, reason="Case 7.")

    found = preview(terms=KeepingTerms(**TERMS), at=AT)

    single, bodies, *_ = found.sorts
    assert (single.count, single.held_count, single.months) == (3, 2, [JANUARY])
    assert single.size > 0
    assert (bodies.count, bodies.held_count) == (1, 1)
    assert [(one.model_id, one.month, one.needs[0].why) for one in found.held_back] == [
        (held.pk, JANUARY, f"legal hold {LegalHold.objects.get().pk}")
    ]
    assert Measurement.objects.count() == 5


def test_needs_of_a_month_begin_and_end_with_it(cora: Account) -> None:
    model = world.claims_model()
    since, until = dt.date(2026, 2, 14), dt.date(2026, 3, 2)
    history_actions.place_hold(by=cora, at=AT, model=model, since=since, until=until, reason="Case 7.")

    known = needs()

    assert [bool(known.of(model.pk, dt.date(2026, month, 1))) for month in (1, 2, 3, 4)] == [False, True, True, False]
    assert not known.of(model.pk + 1, dt.date(2026, 2, 1))
