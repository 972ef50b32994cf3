"""The house's own settings, with one more address: the plain view that answers are compared with."""

from governance.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.lib.urls"
WSGI_APPLICATION = "bench.lib.wsgi.application"
