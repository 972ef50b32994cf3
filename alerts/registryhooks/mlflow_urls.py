"""Addresses of webhooks under `/api/2.0/mlflow/`, each as MLflow's client writes it."""

from django.urls import path

from alerts.registryhooks import mlflow_door as deeds
from governance.mlflow.doors import Method, door
from models_registry.access.permissions import Permission

READ, MANAGE = Permission.MODEL_READ, Permission.WEBHOOK_MANAGE

app_name = "registryhooks_mlflow"
urlpatterns = [
    path("webhooks", door(GET=Method(READ, deeds.listed), POST=Method(MANAGE, deeds.create)), name="webhooks"),
    path(
        "webhooks/<str:webhook_id>",
        door(
            GET=Method(READ, deeds.get),
            PATCH=Method(MANAGE, deeds.update),
            DELETE=Method(MANAGE, deeds.delete, bare=True),
        ),
        name="webhook",
    ),
    path("webhooks/<str:webhook_id>/test", door(POST=Method(MANAGE, deeds.test)), name="test-webhook"),
]
