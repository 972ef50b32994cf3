"""The storm breaker at work: a rule that moves too many models at once is held until a person looks.

Its version stays where it is on the road and goes on being judged, as if it were in shadow. What it had
raised before stands and ends as any other; what it finds while held weighs nothing until it is reinstated.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from governance.rules.keeping import Finding
from governance.rules.models import Episode, Rule, RuleVersion, VersionState
from governance.scoring import storm
from governance.scoring.models import RuleTrip
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import SCORING
from models_registry.catalog.models import RegisteredModel


class NotTripped(Exception):
    """The breaker of this rule version is closed, so there is nothing to reinstate."""

    http_status = 409


def held_versions(findings: Iterable[Finding], *, at: datetime) -> set[int]:
    """Return the versions whose breaker is open, after opening those that these findings would carry past the limit.

    Versions that begin to fire are counted one transaction after another: each holds its rule's lock from here
    to its end, so that two batches cannot stay below the limit side by side.
    """
    begun: dict[int, set[int]] = defaultdict(set)
    versions: dict[int, RuleVersion] = {}
    for finding in findings:
        if finding.version.state == VersionState.ENFORCED and finding.begins:
            begun[finding.version.pk].add(finding.model_id)
            versions[finding.version.pk] = finding.version
    if begun:
        _lock(version.rule_id for version in versions.values())
    tripped = set(RuleTrip.objects.filter(settled_at__isnull=True).values_list("rule_version_id", flat=True))
    watched = {pk: begun[pk] for pk in begun.keys() - tripped}
    if not watched:
        return tripped
    by_rule = {versions[pk].rule.slug: versions[pk] for pk in watched}
    for trip in storm.trips(_changes(watched, versions, at), portfolio_count=_portfolio(), now=at):
        _open(by_rule[trip.rule], trip, at)
        tripped.add(by_rule[trip.rule].pk)
    return tripped


@transaction.atomic
def reinstate(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let a held version raise risks again, with everything it found meanwhile. Raises NotTripped, AccessDenied."""
    require(by, Permission.RULE_WRITE)
    _lock([version.rule_id])
    settled = RuleTrip.objects.filter(rule_version=version, settled_at__isnull=True).update(settled_at=at)
    if not settled:
        raise NotTripped("This rule is not held.")
    weighed = Episode.objects.filter(rule_version=version, held=True).update(held=False)
    version.error = ""
    version.save(update_fields=["error"])
    body = {"rule": version.rule.slug, "number": version.number, "digest": version.digest, "episodes": weighed}
    record(by=by, action="rule.reinstated", on=version, body=body)
    return version


def _lock(rule_ids: Iterable[int]) -> None:
    list(Rule.objects.select_for_update(no_key=True).filter(pk__in={*rule_ids}).order_by("pk").values_list("pk"))


def _changes(
    begun: Mapping[int, Collection[int]], versions: Mapping[int, RuleVersion], at: datetime
) -> list[storm.RuleChange]:
    """Return which models each version begins to fire on now, and on which it began within the window."""
    rows = Episode.objects.filter(rule_version__in=list(begun), found_at__gt=at - storm.WINDOW, held=False)
    rows = rows.exclude(cleared_at__lt=F("found_at") - storm.WINDOW)  # history: it was over before it was found
    known = rows.values_list("rule_version_id", "model_id", "found_at").distinct()
    now = ((pk, model, at) for pk, models in begun.items() for model in models)
    return [storm.RuleChange(versions[pk].rule.slug, str(model), found) for pk, model, found in (*known, *now) if found]


def _portfolio() -> int:
    active: int = RegisteredModel.objects.active().count()
    return active


def _open(version: RuleVersion, trip: storm.Trip, at: datetime) -> None:
    RuleTrip.objects.create(rule_version=version, model_count=len(trip.models), tripped_at=at)
    RuleVersion.objects.filter(pk=version.pk).update(error=trip.sentence)
    body = {
        "rule": version.rule.slug,
        "name": version.rule.title,
        "number": version.number,
        "digest": version.digest,
        "models": len(trip.models),
        "limit": trip.limit,
        "sentence": trip.sentence,
        "at": at,
    }
    record(by=SCORING, action="rule.tripped", on=("rule", version.rule.slug), body=body)
