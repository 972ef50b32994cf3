"""Addresses under `/api/2.0/mlflow/`, each as MLflow's client writes it: without a slash at the end."""

from django.urls import path

from governance.mlflow import deeds
from governance.mlflow.doors import Method, door
from models_registry.access.permissions import Permission

READ, EDIT, REGISTER = Permission.MODEL_READ, Permission.MODEL_READ, Permission.MODEL_REGISTER
LABEL, MOVE = Permission.VERSION_REGISTER, Permission.VERSION_MOVE

app_name = "mlflow"
urlpatterns = [
    path("registered-models/create", door(POST=Method(REGISTER, deeds.create_model)), name="create-model"),
    path("registered-models/rename", door(POST=Method(EDIT, deeds.rename_model)), name="rename-model"),
    path("registered-models/update", door(PATCH=Method(EDIT, deeds.update_model)), name="update-model"),
    path("registered-models/delete", door(DELETE=Method(EDIT, deeds.delete_model)), name="delete-model"),
    path("registered-models/get", door(GET=Method(READ, deeds.get_model)), name="get-model"),
    path("registered-models/search", door(GET=Method(READ, deeds.search_models)), name="search-models"),
    path(
        "registered-models/get-latest-versions",
        door(GET=Method(READ, deeds.get_latest_versions), POST=Method(READ, deeds.get_latest_versions)),
        name="latest-versions",
    ),
    path("registered-models/set-tag", door(POST=Method(LABEL, deeds.set_model_tag)), name="set-model-tag"),
    path("registered-models/delete-tag", door(DELETE=Method(LABEL, deeds.delete_model_tag)), name="delete-model-tag"),
    path(
        "registered-models/alias",
        door(
            POST=Method(MOVE, deeds.set_alias),
            DELETE=Method(MOVE, deeds.delete_alias),
            GET=Method(READ, deeds.get_by_alias),
        ),
        name="alias",
    ),
    path("model-versions/create", door(POST=Method(LABEL, deeds.create_version)), name="create-version"),
    path("model-versions/update", door(PATCH=Method(LABEL, deeds.update_version)), name="update-version"),
    path("model-versions/transition-stage", door(POST=Method(MOVE, deeds.transition_stage)), name="transition-stage"),
    path("model-versions/delete", door(DELETE=Method(MOVE, deeds.delete_version)), name="delete-version"),
    path("model-versions/get", door(GET=Method(READ, deeds.get_version)), name="get-version"),
    path("model-versions/search", door(GET=Method(READ, deeds.search_versions)), name="search-versions"),
    path("model-versions/get-download-uri", door(GET=Method(READ, deeds.get_download_uri)), name="download-uri"),
    path("model-versions/set-tag", door(POST=Method(LABEL, deeds.set_version_tag)), name="set-version-tag"),
    path("model-versions/delete-tag", door(DELETE=Method(LABEL, deeds.delete_version_tag)), name="delete-version-tag"),
]
