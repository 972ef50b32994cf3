"""The ASGI entry point, for the live stream only."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")

application = get_asgi_application()
