"""The form of an erasure."""

from django import forms

from models_registry.lineage.prediction_actions import CASE, CaseUnfit
from models_registry.telemetry.models import Source


class ErasureForm(forms.Form):
    """Whom to erase, and under which case."""

    reference = forms.CharField(
        label="Reference to the person",
        max_length=300,
        strip=True,
        help_text="What the senders call them in the field subject, such as a customer number. It is not stored.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    source = forms.ModelChoiceField(
        Source.objects.order_by("name"), required=False, empty_label="Every source", help_text="Who calls them so."
    )
    case = forms.CharField(
        label="Case number", max_length=40, help_text="How the request is filed. It stands in the trail: no names."
    )

    def clean_case(self) -> str:
        """Refuse what could be more than a number of a file."""
        case: str = self.cleaned_data["case"]
        if not CASE.fullmatch(case):
            raise forms.ValidationError(CaseUnfit.__doc__ or "")
        return case
