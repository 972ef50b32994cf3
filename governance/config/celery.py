"""The Celery application: a doorbell that carries ids; a one-second poll does its work when it is off.

Worker and scheduler name it with `--app`. Pages and commands ring nobody and start without it; a process that
is to ring imports it first.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")

app = Celery("redline")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.on_configure.connect
def find_tasks(sender: Celery, **_: object) -> None:
    """Look for tasks in the rooms that have them; Celery itself does not see sub-packages."""
    from django.conf import settings  # the app is configured lazily, after Django's settings exist

    sender.autodiscover_tasks(list(settings.ROOMS_WITH_TASKS), related_name="tasks")
