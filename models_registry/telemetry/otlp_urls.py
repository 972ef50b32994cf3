"""Addresses of the OTLP/HTTP receiver: at the root, and under an address of each source."""

from django.urls import path

from models_registry.telemetry import otlp_door
from models_registry.telemetry.adapters.otlp_wire import Signal

app_name = "otlp"
urlpatterns = [
    *(path(f"v1/{signal}", otlp_door.export, {"signal": signal.value}, name=signal.value) for signal in Signal),
    *(
        path(f"otlp/<slug:path_token>/v1/{signal}", otlp_door.export, {"signal": signal.value}, name=f"own-{signal}")
        for signal in Signal
    ),
    path("otlp/<slug:path_token>", otlp_door.nothing_here, name="base"),
    path("otlp/<slug:path_token>/<path:place>", otlp_door.nothing_here, name="elsewhere"),
]
