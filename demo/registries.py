"""What the data scientists' W&B says of the models: one of them went past the gate, and one is nobody's on record."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from demo import story
from demo.telemetry import HOUR
from models_registry.access.models import Account
from models_registry.telemetry import source_actions
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import SourceKind

TEAM, REGISTRY = "meridian-research", "wandb-registry-model"
PAST_THE_GATE, UNKNOWN = "repair-network", "storm-damage-scout"
"""The model that was promoted there without a decision, and one that runs there without being registered here."""


def report(*, by: Account, models: Sequence[story.ModelStory], present: datetime) -> None:
    """Connect W&B and keep two of its deliveries of this morning."""
    versions = {model.slug: model.versions for model in models}
    source, _ = source_actions.create_source(by=by, at=present - 48 * HOUR, name="W&B", kind=SourceKind.WANDB)
    told = [(UNKNOWN, 11, 5 * HOUR, "ravi")]
    if PAST_THE_GATE in versions:
        told.append((PAST_THE_GATE, versions[PAST_THE_GATE] + 1, 3 * HOUR, "lena"))
    for collection, number, ago, author in told:
        body = json.dumps(_alias_put_on(collection, number, author)).encode()
        receive(source=source, body=body, headers={"content-type": "application/json"}, at=present - ago)


def _alias_put_on(collection: str, number: int, author: str) -> Mapping[str, str]:
    return {
        "event_type": "ADD_ARTIFACT_ALIAS",
        "event_author": author,
        "entity_name": TEAM,
        "project_name": REGISTRY,
        "artifact_collection_name": collection,
        "artifact_version_string": f"{TEAM}/{REGISTRY}/{collection}:v{number}",
        "alias": "production",
        "tag": "",
    }
