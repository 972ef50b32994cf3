"""Forms of rules: filters, the text, and fields that write the same text."""

from typing import Any

from django import forms

from governance.rules import writing
from governance.rules.actions import errors_of
from governance.rules.definition import (
    Aggregate,
    Clear,
    Clearing,
    Consequence,
    Definition,
    Floor,
    Gaps,
    Per,
    Requirement,
    Scope,
    Side,
    Test,
    Threshold,
    Width,
)
from governance.rules.models import VersionState
from governance.rules.parsing import SLUG, parse
from governance.rules.yamltree import RuleError, RuleInvalid
from governance.vocabulary import RiskCategory, RiskLevel, Tier


class RuleFilters(forms.Form):
    """What the list shows; every field stands in the address."""

    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(required=False, choices=lambda: [("", "Any"), *VersionState.choices])
    category = forms.ChoiceField(label="Risk", required=False, choices=lambda: [("", "Any"), *RiskCategory.choices()])

    @property
    def is_filtered(self) -> bool:
        """True when anything narrows the list."""
        return any(self.cleaned_data.values()) if self.is_valid() else bool(self.data)


class TextForm(forms.Form):
    """The rule as its file's text."""

    text = forms.CharField(
        label="Rule",
        max_length=64_000,
        strip=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 28, "spellcheck": "false"}),
    )
    problems: list[RuleError] = []

    def __init__(self, *args: Any, slug: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug

    def clean_text(self) -> str:
        """Refuse a text that is no rule, or another rule, naming every place."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        self.problems = errors_of(text)
        if self.problems:
            raise forms.ValidationError([str(problem) for problem in self.problems])
        self.definition = parse(text)
        if self.slug and self.definition.rule != self.slug:
            raise forms.ValidationError(f"The text says rule: {self.definition.rule}; it must stay {self.slug}.")
        return text


class RuleForm(forms.Form):
    """One comparison and what follows from it, in fields; `text` is the file they write."""

    rule = forms.RegexField(SLUG, label="Name", help_text="Lower-case words with hyphens. It never changes.")
    title = forms.CharField(max_length=120)
    why = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    metric = forms.CharField(max_length=100, help_text="A canonical metric name such as accuracy.")
    aggregate = forms.ChoiceField(choices=Aggregate.choices, initial=Aggregate.AVG)
    over = forms.ChoiceField(
        label="Over", choices=[("5M", "5 minutes"), ("1H", "1 hour"), ("1D", "1 day")], initial="1D"
    )
    side = forms.ChoiceField(label="Bad when", choices=Side.choices)
    low = forms.FloatField(label="Limit for low materiality")
    medium = forms.FloatField(label="Limit for medium materiality")
    high = forms.FloatField(label="Limit for high materiality")
    windows = forms.IntegerField(label="For how many windows in a row", min_value=1, max_value=366, initial=1)
    per = forms.ChoiceField(label="Judge", choices=[("MODEL", "The model as a whole"), ("SEGMENT", "Each segment")])
    gaps = forms.ChoiceField(label="A window without data", choices=Gaps.choices)
    category = forms.ChoiceField(label="Risk", choices=RiskCategory.choices)
    level = forms.ChoiceField(
        label="Raise it at least to", choices=lambda: [c for c in RiskLevel.choices() if c[0] != "LOW"]
    )
    tier = forms.TypedChoiceField(
        label="Alert",
        coerce=int,
        required=False,
        empty_value=None,
        choices=lambda: [("", "By the level"), *Tier.choices()],
    )
    require = forms.MultipleChoiceField(
        label="People owe",
        required=False,
        choices=Requirement.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Requirement.ACKNOWLEDGEMENT.value],
    )
    clear_windows = forms.IntegerField(label="Good again for how many windows", min_value=1, max_value=366, initial=1)
    clearing = forms.ChoiceField(label="Then it ends", choices=Clearing.choices, initial=Clearing.PROPOSE)
    problems: list[RuleError] = []

    def clean(self) -> dict[str, Any]:
        """Write the text and let the parser judge it, as it judges a file."""
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        self.text = writing.write(_definition(given))
        try:
            self.definition = parse(self.text)
        except RuleInvalid as problem:
            self.problems = problem.errors
            raise forms.ValidationError([str(error) for error in problem.errors]) from problem
        return given


def _definition(given: dict[str, Any]) -> Definition:
    test = Test(
        metric=given["metric"],
        side=Side(given["side"]),
        threshold=Threshold(given["low"], given["medium"], given["high"]),
        over=Width(given["over"]),
        aggregate=Aggregate(given["aggregate"]),
        windows=given["windows"],
        per=Per(given["per"]),
        gaps=Gaps(given["gaps"]),
    )
    return Definition(
        rule=given["rule"],
        title=given["title"],
        why=" ".join(given["why"].split()),
        when=test,
        then=Consequence(
            risk=RiskCategory(given["category"]),
            effect=Floor(RiskLevel(given["level"])),
            tier=Tier(given["tier"]) if given["tier"] else None,
            require=tuple(Requirement(one) for one in given["require"]),
        ),
        clear=Clear(windows=given["clear_windows"], then=Clearing(given["clearing"])),
        applies_to=Scope(),
    )
