"""Which models a rule is for."""

from dataclasses import dataclass

from governance.rules.definition import Definition
from governance.vocabulary import Materiality


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the registry knows of one model in one environment."""

    kind: str
    environment: str
    materiality: Materiality
    regulatory_class: str = ""
    business_unit: str = ""
    tags: frozenset[str] = frozenset()


def applies(definition: Definition, facts: ModelFacts) -> bool:
    """Tell whether every fact the rule names has one of the values it lists.

    A rule that names nothing is for every model. One shared tag is enough.
    """
    scope = definition.applies_to
    named = (
        (scope.kind, facts.kind),
        (scope.environment, facts.environment),
        (scope.materiality, facts.materiality),
        (scope.regulatory_class, facts.regulatory_class),
        (scope.business_unit, facts.business_unit),
    )
    if any(wanted and actual not in wanted for wanted, actual in named):
        return False
    return not scope.tags or not facts.tags.isdisjoint(scope.tags)
