"""Forms of the sources pages."""

from typing import Any

from django import forms

from models_registry.telemetry.adapters.generic_json import MappingInvalid, parse_mapping
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads


class MappingForm(forms.Form):
    """The text of a mapping, checked as it will be when it reads."""

    document = forms.CharField(
        label="Mapping",
        max_length=100_000,
        widget=forms.Textarea(attrs={"class": "code", "rows": 18, "spellcheck": "false"}),
        help_text="JSON. Each field is the JSON pointer of its place in the body.",
    )

    def clean_document(self) -> dict[str, Any]:
        """Return the parsed mapping; every error stands beside the field."""
        try:
            document = loads(self.cleaned_data["document"].encode())
            parse_mapping(document)
        except Unreadable as error:
            raise forms.ValidationError([f"{each.path or '/'}: {each.message}" for each in error.problems]) from None
        except MappingInvalid as error:
            raise forms.ValidationError([f"{where or '/'}: {what}" for where, what in error.errors]) from None
        checked: dict[str, Any] = document
        return checked
