"""What the house calls a metric, asked of the catalogue in the room above by the name that the settings give."""

from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from models_registry.catalog.verdicts import Way


class Known(Protocol):
    """A metric of the catalogue."""

    @property
    def name(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def label(self) -> str: ...


@cache
def known(name: str) -> Known | None:
    """Return the metric that goes by this name or alias, or None."""
    found: Known | None = _canonical()(name)
    return found


def canonical(name: str) -> str:
    """Return the house's name of a metric; a name that it does not know stays."""
    found = known(name)
    return found.name if found else name


def way(name: str) -> Way | None:
    """Return which way a metric improves, None where nobody knows."""
    found = known(name)
    return Way(str(found.direction)) if found else None


def said(name: str) -> str:
    """Return what people call a metric."""
    found = known(name)
    return found.label if found else name.replace("_", " ")


@cache
def _canonical() -> Any:
    return import_string(settings.METRIC_CATALOGUE)
