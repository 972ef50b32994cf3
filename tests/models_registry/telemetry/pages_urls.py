"""The product's addresses, with the sources pages at theirs."""

from django.urls import include, path

from governance.config.urls import urlpatterns as product

urlpatterns = [
    path("sources/", include("models_registry.telemetry.urls")),
    path("models/", include("models_registry.catalog.urls")),
    path("api/v1/", include("models_registry.catalog.api_urls")),
    *product,
]
