"""Forms of imports: a file, its columns, an edit of many models."""

from typing import Any

from django import forms

from models_registry.access.models import Account, AccountKind, BusinessUnit, Team
from models_registry.catalog.models import DataSensitivity, Kind, Materiality, RegulatoryClass
from models_registry.intake.fields import CLEAR, FIELDS, words_of
from models_registry.intake.models import Intake

LEAVE = "Leave as it is"


class UploadForm(forms.Form):
    """An inventory as a file."""

    file = forms.FileField(
        label="File",
        help_text="CSV, XLSX or JSON, at most 8 MiB and 20,000 rows.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.json"}),
    )


class MappingForm(forms.Form):
    """What each column means, and what new models get where a row says nothing."""

    def __init__(self, data: Any = None, *, intake: Intake) -> None:
        """Make one field for each column that has a heading."""
        super().__init__(data)
        choices = [
            ("", "Not imported"),
            ("Model", [(one.name, one.label) for one in FIELDS if one.of == "model"]),
            ("Version", [(one.name, one.label) for one in FIELDS if one.of == "version"]),
        ]
        for place, heading in enumerate(intake.headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading or f"Column {place + 1}",
                choices=choices,
                required=False,
                initial=intake.mapping.get(str(place), ""),
                widget=forms.Select(attrs={"class": "in"}),
            )
        people = Account.objects.filter(is_active=True, kind=AccountKind.PERSON).order_by("display_name", "username")
        self.fields["usual-owner"] = forms.ChoiceField(
            label="Owner",
            required=False,
            choices=[("", "Nobody: such a row has a problem"), *((one.username, str(one)) for one in people)],
            initial=intake.usual.get("owner", ""),
        )
        units = BusinessUnit.objects.order_by("name")
        self.fields["usual-unit"] = forms.ChoiceField(
            label="Unit",
            required=False,
            choices=[("", "The unit of its owner"), *((one.slug, one.name) for one in units)],
            initial=intake.usual.get("unit", ""),
        )
        self.fields["usual-kind"] = forms.ChoiceField(
            label="Kind",
            required=False,
            choices=[("", "Not stated: no formula scores it"), *Kind.stated()],
            initial=intake.usual.get("kind", ""),
        )

    @property
    def mapping(self) -> dict[int, str]:
        """What each column means, by its place."""
        return {
            int(name.removeprefix("column-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("column-") and value
        }

    @property
    def usual(self) -> dict[str, str]:
        """What new models get."""
        named = {name.removeprefix("usual-"): value for name, value in self.cleaned_data.items()}
        return {name: named[name] for name in ("owner", "unit", "kind")}


class UndoForm(forms.Form):
    """Why an import is taken back."""

    reason = forms.CharField(label="Why", max_length=500)


class BulkForm(forms.Form):
    """What many models are to have in common from now on."""

    owner = forms.ChoiceField(required=False)
    deputy = forms.ChoiceField(required=False)
    unit = forms.ChoiceField(required=False)
    team = forms.ChoiceField(required=False)
    materiality = forms.ChoiceField(required=False, choices=[("", LEAVE), *Materiality.choices])
    regulatory_class = forms.ChoiceField(required=False, choices=[("", LEAVE), *RegulatoryClass.choices])
    data_sensitivity = forms.ChoiceField(required=False, choices=[("", LEAVE), *DataSensitivity.choices])
    customer_facing = forms.ChoiceField(required=False, choices=[("", LEAVE), ("yes", "Yes"), ("no", "No")])
    vendor = forms.CharField(required=False, max_length=120)
    provider = forms.CharField(required=False, max_length=120)
    add_tags = forms.CharField(required=False, max_length=400, label="Add tags", help_text="Separated by commas.")
    remove_tags = forms.CharField(required=False, max_length=400, label="Remove tags", help_text="Separated by commas.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer active people, units and teams."""
        super().__init__(*args, **kwargs)
        accounts = Account.objects.filter(is_active=True, kind=AccountKind.PERSON).order_by("display_name", "username")
        people = [(one.username, str(one)) for one in accounts]
        units = [(one.slug, one.name) for one in BusinessUnit.objects.order_by("name")]
        teams = [(one.slug, one.name) for one in Team.objects.order_by("name")]
        offered = {"owner": people, "deputy": [(CLEAR, "Nobody"), *people], "unit": units}
        for name, choices in {**offered, "team": [(CLEAR, "None"), *teams]}.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", LEAVE), *choices]

    def clean_add_tags(self) -> list[str]:
        """Return the list."""
        return words_of(self.cleaned_data["add_tags"])

    def clean_remove_tags(self) -> list[str]:
        """Return the list."""
        return words_of(self.cleaned_data["remove_tags"])
