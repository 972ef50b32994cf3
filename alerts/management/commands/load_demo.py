"""Load the demo company through the real doors."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo import story
from demo.load import SEED, AlreadyLoaded, load


class Command(BaseCommand):
    """Fill an empty Redline with the story of an invented insurer."""

    help = "Loads the demo company: people, models, rules and days of telemetry. Refuses where models are on record."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say how much to load."""
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--models", type=int, default=len(story.MODELS))

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, with a line of progress now and then; an error is one line."""
        try:
            load(
                at=timezone.now(),
                seed=options["seed"],
                days=options["days"],
                models=options["models"],
                progress=self._progress,
            )
        except AlreadyLoaded as refused:
            raise CommandError(str(refused)) from None

    def _progress(self, percent: float, text: str) -> None:
        self.stdout.write(f"{percent:3.0f} %  {text}")
        self.stdout.flush()
