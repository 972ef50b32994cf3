"""What an owner fills in to answer a risk: a plan, an acceptance, a dispute."""

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.risks.planning import Step
from models_registry.access.models import Account, AccountKind

STEP_COUNT = 3


class JudgedForm(forms.Form):
    """A form that carries the digest of the state its reader judged."""

    judged_digest = forms.CharField(widget=forms.HiddenInput)


class PlanForm(JudgedForm):
    """A summary and up to three steps, each with an owner and a last day."""

    summary = forms.CharField(label="What will be done", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Account.objects.filter(is_active=True, kind=AccountKind.PERSON).order_by("display_name", "pk")
        for number in range(1, STEP_COUNT + 1):
            first = number == 1
            day = forms.DateInput(attrs={"type": "date"})
            self.fields[f"text_{number}"] = forms.CharField(label=f"Step {number}", max_length=300, required=first)
            self.fields[f"owner_{number}"] = forms.ModelChoiceField(people, label="By whom", required=first)
            self.fields[f"due_{number}"] = forms.DateField(label="Until", widget=day, required=first)

    def clean(self) -> dict[str, Any]:
        """Refuse a step that says only a part of what, who and when."""
        cleaned = super().clean() or self.cleaned_data
        for number in range(2, STEP_COUNT + 1):
            parts = {name: cleaned.get(f"{name}_{number}") for name in ("text", "owner", "due")}
            if any(parts.values()):
                for name in (name for name, value in parts.items() if not value):
                    self.add_error(f"{name}_{number}", "A step needs what, who and when.")
        return cleaned

    def steps(self) -> Sequence[Step]:
        """Return the steps that were filled in."""
        given = self.cleaned_data
        return [
            Step(text=given[f"text_{number}"], owner=given[f"owner_{number}"], due_on=given[f"due_{number}"])
            for number in range(1, STEP_COUNT + 1)
            if given.get(f"text_{number}")
        ]


class AcceptanceForm(JudgedForm):
    """Why the risk may stand, what guards against it meanwhile, and until when."""

    justification = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    compensating_control = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    expires_on = forms.DateField(label="Accept until", widget=forms.DateInput(attrs={"type": "date"}))


class DisputeForm(JudgedForm):
    """Which input of the score is wrong, and why."""

    disputed_input = forms.CharField(label="Input that is wrong", max_length=260)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
