"""What senders of predictions call a model and its version, tied to those on record."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models_registry.catalog.models import AliasMove, ExternalName, ModelVersion, RegisteredModel
from models_registry.lineage.prediction_reading import Trace

type Moves = Sequence[tuple[datetime, int | None]]


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the names in a batch."""

    models: Mapping[str, int]
    versions: Mapping[tuple[int, str], int]
    aliases: Mapping[tuple[int, str], Moves]

    def of(self, trace: Trace) -> tuple[int | None, int | None]:
        """Return the keys of model and version, None for what is not on record (yet)."""
        model_id = self.models.get(trace.model)
        if model_id is None:
            return None, None
        if trace.alias:
            return model_id, held_at(self.aliases.get((model_id, trace.alias), ()), trace.observed_at)
        return model_id, self.versions.get((model_id, trace.version))


def held_at(moves: Moves, at: datetime) -> int | None:
    """Return the version an alias pointed at, from its moves in order of time; None before the first."""
    place = bisect_right(moves, at, key=lambda move: move[0])
    return moves[place - 1][1] if place else None


def look_up(traces: Collection[Trace], *, system: str) -> Found:
    """Return what the names of a batch mean, in five queries at most. A slug wins over the name that registry
    clients use, and that over a name of the source's ``system``."""
    models = known_models({trace.model for trace in traces}, system=system)
    return Found(models, _versions(traces, models), _aliases(traces, models))


def known_models(names: Collection[str], *, system: str) -> dict[str, int]:
    """Return the keys of the models on record that go by these names, in three queries."""
    models = dict(ExternalName.objects.filter(system=system, name__in=names).values_list("name", "model_id"))
    known = RegisteredModel.objects
    models |= dict(known.filter(registry_name__in=names, archived_at=None).values_list("registry_name", "pk"))
    return models | dict(known.filter(slug__in=names).values_list("slug", "pk"))


def _versions(traces: Collection[Trace], models: Mapping[str, int]) -> dict[tuple[int, str], int]:
    numbers = {int(trace.version) for trace in traces if trace.version.isascii() and trace.version.isdigit()}
    rows = ModelVersion.objects.filter(model_id__in=set(models.values()), number__in=numbers)
    return {(model, str(number)): pk for model, number, pk in rows.values_list("model_id", "number", "pk")}


def _aliases(traces: Collection[Trace], models: Mapping[str, int]) -> dict[tuple[int, str], Moves]:
    names = {trace.alias for trace in traces if trace.alias}
    if not names:
        return {}
    moves = AliasMove.objects.filter(model_id__in=set(models.values()), name__in=names).order_by("moved_at", "pk")
    found: dict[tuple[int, str], list[tuple[datetime, int | None]]] = defaultdict(list)
    for model, name, at, version in moves.values_list("model_id", "name", "moved_at", "version_id"):
        found[model, name].append((at, version))
    return dict(found)
