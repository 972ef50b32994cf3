"""Which stage follows which, and which places are guarded."""

from collections.abc import Mapping
from typing import Final

from models_registry.catalog.models import Stage

NEXT: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.DEVELOPMENT: frozenset({Stage.STAGING, Stage.ARCHIVED}),
    Stage.STAGING: frozenset({Stage.PRODUCTION, Stage.DEVELOPMENT, Stage.ARCHIVED}),
    Stage.PRODUCTION: frozenset({Stage.STAGING, Stage.ARCHIVED}),
    Stage.ARCHIVED: frozenset({Stage.DEVELOPMENT, Stage.STAGING}),
}
"""From each stage, where a version may go. Production is reached from staging alone."""

GUARDED_STAGES: Final = frozenset({Stage.PRODUCTION})
GUARDED_ALIASES: Final = frozenset({"champion", "prod", "production"})
"""Aliases with these names are guarded from their first move on."""


def may_move(*, from_stage: str, to: str) -> bool:
    """Say whether a version may go from one stage to the other."""
    return to in NEXT[Stage(from_stage)]


def stage_target(stage: str) -> str:
    """Return how a clearance names entering a stage."""
    return f"stage:{Stage(stage).value}"


def alias_target(name: str) -> str:
    """Return how a clearance names pointing an alias."""
    return f"alias:{name}"


def is_guarded(alias: str, *, is_prompt: bool) -> bool:
    """Say whether an alias of this name is guarded from its first move on; a gate judges models, not prompts."""
    return not is_prompt and alias.lower() in GUARDED_ALIASES
