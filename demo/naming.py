"""What the demo company says of names: a metric of its own, another name of a known one, and one nobody explained yet.

Arize renamed a field, so its events are held; a mapping that reads them is saved and waits to be put in force.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from demo.telemetry import Point, arize_body, measurement_bodies
from models_registry.access.models import Account
from models_registry.telemetry import catalogue_actions, drafting, source_actions
from models_registry.telemetry.actions import receive
from models_registry.telemetry.metrics import Direction
from models_registry.telemetry.models import Source, SourceKind

SAID_BEFORE = timedelta(days=40)
UNEXPLAINED, OWN, OTHER_NAME = "answer_length_words", "handover_rate", "answers_with_sources"
MODELS = 3


def say(
    *, by: Account, sources: Mapping[str, Source], language: Sequence[str], quiet: str | None, present: datetime
) -> None:
    """Define a metric and an alias, let language models send them and a name nobody knows, and draft a mapping."""
    at = present - SAID_BEFORE
    catalogue_actions.define_metric(
        by=by,
        at=at,
        name=OWN,
        unit="ratio",
        direction=Direction.LOWER_IS_BETTER,
        description="Share of conversations that a person took over.",
    )
    catalogue_actions.add_alias(by=by, at=at, name=OTHER_NAME, metric="groundedness", unit="%")
    seen = present - timedelta(hours=2)
    values = {UNEXPLAINED: 140.0, OWN: 0.06}
    points = [
        Point(model, metric, value + number / 100, seen)
        for number, model in enumerate(language[:MODELS])
        for metric, value in values.items()
    ]
    for body in measurement_bodies(points):
        headers = {"content-type": "application/json"}
        receive(source=sources[SourceKind.MEASUREMENTS], body=body, headers=headers, at=seen)
    if quiet is not None:
        renamed = json.loads(arize_body(Point(quiet, "accuracy", 0.9, seen), renamed=True))
        source_actions.save_mapping(
            by=by,
            at=present - timedelta(hours=1),
            source=sources[SourceKind.ARIZE],
            document=drafting.starter(renamed),
            note="Arize sends metric_value_v2 since Friday.",
        )
