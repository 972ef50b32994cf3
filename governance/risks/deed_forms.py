"""The small forms on a risk's page: acknowledge, show evidence, verify, settle, assess."""

from typing import Any

from django import forms

from models_registry.access.widgets import Day

LONGEST = 4000


def words(label: str, *, required: bool = True, rows: int = 2, hint: str = "") -> forms.CharField:
    """Return a field for a few sentences."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONGEST, widget=area, help_text=hint)


class DeedForm(forms.Form):
    """A form on a page with many: its fields' ids carry a key of their own."""

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id_{key}_%s"
        super().__init__(*args, **kwargs)
        self.key = key


class JudgedForm(DeedForm):
    """A form that carries the digest of the state its reader judged."""

    judged_digest = forms.CharField(max_length=80, widget=forms.HiddenInput)


class AcknowledgeForm(JudgedForm):
    """Seen, with a note when there is something to say."""

    note = words("Note", required=False)


class EvidenceForm(JudgedForm):
    """What shows that the plan worked."""

    evidence = words("Evidence", hint="What was done and where it can be seen.")


class VerdictForm(JudgedForm):
    """What was looked at, and why it is enough or not."""

    reason = words("Reason", hint="What you looked at. It is kept with the decision.")


class CompleteForm(DeedForm):
    """How a step was done."""

    evidence = words("How it was done")
    evidence_url = forms.URLField(label="Link to the evidence", required=False, max_length=500, assume_scheme="https")


class ReturnForm(DeedForm):
    """Why a step is not done as it says."""

    reason = words("What is missing")


class MoveForm(DeedForm):
    """Another day for a step, and why."""

    due_on = forms.DateField(label="New day", widget=Day())
    reason = words("Why it moves")


class SettleForm(DeedForm):
    """Whether a dispute is right, and why."""

    upheld = forms.TypedChoiceField(
        label="Ruling",
        choices=[("yes", "Upheld: the input is wrong"), ("no", "Not upheld: the input is right")],
        coerce=lambda word: word == "yes",
    )
    settlement = words("Why")


class AssessForm(DeedForm):
    """Residual likelihood and impact, as people judge them without live evidence."""

    likelihood = forms.IntegerField(label="Likelihood, 1 to 5", min_value=1, max_value=5)
    impact = forms.IntegerField(label="Impact, 1 to 5", min_value=1, max_value=5)
    reason = words("Why")
