"""Let a platform send telemetry."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from models_registry.audit.actor import System
from models_registry.telemetry import source_actions
from models_registry.telemetry.models import SourceKind


class Command(BaseCommand):
    """Create a source and print its address and secret as JSON, once."""

    help = "Creates a source of telemetry and prints JSON with its url and secret; the secret is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name and kind, and what may be said beside them."""
        parser.add_argument("name")
        parser.add_argument("--kind", required=True, choices=SourceKind.values)
        parser.add_argument("--environment", default="production")
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="Expected interval between events, 30 or more."
        )
        parser.add_argument("--secret", help="The platform's own secret, where it makes one (Arize).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create and print; an error is one line."""
        try:
            source, secret = source_actions.create_source(
                by=System("operator"),
                at=timezone.now(),
                name=options["name"],
                kind=options["kind"],
                environment=options["environment"],
                expected_interval_s=options["every"],
                secret=options["secret"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except (
            source_actions.SourceNameTaken,
            source_actions.SecretUnfit,
            source_actions.IntervalTooShort,
        ) as error:
            raise CommandError(" ".join((str(error) or type(error).__doc__ or "").split())) from None
        door = "otlp:base" if source.kind == SourceKind.OPENTELEMETRY else "telemetry_api:telemetry-ingest"
        path = reverse(door, args=[source.path_token])
        answer = {
            "source": source.slug,
            "kind": source.kind,
            "url": settings.REDLINE_URL.rstrip("/") + path,
            "secret": secret,
        }
        self.stdout.write(json.dumps(answer))
