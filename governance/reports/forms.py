"""Forms of model cards."""

from django import forms

from models_registry.catalog.card_actions import LONGEST_NOTE
from models_registry.catalog.card_sections import LONGEST, SectionUnfit, tidied


class SectionForm(forms.Form):
    """The text of one section; ``judged`` is the digest of the version it was written from."""

    text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "maxlength": LONGEST, "spellcheck": "true"}),
        help_text="Markdown: headings, lists, tables, links. An empty text takes the section back.",
    )
    judged = forms.RegexField(r"^(sha256:[0-9a-f]{64})?$", required=False, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        """Return the text as it is kept."""
        try:
            return tidied(self.cleaned_data["text"])
        except SectionUnfit as unfit:
            raise forms.ValidationError(str(unfit)) from None


class IssueForm(forms.Form):
    """What an issued card is for."""

    note = forms.CharField(
        label="What it is issued for",
        required=False,
        max_length=LONGEST_NOTE,
        help_text="Such as the review or the customer it is for.",
    )
