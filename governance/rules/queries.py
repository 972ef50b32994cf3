"""Reads of rules for their pages and their API."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from governance.rules import road, sentence
from governance.rules.definition import Definition
from governance.rules.judging import definition_of
from governance.rules.models import Evaluation, Rule, RuleVersion, SeriesState, VersionState
from governance.rules.yamltree import RuleInvalid
from governance.vocabulary import Mode
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, visible

FINDINGS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the list: its version in force, or the newest one, and what it finds."""

    rule: Rule
    version: RuleVersion
    definition: Definition | None
    firing: int
    would_fire: int

    @property
    def category(self) -> str:
        """The risk it is about; empty when its text cannot be read."""
        return self.definition.then.risk.value if self.definition else ""


def rules_for(*, actor: Account, state: str = "", category: str = "", text: str = "") -> list[Line]:
    """Return the rules by title, each counted over the models the actor may see.

    ``firing`` counts series that fire an enforced version, ``would_fire`` those that fire one in shadow.
    """
    firing = _firing(actor)
    versions: dict[int, list[RuleVersion]] = {}
    for version in RuleVersion.objects.select_related("rule", "author").order_by("rule__title", "rule_id", "number"):
        versions.setdefault(version.rule_id, []).append(version)
    lines = [_line(own, firing) for own in versions.values()]
    return [
        line
        for line in lines
        if (not state or line.version.state == state)
        and (not category or line.category == category)
        and (not text or text.lower() in f"{line.rule.slug} {line.rule.title}".lower())
    ]


def _firing(actor: Account) -> dict[tuple[int, str], int]:
    rows = visible(actor, Permission.RISK_READ, SeriesState.objects.filter(firing=True), through="model")
    counted = rows.values_list("rule_version__rule_id", "rule_version__state").annotate(count=Count("pk"))
    return {(rule, state): count for rule, state, count in counted}


def _line(versions: Sequence[RuleVersion], firing: dict[tuple[int, str], int]) -> Line:
    enforced = [one for one in versions if one.state == VersionState.ENFORCED]
    shown = (enforced or versions)[-1]
    return Line(
        rule=shown.rule,
        version=shown,
        definition=definition(shown),
        firing=firing.get((shown.rule_id, VersionState.ENFORCED), 0),
        would_fire=firing.get((shown.rule_id, VersionState.SHADOW), 0),
    )


def definition(version: RuleVersion) -> Definition | None:
    """Return the parsed definition of a version; None while its text cannot be read."""
    try:
        return definition_of(version.text)
    except RuleInvalid:
        return None


def words(version: RuleVersion) -> str:
    """Return the version as one sentence; empty while its text cannot be read."""
    found = definition(version)
    return sentence.sentence(found) if found else ""


def versions_of(*, rule: Rule) -> QuerySet[RuleVersion]:
    """Return the versions of a rule, newest first."""
    return rule.versions.select_related("author", "rule").order_by("-number")


def firing_on(*, actor: Account, version: RuleVersion) -> QuerySet[SeriesState]:
    """Return the series that fire this version now, of models the actor may see."""
    states = version.series_states.filter(firing=True).select_related("model")
    return visible(actor, Permission.RISK_READ, states, through="model").order_by("firing_since", "pk")


def shadow_findings(*, actor: Account, version: RuleVersion) -> QuerySet[Evaluation]:
    """Return what the version said while in shadow, newest first, of models the actor may see."""
    found = version.evaluations.filter(mode=Mode.SHADOW).select_related("model")
    return visible(actor, Permission.RISK_READ, found, through="model").order_by("-pk")[:FINDINGS_SHOWN]


def step_refusals(*, actor: Account, version: RuleVersion) -> dict[str, str]:
    """Return, per step of the road, why this person cannot take it now; empty when they can."""
    power = can(actor, Permission.RULE_WRITE)
    if not power:
        return dict.fromkeys(("edit", "submit", "shadow", "enforce", "retire", "draft"), power.reason)
    own = "" if version.author_id == actor.pk else f"{version.author} wrote this draft."
    waiting = "It waits for approval: its request decides." if version.state == road.SUBMITTED else ""
    return {
        "draft": "",
        "edit": own if version.state == road.DRAFT else "Only a draft can be edited.",
        "submit": road.refusal(road.RULES, of=version.state, to=road.SUBMITTED) or own,
        "shadow": road.refusal(road.RULES, of=version.state, to=road.SHADOW),
        "enforce": road.refusal(road.RULES, of=version.state, to=road.ENFORCED),
        "retire": waiting or road.refusal(road.RULES, of=version.state, to=road.RETIRED),
    }
