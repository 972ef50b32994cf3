"""The addresses of approvals alone."""

from django.urls import include, path

urlpatterns = [path("approvals/", include("governance.approvals.urls"))]
