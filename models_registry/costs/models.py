"""Costs by day, the imported records behind some of them, prices, exchange rates and budgets."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from models_registry.access.models import BusinessUnit, Team
from models_registry.catalog.models import ModelVersion, RegisteredModel

CURRENCY = r"^[A-Z]{3}$"
PROJECT_LENGTH = 80


class CostOrigin(models.TextChoices):
    """Where an amount is known from. Of the first three, the first that a model and day have is the one that counts."""

    MEASURED = "MEASURED", "Reported by a source"
    PRICED = "PRICED", "Tokens times price"
    TRACED = "TRACED", "Prediction traces"
    IMPORTED = "IMPORTED", "Imported bill"


class Attributed(models.Model):
    """Whom an amount belongs to; what is not known stays empty and is shown as unattributed."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    project = models.CharField(max_length=PROJECT_LENGTH, blank=True, default="")

    class Meta:
        abstract = True


class DailyCost(Attributed):
    """A row means: so much was spent on this UTC day, for this model or whom it names, as this origin knows it.

    Amounts are millionths of the currency. ``reporting_micros`` is the same amount in the reporting currency, empty
    while no exchange rate of that day is known. It is empty too where that is more than can be counted: such a row
    stands at the bound, adds to nothing and is shown. A row that a bill replaces is kept and not ``counted``. Unit,
    team and project of a derived row are those of the day on which it was first derived.
    """

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    day = models.DateField()
    origin = models.CharField(max_length=10, choices=CostOrigin)
    currency = models.CharField(max_length=3)
    amount_micros = models.BigIntegerField()
    reporting_micros = models.BigIntegerField(null=True)
    tokens_in = models.BigIntegerField(default=0)
    tokens_out = models.BigIntegerField(default=0)
    counted = models.BooleanField(default=True)

    class Meta:
        db_table = "costs_daily"
        constraints = [
            models.UniqueConstraint(
                fields=["model", "day", "origin", "version", "unit", "team", "project", "currency"],
                nulls_distinct=False,
                name="costs_daily_once",
            ),
            models.CheckConstraint(name="costs_daily_currency", condition=Q(currency__regex=CURRENCY)),
        ]
        indexes = [models.Index(fields=["day"], name="costs_daily_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.amount_micros} {self.currency}"


class ImportState(models.TextChoices):
    """What became of an uploaded file."""

    PREVIEWED = "PREVIEWED", "Not imported"
    IMPORTED = "IMPORTED", "Imported"
    UNDONE = "UNDONE", "Undone"


class CostImport(models.Model):
    """A row means: this file was uploaded. The same bytes are the same import.

    ``round`` counts how often it was imported anew after it was undone; a row of the file is imported once per round.
    With ``replaces_measured``, what was measured for the model and day of a row no longer counts.
    """

    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=71, unique=True)
    content = models.TextField()
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.PREVIEWED)
    replaces_measured = models.BooleanField(default=False)
    round = models.PositiveIntegerField(default=1)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "costs_import"
        constraints = [
            models.CheckConstraint(
                name="costs_import_by_somebody",
                condition=Q(state="PREVIEWED") | Q(imported_at__isnull=False, imported_by__isnull=False),
            ),
            models.CheckConstraint(
                name="costs_import_undone_by_somebody",
                condition=~Q(state="UNDONE") | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class CostRecord(Attributed):
    """A row means: this line of this file says that so much was spent; append-only.

    Undoing an import adds, for each of its records, one of the opposite amount that ``compensates`` it.
    """

    source = models.ForeignKey(CostImport, on_delete=models.PROTECT, related_name="records")
    round = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    compensates = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="compensated_by")
    day = models.DateField(db_index=True)
    currency = models.CharField(max_length=3)
    amount_micros = models.BigIntegerField()
    description = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "costs_record"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "round", "row"], condition=Q(compensates__isnull=True), name="costs_record_row_once"
            ),
            models.CheckConstraint(name="costs_record_currency", condition=Q(currency__regex=CURRENCY)),
        ]


