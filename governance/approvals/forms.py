"""What narrows the list of requests, and what a voter says."""

from typing import Any

from django import forms

from governance.approvals.models import Subject

SUBJECTS = [
    (Subject.RULE_VERSION.value, "Rule"),
    (Subject.FORMULA_VERSION.value, "Health formula"),
    (Subject.ACCEPTANCE.value, "Acceptance of a risk"),
    (Subject.PROMOTION.value, "Promotion"),
    (Subject.RESUME.value, "Resuming scoring"),
]


class RequestFilters(forms.Form):
    """What the list shows; every field stands in the address."""

    tab = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    subject = forms.ChoiceField(label="About", required=False, choices=[("", "Anything"), *SUBJECTS])

    @property
    def chosen(self) -> dict[str, Any]:
        """Return what was asked for; values that mean nothing are left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and name != "tab"}

    @property
    def is_filtered(self) -> bool:
        """True when anything narrows the list."""
        return bool(self.chosen)


class VoteForm(forms.Form):
    """A comment for the requester; a rejection needs one."""

    comment = forms.CharField(
        required=False,
        max_length=4000,
        help_text="Needed to reject: say what has to change. The requester reads it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    digest = forms.CharField(max_length=80, widget=forms.HiddenInput)
