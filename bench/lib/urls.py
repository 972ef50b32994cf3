"""Every address of the house, and `/plain/`."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def plain(request: HttpRequest) -> HttpResponse:
    """Answer two bytes and touch nothing."""
    return HttpResponse(b"ok")


urlpatterns = [path("plain/", plain), path("", include("governance.config.urls"))]
