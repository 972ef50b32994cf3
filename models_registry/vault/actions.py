"""Keep a secret, open it, forget it. Nothing else touches the table."""

from collections.abc import Iterable
from datetime import datetime

from models_registry.vault.envelope import Owner, Sealed, Secret, open_, seal
from models_registry.vault.keys import ring
from models_registry.vault.models import SealedSecret


class NoSuchSecret(Exception):
    """No secret is kept for this owner."""


def keep(*, owner: Owner, secret: Secret, at: datetime) -> None:
    """Seal the secret for its owner; a secret kept before is replaced."""
    sealed = seal(secret, owner=owner, ring=ring())
    SealedSecret.objects.update_or_create(
        owner=str(owner),
        defaults={"kek_id": sealed.kek_id, "envelope": sealed.envelope, "rotated_at": at},
        create_defaults={"kek_id": sealed.kek_id, "envelope": sealed.envelope, "created_at": at},
    )


def forget(*, owners: Iterable[Owner]) -> int:
    """Destroy the secrets of these owners, for good, and return how many there were."""
    return SealedSecret.objects.filter(owner__in=[str(owner) for owner in owners]).delete()[0]


def open_secret(*, owner: Owner) -> Secret:
    """Return the secret of an owner. Raises NoSuchSecret, KeyUnknown, EnvelopeRefused."""
    row = SealedSecret.objects.filter(owner=str(owner)).first()
    if row is None:
        raise NoSuchSecret(f"No secret is kept for {owner}.")
    return open_(Sealed(row.kek_id, bytes(row.envelope)), owner=owner, ring=ring())
