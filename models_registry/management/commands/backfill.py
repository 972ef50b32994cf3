"""Bring in a file of history from this machine, and follow it until it is done."""

import hashlib
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from models_registry.audit.actor import System
from models_registry.backfills import actions, columns, progress, uploading
from models_registry.backfills.models import ENDED, Backfill, BackfillState
from models_registry.backfills.preview import preview
from models_registry.telemetry.models import Source, SourceKind

OPERATOR = System("operator")


class Command(BaseCommand):
    """Keep the file, start it, and tell how it goes; the worker does the work."""

    help = "Brings in measurements from a CSV or Parquet file; SOURCE is the slug of a source of the kind backfill."

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, file, and what the file itself does not say."""
        parser.add_argument("source")
        parser.add_argument("file", type=Path)
        parser.add_argument("--zone", default="", help="Time zone of moments without an offset, such as Europe/Berlin.")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="What a column holds; may be repeated.",
        )
        parser.add_argument(
            "--all", action="append", default=[], metavar="FIELD=VALUE", dest="fixed", help="What holds for all rows."
        )
        parser.add_argument("--since", default="", help="Leave out rows observed before (ISO 8601).")
        parser.add_argument("--until", default="", help="Leave out rows observed from here on (ISO 8601).")
        parser.add_argument(
            "--stop-at-bad-row", action="store_true", help="Pause at the first row that cannot be read."
        )
        parser.add_argument("--on-top", action="store_true", help="Though the file was brought in, read otherwise.")
        parser.add_argument("--no-wait", action="store_true", help="Return when it has started.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Upload, start, follow. An error is one line."""
        source = Source.objects.filter(slug=options["source"], kind=SourceKind.BACKFILL).first()
        if source is None:
            raise CommandError("No source of the kind backfill has this name. Make one with create_source.")
        try:
            found = self._start(self._uploaded(source, options["file"]), options)
        except (OSError, columns.PlanUnfit, actions.AlreadyBackfilled, actions.ReadOtherwise) as error:
            raise CommandError(str(error) or type(error).__doc__) from None
        except (uploading.FileTooLarge, uploading.DigestDiffers, actions.WrongState) as error:
            raise CommandError(str(error) or type(error).__doc__) from None
        if not options["no_wait"]:
            self._follow(found)

    def _uploaded(self, source: Source, path: Path) -> Backfill:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found, _ = uploading.begin_upload(
                by=OPERATOR, at=timezone.now(), source=source, file_name=path.name,
                size=path.stat().st_size, digest=digest,
            )  # fmt: skip
            file.seek(found.received)
            while piece := file.read(uploading.LARGEST_PIECE):
                found = uploading.append(by=OPERATOR, backfill=found, offset=found.received, content=piece)
        found = uploading.finish_upload(by=OPERATOR, at=timezone.now(), backfill=found)
        if found.state == BackfillState.FAILED:
            raise CommandError(found.note)
        return found

    def _start(self, found: Backfill, options: dict[str, Any]) -> Backfill:
        seen = preview(backfill=found, at=timezone.now())
        chosen, fixed = _pairs(options["column"]), _pairs(options["fixed"])
        document = seen.guessed.document()
        taken = {**{name: column for name, column in document["columns"].items() if name not in fixed}, **chosen}
        metrics = {column: name for column, name in document["metrics"].items() if column not in chosen.values()}
        plan = columns.from_document(
            document | {
                "layout": columns.LONG if "value" in taken else document["layout"],
                "columns": taken, "fixed": fixed, "metrics": {} if "value" in taken else metrics,
                "zone": options["zone"], "since": options["since"], "until": options["until"],
                "stops": options["stop_at_bad_row"],
            }
        )  # fmt: skip
        at = timezone.now()
        return actions.start(by=OPERATOR, at=at, backfill=found, plan=plan, on_top=options["on_top"])

    def _follow(self, found: Backfill) -> None:
        while True:
            found.refresh_from_db()
            seen = progress.progress(found)
            left = f", {seen.left} left" if seen.left else ""
            self.stdout.write(
                f"{seen.percent:3d} %  {seen.rows_read:,} rows read, {seen.written:,} measurements written, "
                f"{seen.rejected:,} rejected, {seen.rows_per_s:,.0f} rows/s{left}"
            )
            if found.state in ENDED or found.state == BackfillState.PAUSED:
                break
            time.sleep(1)
        for finding in [*progress.unknown_models(found), *progress.reasons(found)]:
            self.stdout.write(
                f"  {finding.code} {finding.subject}: {finding.count:,}, first in row {finding.first_row:,}"
            )
        if found.state != BackfillState.DONE:
            raise CommandError(f"{found.get_state_display()}. {found.note}".strip())


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = dict(each.partition("=")[::2] for each in given)
    if wrong := [name for name, value in pairs.items() if not value or name not in columns.FIELDS]:
        raise CommandError(f"{', '.join(wrong)}: write FIELD=…; a field is one of {', '.join(columns.FIELDS)}.")
    return pairs
