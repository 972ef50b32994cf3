"""What a registry elsewhere says of an alias or a stage: that it stands on a version, or no longer does.

Adapters of registries give these beside their readings. Whether a used gate decision covers the version is asked of
the record when the event is measured, as observed digests are.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from models_registry.catalog import lifecycle
from models_registry.catalog.models import Stage

METRIC: Final = "ungoverned_alias_count"
UNIT: Final = "count"
SEGMENT_LENGTH: Final = 120
DIGEST_KEYS: Final = ("weights_digest", "weight_digest", "model_digest", "artifact_digest", "digest", "sha256")
"""Where teams keep the SHA-256 of an artifact: tags of MLflow, metadata of W&B."""


class Mark(StrEnum):
    """What a registry puts on a version."""

    ALIAS = "ALIAS"
    STAGE = "STAGE"


@dataclass(frozen=True, slots=True)
class Placed:
    """One statement about one alias or stage of one model.

    ``place`` tells registries of one platform apart and may be empty. ``version`` is the name there, such as v7;
    an alias that stands nowhere has none (``on`` is then False). A stage may stand on many versions, so a statement
    about a stage always names one. ``digest`` is sha256:… or empty, ``link`` the address of the version there.
    """

    model: str
    place: str
    mark: Mark
    name: str
    on: bool
    version: str
    observed_at: datetime
    digest: str = ""
    link: str = ""
    by: str = ""

    @property
    def target(self) -> str:
        """How a clearance names it."""
        return lifecycle.alias_target(self.name) if self.mark is Mark.ALIAS else f"stage:{self.name}"

    @property
    def is_guarded(self) -> bool:
        """Whether its name alone says that a gate stands before it."""
        if self.mark is Mark.STAGE:
            return self.name in {stage.value for stage in lifecycle.GUARDED_STAGES}
        return lifecycle.is_guarded(self.name, is_prompt=False)

    @property
    def subject(self) -> str:
        """What at most one version can have at a time: an alias there, or a stage on one version."""
        return f"stage={self.name},version={self.version}" if self.mark is Mark.STAGE else f"alias={self.name}"

    def slot(self, source_id: int) -> str:
        """Return the name of the place that later statements of this source speak about again."""
        parts = (str(source_id), self.place, self.model, self.mark.value, self.subject)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    def segment(self, source: str) -> str:
        """Return the segment of its series, at most 120 characters; ``source`` is the source's slug."""
        text = f"{self.subject},in={':'.join(filter(None, (source, self.place)))}"
        if len(text) <= SEGMENT_LENGTH:
            return text
        return f"{text[: SEGMENT_LENGTH - 13]}~{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def digest_in(facts: object) -> str:
    """Return the SHA-256 that tags or metadata name, as it is on record; empty when they name none."""
    if not isinstance(facts, dict):
        return ""
    for key in DIGEST_KEYS:
        value = facts.get(key)
        plain = value.strip().lower().removeprefix("sha256:") if isinstance(value, str) else ""
        if len(plain) == 64 and all(letter in "0123456789abcdef" for letter in plain):
            return f"sha256:{plain}"
    return ""


def stage_name(text: str) -> str:
    """Return the name of a stage as it is on record: Production is PRODUCTION."""
    upper = text.strip().upper()
    return Stage(upper).value if upper in Stage.values else upper
