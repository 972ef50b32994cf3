"""Run the command as `python -m redline_cli`."""

import sys

from redline_cli.command import main

sys.exit(main())
