"""What this room does when people answered a risk: the posture follows; imported once, when the app is ready."""

from datetime import datetime

from governance.health.models import HealthScore
from governance.risks.answered import on_answer
from governance.scoring import posture
from models_registry.audit.actor import Actor
from models_registry.catalog.models import RegisteredModel


@on_answer
def follow(model: RegisteredModel, by: Actor, at: datetime) -> None:
    """Derive the model's posture again from its risks and the health known so far."""
    known = HealthScore.objects.filter(model=model).order_by("-scored_at", "-pk").first()
    current = posture.locked(model=model, at=at)
    quiet = current.quiet if current.digest else known is None
    posture.refresh(model=model, at=at, health=known, quiet=quiet, by=by)
