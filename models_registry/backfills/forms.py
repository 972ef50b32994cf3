"""Forms of the backfills' pages: where a file goes, and what its columns mean."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.text import slugify

from models_registry.backfills.columns import FIELDS, FIXABLE, LONG, WIDE, Plan
from models_registry.backfills.times import CLOCK_WORDS
from models_registry.telemetry.models import Source, SourceKind

WORDS = {
    "model": "Model",
    "metric": "Metric",
    "value": "Value",
    "observed_at": "Time",
    "unit": "Unit",
    "environment": "Environment",
    "segment": "Segment",
    "version": "Version",
}
NEEDED = ("observed_at", "model", "metric", "value")
NEW = ""


def sources() -> list[tuple[str, str]]:
    """Return the sources for files, and a new one."""
    rows = Source.objects.filter(kind=SourceKind.BACKFILL, disabled_at__isnull=True).order_by("name")
    return [*((one.slug, one.name) for one in rows), (NEW, "A new source")]


class FileForm(forms.Form):
    """A file of history and the source it belongs to."""

    source = forms.ChoiceField(choices=sources, required=False, label="Source")
    name = forms.CharField(
        max_length=120,
        required=False,
        label="Name of the new source",
        help_text="Such as: Weights & Biases until 2026.",
    )
    file = forms.FileField(
        label="File",
        help_text="CSV, also packed with gzip or zstd, or Parquet. The first row of a CSV file names its columns.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.gz,.zst,.parquet,.pq"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a name where a source is to be made; one of this name that takes files is taken."""
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("source") == NEW:
            name = (asked.get("name") or "").strip()
            slug = slugify(name)[:50]
            if not slug:
                self.add_error("name", "Give the new source a name with letters or digits.")
            elif Source.objects.filter(slug=slug, kind=SourceKind.BACKFILL, disabled_at__isnull=True).exists():
                asked["source"] = slug
            elif Source.objects.filter(slug=slug).exists():
                self.add_error("name", f"A source is already called {name}.")
        return asked


class BeginForm(FileForm):
    """The same without the file, whose pieces follow."""

    file = None
    file_name = forms.CharField(max_length=200)
    size = forms.IntegerField(min_value=1)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False)


class PlanForm(forms.Form):
    """What the columns of one file mean."""

    layout = forms.ChoiceField(
        choices=[(LONG, "A measurement in each row"), (WIDE, "A column for each metric")], label="Layout"
    )
    clock = forms.ChoiceField(choices=[(str(each), words) for each, words in CLOCK_WORDS.items()], label="Times are")
    zone = forms.CharField(
        max_length=60,
        required=False,
        label="Time zone",
        help_text="Of times without an offset, such as Europe/Berlin.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    decimal = forms.ChoiceField(choices=[(".", "A point (0.5)"), (",", "A comma (0,5)")], label="Decimal sign")
    since = forms.CharField(max_length=40, required=False, label="Only rows from", help_text="A day, or ISO 8601.")
    until = forms.CharField(
        max_length=40,
        required=False,
        label="Only rows before",
        help_text="Where live telemetry began, so that nothing counts twice.",
    )
    stops = forms.BooleanField(required=False, label="Pause at the first row that cannot be read")
    on_top = forms.BooleanField(required=False, label="Keep what another reading of this file gave, and add this")

    def __init__(self, *args: Any, header: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        columns = [(name, name) for name in dict.fromkeys(header)]
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.ChoiceField(
                choices=[("", "Not in the file"), *columns], required=name == "observed_at", label=WORDS[name]
            )
        for name in FIXABLE:
            self.fields[f"fixed_{name}"] = forms.CharField(
                max_length=200, required=False, label=f"{WORDS[name]} of all rows"
            )
        self.fields["metrics"] = forms.MultipleChoiceField(
            choices=columns, required=False, label="Columns with values", widget=forms.CheckboxSelectMultiple
        )

    def needed(self) -> Iterator[tuple[BoundField, BoundField | None]]:
        """Yield the columns that a measurement needs, each with the field of its one value for all rows."""
        return self._pairs(NEEDED)

    def further(self) -> Iterator[tuple[BoundField, BoundField | None]]:
        """Yield the others."""
        return self._pairs(tuple(name for name in FIELDS if name not in NEEDED))

    def _pairs(self, names: Sequence[str]) -> Iterator[tuple[BoundField, BoundField | None]]:
        for name in names:
            yield self[f"column_{name}"], self[f"fixed_{name}"] if name in FIXABLE else None

    def plan(self) -> Plan:
        """Return the plan that was chosen; what belongs to the other layout is left aside."""
        asked = self.cleaned_data
        wide = asked["layout"] == WIDE
        skipped = ("metric", "value") if wide else ()
        return Plan(
            layout=asked["layout"],
            columns={
                name: asked[f"column_{name}"] for name in FIELDS if name not in skipped and asked[f"column_{name}"]
            },
            fixed={name: text for name in FIXABLE if name not in skipped and (text := asked[f"fixed_{name}"].strip())},
            metrics={name: name for name in asked["metrics"]} if wide else {},
            clock=asked["clock"],
            zone=asked["zone"].strip(),
            decimal=asked["decimal"],
            since=asked["since"].strip(),
            until=asked["until"].strip(),
            stops=asked["stops"],
        )


def initial(plan: Plan) -> dict[str, Any]:
    """Return what a form shows of a plan."""
    return {
        "layout": plan.layout,
        "clock": plan.clock,
        "zone": plan.zone,
        "decimal": plan.decimal,
        "since": plan.since,
        "until": plan.until,
        "stops": plan.stops,
        "metrics": list(plan.metrics),
        **{f"column_{name}": column for name, column in plan.columns.items()},
        **{f"fixed_{name}": text for name, text in plan.fixed.items()},
    }


def zones() -> list[str]:
    """Return the zones that a field proposes."""
    return [*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC"]
