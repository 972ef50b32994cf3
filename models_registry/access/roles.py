"""The roles, one class each: what it may do, and to which models.

A grant of a role may be limited to one unit; then it counts for that unit's
models alone. The administrator manages people and cannot approve; automation
never holds a permission listed in `HUMAN_ONLY`.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import ClassVar

from models_registry.access.permissions import Permission as P


class Scope(IntEnum):
    """On which models a permission is held; each scope contains the ones before it."""

    OWN = 1
    TEAM = 2
    UNIT = 3
    EVERYWHERE = 4


READS = frozenset({P.MODEL_READ, P.COST_READ, P.RISK_READ, P.RULE_READ, P.FORMULA_READ, P.APPROVAL_READ, P.ALERT_READ})

BUILDS = frozenset({P.MODEL_REGISTER, P.WEBHOOK_MANAGE, P.RULE_READ, P.FORMULA_READ, P.SOURCE_READ})

HUMAN_ONLY = frozenset(
    {
        P.APPROVAL_VOTE,
        P.BUDGET_WRITE,
        P.HISTORY_MANAGE,
        P.RISK_ACCEPT,
        P.RISK_ACKNOWLEDGE,
        P.RISK_RELEASE,
        P.RULE_WRITE,
        P.FORMULA_WRITE,
        P.ROUTE_MANAGE,
        P.WEBHOOK_MANAGE,
        P.PEOPLE_MANAGE,
        P.TOKEN_MANAGE,
        P.AUTOMATION_PAUSE,
        P.AUTOMATION_RESUME,
        P.PREDICTION_OPEN,
        P.SUBJECT_ERASE,
    }
)
"""What only a person may do: approve, accept, release, write policy, hand out power."""

LISTED = frozenset(permission for permission in P if permission.endswith(".read")) | {P.APPROVAL_VOTE}
"""May be asked without a model: lists are filtered by `visible`, votes counted by the quorum."""


class Role:
    """What one kind of account may do. ``name`` is what a grant stores."""

    name: ClassVar[str]
    title: ClassVar[str]
    for_automation: ClassVar[bool] = False
    holds: ClassVar[Mapping[Scope, frozenset[P]]]

    @classmethod
    def scope_of(cls, permission: P) -> Scope | None:
        """Return the widest scope in which the role holds the permission, or None."""
        held = [scope for scope, permissions in cls.holds.items() if permission in permissions]
        return max(held, default=None)


class GovernanceBoard(Role):
    """Decides on acceptances, overrides and policy; reads everything it decides on."""

    name = "governance_board"
    title = "Governance board"
    holds: ClassVar = {
        Scope.EVERYWHERE: READS
        | {
            P.SOURCE_READ,
            P.BUDGET_WRITE,
            P.HISTORY_MANAGE,
            P.APPROVAL_VOTE,
            P.RISK_RELEASE,
            P.AUTOMATION_PAUSE,
            P.AUDIT_READ,
            P.PEOPLE_READ,
        }
    }


class ComplianceOfficer(Role):
    """Writes rules and formulas, reviews plans, votes, releases held levels."""

    name = "compliance_officer"
    title = "Compliance officer"
    holds: ClassVar = {
        Scope.EVERYWHERE: READS
        | {
            P.SOURCE_READ,
            P.COST_WRITE,
            P.BUDGET_WRITE,
            P.QUARANTINE_REPLAY,
            P.HISTORY_MANAGE,
            P.PREDICTION_OPEN,
            P.SUBJECT_ERASE,
            P.RISK_ASSESS,
            P.RISK_DISPUTE,
            P.RISK_RELEASE,
            P.RULE_WRITE,
            P.FORMULA_WRITE,
            P.ROUTE_MANAGE,
            P.WEBHOOK_MANAGE,
            P.APPROVAL_VOTE,
            P.GATE_ASK,
            P.RUNTIME_ASK,
            P.AUTOMATION_PAUSE,
            P.AUTOMATION_RESUME,
            P.ALERT_ACKNOWLEDGE,
            P.AUDIT_READ,
            P.AUDIT_EXPORT,
            P.PEOPLE_READ,
        }
    }


class ModelOwner(Role):
    """Answers for the models they own or deputise; sees the rest of the unit."""

    name = "model_owner"
    title = "Model owner"
    holds: ClassVar = {
        Scope.EVERYWHERE: BUILDS,
        Scope.UNIT: frozenset({P.MODEL_READ, P.COST_READ, P.RISK_READ, P.APPROVAL_READ, P.ALERT_READ}),
        Scope.OWN: frozenset(
            {
                P.MODEL_EDIT,
                P.BUDGET_WRITE,
                P.VERSION_REGISTER,
                P.VERSION_MOVE,
                P.PREDICTION_OPEN,
                P.RISK_ACKNOWLEDGE,
                P.RISK_MITIGATE,
                P.RISK_ACCEPT,
                P.RISK_DISPUTE,
                P.APPROVAL_VOTE,
                P.GATE_ASK,
                P.RUNTIME_ASK,
                P.ALERT_ACKNOWLEDGE,
                P.AUDIT_READ,
            }
        ),
    }


class MlEngineer(Role):
    """Builds and moves the versions of their team's models and works on plans."""

    name = "ml_engineer"
    title = "ML engineer"
    holds: ClassVar = {
        Scope.EVERYWHERE: BUILDS,
        Scope.UNIT: frozenset({P.MODEL_READ, P.COST_READ, P.RISK_READ, P.APPROVAL_READ, P.ALERT_READ}),
        Scope.TEAM: frozenset(
            {
                P.MODEL_EDIT,
                P.VERSION_REGISTER,
                P.VERSION_MOVE,
                P.RISK_MITIGATE,
                P.GATE_ASK,
                P.RUNTIME_ASK,
                P.ALERT_ACKNOWLEDGE,
            }
        ),
    }


