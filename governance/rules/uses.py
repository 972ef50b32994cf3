"""Which rules read a metric, for pages that show one."""

from collections import defaultdict

from django.urls import reverse

from governance.rules.definition import comparisons
from governance.rules.judging import definition_of
from governance.rules.models import RuleVersion, VersionState
from governance.rules.yamltree import RuleInvalid


def metrics() -> dict[str, list[tuple[str, str]]]:
    """Return, per metric, the name and address of each rule that is in force or in shadow and reads it."""
    states = (VersionState.ENFORCED, VersionState.SHADOW)
    versions = RuleVersion.objects.filter(state__in=states).select_related("rule").order_by("rule__slug", "-number")
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for version in versions:
        try:
            read = comparisons(definition_of(version.text).when)
        except RuleInvalid:
            continue
        for test in read:
            found[test.metric][version.rule.title] = reverse("rules:detail", args=[version.rule.slug])
    return {metric: sorted(rules.items()) for metric, rules in found.items()}
