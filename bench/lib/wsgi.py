"""The house and, beside it in the same process, Django without any middleware at `/plain/`."""

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.lib.settings")

from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings

from governance.config.wsgi import application as house

with override_settings(MIDDLEWARE=[]):
    bare = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Hand the request to the one or the other."""
    chosen = bare if environ["PATH_INFO"] == "/plain/" else house
    return chosen(environ, start_response)
