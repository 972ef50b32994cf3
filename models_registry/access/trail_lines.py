"""The trail as people read it: what happened, to what, with a way there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from models_registry.access.rights import registered_models
from models_registry.audit.models import AuditEntry
from models_registry.audit.telling import sentence

HASH_DIGITS = 8
LONGEST_DETAIL = 160


@dataclass(frozen=True)
class Line:
    """One entry in words. ``subject`` is a name, ``url`` its page (empty where it has none)."""

    entry: AuditEntry
    text: str
    detail: str
    subject: str
    kind: str
    url: str
    hash: str


def lines(entries: Sequence[AuditEntry]) -> list[Line]:
    """Return the entries in words; the models they concern are read in one query."""
    names = _models(entry.model_id for entry in entries)
    return [_line(entry, names) for entry in entries]


def _models(ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    found = registered_models().filter(pk__in={one for one in ids if one is not None})
    return {pk: (name, slug) for pk, name, slug in found.values_list("pk", "name", "slug")}


def _line(entry: AuditEntry, names: Mapping[int, tuple[str, str]]) -> Line:
    body = entry.body
    name, slug = names.get(entry.model_id or 0, ("", ""))
    subject = _subject(entry, body)
    return Line(
        entry=entry,
        text=sentence(entry.action, body),
        detail=_cut(str(body.get("explanation") or body.get("comment") or body.get("note") or body.get("why") or "")),
        subject=f"{name}, {subject}" if name and subject not in {"", name} else name or subject,
        kind=_KINDS.get(entry.object_type, entry.object_type),
        url=_address(entry, body, slug),
        hash=bytes(entry.leaf).hex()[:HASH_DIGITS],
    )


_KINDS: Mapping[str, str] = {
    "account": "Account",
    "alert": "Alert",
    "alias": "Alias",
    "aliasprotection": "Alias",
    "approvalrequest": "Approval",
    "artifact": "Artifact",
    "artifactversion": "Artifact",
    "audit_entry": "Trail",
    "automationcontrol": "Automatic scoring",
    "backfill": "File of history",
    "budget": "Budget",
    "cardtext": "Card section",
    "channel": "Channel",
    "clearance": "Clearance",
    "costimport": "Imported bill",
    "drop": "Dropped history",
    "edge": "Lineage",
    "exchangerate": "Exchange rate",
    "formulaversion": "Health formula",
    "gatedecision": "Gate decision",
    "history_terms": "Terms of keeping",
    "housealias": "Name of a metric",
    "housemetric": "Metric",
    "intake": "Import",
    "inventory": "Inventory",
    "issuedcard": "Issued card",
    "legal_hold": "Legal hold",
    "legalhold": "Legal hold",
    "mappingversion": "Mapping",
    "modelversion": "Version",
    "polling": "Sweeps",
    "prediction": "Prediction",
    "predictions": "Predictions",
    "pricelist": "Price list",
    "registeredmodel": "Model",
    "registrywebhook": "Webhook",
    "risk": "Risk",
    "route": "Route",
    "rule": "Rule",
    "ruleversion": "Rule",
    "run": "Run",
    "savedview": "Saved view",
    "source": "Source",
    "subject": "Person erased",
    "sweep": "Sweep",
    "token": "Token",
    "validation": "Validation",
    "violation": "Violation",
}


def _subject(entry: AuditEntry, body: Mapping[str, Any]) -> str:
    """Return the name of what an entry is about, beside its model's."""
    match entry.object_type:
        case "registeredmodel":
            return str(body.get("model_name") or body.get("name") or "")
        case "risk":
            return str(body.get("reference") or f"R-{entry.object_id}")
        case "modelversion" | "gatedecision":
            return f"v{body['number']}" if "number" in body else ""
        case "clearance":
            return ""
        case "budget":
            return str(body.get("budget", ""))
        case "costimport":
            return str(body.get("file", ""))
        case "pricelist" | "exchangerate":
            return str(body.get("provider") or body.get("currency") or "")
        case "ruleversion" | "formulaversion":
            return f"{body.get('rule') or body.get('formula') or ''} v{body.get('number', '')}"
        case "approvalrequest":
            return ""
    return str(body.get("name") or body.get("username") or entry.object_id)


def _address(entry: AuditEntry, body: Mapping[str, Any], model_slug: str) -> str:
    """Return the page of what an entry is about; rooms above are known by the names of their addresses."""
    match entry.object_type:
        case "risk":
            return _reverse("risks:detail", entry.object_id)
        case "ruleversion":
            return _reverse("rules:detail", body.get("rule"))
        case "formulaversion":
            return _reverse("formulas:detail", body.get("formula"))
        case "approvalrequest":
            return _reverse("approvals:detail", entry.object_id)
        case "artifactversion":
            return _reverse("lineage:artifact-version", entry.object_id)
        case "budget":
            return _reverse("costs:budget", entry.object_id)
        case "costimport":
            return _reverse("costs:import", entry.object_id)
        case "pricelist" | "exchangerate":
            return "/costs/prices/"
        case "account":
            return _reverse("access:person", body.get("username"))
        case "source":
            return _reverse("telemetry:source", body.get("slug"))
    return _reverse("dashboards:model", model_slug)


def _reverse(name: str, key: Any) -> str:
    if not key:
        return ""
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL].rsplit(' ', 1)[0]} …"
