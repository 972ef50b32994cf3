"""Sample values for the interface kit: invented, fixed, and only for that page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import sin

from django import forms
from django.core.paginator import Paginator
from django.templatetags.static import static

from governance.dashboards.bars import Loss, lost_bar, mini_bar
from governance.dashboards.matrix import matrix
from governance.dashboards.spark import spark
from governance.dashboards.steps import Band, steps
from governance.dashboards.strip import StripMark, strip
from governance.dashboards.timechart import Event, Point, Threshold, health_chart, time_chart
from models_registry.access.listing import CheckMenu
from models_registry.access.saved import Tab, ViewBar
from models_registry.access.widgets import Day

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
PAST = (
    ("Claims triage", "critical", -23, 6),
    ("Support copilot", "high", -9, 5),
    ("Voice intent", "high", -7, -6),
)
INSIDE = (3, 3, 5, 5, 5, 7, 7, 7, 9, 9, 9, 9, 9, 11, 11, 11, 13, 13, 13, 13, 15, 15, 15, 17, 17, 19, 21, 23)
LOSSES = (
    ("Retrieval precision @5", 21.0),
    ("Answer relevance", 9.0),
    ("Latency p95", 8.0),
    ("Embedding drift", 7.5),
    ("Cost per claim", 2.5),
)
READINGS = ((0.605, ""), (0.756, ""), (3.0, "s"), (0.2, ""), (0.04, "USD"))
DESCRIPTIONS = {
    "MITIGATE": "Fix it. You give steps and dates; the risk stays Critical until telemetry shows it recovered.",
    "ACCEPT": "Live with it until a date. A second person must agree.",
    "DISPUTE": "The signal is wrong. The score is held and the rule goes to review; nothing is deleted.",
}
TABS = [
    {"label": "Overview", "url": "#main", "current": True},
    {"label": "Health", "url": "#levels"},
    {"label": "Risks", "url": "#table", "count": 4},
    {"label": "Audit", "url": "#timeline"},
]
MODELS = [
    {
        "name": "Claims triage",
        "owner": "Olive",
        "mine": True,
        "level": "CRITICAL",
        "before": "High",
        "score": 52,
        "why": "Retrieval precision 0.605, floor 0.80, below it for 26 h. Began after the index rebuild on 12 Nov.",
        "due": NOW - timedelta(minutes=22),
        "refusal": "",
    },
    {
        "name": "Support copilot",
        "owner": "Tomás Novák",
        "mine": False,
        "level": "HIGH",
        "before": "Medium",
        "score": 66,
        "why": "Hallucination rate 6.4 %, limit 5 %, above it for 24 h.",
        "due": NOW + timedelta(minutes=38),
        "refusal": "Only Tomás Novák or the person on call can acknowledge Support copilot.",
    },
]
TIMELINE = [
    {
        "at": NOW - timedelta(minutes=7),
        "icon": "bell",
        "text": "Told Jonas Berg. No acknowledgement 15 min after the deadline.",
        "hash": "3f9a1c",
    },
    {
        "at": NOW - timedelta(hours=2),
        "kind": "rule",
        "text": "Rule PERF-07 v6 raised Performance and accuracy from High to Critical.",
        "hash": "b07e42",
        "url": "#timeline",
        "detail": "Health 23 points past 75 for 60 min",
    },
    {
        "at": NOW - timedelta(days=6),
        "kind": "person",
        "text": "Olive moved alias production from v13 to v14.",
        "hash": "77c1e5",
    },
]


class AnswerForm(forms.Form):
    """The form of the kit: one field of each kind."""

    decision = forms.ChoiceField(
        choices=[("MITIGATE", "Mitigate"), ("ACCEPT", "Accept for a time"), ("DISPUTE", "Dispute the score")],
        widget=forms.RadioSelect,
    )
    cause = forms.CharField(
        label="Cause, as you know it now",
        help_text="One or two sentences. The board reads this first.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    accept_until = forms.DateField(label="Accept until", widget=Day())
    level = forms.ChoiceField(choices=[("", "Any level"), ("HIGH", "High")], required=False)
    tell = forms.BooleanField(label="Tell the person on call", required=False)

    def clean(self) -> dict[str, object]:
        """Refuse, so that the kit shows how a refusal looks."""
        self.add_error(
            "accept_until",
            "Critical risks can be accepted for 30 days at most. Choose 21 Dec 2026 or earlier.",
        )
        raise forms.ValidationError(
            "This was not saved. Cora changed the plan while you were typing. Your text is kept below."
        )


class FilterForm(forms.Form):
    """The filter bar of the kit."""

    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    level = forms.ChoiceField(choices=[("", "Any"), ("CRITICAL", "Critical")], required=False)
    owner = forms.ChoiceField(choices=[("", "Anyone"), ("me", "Me")], required=False)


class LineForm(forms.Form):
    """The line of filters above a list: each control shows what it narrows."""

    q = forms.CharField(
        label="Words", required=False, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Words"})
    )
    grade = forms.MultipleChoiceField(
        label="Level",
        choices=[("high", "High"), ("critical", "Critical")],
        required=False,
        widget=CheckMenu("Level"),
    )
    since = forms.ChoiceField(label="Changed", choices=[("", "Changed"), ("7d", "In 7 days")], required=False)


def sample_views() -> ViewBar:
    """Return the views of a list whose filters were changed since a saved view was opened."""
    presets = [Tab("All", "#filters", False), Tab("Mine", "#filters", False)]
    saved = [Tab("Grave ones", "#filters", True, "Shared by Cora")]
    return ViewBar(
        name="risks",
        query="level=critical",
        presets=presets,
        saved=saved,
        opened=None,
        edited=True,
        mine=False,
        reset_url="#filters",
        roles=[("on_call", "On call")],
        read_only=False,
    )


def sample_points() -> list[Point]:
    """Return thirty days of a health score that falls, with a gap."""
    points = []
    for hour in range(0, 720, 4):
        fall = max(0, hour - 480) * 0.14
        value = None if 200 <= hour < 240 else 85.5 + 1.4 * sin(hour * 1.7) - fall
        points.append(Point(NOW - timedelta(hours=720 - hour), value))
    return points


def sample() -> Mapping[str, object]:
    """Return everything the kit shows, drawn from fixed values."""
    points = sample_points()
    values = [p.value for p in points[::6]]
    return {
        **drawings(points, values),
        **words(),
        "spark": spark(values, 75, "Health over 30 days, now 52"),
    }


def drawings(points: list[Point], values: list[float | None]) -> dict[str, object]:
    """Return one chart of each kind."""
    marks = [StripMark(n, "#table", level, room, before) for n, level, room, before in PAST]
    marks += [
        StripMark(f"Model {i + 1}", "#table", "medium" if i % 4 == 0 else "low", room) for i, room in enumerate(INSIDE)
    ]
    marks.append(StripMark("Churn radar", "#table", "none", None))
    precision = [Point(p.at, None if p.value is None else p.value / 100) for p in points]
    events = [
        Event(NOW - timedelta(days=21), "v14 released"),
        Event(NOW - timedelta(days=9), "index rebuilt"),
        Event(NOW - timedelta(hours=2), "High to Critical"),
    ]
    days = [(NOW - timedelta(days=29 - i)).date() for i in range(30)]
    bands = [
        Band("medium", [8 + (i % 5 == 0) + (i > 9) - (i > 20) for i in range(30)]),
        Band("high", [2 + (i > 18) for i in range(30)]),
        Band("critical", [0] * 29 + [1]),
    ]
    counts = {
        (5, 2): 1,
        (5, 3): 2,
        (5, 4): 2,
        (5, 5): 1,
        (4, 1): 1,
        (4, 2): 2,
        (4, 3): 4,
        (4, 4): 3,
        (3, 2): 4,
        (3, 3): 7,
        (3, 4): 4,
        (2, 2): 6,
        (1, 1): 3,
    }
    losses = [Loss(n, p) for n, p in LOSSES]
    return {
        "strip": strip(marks),
        "health": health_chart(key="kit-health", points=points, redline=75, events=events),
        "metric": time_chart(
            key="kit-metric",
            name="Retrieval precision",
            points=precision,
            thresholds=[Threshold(0.8, "floor 0.80")],
            breaches=[(NOW - timedelta(days=8), NOW - timedelta(days=6)), (NOW - timedelta(days=4), NOW)],
        ),
        "lost": lost_bar(losses, kept=52, redline=75),
        "matrix": matrix(counts, href=lambda likelihood, impact: f"#l{likelihood}i{impact}"),
        "steps": steps(days, bands, "Models by risk over 30 days: 1 critical, 3 high, 8 medium now"),
        "components": [
            {
                "name": n,
                "source": "Arize",
                "weight": 0.2,
                "now": now,
                "unit": unit,
                "lost": -p,
                "bar": mini_bar(p, 21, worst=p == 21),
            }
            for (n, p), (now, unit) in zip(LOSSES, READINGS, strict=True)
        ],
    }


def words() -> dict[str, object]:
    """Return the lists, forms and texts."""
    return {
        "icons": static("icons.svg"),
        "tabs": TABS,
        "models": MODELS,
        "filters": FilterForm({"q": "claims"}, auto_id="bar_%s"),
        "line": {"kept": {}, "fields": list(LineForm({"grade": ["critical"]}, auto_id="line_%s"))},
        "views": sample_views(),
        "saved": [
            {"label": "Board", "url": "#filters", "current": True},
            {"label": "Mine", "url": "#filters"},
        ],
        "page": Paginator(range(61), 25).page(2),
        "form": AnswerForm(
            {
                "decision": "MITIGATE",
                "cause": "The rebuild halved the chunk size.",
                "accept_until": "2027-06-30",
            }
        ),
        "descriptions": DESCRIPTIONS,
        "timeline": TIMELINE,
        "old": "when:\n  metric: health\n  threshold_points: 20\n  for: 60m",
        "new": "when:\n  metric: health\n  threshold_points: 15\n  for: 60m",
        "payload": {"monitor": "Claims retrieval precision @5", "value": 0.605, "threshold": 0.8},
        "people": [("Owner", "Olive"), ("Compliance", "Cora"), ("On call", "Jonas Berg")],
        "recent": NOW - timedelta(hours=2),
        "earlier": NOW - timedelta(days=9),
        "soon": NOW + timedelta(minutes=38),
    }
