"""The ASGI entry point, for the live stream alone: `granian --interface asginl governance.config.asgi:application`."""

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
django.setup(set_prefix=False)

application = import_string("governance.dashboards.stream.application")
