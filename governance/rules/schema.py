"""The published JSON Schema of a rule file, built from the words the parser knows.

Editors complete and check with `rule.schema.json`. The parser stays the judge:
what spans several keys (a clearing on the good side) a schema cannot say.
"""

import json
from collections.abc import Iterable

from governance.rules import parsing, reading
from governance.rules.definition import Aggregate, Clearing, Gaps, Per, Requirement, Width
from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel, Tier, Word

type Schema = dict[str, object]

ADDRESS = "https://redline.dev/schemas/rule-1.json"


def rule_schema() -> Schema:
    """Return the schema, JSON Schema draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "Redline rule",
        **_object(_rule(), required=("rule", "title", "why", "when", "then")),
        "$defs": {
            "condition": _condition(),
            "test": _test(),
            "threshold": _threshold(),
        },
    }


def rule_schema_text() -> str:
    """Return the text of `rule.schema.json`."""
    return json.dumps(rule_schema(), indent=2) + "\n"


def _rule() -> Schema:
    return {
        "rule": _shaped(parsing.SLUG, "The rule's name; it never changes."),
        "title": {"type": "string", "minLength": 1, "maxLength": 120},
        "why": {"type": "string", "minLength": 1, "maxLength": 2000},
        "controls": _list(_shaped(parsing.CONTROL, "framework:control")),
        "runbook": _shaped(parsing.ADDRESS, "Where a person reads what to do."),
        "applies_to": _scope(),
        "when": {"$ref": "#/$defs/condition"},
        "then": _then(),
        "clear": _clear(),
    }


def _scope() -> Schema:
    slugs = _list(_shaped(parsing.SLUG, "A lower-case name."))
    return _object(
        {
            "kind": slugs,
            "environment": slugs,
            "materiality": _list(_words(Materiality)),
            "regulatory_class": _list({"enum": list(parsing.REGULATORY_CLASSES)}),
            "business_unit": _list({"type": "string", "minLength": 1, "maxLength": 80}),
            "tags": slugs,
        }
    )


def _condition() -> Schema:
    parts = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}}
    return {
        "oneOf": [
            {"$ref": "#/$defs/test"},
            _object({"all": parts}, required=("all",)),
            _object({"any": parts}, required=("any",)),
        ]
    }


def _test() -> Schema:
    keys: Schema = {
        "metric": _shaped(parsing.METRIC, "A canonical metric name."),
        "aggregate": {**_words(Aggregate), "default": Aggregate.AVG.word},
        "over": _words(Width),
        "above": {"$ref": "#/$defs/threshold"},
        "below": {"$ref": "#/$defs/threshold"},
        "for": _count("Consecutive windows."),
        "per": {**_words(Per), "default": Per.MODEL.word},
        "gaps": {**_words(Gaps), "default": Gaps.BREAK.word},
    }
    sides = [{"required": ["above"]}, {"required": ["below"]}]
    return {**_object(keys, required=("metric", "over")), "oneOf": sides}


def _threshold() -> Schema:
    grades = [grade.word for grade in Materiality]
    graded = _object({grade: _number() for grade in grades}, required=grades)
    return {"oneOf": [_number(), graded]}


def _then() -> Schema:
    keys: Schema = {
        "risk": _words(RiskCategory),
        "effect": _effect(),
        "alert": _object({"tier": {"enum": [tier.value for tier in Tier]}}, required=("tier",)),
        "require": _list(_words(Requirement)),
        "restrict": {**_words(Restriction), "default": Restriction.NONE.word},
        "actions": _list(_shaped(parsing.SLUG, "The name of an action.")),
    }
    return _object(keys, required=("risk", "effect"))


def _effect() -> Schema:
    points: Schema = {"type": "number", "minimum": 0, "maximum": 100}
    scale = {"type": "object", "minProperties": 2, "additionalProperties": points}
    effects: Schema = {"floor": _words(RiskLevel), "points": points, "scale": scale}
    return {**_object(effects), "minProperties": 1, "maxProperties": 1}


def _clear() -> Schema:
    keys: Schema = {
        "below": {"$ref": "#/$defs/threshold"},
        "above": {"$ref": "#/$defs/threshold"},
        "for": _count("Consecutive completed windows on the good side."),
        "then": {**_words(Clearing), "default": Clearing.PROPOSE.word},
    }
    return {**_object(keys), "not": {"required": ["below", "above"]}}


def _object(properties: Schema, *, required: Iterable[str] = ()) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {**schema, "required": list(required)} if required else schema


def _words(kind: type[Word]) -> Schema:
    return {"enum": [member.word for member in kind]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "uniqueItems": True, "items": items}


def _shaped(pattern: str, description: str) -> Schema:
    return {
        "type": "string",
        "pattern": pattern,
        "maxLength": 200,
        "description": description,
    }


def _number() -> Schema:
    limit = reading.MAX_NUMBER
    return {"type": "number", "minimum": -limit, "maximum": limit}


def _count(description: str) -> Schema:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": reading.MAX_WINDOWS,
        "default": 1,
        "description": description,
    }
