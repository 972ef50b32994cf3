"""Prove that nothing which was received is unaccounted for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from models_registry.telemetry import queries
from models_registry.telemetry.models import Source


class Command(BaseCommand):
    """Print the books of every source; end with an error when one does not balance."""

    help = (
        "Checks, per source, received = done + duplicate + quarantined + dead + waiting, and that the windows "
        "hold exactly the measurements that were taken."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read everything in one snapshot, print it, then judge."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            names = dict(Source.objects.values_list("pk", "slug"))
            books = queries.books()
            unmerged = queries.unmerged_windows()
        for source_id, held in sorted(books.items()):
            self.stdout.write(
                f"{names[source_id]}: received {held.received} = done {held.done} + duplicate {held.duplicate}"
                f" + quarantined {held.quarantined} + dead {held.dead} + waiting {held.waiting}"
            )
        wrong = [names[source_id] for source_id, held in sorted(books.items()) if not held.balanced]
        wrong += [f"windows of {width} s ({merged} of {measured})" for width, measured, merged in unmerged]
        if wrong:
            raise CommandError(f"The books do not balance: {', '.join(wrong)}.")
        self.stdout.write(f"The books of {len(books)} sources balance.")
