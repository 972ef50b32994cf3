"""Platforms that are asked, beside those that tell: one file each, nothing but reading there.

`POLLERS` names the kinds of sources that can be polled. `models_registry.telemetry.sweeping` drives them.
"""

from collections.abc import Mapping
from typing import Final

from models_registry.telemetry.pollers import arize, mlflow, phoenix, prometheus, wandb
from models_registry.telemetry.pollers.shapes import Poller

POLLERS: Final[Mapping[str, Poller]] = {
    "arize": arize.POLLER,
    "mlflow": mlflow.POLLER,
    "phoenix": phoenix.POLLER,
    "prometheus": prometheus.POLLER,
    "wandb": wandb.POLLER,
}
"""By the value of `SourceKind`."""
