"""Which parts of the house changed: a token for each topic, told by the newest entries of the trail."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.module_loading import import_string

from models_registry.audit.models import AuditEntry

NEWEST = 200
"""More entries than one look may miss: a bigger burst changes the token of every topic in it all the same."""

TOPICS: Mapping[str, frozenset[str]] = {
    "portfolio": frozenset({"model", "risk", "version", "alias", "automation", "rule", "formula", "approval"}),
    "risks": frozenset({"risk"}),
    "approvals": frozenset({"approval", "rule", "formula", "risk"}),
    "rules": frozenset({"rule", "formula"}),
    "alerts": frozenset({"alert"}),
    "sources": frozenset({"source", "telemetry"}),
}
"""Topic and the first words of the actions that concern it."""


def tokens(entries: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Return a token for each topic that changes when an entry of it comes, in whatever order entries commit.

    Identifiers are summed, because an older one may become visible after a newer one.
    """
    totals = dict.fromkeys(TOPICS, 0)
    for number, action in entries:
        noun = action.partition(".")[0]
        for topic, nouns in TOPICS.items():
            if noun in nouns:
                totals[topic] += number
    return {topic: str(total) for topic, total in totals.items()}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> frozenset[str]:
    """Return the topics whose token is another one now."""
    return frozenset(topic for topic, token in after.items() if before.get(topic) != token)


def trail_tokens() -> dict[str, str]:
    """Return the tokens of the trail as it stands; one query, whose cost does not grow with the trail."""
    return tokens(AuditEntry.objects.newest_first().values_list("id", "action")[:NEWEST])


def look() -> dict[str, str]:
    """Return every topic's token; rooms above this one hand theirs in through ``LIVE_TOKENS``."""
    found = trail_tokens()
    for name in settings.LIVE_TOKENS:
        for topic, token in import_string(name)().items():
            found[topic] = f"{found.get(topic, '')}:{token}"
    return found
