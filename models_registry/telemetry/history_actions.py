"""What people decide about history: how long it is kept, by two of them, and what the law holds."""

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, require
from models_registry.audit.actions import record
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import history_queries
from models_registry.telemetry.history_models import FLOORS, KeepingTerms, LegalHold
from models_registry.telemetry.history_preview import preview

FIELDS = ("measurements_days", "bodies_days", "held_days", "fine_days", "coarse_days")
ORDER = 4_976_208
"""Proposals, decisions, holds and the last step of dropping something take turns."""


class TermsUnfit(ValueError):
    """These terms do not go together."""

    http_status = 400


class ProposalStands(Exception):
    """Other terms wait for a second person already; decide on them first."""

    http_status = 409


class NothingProposed(Exception):
    """These terms do not wait for anybody."""

    http_status = 409


class HoldLifted(Exception):
    """This hold was lifted already."""

    http_status = 409


def unfit(terms: Mapping[str, int | None]) -> dict[str, str]:
    """Return what is wrong with terms, by field; empty when nothing is."""
    found = {
        field: f"At least {least} days, or empty for ever."
        for field, least in FLOORS.items()
        if (days := terms.get(field)) is not None and days < least
    }
    for shorter, longer, why in (
        (
            "measurements_days",
            "fine_days",
            "Windows of five minutes stay at least as long as what they are made of.",
        ),
        (
            "fine_days",
            "coarse_days",
            "Windows of an hour and a day stay at least as long as those of five minutes.",
        ),
    ):
        short, long = terms.get(shorter), terms.get(longer)
        if long is not None and (short is None or short > long):
            found.setdefault(longer, why)
    return found


@transaction.atomic
def propose(*, by: Account, at: dt.datetime, terms: Mapping[str, int | None], reason: str) -> KeepingTerms:
    """Put terms before a second person, with what they would drop now.

    Raises AccessDenied, TermsUnfit, ProposalStands.
    """
    require(by, Permission.HISTORY_MANAGE)
    if wrong := unfit(terms):
        raise TermsUnfit(" ".join(wrong.values()))
    take_turn()
    if history_queries.proposed() is not None:
        raise ProposalStands("Other terms wait for a second person already. Decide on them first.")
    last = KeepingTerms.objects.order_by("-number").values_list("number", flat=True).first()
    made = KeepingTerms(
        number=(last or 0) + 1, reason=reason, proposed_by=by, proposed_at=at, **{name: terms[name] for name in FIELDS}
    )
    made.foreseen = preview(terms=made, at=at).as_json()
    made.save(force_insert=True)
    _record(made, by, "history.terms_proposed", reason=reason)
    return made


@transaction.atomic
def agree(*, by: Account, at: dt.datetime, number: int) -> KeepingTerms:
    """Put proposed terms in force; they count from a day later on. Raises AccessDenied, NothingProposed."""
    require(by, Permission.HISTORY_MANAGE)
    terms = _waiting(number)
    if refusal := why_not_agree(terms, by):
        raise AccessDenied(refusal)
    terms.agreed_by, terms.agreed_at = by, at
    terms.save(update_fields=["agreed_by", "agreed_at"])
    _record(terms, by, "history.terms_agreed")
    return terms


@transaction.atomic
def end(*, by: Account, at: dt.datetime, number: int, reason: str) -> KeepingTerms:
    """Refuse proposed terms, or take one's own back. Raises AccessDenied, NothingProposed."""
    require(by, Permission.HISTORY_MANAGE)
    terms = _waiting(number)
    terms.ended_by, terms.ended_at, terms.ended_because = by, at, reason
    terms.save(update_fields=["ended_by", "ended_at", "ended_because"])
    own = terms.proposed_by_id == by.pk
    _record(terms, by, "history.terms_withdrawn" if own else "history.terms_refused", reason=reason)
    return terms


def why_not_agree(terms: KeepingTerms, account: Account) -> str:
    """Return why this person cannot agree to terms that wait, empty when they can: two people decide."""
    return "You proposed these terms. Someone else must agree to them." if terms.proposed_by_id == account.pk else ""


@transaction.atomic
def place_hold(
    *, by: Account, at: dt.datetime, model: RegisteredModel | None, since: dt.date, until: dt.date | None, reason: str
) -> LegalHold:
    """Hold back months of a model, or of all, whatever the terms say; at once. Raises AccessDenied, TermsUnfit."""
    require(by, Permission.HISTORY_MANAGE)
    first, last = since.replace(day=1), until.replace(day=1) if until else None
    if last is not None and last < first:
        raise TermsUnfit("The last month comes before the first one.")
    take_turn()
    hold = LegalHold.objects.create(model=model, since=first, until=last, reason=reason, placed_by=by, placed_at=at)
    _record_hold(hold, by, "history.hold_placed", reason=reason)
    return hold


@transaction.atomic
def lift_hold(*, by: Account, at: dt.datetime, pk: int, reason: str) -> LegalHold:
    """Lift a hold; only someone else than who placed it may. Raises AccessDenied, HoldLifted."""
    require(by, Permission.HISTORY_MANAGE)
    hold = LegalHold.objects.select_for_update(of=("self",)).select_related("model").get(pk=pk)
    if hold.lifted_at is not None:
        raise HoldLifted("This hold was lifted already.")
    if refusal := why_not_lift(hold, by):
        raise AccessDenied(refusal)
    hold.lifted_by, hold.lifted_at, hold.lifted_because = by, at, reason
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    _record_hold(hold, by, "history.hold_lifted", reason=reason)
    return hold


def why_not_lift(hold: LegalHold, account: Account) -> str:
    """Return why this person cannot lift a hold, empty when they can: two people decide."""
    return "You placed this hold. Someone else must lift it." if hold.placed_by_id == account.pk else ""


def took_turn() -> bool:
    """Take the turn if nobody else has it, as `take_turn` does; return whether that is so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ORDER])
        return bool(cursor.fetchone()[0])


def take_turn() -> None:
    """Wait until nobody else decides about history or drops any of it; then nobody will until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDER])


def _waiting(number: int) -> KeepingTerms:
    take_turn()
    terms = KeepingTerms.objects.filter(number=number).select_related("proposed_by").first()
    if terms is None or not terms.is_proposed:
        raise NothingProposed("These terms do not wait for anybody.")
    return terms


def _record(terms: KeepingTerms, by: Account, action: str, **more: object) -> None:
    body = {"number": terms.number, **{name: getattr(terms, name) for name in FIELDS}, **more}
    record(by=by, action=action, on=("history_terms", str(terms.number)), body=body)


def _record_hold(hold: LegalHold, by: Account, action: str, **more: object) -> None:
    body = {
        "hold": hold.pk,
        "model": hold.model.slug if hold.model else None,
        "of": hold.model.name if hold.model else "every model",
        "since": f"{hold.since:%Y-%m}",
        "until": f"{hold.until:%Y-%m}" if hold.until else None,
        **more,
    }
    record(by=by, action=action, on=("legal_hold", str(hold.pk)), body=body, model_id=hold.model_id)
