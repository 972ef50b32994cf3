"""The log of routing decisions: what was done with each entry that could disturb somebody, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict

from alerts.routing.fingerprint import ALERTABLE, words_of
from alerts.routing.models import Outcome, RoutingDecision
from governance.vocabulary import Tier
from models_registry.access.listing import ListFilters, one_of, searched, several
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, registered_models, visible
from models_registry.access.trail_lines import Line, lines

HEADS = (("When", "-when"), ("What happened", ""), ("Done with it", ""), ("Why", ""), ("Alert", ""))
COUNTED = timedelta(days=1)
WORDS: Mapping[str, str] = {
    Outcome.PAGE: "Paged",
    Outcome.POST: "Posted",
    Outcome.DIGEST: "In the digest",
    Outcome.JOIN: "Joined an alert",
    Outcome.SUPPRESS: "Suppressed",
}


class DecisionFilters(ListFilters):
    """Narrow the log; a value that is not known narrows nothing."""

    q = searched("Words of the reason, or a model", method="named")
    outcome = several("Done with it", list(WORDS.items()))
    tier = several("Tier", [(str(tier.value), tier.label) for tier in Tier])
    action = one_of("What happened", field_name="entry__action")

    SORTS: ClassVar[Mapping[str, Any]] = {"when": F("pk")}
    SORT = "-when"

    class Meta:
        model = RoutingDecision
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account) -> None:
        super().__init__(asked, queryset=seen_by(actor).select_related("entry", "route", "alert"))

    def prepare(self) -> None:
        """Offer the kinds of entry that can disturb somebody."""
        self.filters["action"].extra["choices"] = sorted((action, words_of(action)) for action in ALERTABLE)

    def named(self, decisions: QuerySet[RoutingDecision], _: str, text: str) -> QuerySet[RoutingDecision]:
        """Keep decisions whose reason, alert or model holds the text."""
        models = registered_models().filter(name__icontains=text)
        return decisions.filter(
            Q(reason__icontains=text) | Q(alert__title__icontains=text) | Q(entry__model_id__in=models.values("pk"))
        )


@dataclass(frozen=True)
class Row:
    """One decision, with the entry it is about in words."""

    decision: RoutingDecision
    entry: Line
    done: str


def seen_by(actor: Account) -> QuerySet[RoutingDecision]:
    """Return decisions the actor may see; those about no model are for readers of everything."""
    if everywhere(actor, Permission.ALERT_READ):
        return RoutingDecision.objects.all()
    models = visible(actor, Permission.ALERT_READ, registered_models())
    return RoutingDecision.objects.filter(entry__model_id__in=models.values("pk"))


def page_of(filters: DecisionFilters) -> tuple[list[Row], str]:
    """Return a page of the log, and the key after which the rest follows."""
    part = filters.slice_of(filters.qs)
    told = lines([decision.entry for decision in part.rows])
    rows = [Row(decision, line, WORDS[decision.outcome]) for decision, line in zip(part.rows, told, strict=True)]
    return rows, part.after


def counted(actor: Account, *, now: datetime) -> list[tuple[str, int]]:
    """Return how many entries were dealt with in the last day, by what was done."""
    recent = seen_by(actor).filter(decided_at__gte=now - COUNTED)
    found = dict(recent.order_by().values_list("outcome").annotate(Count("pk")))
    return [(word, found.get(outcome, 0)) for outcome, word in WORDS.items()]
