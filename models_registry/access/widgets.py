"""Controls that forms of all rooms share."""

from django import forms


class Day(forms.DateInput):
    """A day as the browser's own control takes it: written 2026-11-21, whatever the language of the page."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
