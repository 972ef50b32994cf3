"""The form of a new webhook."""

from typing import Any

from django import forms

from alerts.registryhooks.events import ACTIONS_OF

ENTITIES = {
    "registered_model": "A model",
    "model_version": "A version",
    "model_version_tag": "A label of a version",
    "model_version_alias": "An alias",
    "prompt": "A prompt",
    "prompt_version": "A version of a prompt",
    "prompt_tag": "A label of a prompt",
    "prompt_version_tag": "A label of a prompt's version",
    "prompt_alias": "An alias of a prompt",
}
VERBS = {"created": "is registered", "set": "is set", "deleted": "is removed"}


def words_of(name: str) -> str:
    """Return an event in words: `model_version.created` is "A version is registered"."""
    entity, _, action = name.partition(".")
    verb = "is pointed" if entity.endswith("alias") and action == "created" else VERBS[action]
    return f"{ENTITIES[entity]} {verb}"


def choices() -> list[tuple[str, str]]:
    """Return every event that is sent, with its words."""
    names = [f"{entity}.{action}" for entity, actions in ACTIONS_OF.items() for action in actions]
    return [(name, words_of(name)) for name in names]


class WebhookForm(forms.Form):
    """A new webhook; what it may be is judged by the action."""

    name = forms.CharField(max_length=63, help_text="Letters, digits, dots, hyphens and underscores.")
    url = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text="Each event is posted here, as an MLflow server posts it.",
    )
    events = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, label="When")
    description = forms.CharField(max_length=1000, required=False)

    def asked(self) -> dict[str, Any]:
        """Return what the webhook is to be."""
        held = self.cleaned_data
        return {**held, "url": held["url"].strip(), "events": tuple(held["events"])}
