"""Predictions over time: orphans find their version, months go when their term is over, people can be erased."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog.actions import register_version
from models_registry.catalog.models import AliasMove, ExternalName
from models_registry.lineage import prediction_actions, predictions, pseudonyms, tasks
from models_registry.lineage.prediction_models import Prediction, Subject
from models_registry.lineage.pseudonyms import GenerationGone
from models_registry.telemetry import history_actions
from models_registry.vault.models import SealedSecret
from tests.journeys.builders import a_model, a_person
from tests.models_registry.lineage.traces import AT, CANARY, a_source, a_trace, receive
from tests.models_registry.lineage.world import a_version, digest
from tests.models_registry.telemetry.test_catalogue_pages import signed_in

pytestmark = pytest.mark.django_db


def clara():
    return a_person("clara", "Clara Conrad", "compliance_officer")


def test_an_orphan_is_kept_shown_and_adopted_when_its_version_appears():
    model = a_model("policy-helper")
    receipt = receive(a_source(), a_trace(version=1), a_trace(model="unheard-of"))
    first = Prediction.objects.get(model_name="policy-helper")

    assert receipt.orphans == 2
    assert (first.model_id, first.version_id) == (model.pk, None)
    assert predictions.why_orphan(first) == "No version 1 of this model is on record."

    version = register_version(by=model.owner, at=AT, model=model, artifact_digest=digest("x"))
    tasks.tick(AT.replace(minute=0, second=30))

    first.refresh_from_db()
    assert first.version_id == version.pk
    assert Prediction.objects.orphaned().get().model_name == "unheard-of"


@pytest.mark.parametrize("name", ["slug", "registry", "outside"])
def test_an_orphan_finds_its_model_by_each_of_its_names(name):
    receive(a_source(), a_trace(model=f"by-{name}", version="v02"))

    model = a_model("by-slug" if name == "slug" else "policy-helper")
    if name == "registry":
        model.registry_name = "by-registry"
        model.save()
    if name == "outside":
        ExternalName.objects.create(model=model, system="measurements", name="by-outside")
    for number in (1, 2):
        register_version(by=model.owner, at=AT, model=model, artifact_digest=digest(str(number)))
    while prediction_actions.adopt(limit=1):
        pass

    found = Prediction.objects.select_related("version").get()
    assert found.version is not None
    assert (found.model_id, found.version.number) == (model.pk, 2)


@pytest.mark.parametrize("late", [False, True], ids=["at once", "adopted"])
def test_an_alias_means_the_version_it_pointed_at_when_the_prediction_was_made(late):
    source = a_source()
    observed = [AT - dt.timedelta(days=3), AT - dt.timedelta(days=2), AT - dt.timedelta(days=1)]
    traces = [a_trace(version=None, alias="production", observed_at=one.isoformat()) for one in observed]
    if late:
        receive(source, *traces)
    versions = [a_version("policy-helper"), a_version("policy-helper")]
    for version, at in zip(versions, (observed[1], observed[2]), strict=True):
        AliasMove.objects.create(
            model=version.model, name="production", version=version, moved_by=version.model.owner, moved_at=at
        )
    if not late:
        receive(source, *traces)
    while prediction_actions.adopt():
        pass

    found = [one.version_id for one in Prediction.objects.order_by("observed_at")]
    assert found == [None, versions[0].pk, versions[1].pk]


def test_a_prediction_is_settled():
    a_version("policy-helper")
    receive(a_source(), a_trace())

    for change in ({"latency_ms": 1.0}, {"prediction_id": "other"}, {"version_id": 1}, {"input_hash": b"x" * 32}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Prediction.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM lineage_prediction")


def test_erasing_a_person_takes_everything_that_ties_predictions_to_them():
    a_version("policy-helper")
    source, other = a_source(), a_source()
    prediction_actions.decide_terms(by=_nadia(), at=AT, source=source, keeps_text=True)
    receive(source, a_trace(subject="ann"), a_trace(subject="ben"))
    receive(source, a_trace(subject="ann"), at=AT + dt.timedelta(days=14))
    receive(other, a_trace(subject="ann"))

    erased = prediction_actions.erase_subject(by=clara(), at=AT, reference=" ann ", case="DSR-4")

    assert (erased.predictions, erased.subjects, erased.sources) == (3, 3, 2)
    assert Prediction.objects.count() == 4
    kept = Prediction.objects.exclude(input_hash=None).get()
    assert str(kept.subject) != "erased"
    assert prediction_actions.open_texts(by=clara(), at=AT, prediction=kept)["input"] == CANARY
    gone = Prediction.objects.filter(subject=None)
    assert set(gone.values_list("input_hash", "output_hash", "input_sealed", "output_sealed")) == {(None,) * 4}
    assert Subject.objects.filter(wrapped_key=None, pseudonym=None).count() == 3
    entry = AuditEntry.objects.get(action="subject.erased")
    assert "ann" not in entry.canon.replace("cannot", "")
    assert '"case":"DSR-4"' in entry.canon


def test_somebody_erased_may_come_again_as_somebody_new():
    a_version("policy-helper")
    source = a_source()
    receive(source, a_trace(subject="ann"))
    prediction_actions.erase_subject(by=clara(), at=AT, reference="ann", case="1")

    receive(source, a_trace(subject="ann"))

    assert Subject.objects.filter(erased_at=None).count() == 1
    assert prediction_actions.on_record(by=clara(), reference="ann").predictions == 1


def test_erasure_says_when_there_is_nobody_and_refuses_a_case_that_could_be_a_name():
    with pytest.raises(prediction_actions.SubjectUnknown):
        prediction_actions.erase_subject(by=clara(), at=AT, reference="nobody", case="1")
    with pytest.raises(prediction_actions.CaseUnfit):
        prediction_actions.erase_subject(by=clara(), at=AT, reference="nobody", case="Ann Lee")


@pytest.mark.parametrize("role", ["administrator", "model_owner", "auditor", "governance_board"])
def test_only_compliance_erases(role):
    with pytest.raises(AccessDenied):
        prediction_actions.erase_subject(by=a_person("pat", "Pat", role), at=AT, reference="ann", case="1")


def _nadia():
    return a_person("nadia", "Nadia", "administrator")


def test_texts_are_kept_only_where_the_source_says_so_and_opened_by_those_who_may():
    version = a_version("policy-helper")
    source = a_source()
    receive(source, a_trace(prediction_id="before"))
    prediction_actions.decide_terms(by=_nadia(), at=AT, source=source, keeps_text=True)
    receive(source, a_trace(prediction_id="after", subject=None))
    before, after = Prediction.objects.order_by("pk")

    texts = prediction_actions.open_texts(by=version.model.owner, at=AT, prediction=after)

    assert texts == {"input": CANARY, "output": f"Dear {CANARY}"}
    assert CANARY.encode() not in bytes(after.input_sealed)
    entry = AuditEntry.objects.get(action="prediction.text_opened")
    assert (entry.object_id, CANARY in entry.canon) == (str(after.pk), False)
    with pytest.raises(prediction_actions.TextNotKept):
        prediction_actions.open_texts(by=clara(), at=AT, prediction=before)
    with pytest.raises(AccessDenied):
        prediction_actions.open_texts(by=_nadia(), at=AT, prediction=after)


def test_only_those_who_manage_sources_decide_what_is_kept():
    with pytest.raises(AccessDenied):
        prediction_actions.decide_terms(by=clara(), at=AT, source=a_source(), keeps_text=True)


def _months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(child.relname, 7) FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid"
            " WHERE inhparent = 'lineage_prediction'::regclass ORDER BY 1"
        )
        return [month for (month,) in cursor.fetchall()]


def test_each_month_has_its_partition_and_goes_with_its_keys_when_its_term_is_over(settings):
    a_version("policy-helper")
    source = a_source()
    then = dt.datetime(2026, 2, 10, tzinfo=dt.UTC)
    receive(source, a_trace(observed_at=then.isoformat()), at=then)
    receive(source, a_trace())
    old = Prediction.objects.order_by("observed_at")[0]
    before = set(_months())
    settings.REDLINE_PREDICTION_DAYS = 200

    dropped = prediction_actions.drop_old(at=AT)

    assert dropped == 1
    assert before - set(_months()) == {"2026_02"}
    assert Prediction.objects.count() == 1
    with pytest.raises(GenerationGone):
        pseudonyms.keys_of(dt.date(2026, 2, 1))
    assert not Subject.objects.filter(pk=old.subject_id).exists()
    assert SealedSecret.objects.filter(owner__startswith="lineage_subject|").count() == 1
    entry = AuditEntry.objects.get(action="predictions.dropped")
    assert '"predictions":1' in entry.canon
    assert prediction_actions.drop_old(at=AT) == 0


def _of_february(source, *, at=dt.datetime(2026, 2, 10, tzinfo=dt.UTC), **facts):
    return receive(source, a_trace(observed_at=at.isoformat(), **facts), at=at)


@pytest.mark.parametrize("held", ["its model", "every model", "not its month", "another model", "a name unheard of"])
def test_a_legal_hold_keeps_predictions_whose_term_is_over_until_two_people_lift_it(settings, held):
    version = a_version("policy-helper")
    source = a_source()
    prediction_actions.decide_terms(by=_nadia(), at=AT, source=source, keeps_text=True)
    _of_february(source, model="unheard-of" if held == "a name unheard of" else "policy-helper")
    _of_february(source, at=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))
    settings.REDLINE_PREDICTION_DAYS = 200
    model = {"every model": None, "another model": a_model("pricing")}.get(held, version.model)
    month = dt.date(2026, 1 if held == "not its month" else 2, 1)
    hold = history_actions.place_hold(by=clara(), at=AT, model=model, since=month, until=month, reason="Case 7.")
    keeps = held not in ("not its month", "another model")

    assert prediction_actions.held_from(at=AT) == (dt.date(2026, 2, 1) if keeps else None)
    assert prediction_actions.drop_old(at=AT) == (0 if keeps else 2)
    assert {"2026_02", "2026_03"} & set(_months()) == ({"2026_02", "2026_03"} if keeps else set())
    for one in Prediction.objects.filter(model=version.model):
        assert prediction_actions.open_texts(by=version.model.owner, at=AT, prediction=one)["input"] == CANARY

    board = a_person("bruno", "Bruno Brand", "governance_board")
    history_actions.lift_hold(by=board, at=AT, pk=hold.pk, reason="The case is over.")
    assert prediction_actions.drop_old(at=AT) == (2 if keeps else 0)
    assert not Prediction.objects.exists()


def test_months_before_the_first_held_one_go_and_their_keys_with_them(settings):
    version = a_version("policy-helper")
    for month in (2, 3):
        _of_february(a_source(), at=dt.datetime(2026, month, 10, tzinfo=dt.UTC))
    settings.REDLINE_PREDICTION_DAYS = 200
    march = dt.date(2026, 3, 1)
    history_actions.place_hold(by=clara(), at=AT, model=version.model, since=march, until=None, reason="Case 7.")

    assert prediction_actions.drop_old(at=AT) == 1

    assert Prediction.objects.get().observed_at.date().replace(day=1) == march
    assert pseudonyms.keys_of(march)
    with pytest.raises(GenerationGone):
        pseudonyms.keys_of(dt.date(2026, 2, 1))


def test_what_is_kept_says_from_when_on_a_hold_keeps_it(settings):
    version = a_version("policy-helper")
    _of_february(a_source())
    settings.REDLINE_PREDICTION_DAYS = 200
    browser = signed_in("administrator")
    before = browser.get("/predictions/kept/").text
    held = dt.date(2026, 1, 1)
    history_actions.place_hold(by=clara(), at=AT, model=version.model, since=held, until=None, reason="Case 7.")

    assert "legal hold" not in before
    assert "keeps those from 2026-02 on" in browser.get("/predictions/kept/").text


@pytest.mark.django_db(transaction=True)
def test_nothing_is_dropped_while_somebody_places_a_hold(settings):
    a_version("policy-helper")
    _of_february(a_source())
    settings.REDLINE_PREDICTION_DAYS = 200
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [history_actions.ORDER])
        assert prediction_actions.drop_old(at=AT) == 0
    finally:
        other.close()
    assert prediction_actions.drop_old(at=AT) == 1


def test_the_database_drops_no_month_of_the_last_four_weeks():
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lineage_drop_predictions(current_date)")


def test_pages_of_the_list_follow_each_other_whatever_the_times():
    a_version("policy-helper")
    source = a_source()
    times = [(AT - dt.timedelta(seconds=number // 3)).isoformat() for number in range(10)]
    receive(source, *(a_trace(observed_at=one) for one in times))

    seen, after = [], ""
    while True:
        page = predictions.page_of(Prediction.objects.all(), after=after, size=3)
        seen += [one.pk for one in page.rows]
        after = page.after
        if not after:
            break

    assert sorted(seen) == sorted(Prediction.objects.values_list("pk", flat=True))
    assert len(seen) == 10
