"""The Django project: settings, addresses and the processes' entry points. Nobody imports it but Django."""

from governance.config.celery import app as celery_app

__all__ = ["celery_app"]
