"""How Django finds the app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The app as Django sees it; its models live in its rooms."""

    name = "governance"
    verbose_name = "Governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the application that tasks belong to, and let rooms register that follow or show others' decisions."""
        import_module("governance.config.celery")
        for room in ("risks", "rules", "health", "scoring", "gates"):
            for part in ("outcomes", "asked"):
                name = f"governance.{room}.{part}"
                if find_spec(name) is not None:
                    import_module(name)
