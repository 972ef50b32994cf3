"""The list of what stands elsewhere: every guarded alias and stage, where it is and whether a decision covers it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict

from models_registry.access.listing import ListFilters, one_of, searched
from models_registry.access.models import Account
from models_registry.outside import queries
from models_registry.outside.models import Placement

HEADS = (("Model", "model"), ("There", "name"), ("Where", "where"), ("Since", "-since"), ("Gate decision", ""))
STATES = (
    ("violation", "In violation"),
    ("standing", "Stands somewhere"),
    ("unknown", "Model not registered"),
    ("gone", "Taken off"),
)


class PlacementFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing."""

    q = searched("Model, alias or place", method="named")
    state = one_of("Everything", STATES, method="standing")

    SORTS: ClassVar[Mapping[str, Any]] = {
        "since": F("run_began"),
        "model": Lower(Coalesce(F("model__name"), F("model_name"))),
        "name": Lower("name"),
        "where": Lower("source__name"),
    }
    SORT = "-since"

    class Meta:
        model = Placement
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account, at: datetime | None) -> None:
        self.at = at
        super().__init__(asked, queryset=queries.newest(actor=actor, at=at))

    def named(self, rows: QuerySet[Placement], _: str, text: str) -> QuerySet[Placement]:
        """Keep what bears the text in a name of the model, the alias or the place."""
        fields = ("model__name", "model_name", "name", "place", "source__name")
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": text})
        return rows.filter(found)

    def standing(self, rows: QuerySet[Placement], _: str, state: str) -> QuerySet[Placement]:
        """Keep what is in that state."""
        return rows.filter(
            {
                "violation": Q(open_violation__isnull=False),
                "standing": Q(on=True),
                "unknown": Q(model__isnull=True, on=True),
                "gone": Q(on=False),
            }[state]
        )
