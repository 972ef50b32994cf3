"""Answer a risk in one of three ways, and rehearse it: the record that would be written, before it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.risks import accepting, actions, planning
from governance.risks.forms import AnswerForms
from governance.risks.models import Risk
from governance.vocabulary import Word
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.audit.models import AuditEntry


class Decision(Word):
    """What an owner can do about a risk."""

    MITIGATE = "MITIGATE"
    ACCEPT = "ACCEPT"
    DISPUTE = "DISPUTE"


PERMISSIONS: Mapping[Decision, Permission] = {
    Decision.MITIGATE: Permission.RISK_MITIGATE,
    Decision.ACCEPT: Permission.RISK_ACCEPT,
    Decision.DISPUTE: Permission.RISK_DISPUTE,
}
SUBMITS: Mapping[Decision, str] = {
    Decision.MITIGATE: "Submit plan",
    Decision.ACCEPT: "Ask for acceptance",
    Decision.DISPUTE: "Dispute the score",
}
SAID: Mapping[Decision, str] = {
    Decision.MITIGATE: "The plan is on record.",
    Decision.ACCEPT: "The acceptance is proposed. Others decide it.",
    Decision.DISPUTE: "The dispute is on record.",
}
SET_ON_SAVE = ("plan", "acceptance", "dispute", "effective_at", "entry")
"""Members of a record that exist only once it is written."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What its writer had before them: the digest of the risk, and of the answers to it."""

    digest: str
    standing: str


def answer(*, by: Account, at: datetime, risk: Risk, forms: AnswerForms, judged: Judged) -> None:
    """Record the answer of valid forms through the action of its decision; raises what that action raises."""
    common: dict[str, Any] = {
        "by": by,
        "at": at,
        "risk_id": risk.pk,
        "judged_digest": judged.digest,
        "answers": judged.standing,
    }
    decision = Decision(forms.text.decision)
    if decision is Decision.MITIGATE:
        steps = [one.promise() for one in forms.steps]
        planning.submit_plan(**common, summary=forms.plan.cleaned_data["summary"], steps=steps)
    elif decision is Decision.ACCEPT:
        accepting.propose_acceptance(**common, **forms.accept.cleaned_data)
    else:
        actions.dispute(**common, **forms.dispute.cleaned_data)


def rehearse(*, by: Account, at: datetime, risk: Risk, forms: AnswerForms, judged: Judged) -> str:
    """Return the record that `answer` would write, word for word, and take everything back.

    Raises what the action raises, so that a review never promises what saving would refuse.
    """
    with transaction.atomic():
        answer(by=by, at=at, risk=risk, forms=forms, judged=judged)
        about = AuditEntry.objects.about(object_type="risk", object_id=str(risk.pk))
        entry = about.newest_first()[0]
        record = written(entry.action, entry.body, by)
        transaction.set_rollback(True)
    return record


def written(action: str, body: Mapping[str, Any], by: Account) -> str:
    """Return a record as lines of text: the action, who, and every member it will have."""
    lines = [f"{action}  {body['reference']}", f"{'actor':<21}{by.username}"]
    for name, value in body.items():
        if name in SET_ON_SAVE or name == "reference" or value in (None, ""):
            continue
        lines += _lines(name, value)
    return "\n".join([*lines, f"{'effective_at':<21}set on save", f"{'hash':<21}set on save"])


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, list):
        rows = ["; ".join(str(part) for part in row.values()) for row in value]
        return [f"{name if not place else '':<21}{row}" for place, row in enumerate(rows)]
    first, *rest = str(value).splitlines() or [""]
    return [f"{name:<21}{first}", *(f"{'':<21}{line}" for line in rest)]
