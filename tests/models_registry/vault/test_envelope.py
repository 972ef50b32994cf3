"""An envelope opens for its own owner and key only, and secrets do not show themselves."""

import pickle

import pytest

from models_registry.vault.envelope import (
    EnvelopeRefused,
    KeyRing,
    KeyUnknown,
    Owner,
    Sealed,
    Secret,
    open_,
    rewrap,
    seal,
)

OWNER = Owner("telemetry_source", "7", "secret_current")
OLD = KeyRing("k1", {"k1": b"1" * 32})
BOTH = KeyRing("k2", {"k1": b"1" * 32, "k2": b"2" * 32})
NEW = KeyRing("k2", {"k2": b"2" * 32})


@pytest.mark.parametrize("text", ["", "whsec_x", "ключ" * 500])
def test_a_sealed_secret_opens_again_and_never_looks_the_same(text: str) -> None:
    first, second = (seal(Secret(text), owner=OWNER, ring=OLD) for _ in range(2))

    assert open_(first, owner=OWNER, ring=OLD).reveal() == text
    assert first.envelope != second.envelope


@pytest.mark.parametrize(
    "other", [Owner("alerts", "7", "secret_current"), Owner("telemetry_source", "8", "secret_current")]
)
def test_an_envelope_moved_to_another_row_is_refused(other: Owner) -> None:
    sealed = seal(Secret("x"), owner=OWNER, ring=OLD)

    with pytest.raises(EnvelopeRefused):
        open_(sealed, owner=other, ring=OLD)


def test_every_changed_or_missing_byte_is_refused() -> None:
    sealed = seal(Secret("secret"), owner=OWNER, ring=OLD)

    for place in range(len(sealed.envelope)):
        changed = bytearray(sealed.envelope)
        changed[place] ^= 1
        for broken in (bytes(changed), sealed.envelope[:place]):
            with pytest.raises(EnvelopeRefused):
                open_(Sealed("k1", broken), owner=OWNER, ring=OLD)


def test_rewrapping_moves_to_the_new_key_without_touching_the_text() -> None:
    sealed = seal(Secret("x"), owner=OWNER, ring=OLD)

    moved = rewrap(sealed, owner=OWNER, ring=BOTH)

    assert (moved.kek_id, moved.envelope[61:]) == ("k2", sealed.envelope[61:])
    assert open_(moved, owner=OWNER, ring=NEW) == Secret("x")
    with pytest.raises(KeyUnknown):
        open_(sealed, owner=OWNER, ring=NEW)
    with pytest.raises(EnvelopeRefused):
        open_(Sealed("k1", moved.envelope), owner=OWNER, ring=BOTH)


def test_a_secret_and_a_ring_do_not_show_themselves() -> None:
    secret = Secret("hunter2")

    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    assert "1111" not in repr(OLD)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_ring_refuses_short_keys_and_a_missing_current() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing("k1", {"k1": b"short"})
    with pytest.raises(ValueError, match="not in the ring"):
        KeyRing("k9", {"k1": b"1" * 32})
    with pytest.raises(ValueError, match=r"no \|"):
        Owner("a|b", "1", "c")
