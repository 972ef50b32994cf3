"""Forms of the models pages."""

from typing import Any, ClassVar

from django import forms

from models_registry.access.models import Account, AccountKind
from models_registry.catalog.models import Kind, RegisteredModel


class ModelForm(forms.ModelForm):
    """The facts of a model; lists are separated by commas."""

    jurisdictions = forms.CharField(required=False, max_length=200, help_text="Such as EU, UK, US-NY.")
    tags = forms.CharField(required=False, max_length=400)

    class Meta:
        model = RegisteredModel
        fields = [
            "name", "slug", "kind", "purpose", "owner", "deputy", "unit", "team", "vendor", "provider",
            "data_sensitivity", "materiality", "regulatory_class", "customer_facing", "jurisdictions", "tags",
        ]  # fmt: skip
        help_texts: ClassVar = {
            "slug": "Its name in addresses, in telemetry and in CI. It cannot change later.",
            "purpose": "What it is for, in one or two sentences.",
            "materiality": "How much hangs on this model. It sets tolerances, tiers and who must agree.",
            "regulatory_class": "EU AI Act.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer active people; a model on record keeps its slug."""
        super().__init__(*args, **kwargs)
        people = Account.objects.filter(is_active=True, kind=AccountKind.PERSON).order_by("display_name", "pk")
        for name in ("owner", "deputy", "unit", "team"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.empty_label = "Choose" if field.required else "None"
            if name in {"owner", "deputy"}:
                field.queryset = people
        for name in ("jurisdictions", "tags"):
            self.initial[name] = ", ".join(self.initial.get(name) or [])
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "Choose"), *Kind.stated()]
        if self.instance.kind == Kind.UNKNOWN:
            self.initial["kind"] = ""
        if self.instance.pk:
            del self.fields["slug"]

    def clean_jurisdictions(self) -> list[str]:
        """Return the list."""
        return _words(self.cleaned_data["jurisdictions"], longest=8)

    def clean_tags(self) -> list[str]:
        """Return the list."""
        return _words(self.cleaned_data["tags"], longest=60)


class VersionForm(forms.Form):
    """What a new version is made of."""

    artifact_digest = forms.RegexField(
        r"^sha256:[0-9a-f]{64}$",
        label="Digest of the artifact",
        required=False,
        strip=True,
        widget=forms.TextInput(attrs={"class": "code", "spellcheck": "false", "placeholder": "sha256:…"}),
        help_text="Without it the gate approves nothing: a decision is bound to the artifact.",
        error_messages={"invalid": "A digest is sha256: and 64 hexadecimal digits in lower case."},
    )
    source_uri = forms.CharField(
        label="Where the artifact is", required=False, max_length=500, help_text="Kept as given and never opened."
    )
    description = forms.CharField(
        label="What changed", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AliasForm(forms.Form):
    """A name that points at a version."""

    name = forms.RegexField(
        r"^[A-Za-z0-9_.-]{1,255}$",
        label="Alias",
        error_messages={"invalid": "An alias is letters, digits, dots, dashes and underscores."},
    )


class ProtectionForm(forms.Form):
    """Who alone may move an alias."""

    name = forms.RegexField(
        r"^[A-Za-z0-9_.-]{1,255}$",
        label="Alias",
        help_text="It need not exist yet.",
        error_messages={"invalid": "An alias is letters, digits, dots, dashes and underscores."},
    )
    who = forms.ChoiceField(
        label="Who may move it",
        choices=[("pipelines", "Pipelines only"), ("named", "The accounts named here")],
        widget=forms.RadioSelect,
    )
    movers = forms.ModelMultipleChoiceField(
        label="Accounts",
        queryset=Account.objects.filter(is_active=True).order_by("display_name", "username"),
        required=False,
        help_text="People and automation; each still needs the right to move versions.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for at least one account where accounts are to be named."""
        given = super().clean() or {}
        if given.get("who") == "named" and not given.get("movers"):
            self.add_error("movers", "Name at least one account, or nobody could move the alias.")
        return given


def _words(text: str, *, longest: int) -> list[str]:
    found = [word.strip() for word in text.split(",") if word.strip()]
    if too_long := [word for word in found if len(word) > longest]:
        raise forms.ValidationError(f"{too_long[0]} is longer than {longest} characters.")
    return found
