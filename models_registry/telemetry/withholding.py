"""Texts of traces and logs are never kept in the clear: the door cuts them out, the line opens what it needs once.

What predictions are made from (what was asked and answered, about whom) is sealed beside the event under a key of its
own and thrown away in the transaction that measures it; then only keyed hashes and pseudonyms are left, which can be
erased by person. The other texts are not kept at all.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.crypto import salted_hmac

from models_registry.telemetry.adapters import otlp_texts
from models_registry.telemetry.adapters.otlp_wire import SIGNAL_HEADER, Signal
from models_registry.telemetry.splitting import Part
from models_registry.vault.envelope import EnvelopeRefused, KeyUnknown, Owner, Sealed, Secret, open_, seal
from models_registry.vault.keys import ring

HEADER: Final = "withheld"
"""Under which the sealed texts stand beside an event until it is measured. The door sets it; no sender can."""
NAME: Final = "named-by"
"""Under which the door says what an event is named by, in place of a body of which it keeps a part. Not kept."""
NAMING: Final = "redline.telemetry.withholding"
TEXTS_OF: Final = frozenset({Signal.TRACES.value, Signal.LOGS.value})


def without_texts(part: Part) -> Part:
    """Return a part of an export as it may be kept. Metrics hold no texts.

    It is named by a keyed hash of all that came: the same export again is known, and nobody can guess a text by it.
    """
    if part.headers.get(SIGNAL_HEADER) not in TEXTS_OF:
        return part
    body, texts = otlp_texts.cut(part.body, headers=dict(part.headers))
    if not texts.count:
        return part
    headers = {**part.headers, NAME: salted_hmac(NAMING, part.body, algorithm="sha256").hexdigest()}
    return Part(body, {**headers, HEADER: _sealed(texts.kept, body)} if texts.kept else headers)


def named_by(headers: Mapping[str, str], body: bytes) -> bytes:
    """Return what an event is named by: its body, or what the door says in its place."""
    return headers[NAME].encode() if NAME in headers else body


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


def _is_withheld(value: Any) -> bool:
    return isinstance(value, str) and otlp_texts.MARK.fullmatch(value) is not None


def _sealed(texts: Sequence[Any], body: bytes) -> str:
    sealed = seal(Secret(json.dumps(texts, default=str)), owner=_owner(body), ring=ring())
    return f"{sealed.kek_id}:{base64.b64encode(sealed.envelope).decode()}"


def _owner(body: bytes) -> Owner:
    """Bind the texts to what is left of their event, so that they open beside no other."""
    return Owner("telemetry_event", hashlib.sha256(body).hexdigest(), HEADER)
