"""What clients ask a server of MLflow before they trust it: whether it lives, what it speaks, what it can do.

No token is asked for, as the stock server asks for none; nothing here is about this house.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

SPOKEN = "3.17.2"
"""The version of MLflow whose registry API is spoken here."""

ABILITIES = {
    "store_type": None,
    "workspaces_enabled": False,
    "trace_archival_enabled": False,
    "multipart_uploads_enabled": False,
    "multipart_downloads_enabled": False,
    "presigned_upload_run_id_supported": False,
    "presigned_upload_model_id_supported": False,
    "features_enabled": {"gateway": False},
}
"""Members of `mlflow.utils.server_info` (3.17.2): a registry alone has no workspaces, artifacts or gateway."""


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer OK while the process lives."""
    return HttpResponse("OK", content_type="text/plain")


@login_not_required
@require_safe
def version(request: HttpRequest) -> HttpResponse:
    """Say which version of MLflow is spoken."""
    return HttpResponse(SPOKEN, content_type="text/plain")


@login_not_required
@require_safe
def server_info(request: HttpRequest) -> JsonResponse:
    """Say what this server can do; a client that has chosen a workspace asks first."""
    return JsonResponse(ABILITIES)


urlpatterns = [
    path("health", health, name="mlflow-health"),
    path("version", version, name="mlflow-version"),
    path("api/3.0/mlflow/server-info", server_info, name="mlflow-server-info"),
]
