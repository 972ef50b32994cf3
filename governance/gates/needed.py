"""Which history stands behind the gate's answers: the evidence of those that still say something."""

from collections.abc import Iterator
from datetime import timedelta

from governance.gates.models import GateDecision
from models_registry.catalog.models import Stage
from models_registry.telemetry.needs import Need

BEFORE = timedelta(days=31)
"""The oldest reading that an answer may rest on."""


def needed() -> Iterator[Need]:
    """Yield the month before each answer that let a version pass, and before the newest one for each target.

    Versions that were archived need none: the signed answer keeps the readings that it was given on.
    """
    standing = GateDecision.objects.exclude(version__stage=Stage.ARCHIVED).select_related("version")
    newest = standing.order_by("version_id", "target", "-decided_at", "-pk").distinct("version_id", "target")
    used = standing.filter(used_at__isnull=False)
    for one in sorted({*newest, *used}, key=lambda one: (one.decided_at, str(one.pk))):
        why = f"the gate's answer about v{one.version.number}"
        yield Need(one.version.model_id, one.decided_at - BEFORE, one.decided_at, why, f"/gates/{one.pk}/")
