"""Forms of the pages about registries elsewhere."""

from django import forms


class AnswerForm(forms.Form):
    """What the owner says of a violation."""

    text = forms.CharField(
        label="Your answer",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What happened, and what will be done: taken off there, or asked of the gate. The trail keeps it.",
    )
