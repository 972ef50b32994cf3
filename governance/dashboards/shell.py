"""What this app hands to the frame of every page: counts, the state of scoring, and the banner of a pause."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from governance.dashboards import owed
from governance.rules.models import RuleVersion, VersionState
from governance.scoring import switch
from governance.scoring.models import AutomationControl, ControlScope
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, may_open

SWITCH = "/scoring/"
KEPT = "Telemetry is kept and is judged when scoring resumes."


def frame(account: Account) -> Mapping[str, Any]:
    """Return the counts of the navigation by address, and for readers of rules the state of scoring.

    One query; a second one while something is paused.
    """
    asks = {"enforced": _rules(VersionState.ENFORCED), "shadow": _rules(VersionState.SHADOW), "pauses": _pauses()}
    found = owed.counts(account, at=timezone.now(), beside=asks)
    counts = {"/": found["past"], "/inbox/": found["duties"], "/approvals/": found["approvals"]}
    return {"counts": counts, **_scoring(account, found)}


def _rules(state: VersionState) -> QuerySet[RuleVersion]:
    return RuleVersion.objects.filter(state=state)


def _pauses() -> QuerySet[AutomationControl]:
    return AutomationControl.objects.filter(resumed_at__isnull=True)


def _scoring(account: Account, found: Mapping[str, int]) -> dict[str, Any]:
    """Return the state of scoring for the foot, and the banner while all of it is paused."""
    if not may_open(account, Permission.RULE_READ):
        return {}
    pauses = switch.open_pauses() if found["pauses"] else []
    everything = next((one for one in pauses if one.scope == ControlScope.GLOBAL), None)
    stopped = everything is not None or not settings.REDLINE_AUTOMATION
    verb = Permission.AUTOMATION_RESUME if stopped else Permission.AUTOMATION_PAUSE
    partly = sum(one.scope != ControlScope.GLOBAL for one in pauses)
    foot = {
        "text": "Scoring: paused" if stopped else "Scoring: automatic",
        "note": _note(found["enforced"], found["shadow"], partly),
        "url": SWITCH,
        "verb": ("Resume" if stopped else "Pause") if can(account, verb) else "More",
    }
    return {"scoring": foot, "paused": _banner(everything) if stopped else "", "resume_url": SWITCH}


def _note(enforced: int, shadow: int, paused: int) -> str:
    words = [f"{enforced} {'rule' if enforced == 1 else 'rules'}", f"{shadow} in shadow"]
    return ", ".join([*words, *([f"{paused} paused"] if paused else [])])


def _banner(pause: AutomationControl | None) -> str:
    """Say who paused, why, since when, and what is kept."""
    if pause is None:
        return f"The setting REDLINE_AUTOMATION is off. {KEPT}"
    since = timezone.localtime(pause.paused_at)
    return f"{pause.paused_by}, since {since:%d %b, %H:%M}: “{pause.reason}” {KEPT}"
