"""`manage.py create_account NAME --role ROLE`."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from models_registry.access.actions import (
    NameTaken,
    RoleOfAnotherKind,
    UnknownRole,
    create_account,
    grant_role,
)
from models_registry.access.issuing import create_link
from models_registry.access.models import AccountKind, BusinessUnit
from models_registry.access.roles import ROLES
from models_registry.audit.actor import System

COMMAND_LINE = System("command line")


class Command(BaseCommand):
    """Create a person or, with an automation role, an automation account."""

    help = "Create an account with its roles. For a person it prints a link that sets the password, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, the roles and the unit."""
        parser.add_argument("name")
        parser.add_argument("--role", action="append", required=True, metavar="ROLE", help=", ".join(ROLES))
        parser.add_argument("--unit", default="", metavar="SLUG", help="Unit the person belongs to.")
        parser.add_argument("--email", default="")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Create, grant, and print what the person needs."""
        at, name, roles = timezone.now(), options["name"], options["role"]
        automation = any(role in ROLES and ROLES[role].for_automation for role in roles)
        kind = AccountKind.AUTOMATION if automation else AccountKind.PERSON
        unit = _unit(options["unit"])
        try:
            account = create_account(
                by=COMMAND_LINE, at=at, username=name, kind=kind, email=options["email"], unit=unit
            )
            for role in roles:
                grant_role(by=COMMAND_LINE, at=at, account=account, role=role)
        except (NameTaken, UnknownRole, RoleOfAnotherKind) as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if automation:
            self.stdout.write(f"{name} is ready. Give it a token: manage.py create_token {name}")
            return
        secret = create_link(by=COMMAND_LINE, at=at, account=account)
        self.stdout.write(f"{settings.REDLINE_URL}/welcome/{secret}/")


def _unit(slug: str) -> BusinessUnit | None:
    if not slug:
        return None
    unit = BusinessUnit.objects.filter(slug=slug).first()
    if unit is None:
        raise CommandError(f"There is no unit {slug}.")
    return unit
