"""`manage.py create_token ACCOUNT [--scope S]… [--ttl 1h]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from models_registry.access.durations import NotADuration, parse_duration
from models_registry.access.issuing import LifeTooLong, UnknownScope, issue_token
from models_registry.access.models import Account
from models_registry.audit.actor import System


class Command(BaseCommand):
    """Issue a token and print it, alone, so that a shell can take it."""

    help = "Issue a token for an account and print it. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the account, its scopes and the token's life."""
        parser.add_argument("account")
        parser.add_argument("--scope", action="append", default=[], metavar="PERMISSION")
        parser.add_argument("--ttl", default="30d", help="Life: 45m, 1h, 30d; at most 90d.")
        parser.add_argument("--name", default="command line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue and print."""
        account = Account.objects.filter(username=options["account"], is_active=True).first()
        if account is None:
            raise CommandError(f"There is no active account {options['account']}.")
        try:
            issued = issue_token(
                by=System("command line"),
                at=timezone.now(),
                account=account,
                name=options["name"],
                scopes=options["scope"],
                lifetime=parse_duration(options["ttl"]),
            )
        except (LifeTooLong, UnknownScope, NotADuration) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(issued.raw)
