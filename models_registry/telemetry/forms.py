"""Forms of the sources pages."""

import itertools
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify

from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.adapters.generic_json import MappingInvalid
from models_registry.telemetry.adapters.series_mapping import check_mapping
from models_registry.telemetry.gallery import Platform
from models_registry.telemetry.models import Source
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads

RESERVED = frozenset({"connect", "events", "held", "history"})
"""Words that begin addresses of the sources pages, so that no source may have them."""
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
    """A platform that will send to us; its kind is in the address of the form."""

    name = forms.CharField(max_length=120, help_text="How people will call it here.")
    environment = forms.SlugField(
        max_length=40,
        initial="production",
        help_text="Where the models run that it tells of. What names another environment is kept under that one.",
    )
    interval = _interval()
    model = forms.ModelChoiceField(
        queryset=RegisteredModel.objects.none(),
        to_field_name="slug",
        required=False,
        label="Model to begin with",
        empty_label="Say later",
        help_text="Its name stands in what you copy. Further models need nothing but their names.",
    )
    secret = forms.CharField(
        max_length=200,
        required=False,
        label="Its own secret, if it has one",
        help_text="Left empty, Redline makes one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, platform: Platform, models: QuerySet[RegisteredModel], **kwargs: Any) -> None:
        """Offer what fits this platform: a free name, its usual silence, and the models that the reader may see."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("name", _free_name(platform.label))
        self.initial.setdefault("interval", platform.interval_s or "")
        picker = self.fields["model"]
        assert isinstance(picker, forms.ModelChoiceField)
        picker.queryset = models
        if not platform.makes_secret:
            del self.fields["secret"]

    def clean_name(self) -> str:
        """Refuse a name that is taken, or has nothing to make an address of."""
        name: str = self.cleaned_data["name"].strip()
        slug = slugify(name)[:50]
        if not slug:
            raise forms.ValidationError("A name needs letters or digits.")
        if slug in RESERVED:
            raise forms.ValidationError(f"{name} is an address of Redline's own. Choose another name.")
        if Source.objects.filter(slug=slug).exists():
            raise forms.ValidationError(f"A source is already called {name}.")
        return name


def _free_name(label: str) -> str:
    """Return the label, with the first number from 2 on where sources are already called so."""
    taken = set(Source.objects.filter(slug__startswith=slugify(label)[:40]).values_list("slug", flat=True))
    names = (label if number == 1 else f"{label} {number}" for number in itertools.count(1))
    return next(name for name in names if slugify(name)[:50] not in taken)


class NameForm(forms.Form):
    """Which registered model a sender means by a name."""

    name = forms.CharField(max_length=200, label="What the source calls it")
    model = forms.ModelChoiceField(
        queryset=RegisteredModel.objects.none(), to_field_name="slug", label="Model that is meant", empty_label="Choose"
    )

    def __init__(self, *args: Any, models: QuerySet[RegisteredModel], **kwargs: Any) -> None:
        """Offer the models that the reader may change."""
        super().__init__(*args, **kwargs)
        picker = self.fields["model"]
        assert isinstance(picker, forms.ModelChoiceField)
        picker.queryset = models


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
