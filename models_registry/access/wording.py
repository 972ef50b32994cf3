"""How a permission reads inside a sentence."""

from collections.abc import Mapping

from models_registry.access.permissions import Permission as P

DEEDS: Mapping[P, str] = {
    P.MODEL_READ: "read models",
    P.MODEL_REGISTER: "register a model",
    P.MODEL_EDIT: "edit a model",
    P.VERSION_REGISTER: "register a version",
    P.VERSION_MOVE: "move a version",
    P.TELEMETRY_WRITE: "send telemetry",
    P.SOURCE_READ: "read sources",
    P.SOURCE_MANAGE: "manage sources",
    P.QUARANTINE_REPLAY: "replay quarantined events",
    P.RISK_READ: "read risks",
    P.RISK_ACKNOWLEDGE: "acknowledge a risk",
    P.RISK_MITIGATE: "plan a mitigation",
    P.RISK_ACCEPT: "accept a risk",
    P.RISK_DISPUTE: "dispute a risk",
    P.RISK_ASSESS: "assess a risk",
    P.RISK_RELEASE: "release a held risk level",
    P.SCORE_WRITE: "write scores",
    P.RULE_READ: "read rules",
    P.RULE_WRITE: "write rules",
    P.FORMULA_READ: "read health formulas",
    P.FORMULA_WRITE: "write health formulas",
    P.APPROVAL_READ: "read approvals",
    P.APPROVAL_VOTE: "vote on a request",
    P.GATE_ASK: "ask the gate",
    P.RUNTIME_ASK: "ask for runtime access",
    P.AUTOMATION_PAUSE: "pause automation",
    P.AUTOMATION_RESUME: "resume automation",
    P.ALERT_READ: "read alerts",
    P.ALERT_ACKNOWLEDGE: "acknowledge an alert",
    P.ROUTE_MANAGE: "manage routes",
    P.AUDIT_READ: "read the audit trail",
    P.AUDIT_EXPORT: "export the audit trail",
    P.PEOPLE_READ: "read people and roles",
    P.PEOPLE_MANAGE: "manage people and roles",
    P.TOKEN_MANAGE: "manage tokens",
}
