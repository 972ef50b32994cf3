"""Filters of the list and the note on an alert."""

from django import forms

from alerts.inbox.models import AlertState
from governance.vocabulary import Tier


class AlertFilters(forms.Form):
    """What the list shows; every field stands in the address."""

    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    tier = forms.TypedChoiceField(
        label="Tier", required=False, coerce=int, empty_value=None, choices=lambda: [("", "Any"), *Tier.choices()]
    )
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=lambda: [("", "Any"), ("UNRESOLVED", "Not resolved"), *AlertState.choices],
    )
    model = forms.SlugField(label="Model", required=False)

    @property
    def is_filtered(self) -> bool:
        """True when anything narrows the list."""
        return any(self.cleaned_data.values()) if self.is_valid() else bool(self.data)


class NoteForm(forms.Form):
    """A note on an alert."""

    text = forms.CharField(label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
