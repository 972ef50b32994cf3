"""Addresses for tests of the guards: real pages, and three small API views."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView, endpoint
from models_registry.access.idempotency import idempotent
from models_registry.access.models import BusinessUnit
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission


class Units(ApiView):
    """List units, or add one."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.VERSION_MOVE}

    def get(self, request: Request) -> Response:
        return paginate(request, BusinessUnit.objects.all(), lambda unit: unit.slug)

    @idempotent
    def post(self, request: Request) -> Response:
        if request.data.get("slug") == "wrong":
            return Response({}, status=400)
        number = BusinessUnit.objects.count()
        unit = BusinessUnit.objects.create(slug=f"unit-{number}-{request.data['slug']}", name="unit")
        return Response({"slug": unit.slug}, status=201)


class Forgotten(ApiView):
    """Names no permission."""

    def get(self, request: Request) -> Response:
        return Response({})


@endpoint("GET", permission=Permission.GATE_ASK)
def gate(request: Request) -> Response:
    return Response({"verdict": "APPROVE"})


urlpatterns = [
    path("", include("models_registry.access.urls")),
    path("audit/", include("models_registry.access.trail_urls")),
    path("account/", include("allauth.urls")),
    path("api/units/", Units.as_view()),
    path("api/forgotten/", Forgotten.as_view()),
    path("api/gate/", gate),
]
