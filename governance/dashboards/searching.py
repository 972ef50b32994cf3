"""Find records by a few letters or by the number of a risk: what the palette asks while one types."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from governance.risks.models import Risk
from governance.rules.models import Rule
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.catalog.models import RegisteredModel

MOST = 6
"""How many of a kind are shown; more letters find fewer."""
FEWEST_LETTERS = 2
REFERENCE = re.compile(r"r-?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One record: the group it stands in, its icon, what it is called, what it belongs to, and where it is."""

    group: str
    icon: str
    text: str
    note: str
    url: str


def find(*, actor: Account, words: str) -> list[Found]:
    """Return what this person may see and the words name; at most three queries. Less than two letters find nothing."""
    words = " ".join(words.replace("\x00", " ").split())
    if len(words) < FEWEST_LETTERS:
        return []
    if reference := REFERENCE.fullmatch(words):
        return list(_risk(actor, int(reference[1])))
    return [*_models(actor, words), *_rules(actor, words), *_people(actor, words)]


def _risk(actor: Account, number: int) -> Iterator[Found]:
    risks = Risk.objects.select_related("model").filter(pk=number)
    for risk in visible(actor, Permission.RISK_READ, risks, through="model"):
        text = f"{risk.reference} {risk.get_category_display()}"
        yield Found("Risks", "list", text, risk.model.name, reverse("risks:detail", args=[risk.pk]))


def _models(actor: Account, words: str) -> Iterator[Found]:
    named = RegisteredModel.objects.select_related("owner").filter(Q(name__icontains=words) | Q(slug__icontains=words))
    for model in visible(actor, Permission.MODEL_READ, named).order_by("name", "pk")[:MOST]:
        yield Found("Models", "model", model.name, str(model.owner), reverse("dashboards:model", args=[model.slug]))


def _rules(actor: Account, words: str) -> Iterator[Found]:
    if not may_open(actor, Permission.RULE_READ):
        return
    named = Rule.objects.filter(Q(title__icontains=words) | Q(slug__icontains=words))
    for rule in named.order_by("title", "pk")[:MOST]:
        yield Found("Rules", "rules", rule.title, rule.slug, reverse("rules:detail", args=[rule.slug]))


def _people(actor: Account, words: str) -> Iterator[Found]:
    if not may_open(actor, Permission.PEOPLE_READ):
        return
    named = Account.objects.filter(Q(display_name__icontains=words) | Q(username__icontains=words))
    for account in named.order_by("username")[:MOST]:
        yield Found(
            "People", "people", str(account), account.username, reverse("access:person", args=[account.username])
        )
