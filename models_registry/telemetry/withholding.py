"""Texts of traces, logs and judgements are never kept in the clear: they are cut out before anything is kept.

What predictions are made from (what was asked and answered, about whom) is sealed beside the event under a key of its
own and thrown away in the transaction that measures it; then only keyed hashes and pseudonyms are left, which can be
erased by person. The other texts are not kept at all: what judges and people wrote about an answer (Arize, Phoenix)
measures nothing, so nothing of it is sealed.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.crypto import salted_hmac

from models_registry.telemetry.adapters import judged_texts, otlp_texts
from models_registry.telemetry.adapters.otlp_wire import SIGNAL_HEADER, Signal
from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.splitting import Part
from models_registry.vault.envelope import EnvelopeRefused, KeyUnknown, Owner, Sealed, Secret, open_, seal
from models_registry.vault.keys import ring

HEADER: Final = "withheld"
"""Under which the sealed texts stand beside an event until it is measured. The door sets it; no sender can."""
NAME: Final = "named-by"
"""Under which the door says what an event is named by, in place of a body of which it keeps a part. Not kept."""
NAMING: Final = "redline.telemetry.withholding"
TEXTS_OF: Final = frozenset({Signal.TRACES.value, Signal.LOGS.value})

JUDGED: Final = frozenset({SourceKind.ARIZE.value, SourceKind.PHOENIX.value})
"""Kinds that send what people and judges wrote, by webhook or to a sweep."""


def without_judgements(kind: str, body: bytes, *, mapping: Mapping[str, Any] | None = None) -> bytes:
    """Return a body as it may be kept. What the source's mapping reads is not cut."""
    return judged_texts.cut(body, kept=judged_texts.names_in(mapping)) if kind in JUDGED else body


def without_texts(part: Part) -> Part:
    """Return a part of an export as it may be kept. Metrics hold no texts.

    It is named by a keyed hash of all that came: the same export again is known, and nobody can guess a text by it.
    """
    if part.headers.get(SIGNAL_HEADER) not in TEXTS_OF:
        return part
    body, texts = otlp_texts.cut(part.body, headers=dict(part.headers))
    if not texts.count:
        return part
    headers = {**part.headers, NAME: _name(part.body)}
    return Part(body, {**headers, HEADER: _sealed(texts.kept, body)} if texts.kept else headers)


def is_cut(*, kind: str, headers: Mapping[str, Any], body: bytes) -> bool:
    """Say whether texts may have been cut out of an event (traces, logs), or were (judgements)."""
    return headers.get(SIGNAL_HEADER) in TEXTS_OF or (kind in JUDGED and otlp_texts.WITHHELD.encode() in body)


def named_by(headers: Mapping[str, str], body: bytes, kept: bytes) -> bytes:
    """Return what an event is named by: its body, or a keyed hash of what came where a part of it is not kept."""
    if NAME in headers:
        return headers[NAME].encode()
    return body if kept == body else _name(body).encode()


def opened(*, body: bytes, headers: Mapping[str, Any]) -> Sequence[Any]:
    """Return the texts that were sealed beside an event; none when they are gone, or their key is."""
    if HEADER not in headers:
        return ()
    kek_id, _, envelope = str(headers[HEADER]).partition(":")
    try:
        sealed = Sealed(kek_id, base64.b64decode(envelope, validate=True))
        found = json.loads(open_(sealed, owner=_owner(body), ring=ring()).reveal())
    except (KeyUnknown, EnvelopeRefused, binascii.Error):
        return ()
    return found if isinstance(found, list) else ()


def restored(attributes: Mapping[str, Any], texts: Sequence[Any]) -> dict[str, Any]:
    """Return attributes with their texts in place; those that were thrown away are left out."""
    told = {otlp_texts.place(number): text for number, text in enumerate(texts, start=1)}
    found = {key: told.get(value, value) if isinstance(value, str) else value for key, value in attributes.items()}
    return {key: value for key, value in found.items() if not _is_withheld(value)}


def _name(body: bytes) -> str:
    return salted_hmac(NAMING, body, algorithm="sha256").hexdigest()


def _is_withheld(value: Any) -> bool:
    return isinstance(value, str) and otlp_texts.MARK.fullmatch(value) is not None


def _sealed(texts: Sequence[Any], body: bytes) -> str:
    sealed = seal(Secret(json.dumps(texts, default=str)), owner=_owner(body), ring=ring())
    return f"{sealed.kek_id}:{base64.b64encode(sealed.envelope).decode()}"


def _owner(body: bytes) -> Owner:
    """Bind the texts to what is left of their event, so that they open beside no other."""
    return Owner("telemetry_event", hashlib.sha256(body).hexdigest(), HEADER)
