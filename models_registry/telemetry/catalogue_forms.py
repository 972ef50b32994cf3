"""Forms of the metric catalogue."""

from typing import Any

from django import forms

from models_registry.telemetry import catalogue_queries, units
from models_registry.telemetry.catalogue_models import directions
from models_registry.telemetry.metrics import ANY_SOURCE
from models_registry.telemetry.models import SourceKind

ALIAS, OWN = "alias", "own"
_ELSEWHERE = {ALIAS: ("own_unit", "direction", "description"), OWN: ("metric", "unit")}
"""The fields that a choice does not ask for."""


def _metrics() -> list[tuple[str, str]]:
    named = [(name, f"{name} ({unit})" if unit else name) for name, unit in catalogue_queries.metric_names()]
    return [("", "Choose a metric"), *named]


def _senders() -> list[tuple[str, str]]:
    return [(ANY_SOURCE, "Every source"), *SourceKind.choices]


def _units() -> list[tuple[str, str]]:
    return [("", "The metric's own, or the one that is sent"), *((each, each) for each in units.spellings())]


class AdoptForm(forms.Form):
    """What a sender's name stands for."""

    name = forms.CharField(label="Name as it is sent", max_length=80)
    how = forms.ChoiceField(
        label="What it is",
        choices=[(ALIAS, "Another name of a metric in the catalogue"), (OWN, "A metric of our own")],
        widget=forms.RadioSelect,
        initial=ALIAS,
    )
    metric = forms.ChoiceField(label="Metric", choices=_metrics)
    sender = forms.ChoiceField(label="Who means it so", choices=_senders, required=False, initial=ANY_SOURCE)
    unit = forms.ChoiceField(
        label="Unit it is sent in",
        choices=_units,
        required=False,
        help_text="Numbers are turned into the metric's own unit exactly; the unit they came in is kept beside.",
    )
    own_unit = forms.CharField(label="Unit", max_length=24, required=False, help_text="For example ms, ratio, USD.")
    direction = forms.ChoiceField(label="Which way it improves", choices=directions)
    description = forms.CharField(
        label="What it measures", max_length=300, help_text="One sentence, for those who meet it in a rule."
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """Ask only for what belongs to the choice."""
        given = super().clean() or {}
        given["sender"] = given.get("sender") or ANY_SOURCE
        for name in _ELSEWHERE.get(given.get("how", ""), ()):
            self.errors.pop(name, None)
            given[name] = ""
        return given