class PriceList(models.Model):
    """A row means: from this day on, these are the house's prices at a provider; append-only.

    ``prices`` maps a product to its prices for a million tokens read and written, as decimal text. The product ``*``
    stands for every product of the provider that has no price of its own.
    """

    provider = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    effective_on = models.DateField()
    currency = models.CharField(max_length=3)
    prices = models.JSONField()
    source = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "costs_price_list"
        constraints = [
            models.UniqueConstraint(fields=["provider", "number"], name="costs_price_list_number_once"),
            models.CheckConstraint(name="costs_price_list_currency", condition=Q(currency__regex=CURRENCY)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} v{self.number}"


class ExchangeRate(models.Model):
    """A row means: from this day on, one unit of the currency is so many of the reporting currency; append-only.

    Of two rates for the same day, the one entered later counts.
    """

    currency = models.CharField(max_length=3)
    reporting = models.CharField(max_length=3)
    effective_on = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "costs_rate"
        constraints = [
            models.CheckConstraint(name="costs_rate_positive", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="costs_rate_currencies",
                condition=Q(currency__regex=CURRENCY) & Q(reporting__regex=CURRENCY) & ~Q(currency=F("reporting")),
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate_text} {self.reporting} from {self.effective_on}"

    @property
    def rate_text(self) -> str:
        """The rate without trailing zeros."""
        return f"{self.rate:f}".rstrip("0").rstrip(".") if "." in f"{self.rate:f}" else f"{self.rate:f}"


class BudgetScope(models.TextChoices):
    """Whose spending a budget limits."""

    HOUSE = "HOUSE", "The whole house"
    UNIT = "UNIT", "A unit"
    TEAM = "TEAM", "A team"
    MODEL = "MODEL", "A model"
    PROJECT = "PROJECT", "A project"


class Budget(models.Model):
    """A row means: in every month from the first to the last, no more than this is to be spent in the scope.

    The amount is in millionths of the reporting currency at the time. ``warn_percent`` of it is where people are
    warned. A budget that has ended is kept.
    """

    scope = models.CharField(max_length=8, choices=BudgetScope)
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    project = models.CharField(max_length=PROJECT_LENGTH, blank=True, default="")
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    warn_percent = models.PositiveSmallIntegerField(default=80)
    first_month = models.DateField()
    last_month = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    TARGETS: ClassVar = {"UNIT": "unit_id", "TEAM": "team_id", "MODEL": "model_id", "PROJECT": "project"}

    class Meta:
        db_table = "costs_budget"
        constraints = [
            models.CheckConstraint(name="costs_budget_positive", condition=Q(amount_micros__gt=0)),
            models.CheckConstraint(
                name="costs_budget_warns_in_time", condition=Q(warn_percent__gte=1, warn_percent__lte=100)
            ),
            models.CheckConstraint(
                name="costs_budget_one_target",
                condition=Q(scope="HOUSE", unit__isnull=True, team__isnull=True, model__isnull=True, project="")
                | Q(scope="UNIT", unit__isnull=False, team__isnull=True, model__isnull=True, project="")
                | Q(scope="TEAM", unit__isnull=True, team__isnull=False, model__isnull=True, project="")
                | Q(scope="MODEL", unit__isnull=True, team__isnull=True, model__isnull=False, project="")
                | (Q(scope="PROJECT", unit__isnull=True, team__isnull=True, model__isnull=True) & ~Q(project="")),
            ),
            models.CheckConstraint(
                name="costs_budget_months_in_order",
                condition=Q(last_month__isnull=True) | Q(last_month__gte=F("first_month")),
            ),
            models.UniqueConstraint(
                fields=["scope", "unit", "team", "model", "project"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="costs_budget_one_open",
            ),
        ]

    def __str__(self) -> str:
        target = {"UNIT": self.unit, "TEAM": self.team, "MODEL": self.model, "PROJECT": self.project}.get(self.scope)
        return str(target) if target else "The whole house"


class BudgetStatus(models.Model):
    """A row means: this is how the budget stood when it was last looked at, in the month of that day.

    Amounts are millionths of the reporting currency; the three of the forecast are empty while there are too few
    days to tell. ``answering`` is the model that spent most of it in the month.
    """

    budget = models.OneToOneField(Budget, on_delete=models.PROTECT, primary_key=True, related_name="status")
    day = models.DateField()
    spent_micros = models.BigIntegerField()
    expected_micros = models.BigIntegerField(null=True)
    low_micros = models.BigIntegerField(null=True)
    high_micros = models.BigIntegerField(null=True)
    answering = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField()

    class Meta:
        db_table = "costs_budget_status"
