"""Forms of the metric catalogue."""

from typing import Any

from django import forms

from models_registry.telemetry import catalogue_queries, units
from models_registry.telemetry.catalogue_models import directions
from models_registry.telemetry.metrics import ANY_SOURCE
from models_registry.telemetry.models import SourceKind

ALIAS, OWN = "alias", "own"


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
    metric = forms.ChoiceField(label="Metric", choices=_metrics, required=False)
    sender = forms.ChoiceField(label="Who means it so", choices=_senders, required=False, initial=ANY_SOURCE)
    unit = forms.ChoiceField(
        label="Unit it is sent in",
        choices=_units,
        required=False,
        help_text="Numbers are turned into the metric's own unit exactly; the unit they came in is kept beside.",
    )
    own_unit = forms.CharField(label="Unit", max_length=24, required=False, help_text="For example ms, ratio, USD.")
    direction = forms.ChoiceField(label="Which way it improves", choices=directions, required=False)
    description = forms.CharField(
        label="What it measures",
        max_length=300,
        required=False,
        help_text="One sentence, for those who meet it in a rule.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs."""
        given = super().clean() or {}
        given["sender"] = given.get("sender") or ANY_SOURCE
        if given.get("how") == ALIAS and not given.get("metric") and "metric" not in self.errors:
            self.add_error("metric", "Choose the metric that it is another name of.")
        if given.get("how") == OWN:
            given["metric"] = ""
            for name, said in (("direction", "Say which way it improves."), ("description", "Say what it measures.")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, said)
        return given
