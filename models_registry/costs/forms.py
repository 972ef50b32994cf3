"""Forms of the pages of costs."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from models_registry.access.models import Account, BusinessUnit, Team
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, visible
from models_registry.access.widgets import Day
from models_registry.catalog.models import RegisteredModel
from models_registry.costs.models import PROJECT_LENGTH, Budget, BudgetScope
from models_registry.costs.money import AmountUnfit, parse_amount, plain
from models_registry.costs.pricing import Price
from models_registry.costs.standing import reporting_currency

CODE = forms.RegexField(
    r"^[A-Za-z]{3}$", label="Currency", max_length=3, error_messages={"invalid": "Three letters, such as EUR."}
)


class MonthField(forms.DateField):
    """A month, written 2026-11; its value is its first day."""

    widget = forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": "2026-11"})
    default_error_messages = {"invalid": "A month such as 2026-11."}

    def to_python(self, value: Any) -> date | None:
        """Return the first day of the month. Raises ValidationError."""
        if value in self.empty_values:
            return None
        try:
            return date.fromisoformat(f"{str(value).strip()}-01")
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class AmountField(forms.CharField):
    """An amount of money as people write it; its value is millionths."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options)

    def clean(self, value: Any) -> int | None:
        """Return the millionths. Raises ValidationError."""
        text = super().clean(value)
        try:
            return parse_amount(text) if text else None
        except AmountUnfit as error:
            raise forms.ValidationError(str(error)) from None


class TermsForm(forms.Form):
    """What of a budget may change."""

    amount = AmountField(label="A month may cost")
    warn_percent = forms.IntegerField(
        label="Warn at", min_value=1, max_value=100, initial=80, help_text="Percent of the amount."
    )
    last_month = MonthField(label="Last month", required=False, help_text="Empty: until somebody ends it.")
    note = forms.CharField(max_length=300, required=False, help_text="Why this much.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"].help_text = f"In {reporting_currency()}."

    def clean_amount(self) -> int:
        """Refuse a budget of nothing."""
        micros: int = self.cleaned_data["amount"]
        if micros <= 0:
            raise forms.ValidationError("A budget is more than nothing.")
        return micros

    @classmethod
    def of(cls, budget: Budget, sent: Any = None) -> "TermsForm":
        """Return the form filled with what the budget says now."""
        initial = {
            "amount": plain(budget.amount_micros), "warn_percent": budget.warn_percent,
            "last_month": budget.last_month, "note": budget.note,
        }  # fmt: skip
        return cls(sent, initial=initial)


class BudgetForm(TermsForm):
    """A new budget: for whom, how much, from when."""

    scope = forms.ChoiceField(label="For", choices=BudgetScope.choices)
    unit = forms.ModelChoiceField(BusinessUnit.objects.order_by("name"), required=False)
    team = forms.ModelChoiceField(Team.objects.order_by("name"), required=False)
    model = forms.ModelChoiceField(RegisteredModel.objects.none(), required=False)
    project = forms.CharField(
        max_length=PROJECT_LENGTH, required=False, help_text="As a model's label `project` or a bill names it."
    )
    first_month = MonthField(label="First month", help_text="It counts from its first day.")

    field_order = ("scope", "unit", "team", "model", "project", "amount", "warn_percent", "first_month")

    def __init__(self, sent: Any = None, *, actor: Account, initial: dict[str, Any] | None = None) -> None:
        super().__init__(sent, initial=initial)
        models: Any = self.fields["model"]
        models.queryset = visible(
            actor, Permission.BUDGET_WRITE, RegisteredModel.objects.filter(archived_at__isnull=True)
        ).order_by("name", "pk")
        if not everywhere(actor, Permission.BUDGET_WRITE):
            scope: Any = self.fields["scope"]
            scope.choices = [(BudgetScope.MODEL.value, BudgetScope.MODEL.label)]
            for name in ("unit", "team", "project"):
                del self.fields[name]
        chosen = str(self.data.get("scope", "")).lower() if self.is_bound else ""
        for name in {"unit", "team", "model", "project"} & self.fields.keys():
            self.fields[name].required = not self.is_bound or name == chosen

    def clean(self) -> dict[str, Any]:
        """Ask for months in order."""
        found = super().clean() or self.cleaned_data
        first, last = found.get("first_month"), found.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", f"It begins in {first:%B %Y}.")
        return found


class EndForm(forms.Form):
    """Why a budget ends."""

    reason = forms.CharField(max_length=300, label="Why")


class UploadForm(forms.Form):
    """A bill as a file."""

    file = forms.FileField(label="CSV file", widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}))
    replaces_measured = forms.BooleanField(
        label="This bill replaces what was measured",
        required=False,
        help_text="For the model and day of each row, what telemetry or traces say no longer counts. "
        "Leave it off for costs that nobody measures, such as licences.",
    )


class UndoForm(forms.Form):
    """Why an import is taken back."""

    reason = forms.CharField(max_length=500, label="Why")


class RateForm(forms.Form):
    """What a currency is worth from a day on."""

    currency = CODE
    effective_on = forms.DateField(label="From", widget=Day())
    rate = forms.DecimalField(label="One unit is", min_value=Decimal("0.0000000001"), max_digits=20, decimal_places=10)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["rate"].help_text = f"In {reporting_currency()}."

    def clean_currency(self) -> str:
        """Refuse the reporting currency itself."""
        code: str = self.cleaned_data["currency"].upper()
        if code == reporting_currency():
            raise forms.ValidationError(f"{code} is the reporting currency: it needs no rate.")
        return code


class PricesForm(forms.Form):
    """The house's prices at a provider."""

    provider = forms.CharField(max_length=60, help_text="As models name it.")
    effective_on = forms.DateField(label="In force from", widget=Day())
    currency = CODE
    prices = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "code", "rows": 8, "spellcheck": "false"}),
        help_text="One product a line: its name, the price of a million tokens read, and of a million written, "
        "separated by semicolons. The product * stands for all that are not named.",
    )
    source = forms.CharField(max_length=300, required=False, help_text="Contract or page they were read from.")

    def clean_currency(self) -> str:
        """Write the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_prices(self) -> dict[str, Price]:
        """Return the prices; every line that is wrong is named."""
        found: dict[str, Price] = {}
        wrong: list[str] = []
        for number, line in enumerate(self.cleaned_data["prices"].splitlines(), start=1):
            if not line.strip():
                continue
            cells = [cell.strip() for cell in line.split(";")]
            try:
                product, reading, writing = cells
                price = Price(Decimal(reading), Decimal(writing))
            except (ValueError, InvalidOperation):
                wrong.append(f"Line {number}: a product and two prices, such as gpt-4.1-mini; 0.40; 1.60")
                continue
            if not product or not (0 <= price.reading < 10**6 and 0 <= price.writing < 10**6):
                wrong.append(f"Line {number}: a product needs a name and prices of 0 or more")
            elif product.lower() in found:
                wrong.append(f"Line {number}: {product} is there twice")
            else:
                found[product.lower()] = price
        if wrong:
            raise forms.ValidationError(wrong)
        if not found:
            raise forms.ValidationError("Name at least one product.")
        return found
