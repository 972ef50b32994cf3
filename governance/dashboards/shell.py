"""What this app hands to the frame of every page: counts, the state of scoring, and the banner of a pause."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
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


def counts(account: Account) -> Mapping[str, int]:
    """Return what the reader can act on, by address; one query."""
    found = owed.counts(account, at=timezone.now())
    return {
        "/": found["past"],
        "/inbox/": found["duties"],
        "/approvals/": found["approvals"],
    }


def scoring(account: Account) -> Mapping[str, Any]:
    """Return the state of scoring for the foot, and the banner while all of it is paused; two queries."""
    if not may_open(account, Permission.RULE_READ):
        return {}
    pauses = switch.open_pauses()
    everything = next((one for one in pauses if one.scope == ControlScope.GLOBAL), None)
    stopped = everything is not None or not settings.REDLINE_AUTOMATION
    verb = Permission.AUTOMATION_RESUME if stopped else Permission.AUTOMATION_PAUSE
    foot = {
        "text": "Scoring: paused" if stopped else "Scoring: automatic",
        "note": _note(len([one for one in pauses if one.scope != ControlScope.GLOBAL])),
        "url": SWITCH,
        "verb": ("Resume" if stopped else "Pause") if can(account, verb) else "Details",
    }
    return {"scoring": foot, "paused": _banner(everything) if stopped else "", "resume_url": SWITCH}


def _note(paused_count: int) -> str:
    rules = RuleVersion.objects.aggregate(
        enforced=Count("pk", filter=Q(state=VersionState.ENFORCED)),
        shadow=Count("pk", filter=Q(state=VersionState.SHADOW)),
    )
    words = [f"{rules['enforced']} {'rule' if rules['enforced'] == 1 else 'rules'}", f"{rules['shadow']} in shadow"]
    return ", ".join([*words, *([f"{paused_count} paused"] if paused_count else [])])


def _banner(pause: AutomationControl | None) -> str:
    """Say who paused, why, since when, and what is kept."""
    if pause is None:
        return f"The setting REDLINE_AUTOMATION is off. {KEPT}"
    since = timezone.localtime(pause.paused_at)
    return f"{pause.paused_by}, since {since:%d %b, %H:%M}: “{pause.reason}” {KEPT}"
