"""Forms of the pages of history."""

import datetime as dt
from typing import Any, ClassVar

from django import forms

from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import history_actions
from models_registry.telemetry.history_models import FLOORS, Sort

FIRST_YEAR, LAST_YEAR = 1970, 9_998


class TermsForm(forms.Form):
    """How long each sort of history is kept, and why."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for sort in Sort:
            name = f"{sort.value.lower()}_days"
            self.fields[name] = forms.IntegerField(
                label=str(sort.label), required=False, min_value=FLOORS[name], max_value=36_500,
                help_text=f"Days, at least {FLOORS[name]}. Empty is for ever.",
            )  # fmt: skip
        self.fields["reason"] = forms.CharField(
            label="Why these terms", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
        )

    @property
    def terms(self) -> dict[str, int | None]:
        """The terms alone."""
        return {name: self.cleaned_data.get(name) for name in history_actions.FIELDS}

    def clean(self) -> dict[str, Any]:
        """Return the terms. Raises ValidationError where one does not go with another."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name, why in history_actions.unfit({name: given.get(name) for name in history_actions.FIELDS}).items():
            if name not in self.errors:
                self.add_error(name, why)
        return given


class MonthField(forms.DateField):
    """A month, written 2026-11; its value is its first day."""

    widget = forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": "2026-11"})
    default_error_messages: ClassVar = {"invalid": "A month such as 2026-11."}

    def to_python(self, value: Any) -> dt.date | None:
        """Return the first day of the month. Raises ValidationError."""
        if value in self.empty_values:
            return None
        try:
            found = dt.date.fromisoformat(f"{str(value).strip()}-01")
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class HoldForm(forms.Form):
    """What the law holds: months of one model, or of all."""

    model = forms.ModelChoiceField(
        RegisteredModel.objects.none(), label="Model", required=False, to_field_name="slug", empty_label="Every model"
    )
    since = MonthField(label="First month")
    until = MonthField(label="Last month", required=False, help_text="Empty holds what is still to come as well.")
    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["model"].queryset = RegisteredModel.objects.order_by("name", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the hold. Raises ValidationError when it ends before it begins."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The last month comes before the first one.")
        return given


class ReasonForm(forms.Form):
    """Why somebody refuses, takes back or lifts."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
