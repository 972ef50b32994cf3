"""What is done with predictions: kept once, adopted by their version, forgotten by month or by person."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import TELEMETRY
from models_registry.lineage import prediction_reading, prediction_sql, pseudonyms
from models_registry.lineage.prediction_models import Prediction, PredictionTerms, Subject
from models_registry.lineage.prediction_reading import Trace
from models_registry.lineage.prediction_writing import (
    copy_rows,
    count,
    ensure_months,
    rows_of,
    subjects_of,
    unknown_only,
)
from models_registry.lineage.resolution import look_up
from models_registry.telemetry import history_actions
from models_registry.telemetry.models import Source
from models_registry.telemetry.needs import held_by_law, month_of
from models_registry.telemetry.readings import Problem, Unreadable

ADOPTED_AT_ONCE = 5_000
CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,39}", re.ASCII)
"""How a request to erase is named in the trail: a case number, which cannot be mistaken for a person."""


class SubjectUnknown(Exception):
    """No prediction on record is about this subject."""

    http_status = 404


class CaseUnfit(ValueError):
    """A case number has 1 to 40 letters, digits and -_./ and no spaces."""

    http_status = 400


class TextNotKept(Exception):
    """The text of this prediction is not kept, or was erased."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one body. ``received`` = kept + duplicates + refused; ``orphans`` are among the kept."""

    received: int
    kept: int
    duplicates: int
    orphans: int
    refused: int
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of a subject was on record: in how many months of how many sources, and predictions."""

    subjects: int
    sources: int
    predictions: int


def oldest(at: dt.datetime) -> dt.datetime:
    """Return the first moment from which predictions are kept: the start of the month in which the term begins."""
    day = (at - dt.timedelta(days=settings.REDLINE_PREDICTION_DAYS)).astimezone(dt.UTC).date().replace(day=1)
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def receive(*, source: Source, body: bytes, at: dt.datetime, keep_good: bool = False) -> Receipt:
    """Keep the predictions of a body, each once, and say what became of them; on return they are committed.

    The body itself is not kept, for it may hold what people wrote. So what cannot be read is refused here and now,
    with every reason, and nothing of the body is kept; with ``keep_good`` the sound ones are, and the others are
    named in the receipt. Raises Unreadable.
    """
    found = prediction_reading.read(body, received_at=at, oldest=oldest(at))
    if found.problems and not (keep_good and found.traces):
        raise Unreadable(found.problems)
    return keep(source=source, traces=found.traces, at=at, refused=found.refused_count, problems=found.problems)


@transaction.atomic
def keep(
    *,
    source: Source,
    traces: Sequence[Trace],
    at: dt.datetime,
    refused: int = 0,
    problems: Sequence[Problem] = (),
) -> Receipt:
    """Keep predictions that were read, each once by source and id; a further one of the same id has no effect.

    Texts are hashed, and sealed only where the source's terms say so; references to subjects become pseudonyms.
    """
    ensure_months(trace.observed_at for trace in traces)
    fresh = unknown_only(traces, source_id=source.pk)
    keys = pseudonyms.keys_at(at)
    found = look_up(fresh, system=source.kind)
    rows = rows_of(
        fresh,
        source=source,
        found=found,
        subjects=subjects_of(fresh, source_id=source.pk, keys=keys, at=at),
        keys=keys,
        keeps_text=PredictionTerms.objects.filter(source=source, keeps_text=True).exists(),
        at=at,
    )
    copy_rows(rows)
    duplicates = len(traces) - len(fresh)
    count(source_id=source.pk, at=at, kept=len(fresh), duplicate=duplicates, refused=refused)
    orphans = sum(1 for trace in fresh if found.of(trace)[1] is None)
    return Receipt(len(traces) + refused, len(fresh), duplicates, orphans, refused, problems)


def adopt(*, limit: int = ADOPTED_AT_ONCE) -> int:
    """Give orphans the model and the version that have appeared since; return how many steps were taken.

    Each step is one statement over at most ``limit`` rows that commits by itself outside a transaction.
    """
    if not Prediction.objects.orphaned().exists():
        return 0
    done = 0
    for statement in prediction_sql.ADOPTIONS:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"limit": limit})
            done += cursor.rowcount
    return done


@transaction.atomic
def decide_terms(*, by: Account, at: dt.datetime, source: Source, keeps_text: bool) -> PredictionTerms:
    """Decide whether texts of a source's predictions are kept from now on. Raises AccessDenied."""
    require(by, Permission.SOURCE_MANAGE)
    terms, _ = PredictionTerms.objects.update_or_create(
        source=source, defaults={"keeps_text": keeps_text, "changed_by": by, "changed_at": at}
    )
    action = "source.texts_allowed" if keeps_text else "source.texts_refused"
    record(by=by, action=action, on=source, body={**source.named(), "at": at})
    return terms


def on_record(*, by: Account, reference: str, source: Source | None = None) -> Erased:
    """Say how much is on record about a subject, for whoever is about to erase it. Raises AccessDenied."""
    require(by, Permission.SUBJECT_ERASE)
    found = _subjects(reference, source)
    number = Prediction.objects.filter(subject__in=[one.pk for one in found]).count() if found else 0
    return Erased(len(found), len({one.source_id for one in found}), number)


