"""What a text would have done lately, on the readings that are stored: a look before anybody is asked.

Nothing is written. The windows are those that a rule in force is judged on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.rules import episodes, evidence
from governance.rules.conditions import needs
from governance.rules.definition import Definition, Width, comparisons
from governance.rules.episodes import Firing
from governance.rules.evidence import Held, Wanted
from governance.rules.queries import models_in_scope
from governance.rules.windows import SeriesKey, Window
from governance.vocabulary import Materiality
from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel

DAYS: Mapping[Width, int] = {Width.FIVE_MINUTES: 3, Width.HOUR: 14, Width.DAY: 60}
"""How far back a text is tried, by its narrowest window: a look, not a study."""
MOST_MODELS = 200
ANYWHERE = ("production",)


@dataclass(frozen=True, slots=True)
class Tried:
    """How often a text would have fired on one model, on its whole or a segment, and whether it would now."""

    model: RegisteredModel
    count: int
    points: float
    now: bool
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A text tried on ``model_count`` models over ``days``; ``found`` names those on which it would have fired."""

    days: int
    model_count: int
    found: tuple[Tried, ...]

    @property
    def sentence(self) -> str:
        """Return the whole of it in a sentence."""
        models = "1 model" if self.model_count == 1 else f"{self.model_count} models"
        if not self.found:
            return f"It would not have fired in the last {self.days} days, on none of {models}."
        times = sum(one.count for one in self.found)
        often = "once" if times == 1 else f"{times} times"
        return f"It would have fired {often} in the last {self.days} days, on {len(self.found)} of {models}."


def try_out(*, actor: Account, definition: Definition, at: datetime) -> Trial:
    """Judge the models in scope that the actor may see by a text, over the last days up to ``at``."""
    days = DAYS[min((test.over for test in comparisons(definition.when)), key=lambda width: width.seconds)]
    since = episodes.floor_of(at - timedelta(days=days), definition=definition)
    models = list(models_in_scope(actor=actor, definition=definition)[:MOST_MODELS])
    environments = definition.applies_to.environment or ANYWHERE
    places = [(model, environment) for model in models for environment in environments]
    held = _held(definition, places, since, at)
    found: dict[int, list[Firing]] = defaultdict(list)
    for model, environment in places:
        found[model.pk] += _fired(definition, model, environment, held, since, at)
    tried = [_tried(model, found[model.pk]) for model in models if found[model.pk]]
    return Trial(days, len(models), tuple(sorted(tried, key=lambda one: (-one.points, -one.count, one.model.name))))


def _held(
    definition: Definition, places: Iterable[tuple[RegisteredModel, str]], since: datetime, at: datetime
) -> dict[Wanted, Held]:
    wanted: dict[Wanted, datetime] = {}
    single: set[Wanted] = set()
    earlier: dict[Wanted, int] = {}
    for model, environment in places:
        for need in needs(definition):
            one = Wanted(model.pk, environment, need.metric, need.width)
            begins = since - timedelta(seconds=need.width.seconds * need.windows)
            wanted[one] = min(begins, wanted.get(one, begins))
            if need.raw_values:
                single.add(one)
            if need.earlier:
                earlier[one] = need.earlier
    return evidence.windows(wanted, until=at, single_values=single, earlier=earlier) if wanted else {}


def _fired(
    definition: Definition,
    model: RegisteredModel,
    environment: str,
    held: Mapping[Wanted, Held],
    since: datetime,
    at: datetime,
) -> list[Firing]:
    series: dict[SeriesKey, list[Window]] = {}
    for need in needs(definition):
        own = held[Wanted(model.pk, environment, need.metric, need.width)]
        for segment, windows in own.reaching(own.since, earlier=need.earlier).items():
            series[SeriesKey(need.metric, segment, need.width)] = list(windows)
    if not series:
        return []
    grade = Materiality(model.materiality)
    judged = episodes.judge(definition, series=series, since=since, now=at, materiality=grade, earlier={})
    return [firing for answer in judged.values() for firing in answer.episodes]


def _tried(model: RegisteredModel, firings: list[Firing]) -> Tried:
    worst = max(firings, key=lambda one: (one.points, one.began_at))
    now = any(one.cleared_at is None for one in firings)
    return Tried(model, len(firings), worst.points, now, worst.steps[-1].text)
