"""Which health formulas read a metric, for pages that show one."""

from collections import defaultdict

from django.urls import reverse

from governance.health.scoring import in_force


def metrics() -> dict[str, list[tuple[str, str]]]:
    """Return, per metric, the title and address of each formula in force that weighs it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for formula in in_force().values():
        named = formula.version.formula
        for component in formula.formula.components:
            found[component.metric][named.title] = reverse("formulas:detail", args=[named.slug])
    return {metric: sorted(formulas.items()) for metric, formulas in found.items()}
