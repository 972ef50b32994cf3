"""How loudly an entry is told when neither a rule nor a route says otherwise."""

from alerts.routing.fingerprint import Facts, words_of
from governance.vocabulary import Materiality, RiskLevel, Tier

BY_ACTION = {
    "source.went_quiet": Tier.POST,
    "telemetry.quarantined_first": Tier.POST,
    "telemetry.died": Tier.POST,
    "rule.tripped": Tier.POST,
    "risk.acceptance_went_stale": Tier.POST,
    "risk.acceptance_expired": Tier.POST,
    "automation.paused": Tier.POST,
    "trail.break_found": Tier.PAGE,
    "violation.found": Tier.PAGE,
    "risk.acceptance_ends_soon": Tier.DIGEST,
    "risk.step_returned": Tier.DIGEST,
    "risk.sent_back": Tier.DIGEST,
    "model.went_quiet": Tier.DIGEST,
    "approval.requested": Tier.DIGEST,
    "gate.blocked": Tier.DIGEST,
}


def tier_of(facts: Facts) -> tuple[Tier, str]:
    """Return the tier and, in one sentence, why. The rule's own wish comes first."""
    if facts.alert_tier is not None:
        return facts.alert_tier, f"The rule asks for tier {facts.alert_tier.value}."
    if facts.action == "risk.level_raised":
        return _by_level(facts)
    if facts.action == "model.went_red":
        return _red(facts)
    if facts.action == "risk.overdue":
        return _overdue(facts)
    tier = BY_ACTION.get(facts.action, Tier.DIGEST)
    return tier, f"{words_of(facts.action)} is told in tier {tier.value}."


def _by_level(facts: Facts) -> tuple[Tier, str]:
    if facts.level is RiskLevel.CRITICAL:
        return Tier.PAGE, "A raise to critical pages."
    if facts.level is RiskLevel.HIGH:
        return _by_materiality(facts, "A raise to high")
    if facts.level is RiskLevel.MEDIUM:
        return Tier.POST, "A raise to medium is posted."
    return Tier.DIGEST, "A raise to low waits for the digest."


def _red(facts: Facts) -> tuple[Tier, str]:
    return _by_materiality(facts, "Going past the line")


def _by_materiality(facts: Facts, what: str) -> tuple[Tier, str]:
    if facts.materiality is Materiality.HIGH:
        return Tier.PAGE, f"{what} on a model of high materiality pages."
    return Tier.POST, f"{what} below high materiality is posted."


def _overdue(facts: Facts) -> tuple[Tier, str]:
    if facts.level is RiskLevel.CRITICAL:
        return Tier.PAGE, "An overdue answer to a critical risk pages."
    return Tier.POST, "An overdue answer is posted."
