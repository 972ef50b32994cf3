"""The list of rules: filtered by its address, with what each rule finds and what is under way on it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict

from governance.rules import queries
from governance.rules.models import Rule, RuleVersion
from governance.rules.queries import Line
from governance.vocabulary import RiskCategory
from models_registry.access.listing import ListFilters, one_of, searched, several
from models_registry.access.models import Account
from models_registry.access.saved import SavedList
from models_registry.catalog.models import Kind

STATES = (
    ("ENFORCED", "In force"),
    ("SHADOW", "In shadow"),
    ("SUBMITTED", "Waiting for approval"),
    ("APPROVED", "Approved"),
    ("DRAFT", "Draft"),
    ("RETIRED", "Retired"),
)
HEADS = (("Rule", "title"), ("Risk", ""), ("State", ""), ("Firing", ""), ("Would fire", ""), ("Changed", ""))
NUMBERS = ("Firing", "Would fire")
HEADER = ("rule", "title", "version", "state", "risk", "firing", "would_fire", "under_way", "changed_at", "error")


class RuleFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing.

    What a rule is about, and for which models, stands in its text: those two read the shown version of each.
    """

    q = searched("Words of a title, or a rule", method="named")
    state = several("State", STATES, method="in_state")
    category = several("Risk", RiskCategory.choices(), method="about")
    kind = one_of("For", Kind.choices, method="applying")
    origin = one_of("Origin", [("shipped", "Shipped with Redline"), ("own", "Your own")], method="made")

    SORTS: ClassVar[Mapping[str, Any]] = {"title": Lower("title")}
    SORT = "title"

    class Meta:
        model = Rule
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account) -> None:
        self.actor = actor
        super().__init__(asked, queryset=Rule.objects.all())

    def named(self, rules: QuerySet[Rule], _: str, text: str) -> QuerySet[Rule]:
        """Keep rules whose title or name holds the text."""
        return rules.filter(Q(slug__icontains=text) | Q(title__icontains=text))

    def in_state(self, rules: QuerySet[Rule], _: str, states: list[str]) -> QuerySet[Rule]:
        """Keep rules of which any version is in one of these states."""
        return rules.filter(pk__in=RuleVersion.objects.filter(state__in=states).values("rule")) if states else rules

    def about(self, rules: QuerySet[Rule], _: str, categories: list[str]) -> QuerySet[Rule]:
        """Keep rules that raise one of these risks."""
        return self._read(rules, lambda line: line.category in categories) if categories else rules

    def applying(self, rules: QuerySet[Rule], _: str, kind: str) -> QuerySet[Rule]:
        """Keep rules that judge models of this kind, those that name no kind among them."""
        return self._read(rules, lambda line: kind.lower() in (line.kinds or [kind.lower()]))

    def made(self, rules: QuerySet[Rule], _: str, origin: str) -> QuerySet[Rule]:
        """Keep rules that came with Redline, or the others."""
        shipped = queries.shipped_slugs()
        return rules.filter(slug__in=shipped) if origin == "shipped" else rules.exclude(slug__in=shipped)

    def _read(self, rules: QuerySet[Rule], fits: Callable[[Line], bool]) -> QuerySet[Rule]:
        return rules.filter(pk__in=[line.rule.pk for line in self._lines if fits(line)])

    @cached_property
    def _lines(self) -> list[Line]:
        return queries.lines(Rule.objects.all(), actor=self.actor)


def page_of(filters: RuleFilters) -> tuple[list[Line], str]:
    """Return the rows of this page, and the key after which the rest follows."""
    part = filters.slice_of(filters.qs)
    return _in_order(filters, part.rows), part.after


def csv_rows(filters: RuleFilters) -> Iterator[Sequence[object]]:
    """Return the rows of the list for a file, all of them, in its order."""
    for line in _in_order(filters, list(filters.ordered(filters.qs))):
        yield (
            line.rule.slug,
            line.rule.title,
            line.version.number,
            line.version.state,
            line.category,
            line.firing,
            line.would_fire,
            "; ".join(line.under_way),
            line.changed_at.isoformat(),
            line.problem,
        )


def _in_order(filters: RuleFilters, rules: Sequence[Rule]) -> list[Line]:
    known = {line.rule.pk: line for line in queries.lines(rules, actor=filters.actor)}
    return [known[rule.pk] for rule in rules if rule.pk in known]


def _tidy(actor: Account, query: str) -> str:
    """Return what this list knows of a query string."""
    return RuleFilters(QueryDict(query), actor=actor).query


LIST = SavedList(
    name="rules",
    route="rules:list",
    tidy=_tidy,
    presets=(
        ("All", ""),
        ("In force", "state=enforced"),
        ("In shadow", "state=shadow"),
        ("Waiting for approval", "state=submitted"),
        ("Your own", "origin=own"),
    ),
)