@transaction.atomic
def erase_subject(*, by: Account, at: dt.datetime, reference: str, case: str, source: Source | None = None) -> Erased:
    """Make everything that predictions hold about a subject unreadable for good, and say how much it was.

    The subject's keys and pseudonyms are erased in every month and source (or in the one that is named), and the
    hashes and sealed texts of their predictions with them. The predictions stay as counts and costs about nobody.
    Backups that hold the keys undo it until they expire. Raises AccessDenied, CaseUnfit and SubjectUnknown.
    """
    require(by, Permission.SUBJECT_ERASE)
    if not CASE.fullmatch(case):
        raise CaseUnfit(CaseUnfit.__doc__)
    known = [one.pk for one in _subjects(reference, source)]
    found = list(Subject.objects.filter(pk__in=known, erased_at=None).order_by("pk").select_for_update())
    if not found:
        raise SubjectUnknown(SubjectUnknown.__doc__)
    keys = [one.pk for one in found]
    number = Prediction.objects.filter(subject__in=keys).update(
        subject=None, input_hash=None, output_hash=None, input_sealed=None, output_sealed=None
    )
    Subject.objects.filter(pk__in=keys).update(pseudonym=None, wrapped_key=None, erased_at=at)
    erased = Erased(len(found), len({one.source_id for one in found}), number)
    body = {"at": at, "case": case, "predictions": number, "months": len(found), "sources": erased.sources}
    record(by=by, action="subject.erased", on=("subject", case), body=body)
    return erased


@transaction.atomic
def open_texts(*, by: Account, at: dt.datetime, prediction: Prediction) -> dict[str, str]:
    """Return the input and output that are kept of a prediction, and leave in the trail that they were read.

    Raises AccessDenied and TextNotKept.
    """
    require(by, Permission.PREDICTION_OPEN, on=prediction if prediction.model_id else None)
    held = {"input": prediction.input_sealed, "output": prediction.output_sealed}
    if not any(held.values()):
        raise TextNotKept(TextNotKept.__doc__)
    key = key_of(prediction)
    texts = {name: pseudonyms.unsealed(bytes(data), key=key) for name, data in held.items() if data}
    body = {"at": at, "prediction": prediction.prediction_id, "source": prediction.source.slug}
    subject = ("prediction", str(prediction.pk))
    record(by=by, action="prediction.text_opened", on=subject, body=body, model_id=prediction.model_id)
    return texts


def key_of(prediction: Prediction) -> bytes:
    """Return the key under which the texts of a prediction stand. Raises GenerationGone and TextNotKept."""
    if prediction.subject_id is None:
        return pseudonyms.keys_of(pseudonyms.generation_of(prediction.received_at)).texts
    subject = Subject.objects.get(pk=prediction.subject_id)
    if subject.wrapped_key is None or subject.pseudonym is None:
        raise TextNotKept(TextNotKept.__doc__)
    keys = pseudonyms.keys_of(subject.generation)
    return keys.unwrap(bytes(subject.wrapped_key), pseudonym=bytes(subject.pseudonym))


@transaction.atomic
def drop_old(*, at: dt.datetime) -> int:
    """Drop the months that are older than the term, with their keys, and return how many predictions went.

    They go in their order: what a legal hold keeps stays, and so do the months after it. Nothing goes while a hold
    is being placed or other history dropped.
    """
    if not history_actions.took_turn():
        return 0
    before = held_from(at=at) or oldest(at).date()
    with connection.cursor() as cursor:
        cursor.execute(prediction_sql.DROP_OLD, [before])
        dropped: list[tuple[dt.date, int]] = cursor.fetchall()
    Subject.objects.filter(generation__lt=before).delete()
    pseudonyms.destroy_before(before)
    number = sum(held for _, held in dropped)
    if dropped:
        body = {"at": at, "months": [f"{month:%Y-%m}" for month, _ in dropped], "predictions": number}
        record(by=TELEMETRY, action="predictions.dropped", on=("predictions", f"{before:%Y-%m}"), body=body)
    return number


def held_from(*, at: dt.datetime) -> dt.date | None:
    """Return the month from which on legal holds keep predictions whose term is over; None when they keep none.

    A prediction whose model is not known yet may turn out to be of the model that is held, and is held as well. Its
    keys are those of the month in which it was received.
    """
    months = []
    for need in held_by_law():
        rows = Prediction.objects.filter(observed_at__gte=need.since, observed_at__lt=oldest(at))
        if need.until is not None:
            rows = rows.filter(observed_at__lte=need.until)
        if need.model_id is not None:
            rows = rows.filter(Q(model_id=need.model_id) | Q(model_id__isnull=True))
        first = rows.aggregate(observed=Min("observed_at"), received=Min("received_at"))
        months += [month_of(moment) for moment in first.values() if moment is not None]
    return min(months, default=None)


def _subjects(reference: str, source: Source | None) -> list[Subject]:
    """Return the rows of a subject in every generation whose key is there."""
    rows = Subject.objects.filter(erased_at__isnull=True)
    rows = rows if source is None else rows.filter(source=source)
    wanted: list[bytes] = []
    for generation, source_id in rows.order_by().values_list("generation", "source_id").distinct():
        try:
            keys = pseudonyms.keys_of(generation)
        except pseudonyms.GenerationGone:
            continue
        wanted.append(keys.pseudonym(source_id=source_id, reference=reference.strip()))
    return list(rows.filter(pseudonym__in=wanted).order_by("pk"))
