"""The trail as files: JSON Lines for machines and proofs, CSV for people."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from models_registry.audit.models import AuditEntry

COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "object_type",
    "object_id",
    "model_id",
    "cause_event_id",
    "request_id",
    "leaf",
    "canon",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> str:
    """Return text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_csv(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Write a header and one line per entry, one at a time."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for entry in entries:
        row = _row(entry)
        yield writer.writerow([safe_cell(row[column]) for column in COLUMNS])


def as_jsonl(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Write one JSON object per line; ``canon`` is the text that ``leaf`` hashes."""
    for entry in entries:
        yield json.dumps(_row(entry), ensure_ascii=False) + "\n"


class _Echo:
    """A file that hands back what is written, as the csv module wants one."""

    def write(self, value: str) -> str:
        return value


def _row(entry: AuditEntry) -> dict[str, Any]:
    row: dict[str, Any] = {column: getattr(entry, column) for column in COLUMNS}
    row["at"] = entry.at.isoformat()
    row["leaf"] = bytes(entry.leaf).hex()
    row["request_id"] = str(entry.request_id) if entry.request_id else None
    return row
