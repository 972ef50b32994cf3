"""How Django finds the app."""

from django.apps import AppConfig


class ModelsRegistryConfig(AppConfig):
    """The app as Django sees it; its models live in its rooms."""

    name = "models_registry"
    verbose_name = "Models registry"
    default_auto_field = "django.db.models.BigAutoField"
