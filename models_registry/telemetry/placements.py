"""Statements about aliases and stages elsewhere, measured: 1 where no used gate decision covers the version, else 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models_registry.catalog import governed
from models_registry.catalog.governed import Cover, Elsewhere
from models_registry.telemetry import adapters, resolving
from models_registry.telemetry.adapters.fields import PRODUCTION
from models_registry.telemetry.folding import SeriesRef
from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.placed import METRIC, UNIT, Placed
from models_registry.telemetry.writing import Row

NOTHING: Final = Cover()


@dataclass(frozen=True, slots=True)
class Tied:
    """A statement about a guarded alias or stage, with the model that is meant (None: not registered)."""

    event: TelemetryEvent
    ordinal: int
    said: Placed
    model_id: int | None
    cover: Cover = NOTHING

    @property
    def is_ungoverned(self) -> bool:
        """Say whether it stands on a version that no decision covered at that moment."""
        return self.said.on and not self.cover.at(self.said.observed_at)


def tied(events: Sequence[TelemetryEvent]) -> list[Tied]:
    """Return what these events say of guarded aliases and stages; no query when they say nothing of any."""
    told = [
        (event, ordinal, said)
        for event in events
        if event.source.kind in adapters.PLACEMENTS
        for ordinal, said in enumerate(
            adapters.placements(event.source.kind, bytes(event.raw), received_at=event.received_at)
        )
    ]
    if not told:
        return []
    wanted: dict[str, set[str]] = {}
    for event, _, said in told:
        wanted.setdefault(event.source.kind, set()).add(said.model)
    models = resolving.look_up_models(wanted)
    found = [Tied(event, place, said, models.get((event.source.kind, said.model))) for event, place, said in told]
    by_name = [one for one in found if not one.said.is_guarded and one.model_id is not None]
    guarded = governed.guarded_aliases({one.model_id for one in by_name if one.model_id}) if by_name else set()
    found = [one for one in found if one.said.is_guarded or (one.model_id, one.said.name) in guarded]
    return _covered(found)


def rows(events: Sequence[TelemetryEvent], *, after: Mapping[int, int]) -> dict[int, list[Row]]:
    """Return the measurements of these events' statements; ``after`` says how many readings each event has."""
    found: dict[int, list[Row]] = {}
    for one in tied(events):
        if one.model_id is None:
            continue
        own = found.setdefault(one.event.pk, [])
        own.append(
            Row(
                SeriesRef(one.model_id, METRIC, PRODUCTION, one.said.segment(one.event.source.slug)),
                float(one.is_ungoverned), one.said.observed_at, after[one.event.pk] + len(own), one.cover.version_id,
                UNIT, "",
            )
        )  # fmt: skip
    return found


def elsewhere(model_id: int, said: Placed) -> Elsewhere:
    """Return the statement as the record is asked about it."""
    return Elsewhere(model_id, said.target, said.version, said.digest, said.link)


def _covered(found: Sequence[Tied]) -> list[Tied]:
    known = [one for one in found if one.model_id is not None and one.said.on]
    answers = governed.covers([elsewhere(one.model_id, one.said) for one in known if one.model_id is not None])
    covers = {id(one): cover for one, cover in zip(known, answers, strict=True)}
    return [Tied(one.event, one.ordinal, one.said, one.model_id, covers.get(id(one), NOTHING)) for one in found]
