"""What is given out of the register: risks, how they moved, and every answer to them."""

from typing import Any

from governance.risks.models import (
    Acceptance,
    Acknowledgement,
    Assessment,
    Dispute,
    MitigationPlan,
    PlanStep,
    Release,
    Risk,
    RiskChange,
)
from models_registry.access.exports import Column, export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the risks of the models whose risks the actor may read, with everything that was answered."""
    if not may_open(actor, Permission.RISK_READ):
        return []
    return [*_register(actor), *_answers(actor), *_judgements(actor)]


def _register(actor: Account) -> list[Export]:
    return [
        _of_risks(actor, "risks", "The risk register, closed risks included.", Risk.objects.all(), {
            "category": "category", "level": "level", "score": "score", "state": "state",
            "inherent_likelihood": "inherent_likelihood", "inherent_impact": "inherent_impact",
            "target_level": "target_level", "disputed": "disputed", "level_since": "level_since",
            "raised_at": "raised_at", "due_at": "due_at", "explanation": "explanation", "evidence": "evidence",
            "evidence_by": "evidence_by__username", "evidence_at": "evidence_at",
        }, way=""),
        _of_risks(actor, "risk_history", "How risks moved, and why.", RiskChange.objects.all(), {
            "from_level": "from_level", "to_level": "to_level", "from_score": "from_score", "to_score": "to_score",
            "state": "state", "cause": "cause", "explanation": "explanation", "changed_at": "changed_at",
        }),
    ]  # fmt: skip


def _answers(actor: Account) -> list[Export]:
    return [
        _of_risks(actor, "acknowledgements", "Who acknowledged which risk, undone ones included.",
                  Acknowledgement.objects.with_undone(), {
            "by": "by__username", "at": "at", "note": "note", "undone_at": "undone_at",
        }),
        _of_risks(actor, "plans", "Mitigation plans.", MitigationPlan.objects.all(), {
            "plan": "pk", "state": "state", "summary": "summary", "created_by": "created_by__username",
            "created_at": "created_at",
        }),
        _of_risks(actor, "plan_steps", "Steps of mitigation plans, with their evidence.", PlanStep.objects.all(), {
            "plan": "plan_id", "position": "position", "text": "text", "owner": "owner__username",
            "due_on": "due_on", "done_at": "done_at", "done_by": "done_by__username", "evidence": "evidence",
            "evidence_url": "evidence_url", "verified_at": "verified_at", "verified_by": "verified_by__username",
            "returned_at": "returned_at", "returned_by": "returned_by__username", "return_reason": "return_reason",
        }, way="plan__risk"),
        _of_risks(actor, "acceptances", "Acceptances, ended ones included.", Acceptance.objects.all(), {
            "state": "state", "accepted_level": "accepted_level", "justification": "justification",
            "compensating_control": "compensating_control", "expires_on": "expires_on",
            "proposed_by": "proposed_by__username", "proposed_at": "proposed_at", "decided_at": "decided_at",
        }),
    ]  # fmt: skip


def _judgements(actor: Account) -> list[Export]:
    return [
        _of_risks(actor, "assessments", "Likelihood and impact as people judged them.", Assessment.objects.all(), {
            "likelihood": "likelihood", "impact": "impact", "reason": "reason",
            "assessed_by": "assessed_by__username", "assessed_at": "assessed_at",
        }),
        _of_risks(actor, "disputes", "Who said that a score is wrong, and how it was settled.",
                  Dispute.objects.all(), {
            "disputed_input": "disputed_input", "reason": "reason", "raised_by": "raised_by__username",
            "raised_at": "raised_at", "upheld": "upheld", "settlement": "settlement",
            "settled_by": "settled_by__username", "settled_at": "settled_at",
        }),
        _of_risks(actor, "releases", "Held levels that a person released.", Release.objects.all(), {
            "reason": "reason", "released_by": "released_by__username", "released_at": "released_at",
        }),
    ]  # fmt: skip


def _of_risks(
    actor: Account, name: str, words: str, rows: Any, columns: dict[str, Column], *, way: str = "risk"
) -> Export:
    """Return a table that begins with the risk it is about. ``way`` leads from a row to its risk."""
    to = f"{way}__" if way else ""
    seen = visible(actor, Permission.RISK_READ, rows, through=f"{to}model")
    about: dict[str, Column] = {"reference": (f"{to}pk", lambda pk: f"R-{pk}"), "slug": f"{to}model__slug"}
    return export_of(name, words, seen, about | columns)
