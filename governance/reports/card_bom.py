"""A card as CycloneDX writes it: the version's bill of materials, its model card filled from this one."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.reports.cards import Card, Result
from models_registry.catalog.models import ModelVersion
from models_registry.catalog.validation_models import SuiteKind, VerdictWord
from models_registry.lineage import bom

SPECS = bom.SPECS
ELSEWHERE: Mapping[str, str] = {
    "OUT_OF_SCOPE": "redline:out-of-scope-use",
    "HOW_TO_USE": "redline:instructions-for-use",
    "HUMAN_OVERSIGHT": "redline:human-oversight",
    "TRAINING_DATA": "redline:training-data",
    "EVALUATION_DATA": "redline:evaluation-data",
    "CONTACT": "redline:contact",
}
"""Sections that CycloneDX has no member for; they go out as properties."""


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
        "users": _told(card, "USERS"),
        "useCases": [text for text in (card.facts.purpose, card.written("INTENDED_USE")) if text],
        "technicalLimitations": _told(card, "LIMITATIONS"),
        "performanceTradeoffs": _told(card, "TRADE_OFFS"),
        "ethicalConsiderations": [*_ethical(card), *_risks(card)],
        "fairnessAssessments": _fairness(card.facts.results),
        "environmentalConsiderations": _environment(card),
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


def _ethical(card: Card) -> Iterator[dict[str, str]]:
    for text in _told(card, "ETHICAL_CONSIDERATIONS"):
        yield {"name": "As the model's people wrote them", "mitigationStrategy": text}


def _risks(card: Card) -> Iterator[dict[str, str]]:
    """Yield the risks of the register, each with its level and what was answered; none for who may not see them."""
    part = card.part("risks")
    for one in part.statements if part else ():
        if one.level:
            yield {"name": f"{one.term} ({one.level.lower()})", "mitigationStrategy": one.text}


def _fairness(results: Iterable[Result]) -> list[dict[str, str]]:
    """Return by group what suites of fairness found for it, in the order of the groups' first results."""
    found: dict[str, list[str]] = {}
    for one in results:
        if one.kind == SuiteKind.FAIRNESS and one.segment:
            found.setdefault(one.segment, []).append(_finding(one))
    return [{"groupAtRisk": group, "harms": " ".join(said)} for group, said in found.items()]


def _finding(one: Result) -> str:
    between = "" if one.low is None or one.high is None else f" (95 % interval {one.low:.4g} to {one.high:.4g})"
    came_to = f", {VerdictWord(one.verdict).label.lower()}" if one.verdict else ""
    return f"{one.suite}: {one.metric} {one.value:.4g}{between}{came_to}."


def _environment(card: Card) -> dict[str, Any]:
    """Return the words; CycloneDX takes energy as numbers only with who supplied it, which no record holds."""
    told = [{"name": "redline:environmental-impact", "value": text} for text in _told(card, "ENVIRONMENT")]
    return {"properties": told} if told else {}


def _metric(one: Result) -> dict[str, Any]:
    found: dict[str, Any] = {"type": one.metric, "value": repr(one.value), "slice": one.segment or "overall"}
    if one.low is not None and one.high is not None:
        found["confidenceInterval"] = {"lowerBound": repr(one.low), "upperBound": repr(one.high)}
    return found


def _properties(card: Card) -> list[dict[str, str]]:
    """Return what CycloneDX has no member for: uses that are ruled out, data as described, who answers, risk levels."""
    told = {name: card.written(section) for section, name in ELSEWHERE.items()}
    told |= card.facts.properties
    people, risks = card.part("people"), card.part("risks")
    answer = [(f"redline:{one.term.lower()}", one.text) for one in people.statements] if people else []
    levels = [(f"redline:risk:{one.term}", one.level) for one in risks.statements if one.level] if risks else []
    left_out = [("redline:left-out", title) for title in card.withheld]
    return [{"name": name, "value": value} for name, value in (*told.items(), *answer, *levels, *left_out) if value]
