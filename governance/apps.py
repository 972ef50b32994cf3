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
        """Let the rooms register that follow the decisions of rooms below them, or show what those decide on."""
        for room in ("risks", "rules", "health", "scoring", "gates"):
            for part in ("outcomes", "asked"):
                name = f"governance.{room}.{part}"
                if find_spec(name) is not None:
                    import_module(name)