class OnCall(Role):
    """Answers alerts at any hour and may stop automation."""

    name = "on_call"
    title = "On call"
    holds: ClassVar = {Scope.EVERYWHERE: READS | {P.SOURCE_READ, P.ALERT_ACKNOWLEDGE, P.AUTOMATION_PAUSE}}


class Auditor(Role):
    """Reads and exports everything, changes nothing."""

    name = "auditor"
    title = "Auditor"
    holds: ClassVar = {Scope.EVERYWHERE: READS | {P.SOURCE_READ, P.AUDIT_READ, P.AUDIT_EXPORT, P.PEOPLE_READ}}


class Executive(Role):
    """Reads where the portfolio stands."""

    name = "executive"
    title = "Executive"
    holds: ClassVar = {Scope.EVERYWHERE: READS}


class Administrator(Role):
    """Connects sources and manages people; neither approves nor writes policy."""

    name = "administrator"
    title = "Administrator"
    holds: ClassVar = {
        Scope.EVERYWHERE: READS
        | {
            P.SOURCE_READ,
            P.SOURCE_MANAGE,
            P.COST_WRITE,
            P.QUARANTINE_REPLAY,
            P.AUTOMATION_PAUSE,
            P.AUTOMATION_RESUME,
            P.WEBHOOK_MANAGE,
            P.AUDIT_READ,
            P.PEOPLE_READ,
            P.PEOPLE_MANAGE,
            P.TOKEN_MANAGE,
        }
    }


class AutomationIngest(Role):
    """Sends telemetry and bills."""

    name = "automation_ingest"
    title = "Automation: ingest"
    for_automation = True
    holds: ClassVar = {Scope.EVERYWHERE: frozenset({P.TELEMETRY_WRITE, P.COST_WRITE})}


class AutomationScorer(Role):
    """Writes scores as evidence; rules decide what they mean."""

    name = "automation_scorer"
    title = "Automation: scorer"
    for_automation = True
    holds: ClassVar = {Scope.EVERYWHERE: frozenset({P.SCORE_WRITE, P.MODEL_READ, P.RISK_READ})}


class AutomationCi(Role):
    """Registers versions, asks the gate, moves what the gate has cleared, and checks rule files."""

    name = "automation_ci"
    title = "Automation: CI"
    for_automation = True
    holds: ClassVar = {
        Scope.EVERYWHERE: frozenset(
            {
                P.MODEL_READ,
                P.MODEL_REGISTER,
                P.VERSION_REGISTER,
                P.VERSION_MOVE,
                P.RISK_READ,
                P.RULE_READ,
                P.FORMULA_READ,
                P.GATE_ASK,
                P.RUNTIME_ASK,
            }
        )
    }


ROLES: Mapping[str, type[Role]] = {
    role.name: role
    for role in (
        GovernanceBoard,
        ComplianceOfficer,
        ModelOwner,
        MlEngineer,
        OnCall,
        Auditor,
        Executive,
        Administrator,
        AutomationIngest,
        AutomationScorer,
        AutomationCi,
    )
}


def roles_holding(permission: P) -> list[type[Role]]:
    """Return the roles that hold the permission in any scope."""
    return [role for role in ROLES.values() if role.scope_of(permission) is not None]
