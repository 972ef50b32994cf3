"""Forms of rules: the text, and fields that write the same text."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.rules import fields, reading, writing
from governance.rules.definition import Aggregate, Requirement, Side
from governance.rules.parsing import REGULATORY_CLASSES, SLUG, parse
from governance.rules.yamltree import RuleError, RuleInvalid
from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel, Tier
from models_registry.catalog.models import Kind

EFFECTS = (("FLOOR", "At least this level"), ("POINTS", "These points"), ("SCALE", "Points by value"))


class TextForm(forms.Form):
    """A version as its file's text, judged by ``check``, which returns everything wrong with it."""

    text = forms.CharField(
        label="Text",
        max_length=64_000,
        strip=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 28, "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args: Any, check: Callable[[str], list[RuleError]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check = check
        self.problems: list[RuleError] = []

    @property
    def written(self) -> str:
        """The text as it was sent, whatever is wrong with it."""
        return str(self.data.get("text", "")).replace("\r\n", "\n")

    def clean_text(self) -> str:
        """Refuse a text with errors, naming every place."""
        text = self.written
        self.problems = self.check(text)
        if self.problems:
            raise ValidationError([str(problem) for problem in self.problems])
        return text


class Words(forms.Field):
    """Words separated by commas, as a tuple."""

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the words in the order given."""
        return tuple(word for part in str(value or "").split(",") if (word := part.strip()))

    def prepare_value(self, value: Any) -> Any:
        """Show a tuple as it is typed."""
        return ", ".join(value) if isinstance(value, tuple | list) else value


class Steps(forms.Field):
    """A scale: pairs of value and points, `0.1: 10, 0.25: 20`."""

    def to_python(self, value: Any) -> tuple[tuple[float, float], ...]:
        """Return the pairs in the order given; refuse what is no pair of numbers."""
        parts = [part for part in str(value or "").split(",") if part.strip()]
        return tuple(self._step(part) for part in parts)

    def prepare_value(self, value: Any) -> Any:
        """Show pairs as they are typed."""
        if isinstance(value, tuple | list):
            return ", ".join(f"{writing.number(limit)}: {writing.number(points)}" for limit, points in value)
        return value

    @staticmethod
    def _step(part: str) -> tuple[float, float]:
        limit, colon, points = part.partition(":")
        if not (colon and reading.NUMBER.fullmatch(limit.strip()) and reading.NUMBER.fullmatch(points.strip())):
            raise ValidationError(f"{part.strip()} is not a value and its points, such as 0.25: 20.")
        return float(limit), float(points)


def _several(label: str, choices: Any, **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple, **more
    )


class RuleForm(forms.Form):
    """One comparison and what follows from it, in fields; ``text`` is the file they write.

    What the parser refuses stands at the field that said it.
    """

    rule = forms.RegexField(
        SLUG, label="Name", max_length=80, help_text="Lower-case words with hyphens, kept for ever."
    )
    title = forms.CharField(max_length=120)
    why = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    metric = forms.CharField(max_length=100, help_text="A canonical name such as accuracy.")
    aggregate = forms.ChoiceField(choices=Aggregate.choices, initial=Aggregate.AVG)
    over = forms.ChoiceField(choices=[("5M", "5 minutes"), ("1H", "1 hour"), ("1D", "1 day")], initial="1D")
    side = forms.ChoiceField(label="Bad when", choices=Side.choices)
    low = forms.FloatField(label="Limit", help_text="For low materiality.")
    medium = forms.FloatField(label="Medium materiality", required=False, help_text="Empty: the same.")
    high = forms.FloatField(label="High materiality", required=False, help_text="Empty: the same.")
    windows = forms.IntegerField(label="Windows in a row", min_value=1, max_value=366, initial=1)
    per = forms.ChoiceField(label="Judge", choices=[("MODEL", "The model as a whole"), ("SEGMENT", "Each segment")])
    gaps = forms.ChoiceField(
        label="A window without data",
        choices=[("BREAK", "Ends the run"), ("HOLD", "Is passed over"), ("BREACH", "Counts as bad")],
    )

    category = forms.ChoiceField(label="Risk", choices=RiskCategory.choices)
    effect = forms.ChoiceField(label="Effect", choices=EFFECTS)
    level = forms.ChoiceField(required=False, choices=RiskLevel.choices, initial=RiskLevel.MEDIUM)
    points = forms.FloatField(required=False, min_value=0, max_value=100, help_text="0 to 100.")
    scale = Steps(required=False, help_text="Values and their points: 0.1: 10, 0.25: 20.")
    tier = forms.TypedChoiceField(
        label="Alert",
        coerce=int,
        required=False,
        empty_value=None,
        choices=lambda: [("", "By the level"), *Tier.choices()],
    )
    require = _several("People owe", Requirement.choices, initial=[Requirement.ACKNOWLEDGEMENT.value])
    restrict = forms.ChoiceField(label="Runtime access", choices=Restriction.choices, initial=Restriction.NONE)
    actions = Words(required=False, help_text="Names of actions, separated by commas.")

    clear_low = forms.FloatField(label="Good again at", required=False, help_text="Empty: at the limit itself.")
    clear_medium = forms.FloatField(label="Medium materiality", required=False, help_text="Empty: the same.")
    clear_high = forms.FloatField(label="High materiality", required=False, help_text="Empty: the same.")
    clear_windows = forms.IntegerField(label="For how many windows", min_value=1, max_value=366, initial=1)
    clearing = forms.ChoiceField(
        label="Then it ends",
        choices=[("PROPOSE", "Once a person confirms"), ("AUTO", "By itself"), ("NEVER", "When a person closes it")],
    )

    kind = _several("Kinds of model", [(value.lower(), label) for value, label in Kind.choices])
    materiality = _several("Materiality", Materiality.choices)
    regulatory_class = _several("Regulatory class", [(one, one) for one in REGULATORY_CLASSES])
    environment = Words(required=False, initial="production", help_text="Separated by commas.")
    business_unit = Words(required=False, help_text="Separated by commas.")
    tags = Words(required=False, help_text="Separated by commas; one shared tag is enough.")
    controls = Words(required=False, help_text="Such as eu-ai-act:15, separated by commas.")
    runbook = forms.CharField(required=False, max_length=200, help_text="An https:// address.")

    GROUPS = (
        ("What it is", ("rule", "title", "why")),
        (
            "When it fires",
            ("metric", "aggregate", "over", "side", "low", "medium", "high", "windows", "per", "gaps"),
        ),
        ("What follows", ("category", "effect", "level", "points", "scale", "tier", "require", "restrict", "actions")),
        ("How it ends", ("clear_low", "clear_medium", "clear_high", "clear_windows", "clearing")),
        ("Which models", ("kind", "materiality", "regulatory_class", "environment", "business_unit", "tags")),
        ("Where it comes from", ("controls", "runbook")),
    )

    def __init__(self, *args: Any, slug: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug
        self.problems: list[RuleError] = []
        if slug:
            self.fields["rule"].disabled = True
            self.initial["rule"] = slug

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def clean(self) -> dict[str, Any]:
        """Write the text and let the parser judge it, as it judges a file."""
        given = super().clean() or self.cleaned_data
        wanted = {"FLOOR": "level", "POINTS": "points"}.get(given.get("effect", ""), "scale")
        if given.get(wanted) in (None, "", ()) and wanted not in self.errors:
            self.add_error(wanted, "Say how much.")
        if self.errors:
            return given
        self.text = writing.write(fields.definition_of(given))
        try:
            self.definition = parse(self.text)
        except RuleInvalid as invalid:
            self.problems = invalid.errors
            for problem in invalid.errors:
                self.add_error(fields.field_at(problem.path), _sentence(problem.message))
        return given


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."
