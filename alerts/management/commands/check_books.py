"""Prove that nothing which was received, decided or sent is unaccounted for."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from alerts.routing.bookkeeping import HouseBooks, house_books, one_moment
from models_registry.telemetry.partitions import wanting


class Command(BaseCommand):
    """Print the books of the whole line; end with an error that names what does not balance."""

    help = (
        "Checks, in one snapshot: per source, received = done + duplicate + quarantined + dead + waiting; "
        "entries to decide = decisions + waiting; notifications = delivered + given up + cancelled + waiting; "
        "and that the windows hold exactly the measurements that were taken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the numbers for machines, and the quick form."""
        parser.add_argument("--json", action="store_true", help="Print the numbers as one JSON object.")
        parser.add_argument(
            "--quick", action="store_true", help="Read the counted books alone: cheap enough each second."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read everything at one moment, print it, then judge."""
        with one_moment():
            books = house_books(windows=not options["quick"])
            warnings = wanting(at=timezone.now())
        self.stdout.write(json.dumps(books.as_json(), indent=2) if options["json"] else _told(books))
        for warning in warnings:
            self.stderr.write(f"Soon: {warning}.")
        if books.imbalances:
            raise CommandError(f"The books do not balance: {'; '.join(books.imbalances)}.")


def _told(books: HouseBooks) -> str:
    lines = [
        f"{slug}: received {kept.received} = done {kept.done} + duplicate {kept.duplicate}"
        f" + quarantined {kept.quarantined} + dead {kept.dead} + waiting {kept.waiting}"
        for slug, kept in books.sources.items()
    ]
    told = books.telling
    lines.append(f"Entries to decide {told.alertable} = decided {told.decisions} + waiting {told.waiting}")
    lines.append(
        f"Notifications {told.notifications} = delivered {told.delivered} + given up {told.given_up}"
        f" + cancelled {told.cancelled} + waiting {told.pending}"
    )
    if not books.imbalances:
        lines.append(f"The books of {len(books.sources)} sources, of decisions and of notifications balance.")
    return "\n".join(lines)
