"""What can be asked of the gate: entering a guarded stage, or an alias."""

import re

from models_registry.catalog import lifecycle
from models_registry.catalog.models import Stage

ALIAS = re.compile(r"alias:[A-Za-z0-9_.-]{1,80}")


class TargetUnknown(ValueError):
    """A target is a guarded stage, such as PRODUCTION, or alias:<name>."""

    http_status = 400


def target_of(text: str) -> str:
    """Return how decisions and clearances name a target: ``stage:PRODUCTION`` or ``alias:<name>``.

    Stages are accepted in any case and with or without their prefix. Raises TargetUnknown.
    """
    if ALIAS.fullmatch(text):
        return text
    stage = text.removeprefix("stage:").upper()
    if stage in lifecycle.GUARDED_STAGES:
        return lifecycle.stage_target(stage)
    raise TargetUnknown(f"{text!r} is neither a guarded stage, such as PRODUCTION, nor alias:<name>.")


def stage_of(target: str) -> Stage | None:
    """Return the stage that a target names, None for an alias."""
    kind, _, name = target.partition(":")
    return Stage(name) if kind == "stage" else None


def words_of(target: str) -> str:
    """Return a target as people read it: `production`, or `the alias champion`."""
    stage = stage_of(target)
    return stage.label.lower() if stage else f"the alias {alias_of(target)}"


def alias_of(target: str) -> str:
    """Return the alias that a target names."""
    return target.removeprefix("alias:")
