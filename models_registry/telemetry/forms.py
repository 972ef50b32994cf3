"""Forms of the sources pages."""

from typing import Any

from django import forms
from django.utils.text import slugify

from models_registry.telemetry.adapters.generic_json import MappingInvalid
from models_registry.telemetry.adapters.series_mapping import check_mapping
from models_registry.telemetry.models import Source, SourceKind
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads

INTERVALS = [
    ("", "Never"),
    ("300", "After 5 minutes"),
    ("3600", "After 1 hour"),
    ("21600", "After 6 hours"),
    ("86400", "After 1 day"),
    ("604800", "After 1 week"),
]


def _interval() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Tell people when it is silent",
        choices=INTERVALS,
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Silence is drift too: a model whose required telemetry is stale is never counted as healthy.",
    )


class SourceForm(forms.Form):
    """A platform that will send to us."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(label="What sends", choices=lambda: sorted(SourceKind.choices, key=lambda each: each[1]))
    environment = forms.SlugField(max_length=40, initial="production")
    interval = _interval()

    def clean_name(self) -> str:
        """Refuse a name that is taken, or has nothing to make an address of."""
        name: str = self.cleaned_data["name"].strip()
        slug = slugify(name)[:50]
        if not slug:
            raise forms.ValidationError("A name needs letters or digits.")
        if Source.objects.filter(slug=slug).exists():
            raise forms.ValidationError(f"A source is already called {name}.")
        return name


class IntervalForm(forms.Form):
    """How long a source may be silent."""

    interval = _interval()


class MappingForm(forms.Form):
    """The text of a mapping, checked as it will be when it reads."""

    document = forms.CharField(
        label="Mapping",
        max_length=100_000,
        widget=forms.Textarea(attrs={"class": "code", "rows": 18, "spellcheck": "false"}),
        help_text="JSON. Each field is the JSON pointer of its place in the body.",
    )
    note = forms.CharField(
        label="Why",
        max_length=300,
        required=False,
        help_text="What changed at the sender, for those who read the history.",
    )

    def clean_document(self) -> dict[str, Any]:
        """Return the parsed mapping; every error stands beside the field."""
        try:
            document = loads(self.cleaned_data["document"].encode())
            check_mapping(document)
        except Unreadable as error:
            raise forms.ValidationError([f"{each.path or '/'}: {each.message}" for each in error.problems]) from None
        except MappingInvalid as error:
            raise forms.ValidationError([f"{where or '/'}: {what}" for where, what in error.errors]) from None
        checked: dict[str, Any] = document
        return checked
