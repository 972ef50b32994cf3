"""Secrets are kept for an owner and open for nobody else."""

import pytest

from models_registry.vault.actions import NoSuchSecret, keep, open_secret
from models_registry.vault.envelope import Owner, Secret
from models_registry.vault.keys import KeysUnreadable, parse
from models_registry.vault.models import SealedSecret
from tests.alerts.people import AT

OWNER = Owner(table="delivery_channel", pk="1", field="url")


@pytest.mark.django_db
def test_a_secret_is_opened_as_it_was_kept_and_replaced_when_kept_again() -> None:
    keep(owner=OWNER, secret=Secret("first"), at=AT)
    keep(owner=OWNER, secret=Secret("second"), at=AT)

    assert open_secret(owner=OWNER) == Secret("second")
    assert b"second" not in bytes(SealedSecret.objects.get().envelope)


@pytest.mark.django_db
def test_another_owner_has_no_secret() -> None:
    with pytest.raises(NoSuchSecret):
        open_secret(owner=OWNER)


def test_keys_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(KeysUnreadable):
        parse("one:short")
