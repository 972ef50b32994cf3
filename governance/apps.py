"""How Django finds the app."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The app as Django sees it; its models live in its rooms."""

    name = "governance"
    verbose_name = "Governance"
    default_auto_field = "django.db.models.BigAutoField"
