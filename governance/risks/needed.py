"""Which history stands behind the register: the evidence of every risk that is open or borne."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min, OuterRef, Q, Subquery

from governance.risks.models import Risk, RiskState
from governance.rules.models import Episode
from models_registry.telemetry.needs import Need

BEFORE = timedelta(days=31)
"""What a rule looks back on before its first finding: windows in a row, and what was usual before them."""


def needed() -> Iterator[Need]:
    """Yield the span of evidence behind each risk that is not closed, from its oldest standing finding on."""
    standing = Episode.objects.filter(
        Q(cleared_at__isnull=True) | Q(cleared_at__gte=OuterRef("raised_at")),
        model=OuterRef("model"), category=OuterRef("category"), held=False,
    )  # fmt: skip
    oldest = standing.order_by().values("model").annotate(at=Min("began_at")).values("at")
    for risk in Risk.objects.exclude(state=RiskState.CLOSED).annotate(found_at=Subquery(oldest)).order_by("pk"):
        began = min(filter(None, (risk.found_at, risk.raised_at, risk.level_since)))
        word = "accepted" if risk.state == RiskState.ACCEPTED else "open"
        yield Need(risk.model_id, began - BEFORE, None, f"{word} risk {risk.reference}", f"/risks/{risk.reference}/")
