"""The inbox: every body is kept once, claimed fairly, measured or held back with a reason."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions
from models_registry.telemetry.models import EventState, Measurement, Rollup, Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT


def receive(source: Source, body: bytes, **headers: str) -> actions.Receipt:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return actions.receive(source=source, body=body, headers=named, at=AT)


def measure(receipt: actions.Receipt) -> actions.Touched:
    event = TelemetryEvent.objects.select_related("source").get(pk=receipt.event_pk)
    return actions.measure(event=event, at=AT)


@pytest.mark.django_db
def test_a_body_is_kept_verbatim_with_listed_headers_only() -> None:
    body = b'{"half": '

    receipt = receive(world.source(), body, webhook_id="m1", authorization="Bearer rdl_x", content_type="text/x\0y")

    event = TelemetryEvent.objects.get(pk=receipt.event_pk)
    assert bytes(event.raw) == body
    assert event.headers == {"webhook-id": "m1", "content-type": "text/x\\u0000y"}
    assert event.state == EventState.NEW


@pytest.mark.django_db
def test_a_second_delivery_has_no_effect_and_is_counted() -> None:
    source = world.source()
    first = receive(source, world.measurements(0.9), webhook_id="m1")

    second = receive(source, world.measurements(0.9), webhook_id="m1")

    assert (second.event_pk, second.duplicate, second.conflict) == (first.event_pk, True, False)
    assert TelemetryEvent.objects.get().duplicate_count == 1


@pytest.mark.django_db
def test_one_id_with_two_bodies_keeps_both_and_says_so() -> None:
    source = world.source()
    receive(source, b"{}", webhook_id="m1")

    other = receive(source, b"[]", webhook_id="m1")
    again = receive(source, b"[]", webhook_id="m1")

    assert (other.conflict, other.duplicate) == (True, False)
    assert other.event_id.startswith("id:m1#")
    assert (again.event_pk, again.conflict, again.duplicate) == (other.event_pk, True, True)


@pytest.mark.django_db
def test_a_body_above_one_mebibyte_is_refused() -> None:
    with pytest.raises(actions.BodyTooLarge):
        receive(world.source(), b" " * (actions.MAX_BODY_BYTES + 1))


@pytest.mark.django_db(transaction=True)
def test_ten_deliveries_from_ten_threads_have_one_effect() -> None:
    world.claims_model()
    source = world.source()
    body = world.measurements(0.9)

    def deliver(_: int) -> actions.Receipt:
        try:
            return receive(source, body, webhook_id="m1")
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        receipts = list(pool.map(deliver, range(10)))

    assert sum(not receipt.duplicate for receipt in receipts) == 1
    assert TelemetryEvent.objects.get().duplicate_count == 9
    claimed = actions.claim(limit=50, at=AT)
    assert claimed == [receipts[0].event_pk]
    assert len(measure(receipts[0]).series) == 1
    assert actions.claim(limit=50, at=AT + dt.timedelta(hours=1)) == []


@pytest.mark.django_db
def test_a_measured_event_is_done_and_leaves_measurements_and_three_windows() -> None:
    model = world.claims_model()
    receipt = receive(world.source(), world.measurements(0.5, 0.25, 0.75))

    touched = measure(receipt)

    assert [(each.model_id, each.metric, each.segment) for each in touched.series] == [(model.pk, "accuracy", "")]
    rows = Measurement.objects.filter(event_id=receipt.event_pk).order_by("ordinal")
    assert [row.value for row in rows] == [0.5, 0.25, 0.75]
    assert {rollup.width_s: (rollup.count, float(rollup.sum)) for rollup in Rollup.objects.all()} == {
        300: (3, 1.5),
        3600: (3, 1.5),
        86400: (3, 1.5),
    }
    assert TelemetryEvent.objects.get().state == EventState.DONE
    with pytest.raises(actions.EventNotWaiting):
        measure(receipt)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "E_"),
        (b"\xff\xfe", "E_"),
        (b'{"measurements": [' * 5000, "E_"),
        (world.measurements(0.9, model="nobody-knows"), "E_UNKNOWN_MODEL"),
        (world.measurements(0.9, metric="m" * 150), "E_TOO_LONG"),
        (b'{"measurements": [{"model": "claims-triage", "metric": "accuracy", "value": true}]}', "E_"),
    ],
)
def test_what_cannot_be_read_is_held_with_a_reason_and_measures_nothing(body: bytes, reason: str) -> None:
    world.claims_model()
    receipt = receive(world.source(), body)

    touched = measure(receipt)

    event = TelemetryEvent.objects.get(pk=receipt.event_pk)
    assert touched.series == frozenset()
    assert event.state == EventState.QUARANTINED
    assert event.reason.startswith(reason)
    assert not Measurement.objects.exists()
    assert not Rollup.objects.exists()


@pytest.mark.django_db
def test_only_the_first_of_a_kind_goes_to_the_trail() -> None:
    source = world.source()

    for number in range(3):
        measure(receive(source, world.measurements(0.9, model="nobody-knows", minute=number)))

    assert AuditEntry.objects.filter(action="telemetry.quarantined_first").count() == 1


@pytest.mark.django_db
def test_a_loud_source_does_not_starve_a_quiet_one() -> None:
    loud, calm = world.source(), world.source()
    for number in range(20):
        receive(loud, b"{}", webhook_id=f"l{number}")
    waiting = receive(calm, b"{}", webhook_id="c1")

    assert waiting.event_pk in actions.claim(limit=4, at=AT)


@pytest.mark.django_db
def test_fifty_thousand_waiting_events_delay_another_source_by_no_batch_at_all() -> None:
    loud, calm = world.source(), world.source()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason,"
            " detail, conflict, duplicate_count) SELECT %s, 'l' || number, %s, '', '{}', 'NEW', 0, '', '', false, 0"
            " FROM generate_series(1, 50000) AS number",
            [loud.pk, AT],
        )
    waiting = receive(calm, b"{}", webhook_id="c1")

    first, second = (actions.claim(limit=50, at=AT) for _ in range(2))

    assert waiting.event_pk in first
    assert (len(first), len(second)) == (50, 50)  # the loud one takes the places that nobody else wants


@pytest.mark.django_db
def test_a_source_that_is_behind_comes_after_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BURST", 5)
    loud, calm, third = world.source(), world.source(), world.source()
    behind = [receive(loud, b"{}", webhook_id=f"l{number}").event_pk for number in range(6)]
    mine = [receive(calm, b"{}", webhook_id=f"c{number}").event_pk for number in range(5)]
    theirs = [receive(third, b"{}", webhook_id=f"t{number}").event_pk for number in range(5)]

    first, second, last = (actions.claim(limit=6, at=AT) for _ in range(3))

    assert first == sorted([*mine[:3], *theirs[:3]])
    assert second == sorted([*mine[3:], *theirs[3:], *behind[:2]])
    assert last == behind[2:]


@pytest.mark.django_db
def test_a_claimed_event_is_left_alone_until_its_lease_ends_and_comes_back_alone() -> None:
    source = world.source()
    pks = [receive(source, b"{}", webhook_id=f"m{number}").event_pk for number in range(3)]

    assert actions.claim(limit=10, at=AT) == pks
    assert actions.claim(limit=10, at=AT) == []
    assert actions.claim(limit=10, at=AT + dt.timedelta(seconds=11)) == pks[:1]
    assert TelemetryEvent.objects.get(pk=pks[0]).attempts == 2


@pytest.mark.django_db
def test_an_event_that_never_ends_well_is_dead_after_five_attempts_and_shown() -> None:
    receipt = receive(world.source(), b"{}")

    claims = [actions.claim(limit=10, at=AT + dt.timedelta(hours=hour)) for hour in range(6)]

    assert claims == [[receipt.event_pk]] * 5 + [[]]
    assert TelemetryEvent.objects.get().state == EventState.DEAD
    assert AuditEntry.objects.filter(action="telemetry.died", cause_event_id=receipt.event_pk).exists()
