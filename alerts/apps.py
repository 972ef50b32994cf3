"""How Django finds the app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The app as Django sees it; its models live in its rooms."""

    name = "alerts"
    verbose_name = "Alerts"
    default_auto_field = "django.db.models.BigAutoField"
