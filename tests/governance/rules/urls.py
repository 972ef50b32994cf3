"""The addresses of the whole house, with the rules' pages where they belong."""

from django.urls import include, path

from governance.config.urls import urlpatterns as house

urlpatterns = [path("rules/", include("governance.rules.urls")), *house]
