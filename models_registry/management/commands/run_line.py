"""The scheduler: call each station of the line once a second, whether or not a doorbell rang."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Poll until asked to stop; a station that fails is logged and does not stop the others."""

    help = "Calls the functions named in LINE_TASKS each second until stopped by SIGTERM or SIGINT."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer a single round, for tests and for cron."""
        parser.add_argument("--once", action="store_true", help="Call each station once and return.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run rounds, at most one a second."""
        stations = [(name, import_string(name)) for name in settings.LINE_TASKS]
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            began = time.monotonic()
            for name, station in stations:
                _call(name, station)
            if options["once"]:
                return
            stop.wait(max(0.0, 1.0 - (time.monotonic() - began)))


def _call(name: str, station: Callable[[datetime], object]) -> None:
    close_old_connections()
    try:
        station(datetime.now(UTC))
    except Exception:
        log.exception("station.failed", station=name)
