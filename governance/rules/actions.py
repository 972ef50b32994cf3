"""Write rules: draft, submit, shadow, enforce, retire. Approval is given in its own room (`outcomes`)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from governance.rules import road
from governance.rules.definition import Definition
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.parsing import parse
from governance.rules.yamltree import RuleError, RuleInvalid
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor

SHIPPED = Path(__file__).parent / "shipped"


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
    last = rule.versions.order_by("-number").values_list("number", flat=True).first()
    version = RuleVersion.objects.create(
        rule=rule,
        number=(last or 0) + 1,
        text=text,
        digest=road.digest_of(text),
        author=by,
        created_at=at,
    )
    _record(version, by=by, action="rule.drafted")
    return version


@transaction.atomic
def edit_draft(*, by: Account, at: datetime, version: RuleVersion, text: str) -> RuleVersion:
    """Replace the text of one's own draft. Raises NotOnTheRoad once submitted, NotTheAuthor."""
    require(by, Permission.RULE_WRITE)
    version = _locked(version)
    if version.state != VersionState.DRAFT:
        raise road.NotOnTheRoad("The text of a submitted version never changes. Draft a new version.")
    _require_author(version, by)
    before = version.digest
    version.text, version.digest = text, road.digest_of(text)
    version.save(update_fields=["text", "digest"])
    _record(version, by=by, action="rule.edited", before=before)
    return version


@transaction.atomic
def approve(*, by: Actor, at: datetime, version: RuleVersion, digest: str) -> RuleVersion:
    """Note that the quorum approved the text with this digest. Called by the decided request alone."""
    version = _locked(version)
    if digest != version.digest:
        raise road.NotOnTheRoad("The approval was given to another text.")
    return _move(version, by=by, at=at, to=VersionState.APPROVED, action="rule.approved")


@transaction.atomic
def turn_down(*, by: Actor, at: datetime, version: RuleVersion) -> RuleVersion:
    """Retire a version whose request was rejected, withdrawn or ran out; its author drafts another."""
    return _move(_locked(version), by=by, at=at, to=VersionState.RETIRED, action="rule.turned_down")


@transaction.atomic
def shadow(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let an approved version record what it would do; an earlier one in shadow retires."""
    require(by, Permission.RULE_WRITE)
    version = _locked(version)
    road.check(road.RULES, of=version.state, to=VersionState.SHADOW)
    _retire_others(version, VersionState.SHADOW, by=by, at=at)
    return _move(version, by=by, at=at, to=VersionState.SHADOW, action="rule.shadowed")


@transaction.atomic
def enforce(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """Let a version out of shadow raise risks; the one enforced until now retires."""
    require(by, Permission.RULE_WRITE)
    version = _locked(version)
    road.check(road.RULES, of=version.state, to=VersionState.ENFORCED)
    definition = read(version)
    _retire_others(version, VersionState.ENFORCED, by=by, at=at)
    Rule.objects.filter(pk=version.rule_id).update(title=definition.title[:160])
    return _move(version, by=by, at=at, to=VersionState.ENFORCED, action="rule.activated")


@transaction.atomic
def retire(*, by: Account, at: datetime, version: RuleVersion) -> RuleVersion:
    """End a version. A submitted one is withdrawn through its request. Raises NotOnTheRoad."""
    require(by, Permission.RULE_WRITE)
    version = _locked(version)
    if version.state == VersionState.SUBMITTED:
        raise road.NotOnTheRoad("This version waits for approval. Withdraw or reject its request instead.")
    return _move(version, by=by, at=at, to=VersionState.RETIRED, action="rule.retired")


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


def _locked(version: RuleVersion) -> RuleVersion:
    """Read the version again, with its rule locked first: one road is walked at a time."""
    Rule.objects.select_for_update().get(pk=version.rule_id)
    return RuleVersion.objects.select_related("rule", "author").get(pk=version.pk)


def _require_author(version: RuleVersion, by: Account) -> None:
    if version.author_id != by.pk:
        raise road.NotTheAuthor(f"{version.author} wrote this draft. Draft a version of your own instead.")


def _retire_others(version: RuleVersion, state: VersionState, *, by: Account, at: datetime) -> None:
    for other in version.rule.versions.filter(state=state).exclude(pk=version.pk).select_related("rule"):
        _move(other, by=by, at=at, to=VersionState.RETIRED, action="rule.retired", successor=version.number)


_MOMENTS = {
    VersionState.SUBMITTED: "submitted_at",
    VersionState.APPROVED: "approved_at",
    VersionState.SHADOW: "shadowed_at",
    VersionState.ENFORCED: "enforced_at",
    VersionState.RETIRED: "retired_at",
}


def _move(
    version: RuleVersion, *, by: Actor, at: datetime, to: VersionState, action: str, **body: object
) -> RuleVersion:
    road.check(road.RULES, of=version.state, to=to)
    moment = _MOMENTS[to]
    before, version.state = version.state, to
    setattr(version, moment, at)
    version.save(update_fields=["state", moment])
    _record(version, by=by, action=action, from_state=before, **body)
    return version


def _record(version: RuleVersion, *, by: Actor, action: str, **body: object) -> None:
    facts = {"rule": version.rule.slug, "number": version.number, "digest": version.digest}
    record(by=by, action=action, on=version, body={**facts, **body})
