"""`manage.py bootstrap`: the first administrator."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from models_registry.access.actions import NameTaken, administrators, create_account, grant_role
from models_registry.access.issuing import create_link
from models_registry.access.roles import Administrator
from models_registry.audit.actor import System


class Command(BaseCommand):
    """Create the first administrator and print the link that sets their password."""

    help = "Create the first administrator, unless there is one, and print the link that sets the password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the administrator's name."""
        parser.add_argument("--name", default="admin")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Do it once; a second run changes nothing."""
        if administrators():
            self.stdout.write("There is an administrator already; nothing to do.")
            return
        by, at = System("bootstrap"), timezone.now()
        try:
            account = create_account(by=by, at=at, username=options["name"])
        except NameTaken as error:
            raise CommandError(f"{error} Choose another with --name.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        grant_role(by=by, at=at, account=account, role=Administrator.name)
        secret = create_link(by=by, at=at, account=account)
        self.stdout.write(f"{settings.REDLINE_URL}/welcome/{secret}/")
