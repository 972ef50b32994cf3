"""A card as CycloneDX writes it: the version's bill of materials, its model card filled from this one."""

import datetime as dt
from typing import Any

from governance.reports.cards import Card, Result
from models_registry.catalog.models import ModelVersion
from models_registry.lineage import bom

SPECS = bom.SPECS


def document(*, card: Card, version: ModelVersion, at: dt.datetime, base: str, spec: str = SPECS[0]) -> dict[str, Any]:
    """Return the bill of a version with the whole card in it; ``base`` is where people reach Redline."""
    bill = bom.of_version(version=version, at=at, spec=spec, base=base)
    component = bill["metadata"]["component"]
    component["modelCard"] = _filled(component.get("modelCard", {}), card)
    address = {"type": "model-card", "url": f"{base.rstrip('/')}/models/{card.slug}/card/"}
    component["externalReferences"] = [*component.get("externalReferences", []), address]
    return bill


def _filled(known: dict[str, Any], card: Card) -> dict[str, Any]:
    """Return CycloneDX's model card: what the bill says already, and what people wrote and suites found."""
    metrics = [
        *known.get("quantitativeAnalysis", {}).get("performanceMetrics", []),
        *map(_metric, card.facts.results),
    ]
    considerations = {
        "useCases": [text for text in (card.facts.purpose, card.written("INTENDED_USE")) if text],
        "technicalLimitations": _told(card, "LIMITATIONS"),
        "ethicalConsiderations": [
            {"name": "As the model's people wrote them", "mitigationStrategy": text}
            for text in _told(card, "ETHICAL_CONSIDERATIONS")
        ],
    }
    found = {
        **known,
        "quantitativeAnalysis": {"performanceMetrics": metrics} if metrics else {},
        "considerations": {name: value for name, value in considerations.items() if value},
        "properties": _properties(card),
    }
    return {name: value for name, value in found.items() if value}


def _told(card: Card, section: str) -> list[str]:
    return [text] if (text := card.written(section)) else []


def _metric(one: Result) -> dict[str, Any]:
    found: dict[str, Any] = {"type": one.metric, "value": repr(one.value), "slice": one.segment or "overall"}
    if one.low is not None and one.high is not None:
        found["confidenceInterval"] = {"lowerBound": repr(one.low), "upperBound": repr(one.high)}
    return found


def _properties(card: Card) -> list[dict[str, str]]:
    """Return what CycloneDX has no member for: uses that are ruled out, data as described, risks with their levels."""
    told = {
        "redline:out-of-scope-use": card.written("OUT_OF_SCOPE"),
        "redline:training-data": card.written("TRAINING_DATA"),
        "redline:evaluation-data": card.written("EVALUATION_DATA"),
        "redline:contact": card.written("CONTACT"),
        **card.facts.properties,
    }
    risks = card.part("risks")
    levels = [(f"redline:risk:{one.term}", one.level) for one in risks.statements if one.level] if risks else []
    return [{"name": name, "value": value} for name, value in (*told.items(), *levels) if value]
