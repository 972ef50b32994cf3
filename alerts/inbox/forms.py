"""The note on an alert."""

from django import forms


class NoteForm(forms.Form):
    """A note on an alert."""

    text = forms.CharField(label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 3, "data-key": "n"}))
