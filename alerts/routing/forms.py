"""Forms of channels: where messages go, and which routes use it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from alerts.delivery import egress
from alerts.delivery.models import Channel, ChannelKind
from alerts.routing.models import Route
from models_registry.outbound.guard import AddressRefused, check_url

DESCRIPTIONS = {
    ChannelKind.EMAIL: "To the address of each person who is told. The mail server stands in the settings.",
    ChannelKind.SLACK_WEBHOOK: "To one Slack channel, through an incoming webhook.",
    ChannelKind.WEBHOOK: "To your own receiver, signed as Standard Webhooks describes.",
}
KINDS = [(kind.value, kind.label) for kind in DESCRIPTIONS]


def _routes() -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        Route.objects.order_by("position"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Routes that use it",
        help_text="Without a route nothing is sent, except a test message.",
    )


class ChannelForm(forms.Form):
    """A new channel."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in DESCRIPTIONS], widget=forms.RadioSelect, initial=ChannelKind.EMAIL
    )
    url = forms.CharField(
        label="Address",
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text="Kept in the vault, and never shown again. Only for webhooks.",
    )
    routes = _routes()

    def clean_name(self) -> str:
        """Refuse a name that is taken."""
        name: str = self.cleaned_data["name"].strip()
        if Channel.objects.filter(name__iexact=name).exists():
            raise ValidationError(f"A channel is already called {name}.")
        return name

    def clean(self) -> dict[str, Any]:
        """Ask a webhook for an address that may be called."""
        found: dict[str, Any] = super().clean() or {}
        kind, url = found.get("kind"), str(found.get("url") or "").strip()
        if kind == ChannelKind.EMAIL:
            found["url"] = ""
        elif kind and not url:
            self.add_error("url", "A webhook needs the address that messages are posted to.")
        elif kind:
            self._check(url)
        return found

    def _check(self, url: str) -> None:
        try:
            check_url(url, egress.policy())
        except AddressRefused as refused:
            text = str(refused)
            self.add_error("url", f"{text[:1].upper()}{text[1:]}.")


class RoutesForm(forms.Form):
    """The routes that use a channel."""

    routes = _routes()
