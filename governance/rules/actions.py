"""Write rules: draft, edit, submit, withdraw, shadow, enforce, retire.

Approval comes back through `outcomes`.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from governance.approvals.models import ApprovalRequest, Subject
from governance.rules import road, sentence
from governance.rules.definition import Definition
from governance.rules.models import Rule, RuleVersion
from governance.rules.parsing import parse
from governance.rules.walking import Brief, Walk
from governance.rules.yamltree import RuleError, RuleInvalid
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actor import Actor

SHIPPED = Path(__file__).parent / "shipped"


class SlugTaken(road.RoadRefusal):
    """The text names another rule than the one it is a version of."""


def read(version: RuleVersion) -> Definition:
    """Return the definition of a version's text. Raises RuleInvalid, SlugTaken."""
    definition = parse(version.text)
    if definition.rule != version.rule.slug:
        raise SlugTaken(f"The text says rule: {definition.rule}, but this is {version.rule.slug}.")
    return definition


def brief_of(text: str) -> Brief:
    """Return what a text is called and what it says. Raises RuleInvalid."""
    definition = parse(text)
    return Brief(definition.title, sentence.sentence(definition))


def _brief(version: RuleVersion) -> Brief:
    read(version)
    return brief_of(version.text)


WALK = Walk(
    versions=RuleVersion,
    parent="rule",
    road=road.RULES,
    moments={
        road.SUBMITTED: "submitted_at",
        road.APPROVED: "approved_at",
        road.SHADOW: "shadowed_at",
        road.ENFORCED: "enforced_at",
        road.RETIRED: "retired_at",
    },
    permission=Permission.RULE_WRITE,
    subject=Subject.RULE_VERSION,
    noun="Rule",
    address="/rules/",
    brief=_brief,
)


@transaction.atomic
def ensure_shipped(*, by: Account, at: datetime) -> list[RuleVersion]:
    """Load the rules that come with Redline as first drafts; return those that were not there.

    Running it again changes nothing. None of them counts before it has walked the whole road.
    """
    require(by, Permission.RULE_WRITE)
    known = set(Rule.objects.values_list("slug", flat=True))
    return [draft(by=by, at=at, slug=slug, text=text) for slug, text in shipped_texts() if slug not in known]


def shipped_texts() -> Iterator[tuple[str, str]]:
    """Yield slug and text of every rule file that comes with Redline, by name."""
    for file in sorted(SHIPPED.glob("*.yaml")):
        yield file.stem, file.read_text("utf-8")


@transaction.atomic
def draft(*, by: Account, at: datetime, slug: str, text: str) -> RuleVersion:
    """Write the next version of the rule with this slug, or the first. The text may still be wrong.

    Raises SlugTaken for a name that an address of the house has already.
    """
    require(by, Permission.RULE_WRITE)
    if slug in road.RESERVED:
        raise SlugTaken(f"The name {slug} is taken by an address. Choose another.")
    Rule.objects.get_or_create(slug=slug, defaults={"title": title_of(text) or slug, "created_at": at})
    rule = Rule.objects.select_for_update().get(slug=slug)
    return WALK.draft(of=rule, by=by, at=at, text=text)


@transaction.atomic
def edit_draft(*, by: Account, at: datetime, version: RuleVersion, text: str) -> RuleVersion:
    """Replace the text of one's own draft. Raises NotOnTheRoad once submitted, NotTheAuthor."""
    return WALK.edit(version, by=by, text=text)


@transaction.atomic
def submit(*, by: Account, at: datetime, version: RuleVersion) -> ApprovalRequest:
    """Ask two people to approve this text. Raises RuleInvalid, SlugTaken, NotTheAuthor, NotOnTheRoad."""
    return WALK.submit(version, by=by, at=at)


@transaction.atomic
def withdraw(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Take back one's own submission: the version retires. Raises NotOnTheRoad, AccessDenied."""
    return WALK.withdraw(version, by=by, at=at)


@transaction.atomic
def approve(*, by: Actor, at: datetime, version: RuleVersion, digest: str) -> RuleVersion:
    """Note that the quorum approved the text with this digest. Called by the decided request alone."""
    return WALK.approve(version, by=by, at=at, digest=digest)


@transaction.atomic
def turn_down(*, by: Actor, at: datetime, version: RuleVersion) -> RuleVersion:
    """Retire a version whose request was rejected, withdrawn or ran out; its author drafts another."""
    return WALK.turn_down(version, by=by, at=at)


@transaction.atomic
def shadow(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let a version record what it would do, and nothing more; an earlier one in shadow retires.

    An approved version comes here first; one in force may be taken back.
    """
    version = WALK.about_to(road.SHADOW, version, by=by)
    WALK.retire_others(version, state=road.SHADOW, by=by, at=at)
    return WALK.move(version, to=road.SHADOW, step="shadowed", by=by, at=at)


@transaction.atomic
def enforce(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let a version out of shadow raise risks; the one enforced until now retires."""
    version = WALK.about_to(road.ENFORCED, version, by=by)
    Rule.objects.filter(pk=version.rule_id).update(title=read(version).title[:160])
    return WALK.enforce(version, by=by, at=at)


@transaction.atomic
def retire(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """End a version. A submitted one is ended through its request. Raises NotOnTheRoad."""
    return WALK.retire(version, by=by, at=at)


def errors_of(text: str, *, slug: str = "") -> list[RuleError]:
    """Return everything wrong with a text, by place; empty when it is a rule, and of this name if one is given."""
    try:
        definition = parse(text)
    except RuleInvalid as problem:
        return problem.errors
    if slug and definition.rule != slug:
        return [misnamed(text, key="rule", found=definition.rule, slug=slug)]
    return []


def misnamed(text: str, *, key: str, found: str, slug: str) -> RuleError:
    """Return the error of a text that names another thing than the one it is a version of."""
    lines = text.splitlines()
    line = next((number for number, one in enumerate(lines, start=1) if one.startswith(f"{key}:")), 1)
    return RuleError(line, len(key) + 3, key, f"names {found}; a version of {slug} keeps its name")


def title_of(text: str) -> str:
    """Return the title a text gives; empty while it cannot be read."""
    try:
        return parse(text).title[:160]
    except RuleInvalid:
        return ""
