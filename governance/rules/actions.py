"""Write rules: draft, edit, submit, shadow, enforce, retire. Approval comes back through `outcomes`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, Subject
from governance.rules import road, sentence
from governance.rules.definition import Definition
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.parsing import parse
from governance.rules.walking import Walk
from governance.rules.yamltree import RuleError, RuleInvalid
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actor import Actor

SHIPPED = Path(__file__).parent / "shipped"
TIME_TO_DECIDE = timedelta(days=14)
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
)


class SlugTaken(Exception):
    """The text names another rule than the one it is a version of."""

    http_status = 409


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
    """Write the next version of the rule with this slug, or the first. The text may still be wrong."""
    require(by, Permission.RULE_WRITE)
    Rule.objects.get_or_create(slug=slug, defaults={"title": title_of(text) or slug, "created_at": at})
    rule = Rule.objects.select_for_update().get(slug=slug)
    return WALK.draft(of=rule, by=by, at=at, text=text)


@transaction.atomic
def edit_draft(*, by: Account, at: datetime, version: RuleVersion, text: str) -> RuleVersion:
    """Replace the text of one's own draft. Raises NotOnTheRoad once submitted, NotTheAuthor."""
    require(by, Permission.RULE_WRITE)
    return WALK.edit(WALK.locked(version), by=by, text=text)


@transaction.atomic
def submit(*, by: Account, at: datetime, version: RuleVersion) -> ApprovalRequest:
    """Ask two people to approve this text. Raises RuleInvalid, SlugTaken, NotTheAuthor, NotOnTheRoad."""
    require(by, Permission.RULE_WRITE)
    version = WALK.locked(version)
    road.check(road.RULES, of=version.state, to=road.SUBMITTED)
    WALK.require_author(version, by)
    definition = read(version)
    WALK.move(version, to=road.SUBMITTED, step="submitted", by=by, at=at)
    return approvals.request(
        by=by,
        at=at,
        subject=Subject.RULE_VERSION,
        object_id=str(version.pk),
        title=f"Rule {version}: {definition.title}"[:200],
        summary=sentence.sentence(definition),
        url=f"/rules/{version.rule.slug}/",
        digest=version.digest,
        policy=dict(road.POLICY),
        expires_at=at + TIME_TO_DECIDE,
    )


@transaction.atomic
def approve(*, by: Actor, at: datetime, version: RuleVersion, digest: str) -> RuleVersion:
    """Note that the quorum approved the text with this digest. Called by the decided request alone."""
    version = WALK.locked(version)
    if digest != version.digest:
        raise road.NotOnTheRoad("The approval was given to another text.")
    return WALK.move(version, to=road.APPROVED, step="approved", by=by, at=at)


@transaction.atomic
def turn_down(*, by: Actor, at: datetime, version: RuleVersion) -> RuleVersion:
    """Retire a version whose request was rejected, withdrawn or ran out; its author drafts another."""
    return WALK.move(WALK.locked(version), to=road.RETIRED, step="turned_down", by=by, at=at)


@transaction.atomic
def shadow(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let an approved version record what it would do; an earlier one in shadow retires."""
    require(by, Permission.RULE_WRITE)
    version = WALK.locked(version)
    road.check(road.RULES, of=version.state, to=road.SHADOW)
    WALK.retire_others(version, state=road.SHADOW, by=by, at=at)
    return WALK.move(version, to=road.SHADOW, step="shadowed", by=by, at=at)


@transaction.atomic
def enforce(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let a version out of shadow raise risks; the one enforced until now retires."""
    require(by, Permission.RULE_WRITE)
    version = WALK.locked(version)
    road.check(road.RULES, of=version.state, to=road.ENFORCED)
    definition = read(version)
    WALK.retire_others(version, state=road.ENFORCED, by=by, at=at)
    Rule.objects.filter(pk=version.rule_id).update(title=definition.title[:160])
    return WALK.move(version, to=road.ENFORCED, step="activated", by=by, at=at)


@transaction.atomic
def retire(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """End a version. A submitted one is ended through its request. Raises NotOnTheRoad."""
    require(by, Permission.RULE_WRITE)
    version = WALK.locked(version)
    if version.state == VersionState.SUBMITTED:
        raise road.NotOnTheRoad("This version waits for approval. Withdraw or reject its request instead.")
    return WALK.move(version, to=road.RETIRED, step="retired", by=by, at=at)


def read(version: RuleVersion) -> Definition:
    """Return the definition of a version's text. Raises RuleInvalid, SlugTaken."""
    definition = parse(version.text)
    if definition.rule != version.rule.slug:
        raise SlugTaken(f"The text says rule: {definition.rule}, but this is {version.rule.slug}.")
    return definition


def errors_of(text: str) -> list[RuleError]:
    """Return everything wrong with a text, by place; empty when it is a rule."""
    try:
        parse(text)
    except RuleInvalid as problem:
        return problem.errors
    return []


def title_of(text: str) -> str:
    """Return the title a text gives; empty while it cannot be read."""
    try:
        return parse(text).title[:160]
    except RuleInvalid:
        return ""
