"""The addresses of the register alone."""

from django.urls import include, path

urlpatterns = [path("", include("governance.risks.urls"))]
