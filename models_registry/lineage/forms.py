"""Forms of the lineage's pages."""

from django import forms

from models_registry.lineage.models import ArtifactKind, EdgeRole
from models_registry.lineage.statement import LONGEST_CONTENT, Member, Stated


class ArtifactForm(forms.Form):
    """One artifact that a version uses, as a person states it."""

    kind = forms.ChoiceField(choices=ArtifactKind.choices)
    role = forms.ChoiceField(
        label="The version …",
        choices=[(value, f"… {label}") for value, label in EdgeRole.choices],
        help_text="What it is to the version.",
    )
    name = forms.CharField(max_length=200, help_text="Kind and name together are one artifact, in every model.")
    label = forms.CharField(
        label="Version", required=False, max_length=100, help_text="Left out, the head of the digest names it."
    )
    digest = forms.CharField(
        required=False,
        max_length=140,
        widget=forms.TextInput(attrs={"class": "code", "spellcheck": "false", "placeholder": "sha256:…"}),
        help_text="Left out only for what its maker hosts, and for a text, which is named by its own.",
    )
    licence = forms.CharField(required=False, max_length=120, help_text="An SPDX identifier where there is one.")
    source_uri = forms.CharField(
        label="Where it is", required=False, max_length=500, help_text="Kept as given and never opened."
    )
    content = forms.CharField(
        label="Text of a prompt or a guardrail",
        required=False,
        max_length=LONGEST_CONTENT,
        strip=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 8, "spellcheck": "false"}),
        help_text="Kept as it is: no secrets, no personal data.",
    )

    def member(self) -> Member:
        """Return what was stated."""
        given = self.cleaned_data
        stated = Stated(
            kind=given["kind"],
            name=given["name"],
            label=given["label"],
            digest=given["digest"],
            licence=given["licence"],
            source_uri=given["source_uri"],
            content=given["content"].replace("\r\n", "\n") or None,
        )
        return Member("it", stated, given["role"])


class WithdrawalForm(forms.Form):
    """Why an edge was a mistake."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
