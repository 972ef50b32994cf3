"""Derive a model's state again from evidence, or try held events again."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.scoring.replaying import Replayed, replay
from models_registry.audit.actor import System
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import actions, queries
from models_registry.telemetry.models import Source, TelemetryEvent

BATCH = 500


class Command(BaseCommand):
    """With --model or --all prove the stored state; with a source send what it holds through the line again."""

    help = (
        "With --model SLUG or --all: derives the current state from measurements and people's decisions alone, in a "
        "transaction that is rolled back, and compares it byte for byte with what is stored; exit 1 with one line a "
        "difference. With SOURCE: sends the quarantined and dead events of that source through the line again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Models to prove, or a source whose held events are replayed."""
        parser.add_argument("source", nargs="?", help="Slug of the source whose held events are replayed.")
        parser.add_argument("--event", type=int, help="Number of one held event; without it, all that are held.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what each held event would give; write nothing."
        )
        parser.add_argument("--model", action="append", default=[], metavar="SLUG", help="Prove this model's state.")
        parser.add_argument("--all", action="store_true", help="Prove the state of every model.")
        parser.add_argument("--json", action="store_true", help="With --model or --all: print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the two jobs; an error is one line."""
        proving = bool(options["model"] or options["all"])
        if proving == bool(options["source"]) or (options["model"] and options["all"]):
            raise CommandError("Name one: a source, --model SLUG, or --all.")
        if proving:
            self._prove(options)
        else:
            self._replay_held(options)

    # ---- state ----

    def _prove(self, options: dict[str, Any]) -> None:
        found = [replay(model=model, at=timezone.now()) for model in _models(options["model"])]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(one) for one in found], indent=2))
        else:
            for one in found:
                self._tell(one)
        wrong = [one.model for one in found if one.differences]
        if wrong:
            raise CommandError(f"The stored state of {len(wrong)} of {len(found)} models differs: {', '.join(wrong)}.")
        if not options["json"]:
            compared = sum(not one.waits for one in found)
            self.stdout.write(f"The evidence gives the stored state of {compared} models byte for byte.")

    def _tell(self, one: Replayed) -> None:
        if one.waits:
            self.stdout.write(f"{one.model}: not compared, {one.waits}.")
        for difference in one.differences:
            self.stdout.write(f"{one.model}: {difference}")
        if not one.waits and not one.differences:
            self.stdout.write(f"{one.model}: equal, sha256:{one.digest}")
        if one.compacted:
            months = ", ".join(f"{month:%Y-%m}" for month in one.compacted)
            self.stdout.write(f"{one.model}: windows alone are left of {months}; they were taken as they are.")

    # ---- held events ----

    def _replay_held(self, options: dict[str, Any]) -> None:
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


def _models(slugs: list[str]) -> list[RegisteredModel]:
    models = RegisteredModel.objects.select_related("unit").order_by("slug")
    if not slugs:
        return list(models)
    found = list(models.filter(slug__in=slugs))
    unknown = sorted(set(slugs) - {model.slug for model in found})
    if unknown:
        raise CommandError(f"No model is called {', '.join(unknown)}.")
    return found


def _as_json(one: Replayed) -> dict[str, object]:
    return {
        "model": one.model,
        "equal": not one.differences and not one.waits,
        "digest": one.digest,
        "waits": one.waits,
        "differences": [str(difference) for difference in one.differences],
        "compacted": [f"{month:%Y-%m}" for month in one.compacted],
    }
