"""Who wants to know that people answered a risk: rooms above register, and are called in the same transaction."""

from collections.abc import Callable
from datetime import datetime

from models_registry.audit.actor import Actor
from models_registry.catalog.models import RegisteredModel

Reader = Callable[[RegisteredModel, Actor, datetime], None]

_READERS: list[Reader] = []


def on_answer(reader: Reader) -> Reader:
    """Register a callable ``(model, by, at)``; registering twice changes nothing."""
    if reader not in _READERS:
        _READERS.append(reader)
    return reader


def tell(model: RegisteredModel, *, by: Actor, at: datetime) -> None:
    """Say that the answers to this model's risks changed."""
    for reader in _READERS:
        reader(model, by, at)
