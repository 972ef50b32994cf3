"""Names that senders use for models and versions, tied to the ones on record."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Q

from models_registry.catalog.models import ExternalName, ModelVersion, RegisteredModel
from models_registry.telemetry.folding import SeriesRef
from models_registry.telemetry.readings import Problem, Reading

_NUMBER = re.compile(r"v?(\d{1,9})", re.ASCII)
COLUMN_LIMITS = {"metric": 80, "unit": 24, "environment": 40, "segment": 120}


@dataclass(frozen=True)
class Names:
    """What is known of the names in a batch: (source kind, name) → model, (model, number) → version → digest."""

    models: Mapping[tuple[str, str], int]
    versions: Mapping[tuple[int, int], int]
    digests: Mapping[int, str] = field(default_factory=dict)

    def any_model(self, *, kind: str, names: Iterable[str]) -> int | None:
        """Return the key of the first of the names that a registered model is known by, or None."""
        return next((key for name in names if (key := self.models.get((kind, name))) is not None), None)

    def version(self, *, model_id: int, name: str | None) -> int | None:
        """Return the version's key; a version that is unknown, unnamed or not a number is None."""
        number = _version_number(name)
        return None if number is None else self.versions.get((model_id, number))


class Places(dict[tuple[str, tuple[str, ...], str, str, str, str], SeriesRef | None]):
    """By model, its further names, metric, unit, environment and segment: the series, None where there can be none.

    Looked up once for all readings of a batch, from sources of one kind, that bear the same names.
    """

    def __init__(self, names: Names, kind: str) -> None:
        super().__init__()
        self.names, self._kind = names, kind

    def __missing__(self, key: tuple[str, tuple[str, ...], str, str, str, str]) -> SeriesRef | None:
        model, also, metric, unit, environment, segment = key
        model_id = self.model(model, also)
        if model_id is None or too_long(metric, unit, environment, segment):
            found = None
        else:
            found = SeriesRef(model_id, metric, environment, segment)
        self[key] = found
        return found

    def model(self, name: str, also: Iterable[str]) -> int | None:
        """Return the key of the first of these names that a registered model is known by, or None."""
        return self.names.any_model(kind=self._kind, names=(name, *also))


def look_up(readings_by_kind: Mapping[str, Collection[Reading]]) -> Names:
    """Return the names of a batch in at most three queries. A slug wins over an external name."""
    wanted = {kind: {reading.model for reading in readings} for kind, readings in readings_by_kind.items()}
    for kind, readings in readings_by_kind.items():
        wanted[kind].update(name for reading in readings for name in reading.also)
    models = look_up_models(wanted)
    versions, digests = _versions(readings_by_kind, set(models.values()))
    return Names(models=models, versions=versions, digests=digests)


def look_up_models(wanted: Mapping[str, Collection[str]]) -> dict[tuple[str, str], int]:
    """Return the models behind names, by (source kind, name), in two queries. A slug wins over an external name."""
    everything: set[str] = set().union(*wanted.values()) if wanted else set()
    slugs = dict(RegisteredModel.objects.filter(slug__in=everything).values_list("slug", "pk"))
    external = Q(pk__in=[])
    for kind, names in wanted.items():
        external |= Q(system=kind, name__in=set(names) - slugs.keys())
    models = {
        (system, name): pk
        for system, name, pk in ExternalName.objects.filter(external).values_list("system", "name", "model_id")
    }
    return models | {(kind, name): slugs[name] for kind, names in wanted.items() for name in set(names) & slugs.keys()}


def problems(reading: Reading, *, place: str, model_id: int | None) -> list[Problem]:
    """Return why a sound reading still cannot be stored: an unregistered model, or a name that is too long."""
    found = []
    if model_id is None:
        names = " or ".join(repr(name) for name in (reading.model, *reading.also))
        found.append(Problem("E_UNKNOWN_MODEL", place, f"no registered model is called {names}"))
    for name, limit in too_long(reading.metric, reading.unit, reading.environment, reading.segment):
        found.append(Problem("E_TOO_LONG", place, f"{name} is longer than {limit} characters"))
    return found


@lru_cache(maxsize=8_192)
def too_long(metric: str, unit: str, environment: str, segment: str) -> tuple[tuple[str, int], ...]:
    """Return the columns that these names do not fit, with their limits. The same few names come again and again."""
    given = {"metric": metric, "unit": unit, "environment": environment, "segment": segment}
    return tuple((name, limit) for name, limit in COLUMN_LIMITS.items() if len(given[name]) > limit)


def _versions(
    readings_by_kind: Mapping[str, Collection[Reading]], model_ids: Collection[int]
) -> tuple[dict[tuple[int, int], int], dict[int, str]]:
    told = {reading.version for readings in readings_by_kind.values() for reading in readings}
    numbers = {number for name in told if (number := _version_number(name)) is not None}
    if not numbers:
        return {}, {}
    rows = list(
        ModelVersion.objects.filter(model_id__in=model_ids, number__in=numbers).values_list(
            "model_id", "number", "pk", "artifact_digest"
        )
    )
    return {(model, number): pk for model, number, pk, _ in rows}, {pk: digest for _, _, pk, digest in rows if digest}


def _version_number(name: str | None) -> int | None:
    found = _NUMBER.fullmatch(name or "")
    return int(found[1]) if found else None
