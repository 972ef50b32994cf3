"""What is asked before scoring is paused: of what, and why."""

from typing import Any

from django import forms

from governance.rules.models import Rule, VersionState
from governance.scoring.models import ControlScope
from models_registry.catalog.models import RegisteredModel

MOST_OFFERED = 200
"""Of more models than these nobody picks from a menu: the form asks for the name."""


class PauseForm(forms.Form):
    """The reason; everybody reads it until scoring resumes."""

    scope = ControlScope.GLOBAL
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="One sentence. It stands on every page until scoring resumes.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why scoring is paused: everybody reads it until it resumes."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{self.scope.lower()}-%s", **kwargs)

    @property
    def scope_id(self) -> str:
        """Return the slug of what is paused; all of scoring has none."""
        target = self.cleaned_data.get("target")
        return target.slug if target else ""


class PauseModelForm(PauseForm):
    """One model."""

    scope = ControlScope.MODEL
    target = forms.ModelChoiceField(
        RegisteredModel.objects.active().order_by("name"), to_field_name="slug", label="Model", empty_label="Choose…"
    )
    field_order = ("target", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found: Any = self.fields["target"]
        if len(found.queryset.values_list("pk")[: MOST_OFFERED + 1]) > MOST_OFFERED:
            found.widget = forms.TextInput(attrs={"placeholder": "fraud-scoring", "autocapitalize": "none"})
            found.help_text = "The name of the model as its address writes it."


class PauseRuleForm(PauseForm):
    """One rule, for every model that it judges."""

    scope = ControlScope.RULE
    target = forms.ModelChoiceField(
        Rule.objects.filter(versions__state__in=[VersionState.ENFORCED, VersionState.SHADOW])
        .distinct()
        .order_by("title"),
        to_field_name="slug",
        label="Rule",
        empty_label="Choose…",
    )
    field_order = ("target", "reason")


KINDS: tuple[type[PauseForm], ...] = (PauseForm, PauseModelForm, PauseRuleForm)
FORMS = {kind.scope.value.lower(): kind for kind in KINDS}
"""The scopes that can be paused from a page, by the word in the address."""
