"""The form of polling: the platform's own fields beside address, credential, interval and budgets."""

from typing import Any

from django import forms

from models_registry.telemetry.poll_actions import ADDRESS, DAY_BUDGET, LONGEST_CREDENTIAL, LONGEST_FIELD, SWEEP_BUDGET
from models_registry.telemetry.poll_models import Polling
from models_registry.telemetry.pollers.shapes import Poller, Scheme

INTERVALS = (
    (30, "Every 30 seconds"),
    (60, "Every minute"),
    (300, "Every 5 minutes"),
    (900, "Every 15 minutes"),
    (3_600, "Every hour"),
    (21_600, "Every 6 hours"),
    (86_400, "Every day"),
)
USUAL_S = 300
SCHEMES = {
    Scheme.NONE: "Without a credential",
    Scheme.BEARER: "Bearer token",
    Scheme.BASIC: "User and password",
    Scheme.BASIC_API: "API key",
}


class PollingForm(forms.Form):
    """How a platform is asked. The credential is never shown again; left empty, the one that is kept stays."""

    interval_s = forms.TypedChoiceField(label="How often", coerce=int)
    sweep_budget = forms.IntegerField(
        label="Requests of one sweep, at most",
        min_value=1,
        max_value=100_000,
        initial=SWEEP_BUDGET,
        help_text="A sweep that needs more goes on in the next one.",
    )
    day_budget = forms.IntegerField(
        label="Requests of one day, at most",
        min_value=1,
        max_value=100_000,
        initial=DAY_BUDGET,
        help_text="When they are used up, sweeps go on after midnight UTC.",
    )

    def __init__(self, *args: Any, poller: Poller, polling: Polling | None, **kwargs: Any) -> None:
        """Offer what this platform asks for, as it is set now."""
        super().__init__(*args, **kwargs)
        self.poller, self.polling = poller, polling
        held = polling.config if polling else {}
        own: dict[str, forms.Field] = {
            ADDRESS: forms.CharField(
                label="Base address",
                max_length=2_000,
                initial=held.get(ADDRESS, poller.address),
                help_text="Where the platform's own API begins.",
                widget=forms.URLInput(attrs={"placeholder": poller.address or "https://"}),
            )
        }
        for each in poller.fields:
            own[each.name] = forms.CharField(
                label=each.label,
                help_text=each.help,
                required=each.required,
                max_length=LONGEST_FIELD,
                initial=held.get(each.name, each.initial),
                widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}) if each.lines else forms.TextInput(),
            )
        own["scheme"] = forms.ChoiceField(
            label="How it signs in",
            choices=[(each.value, SCHEMES[each]) for each in poller.schemes],
            initial=polling.scheme if polling else poller.schemes[0].value,
        )
        own["credential"] = forms.CharField(
            label="Credential",
            required=False,
            max_length=LONGEST_CREDENTIAL,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            help_text=self._credential_help(),
        )
        self.fields = own | self.fields
        usual = [(seconds, words) for seconds, words in INTERVALS if seconds >= poller.min_interval_s]
        interval = self.fields["interval_s"]
        assert isinstance(interval, forms.TypedChoiceField)
        interval.choices = usual
        interval.initial = polling.interval_s if polling else max(USUAL_S, poller.min_interval_s)
        if polling is not None:
            self.fields["sweep_budget"].initial = polling.sweep_budget
            self.fields["day_budget"].initial = polling.day_budget

    @property
    def config(self) -> dict[str, str]:
        """The address and the platform's own fields, as filled in."""
        names = (ADDRESS, *(each.name for each in self.poller.fields))
        return {name: self.cleaned_data[name] for name in names}

    def _credential_help(self) -> str:
        kept = "Left empty, the one that is kept stays. " if self.polling and self.polling.scheme != Scheme.NONE else ""
        pair = "User and password are written as user:password. " if Scheme.BASIC in self.poller.schemes else ""
        return f"{kept}{pair}A reading right is enough. It is kept encrypted and never shown again."
