"""The text of a formula, and for a new one the kinds of model it scores."""

from typing import Any

from django import forms

from governance.rules.forms import TextForm
from models_registry.catalog.models import Kind


class FormulaForm(TextForm):
    """A new formula: its kinds are chosen once, its text with every version."""

    kinds = forms.MultipleChoiceField(
        label="Kinds of model it scores", choices=Kind.stated, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("kinds", "text")


class ModelChoice(forms.Form):
    """Which model the preview opens."""

    model = forms.ChoiceField(label="Preview on", required=False)

    def __init__(self, *args: Any, models: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["model"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = models
