"""People, automation accounts, their roles and tokens, and the units they belong to."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class BusinessUnit(models.Model):
    """A row means: a part of the company that answers for models."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        db_table = "access_unit"

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A row means: a group of people inside a unit who share the care of models."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, related_name="teams")

    class Meta:
        db_table = "access_team"

    def __str__(self) -> str:
        return self.name


class AccountKind(models.TextChoices):
    """People sign in with a browser; automation presents a token and never holds a session."""

    PERSON = "PERSON"
    AUTOMATION = "AUTOMATION"


class Theme(models.TextChoices):
    """How pages are coloured for this person."""

    AUTO = "AUTO"
    LIGHT = "LIGHT"
    DARK = "DARK"


class Account(AbstractUser):
    """A row means: somebody or something that may act. Disabled accounts keep their history."""

    kind = models.CharField(max_length=12, choices=AccountKind, default=AccountKind.PERSON)
    display_name = models.CharField(max_length=120, blank=True)
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    time_zone = models.CharField(max_length=64, default="UTC")
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "access_account"

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_automation(self) -> bool:
        """True for accounts that only hold tokens."""
        return self.kind == AccountKind.AUTOMATION

    @property
    def trail_kind(self) -> str:
        """How the trail names this kind of actor; values of ``audit.models.ActorKind``."""
        return str(self.kind)

    @property
    def trail_id(self) -> str:
        """How the trail identifies this actor."""
        return str(self.pk)

    @property
    def trail_name(self) -> str:
        """How the trail calls this actor at the time of the entry."""
        return str(self)


class RoleGrant(models.Model):
    """A row means: this account holds this role, everywhere or only in one unit.

    ``role`` is the name of a class in ``access.roles``; ended grants stay as history.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=32)
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, null=True, blank=True)
    granted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "access_role_grant"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "unit"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="access_role_grant_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.role}"


class Token(models.Model):
    """A row means: a bearer token was issued; only its SHA-256 and last four characters are kept."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80, blank=True)
    digest = models.BinaryField(unique=True, max_length=32)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    issued_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "access_token"
        constraints = [
            models.CheckConstraint(
                name="access_token_expires_after_issue", condition=Q(expires_at__gt=models.F("issued_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"rdl_…{self.last_four}"


class OneTimeLink(models.Model):
    """A row means: whoever holds this link may set the password of one account, once."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="one_time_links")
    digest = models.BinaryField(unique=True, max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "access_one_time_link"

    def __str__(self) -> str:
        return f"link for {self.account}"


class IdempotentRequest(models.Model):
    """A row means: this principal already sent this key; the stored answer is given again.

    ``status`` is empty while the first request is still being answered.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    route = models.CharField(max_length=200)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=80, blank=True)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "access_idempotent_request"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="access_idempotent_request_once")]

    def __str__(self) -> str:
        return self.key


class SavedView(models.Model):
    """A row means: somebody gave the filters and the order of a list a name.

    ``query`` is the tidy query string of that list. Seen by its owner alone, or by everybody who holds
    ``shared_role``; changed by its owner alone.
    """

    owner = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="saved_views")
    list_name = models.CharField(max_length=32)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared_role = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "access_saved_view"
        constraints = [
            models.UniqueConstraint("owner", "list_name", Lower("name"), name="access_saved_view_name_once"),
            models.CheckConstraint(name="access_saved_view_named", condition=~Q(name="")),
        ]
        indexes = [
            models.Index(
                fields=["list_name", "shared_role"], condition=~Q(shared_role=""), name="access_saved_view_shared"
            ),
        ]

    def __str__(self) -> str:
        return self.name
