"""What the door remembers of each address between two deliveries, and how it knows that it is still so.

Secrets are opened and mappings parsed once. The statement that keeps an event also compares the source's
revision, so nothing is ever kept on what was remembered too long: a rotated secret or a source that was
switched off is refused from the moment that change is committed, in every process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models_registry.telemetry import queries
from models_registry.telemetry.measuring import active_mappings
from models_registry.telemetry.poll_models import Polling
from models_registry.telemetry.source_actions import secrets_of

LARGEST = 1_000
"""How many addresses are remembered; an instance with more forgets them all and starts over."""


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A source as its door needs it, as of one revision. Has no repr: it holds secrets."""

    source_id: int
    kind: str
    revision: int
    secrets: tuple[str, ...]
    mapping: Mapping[str, Any] | None
    polled: bool = False


_known: dict[str, Address] = {}


def remembered(path_token: str) -> Address | None:
    """Return the address as it was when it was last read; it may have changed since. None for no source."""
    return _known.get(path_token) or current(path_token)


def source_id_of(path_token: str) -> int | None:
    """Return the source that this process remembers at an address, without asking; it may be gone since."""
    known = _known.get(path_token)
    return known.source_id if known else None


def current(path_token: str) -> Address | None:
    """Return the address as it is now; None for no source, or one that was switched off.

    The revision is read before what it stands for, so a change in between makes the next delivery read again.
    """
    source = queries.source_at(path_token=path_token)
    if source is None:
        _known.pop(path_token, None)
        return None
    known = _known.get(path_token)
    if known is not None and known.revision == source.revision:
        return known
    read = Address(
        source_id=source.pk,
        kind=source.kind,
        revision=source.revision,
        secrets=tuple(secrets_of(source)),
        mapping=active_mappings([source.pk]).get(source.pk),
        polled=Polling.objects.filter(source=source).exists(),
    )
    if len(_known) >= LARGEST:
        _known.clear()
    _known[path_token] = read
    return read
