"""Forms of people's pages."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms

from models_registry.access.models import Account, BusinessUnit
from models_registry.access.permissions import Permission
from models_registry.access.roles import ROLES

DENSITIES = [("compact", "Compact"), ("comfortable", "Comfortable")]


class ProfileForm(forms.ModelForm):
    """What people choose for themselves; density and keys are kept by the browser, like a toggled theme."""

    density = forms.ChoiceField(
        label="Rows", choices=DENSITIES, required=False, initial="compact", help_text="In this browser."
    )
    keys = forms.BooleanField(
        label="Single-key shortcuts",
        label_suffix="",
        required=False,
        initial=True,
        help_text="J, K, A and others, in this browser. Turn them off if you dictate or if they get in your way.",
    )

    class Meta:
        model = Account
        fields = ("display_name", "theme", "time_zone")

    def clean_time_zone(self) -> str:
        """Accept names of the IANA database only."""
        name: str = self.cleaned_data["time_zone"]
        if name not in available_timezones():
            raise forms.ValidationError(f"{name} is not a time zone such as Europe/Berlin.")
        return name


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False)
    again = forms.CharField(
        label="The same again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for equal words."""
        given = super().clean() or self.cleaned_data
        if given.get("password") != given.get("again"):
            self.add_error("again", "The two differ.")
        return given


class JoinForm(forms.ModelForm):
    """Who or what is let in, with a first role; the role says whether it is a person."""

    role = forms.ChoiceField(
        choices=[
            ("", "Choose a role"),
            ("People", [(role.name, role.title) for role in ROLES.values() if not role.for_automation]),
            ("Automation", [(role.name, role.title) for role in ROLES.values() if role.for_automation]),
        ],
        help_text="More roles, and roles for the models of one unit, are given on the account's page.",
    )

    class Meta:
        model = Account
        fields = ("username", "display_name", "email", "unit")
        labels = {"username": "Name for signing in", "display_name": "Name as others read it"}
        help_texts = {
            "username": "Letters, digits and . @ + - _; it stays.",
            "email": "Messages and a forgotten password go there.",
        }
        error_messages = {
            "username": {
                "unique": "An account with this name exists already.",
                "invalid": "Use letters, digits and . @ + - _ alone.",
            }
        }

    @property
    def is_for_automation(self) -> bool:
        """True where the chosen role is one of automation's."""
        return ROLES[self.cleaned_data["role"]].for_automation


class RoleForm(forms.Form):
    """Which role to give, and for which unit's models."""

    role = forms.ChoiceField()
    unit = forms.ModelChoiceField(BusinessUnit.objects.order_by("name"), required=False, empty_label="All units")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = [role for role in ROLES.values() if role.for_automation == account.is_automation]
        self.fields["role"].choices = [(role.name, role.title) for role in fitting]


class TokenForm(forms.Form):
    """What a new token is for, and how long it lives."""

    name = forms.CharField(max_length=80, label="What it is for")
    days = forms.IntegerField(min_value=1, max_value=90, initial=30, label="Days it lives")
    scopes = forms.MultipleChoiceField(
        choices=[(permission.value, permission.value) for permission in Permission],
        required=False,
        help_text="None chosen: all that the account's roles allow.",
    )

    @property
    def lifetime(self) -> timedelta:
        """Return the life asked for."""
        return timedelta(days=self.cleaned_data["days"])
