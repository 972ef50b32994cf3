"""Try held events again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from models_registry.audit.actor import System
from models_registry.telemetry import actions, queries
from models_registry.telemetry.models import Source, TelemetryEvent

BATCH = 500


class Command(BaseCommand):
    """Send a source's quarantined and dead events, or one of them, through the line again."""

    help = "Replays held telemetry events of a source. With --dry-run, says what each would give and writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which events, and whether to write."""
        parser.add_argument("source", help="Slug of the source.")
        parser.add_argument("--event", type=int, help="Number of one event; without it, all that are held.")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the events, then try or replay them; an error is one line."""
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            raise CommandError(f"No source is called {options['source']}.")
        held = queries.held_events(source=source)
        if options["event"] is not None:
            held = held.filter(pk=options["event"])
        pks = sorted(held.values_list("pk", flat=True))
        if not pks:
            raise CommandError("Nothing is held back here, so there is nothing to replay.")
        if options["dry_run"]:
            self._try(pks)
            return
        replayed = sum(
            actions.replay(by=System("operator"), at=timezone.now(), events=pks[start : start + BATCH])
            for start in range(0, len(pks), BATCH)
        )
        self.stdout.write(f"Replayed {replayed} events of {source.slug}.")

    def _try(self, pks: list[int]) -> None:
        events = TelemetryEvent.objects.select_related("source").order_by("pk")
        for start in range(0, len(pks), BATCH):
            for found in actions.dry_run(events=list(events.filter(pk__in=pks[start : start + BATCH]))):
                self.stdout.write(f"{found.event_id}: {found.reason or f'{len(found.rows)} measurements'}")
