#!/usr/bin/env python
"""Run Django's and Redline's management commands."""

import os
import sys


def main() -> None:
    """Run the command named on the command line; a refused setting is one clear line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
    from django.core.management import execute_from_command_line  # after the settings are named

    from governance.config.env import SettingRefused

    try:
        execute_from_command_line(sys.argv)
    except SettingRefused as refused:
        sys.exit(f"redline: {refused}")


if __name__ == "__main__":
    main()
