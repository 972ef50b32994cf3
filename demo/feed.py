"""Keep the demo company's models reporting: the same curves, a few models at a time, for as long as it runs."""

from collections.abc import Iterator
from datetime import datetime

from demo import story
from demo.load import CONNECTED_BEFORE, SEED, source_of
from demo.telemetry import DAY, HOUR, Point, Telemetry, measurement_bodies, platform_bodies
from governance.scoring.models import Posture
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import Source, SourceKind

EVERY_S = 15
AT_A_TIME = 4
LONGEST_GAP = 7 * DAY
BODIES = {SourceKind.MEASUREMENTS: measurement_bodies, SourceKind.GENERIC_JSON: platform_bodies}


class Turns:
    """Remembers which turn was taken last, so that each is taken once by this process."""

    def __init__(self) -> None:
        self.last = -1

    def take(self, at: datetime) -> int | None:
        """Return the number of this turn, None when it was taken."""
        turn = int(at.timestamp()) // EVERY_S
        if turn == self.last:
            return None
        self.last = turn
        return turn


_turns = Turns()


def tick(at: datetime) -> int:
    """Send fresh readings of the models whose turn it is; return how many events that was.

    After a pause a model first reports the hours it missed, as its own monitoring would.
    """
    turn = _turns.take(at)
    sources = _sources() if turn is not None else {}
    if turn is None or len(sources) < len(BODIES):
        return 0
    telemetry = Telemetry(SEED, sources[SourceKind.MEASUREMENTS].created_at + CONNECTED_BEFORE)
    sent = 0
    for model, last in _due(turn):
        kind = source_of(model)
        for body in BODIES[SourceKind(kind)](_since(telemetry, model, last, at)):
            receive(source=sources[kind], body=body, headers={"content-type": "application/json"}, at=at)
            sent += 1
    return sent


def _sources() -> dict[str, Source]:
    """Return the company's own source of each kind: the oldest, whatever was connected later by hand."""
    return {source.kind: source for source in Source.objects.filter(kind__in=BODIES).order_by("-pk")}


def _due(turn: int) -> Iterator[tuple[story.ModelStory, datetime]]:
    """Yield the models of this turn that report, with the moment of their last report."""
    reporting = [model for model in story.MODELS if model.plot != "quiet"]
    chosen = {reporting[(turn * AT_A_TIME + place) % len(reporting)].slug for place in range(AT_A_TIME)}
    told = Posture.objects.filter(model__slug__in=chosen, last_observed_at__isnull=False)
    last = dict(told.values_list("model__slug", "last_observed_at"))
    yield from ((model, last[model.slug]) for model in reporting if model.slug in last)


def _since(telemetry: Telemetry, model: story.ModelStory, last: datetime, at: datetime) -> Iterator[Point]:
    before = max(last, at - LONGEST_GAP)
    while before < at:
        moment = min(before + HOUR, at)
        yield from telemetry.points(model, moment, share=(moment - before) / DAY)
        before = moment
