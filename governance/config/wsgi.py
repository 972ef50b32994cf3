"""The WSGI entry point, served by granian: everything is loaded before the first visitor comes."""

import os
import signal
import time
from pathlib import Path

import django
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver
from django.utils.module_loading import import_string

from governance.config.bodies import WholeBodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")


def stay_silent(while_there: Path) -> None:
    """Wait until the launcher says that tables and static files stand, by removing its file.

    Whoever asks this process to end meanwhile is obeyed: the server's own handlers only note the wish for later.
    """
    noting = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGTERM)}
    while while_there.exists():
        time.sleep(0.01)
    for number, handler in noting.items():
        signal.signal(number, handler)


django.setup(set_prefix=False)
_ = get_resolver().url_patterns
if held_back := os.environ.get("REDLINE_SILENT_WHILE"):
    stay_silent(Path(held_back))
application = WholeBodies(import_string("models_registry.access.porch.Porch")(WSGIHandler()))
