#!/usr/bin/env python
"""Run Django's and Redline's management commands."""

import os
import sys
from typing import Any, NoReturn


def main() -> None:
    """Run the command named on the command line; a refused setting is one clear line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
    import django  # after the settings are named
    from django.core.management import ManagementUtility, get_commands
    from django.core.management.base import CommandParser
    from django.db import OperationalError, ProgrammingError

    from governance.config.env import SettingRefused
    from models_registry.vault.keys import KeysUnreadable

    setattr(CommandParser, "error", _refuse_arguments)  # noqa: B010 - Django offers no parser of one's own
    try:
        django.setup()  # before it, Django knows its own commands alone, and remembers so
        if sys.argv[1:] and not sys.argv[1].startswith("-") and sys.argv[1] not in {"help", *get_commands()}:
            sys.exit(f"redline: There is no command {sys.argv[1]!r}; manage.py help lists them.")
        ManagementUtility(sys.argv).execute()
    except (SettingRefused, KeysUnreadable) as refused:
        sys.exit(f"redline: {refused}")
    except OperationalError as error:
        sys.exit(f"redline: The database does not answer: {_first_line(error)}")
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") not in DATABASE_UNFIT:
            raise
        sys.exit(f"redline: The database is not ready: {_first_line(error)}. Run manage.py setup_database.")


def _refuse_arguments(parser: Any, message: str) -> NoReturn:
    """Say what is wrong with the arguments in one line; Django's own adds the whole usage."""
    from django.core.management import CommandError

    if not parser.called_from_command_line:
        raise CommandError(f"Error: {message}")
    sys.stderr.write(f"{parser.prog}: {message}; {parser.prog} --help says more\n")
    sys.exit(2)


DATABASE_UNFIT = {"42P01", "42703", "42501"}
"""A table or a column is missing, or the role may not use it: the database is of another release, or the wrong one."""


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


if __name__ == "__main__":
    main()
