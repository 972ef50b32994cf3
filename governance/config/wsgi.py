"""The WSGI entry point, served by granian."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")

house = get_wsgi_application()
application = import_string("models_registry.access.porch.Porch")(house)
