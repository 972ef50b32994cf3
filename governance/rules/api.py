"""The API of rules. Automation may read and check them; only people write them."""

from typing import ClassVar

from governance.rules import actions, serving
from governance.rules.parsing import parse
from governance.rules.serving import Shelf
from models_registry.access.permissions import Permission

READ, WRITE = Permission.RULE_READ, Permission.RULE_WRITE
SHELF = Shelf(
    walk=actions.WALK,
    check=lambda text, slug: actions.errors_of(text, slug=slug),
    says=actions.brief_of,
    name_of=lambda text: parse(text).rule,
    draft=actions.draft,
    submit=actions.submit,
)


class RuleLint(serving.Lint):
    """Checks of a rule's text that keep nothing."""

    shelf = SHELF
    permission: ClassVar = READ


class RuleList(serving.Parents):
    """Rules."""

    shelf = SHELF
    permission: ClassVar = {"GET": READ, "POST": WRITE}


class RuleDetail(serving.Parent):
    """One rule."""

    shelf = SHELF
    permission: ClassVar = READ


class RuleVersions(serving.Versions):
    """The versions of one rule."""

    shelf = SHELF
    permission: ClassVar = {"GET": READ, "POST": WRITE}


class RuleVersionDetail(serving.Version):
    """One version of a rule."""

    shelf = SHELF
    permission: ClassVar = READ


class RuleSubmissions(serving.Submissions):
    """Submissions of one's own drafts of a rule."""

    shelf = SHELF
    permission: ClassVar = WRITE
