"""Secrets at rest: ciphertext rows that only the vault opens."""

from django.db import models


class SealedSecret(models.Model):
    """A row means: one secret, sealed under its own data key, which a key-encryption key wraps.

    The additional authenticated data binds a ciphertext to ``owner`` (``table|pk|field``)
    and ``kek_id``, so that rows cannot be swapped.
    """

    owner = models.CharField(max_length=160, unique=True)
    kek_id = models.CharField(max_length=40)
    envelope = models.BinaryField()
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_sealed_secret"

    def __str__(self) -> str:
        return f"{self.owner} ***"
