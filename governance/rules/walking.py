"""The road of a version, walked: what rules and health formulas do alike, from draft to retirement.

A room describes its versions once, as a `Walk`; its actions say what a step means there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.rules import road
from governance.rules.road import Road
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor

TIME_TO_DECIDE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Brief:
    """What those who approve a version read first."""

    title: str
    sentence: str


@dataclass(frozen=True)
class Walk[V: Any]:
    """One kind of version: its model, what it is a version of, its road, and who may walk it.

    ``brief`` reads a version's text and raises what is wrong with it: such a version is not submitted.
    """

    versions: type[V]
    parent: str
    road: Road
    moments: Mapping[str, str]
    permission: Permission
    subject: Subject
    noun: str
    address: str
    brief: Callable[[V], Brief]

    # ---- the text

    def draft(self, *, of: Model, by: Account, at: datetime, text: str) -> V:
        """Write the next version; ``of`` must be locked."""
        siblings = self.versions._default_manager.filter(**{self.parent: of})
        last = siblings.order_by("-number").values_list("number", flat=True).first()
        version: V = self.versions._default_manager.create(
            **{self.parent: of},
            number=(last or 0) + 1,
            text=text,
            digest=road.digest_of(text),
            author=by,
            created_at=at,
        )
        self.note(version, by=by, step="drafted")
        return version

    def edit(self, version: V, *, by: Account, text: str) -> V:
        """Replace the text of one's own draft. Raises NotOnTheRoad, NotTheAuthor."""
        require(by, self.permission)
        version = self.locked(version)
        if version.state != road.DRAFT:
            raise road.NotOnTheRoad("The text of a submitted version never changes. Draft a new version.")
        self.require_author(version, by)
        before = version.digest
        version.text, version.digest = text, road.digest_of(text)
        version.save(update_fields=["text", "digest"])
        self.note(version, by=by, step="edited", before=before)
        return version

    # ---- the approval

    def submit(self, version: V, *, by: Account, at: datetime) -> ApprovalRequest:
        """Ask two people to approve exactly this text. Raises what ``brief`` raises, NotTheAuthor, NotOnTheRoad."""
        version = self.about_to(road.SUBMITTED, version, by=by)
        self.require_author(version, by)
        brief = self.brief(version)
        self.move(version, to=road.SUBMITTED, step="submitted", by=by, at=at)
        return approvals.request(
            by=by,
            at=at,
            subject=self.subject,
            object_id=str(version.pk),
            title=f"{self.noun} {version}: {brief.title}"[:200],
            summary=brief.sentence,
            url=f"{self.address}{self.slug(version)}/?version={version.number}",
            digest=version.digest,
            policy=dict(road.POLICY),
            expires_at=at + TIME_TO_DECIDE,
        )

    def withdraw(self, version: V, *, by: Account, at: datetime) -> V:
        """Take back what one submitted; it retires and its text can be drafted anew. Raises NotOnTheRoad."""
        require(by, self.permission)
        asked = self.request_of(version)
        if asked is None or asked.state != ApprovalState.PENDING:
            raise road.NotOnTheRoad("This version does not wait for approval.")
        approvals.withdraw(by=by, at=at, request_id=asked.pk)
        return self.locked(version)

    def approve(self, version: V, *, by: Actor, at: datetime, digest: str) -> V:
        """Note that the quorum approved the text with this digest."""
        version = self.locked(version)
        if digest != version.digest:
            raise road.NotOnTheRoad("The approval was given to another text.")
        return self.move(version, to=road.APPROVED, step="approved", by=by, at=at)

    def turn_down(self, version: V, *, by: Actor, at: datetime) -> V:
        """Retire a version whose request ended without an approval."""
        return self.move(self.locked(version), to=road.RETIRED, step="turned_down", by=by, at=at)

    def request_of(self, version: V) -> ApprovalRequest | None:
        """Return the newest request about a version, however it ended."""
        rows = ApprovalRequest.objects.filter(subject=self.subject.value, object_id=str(version.pk))
        return rows.select_related("requested_by").order_by("-requested_at", "-pk").first()

    # ---- in force

    def enforce(self, version: V, *, by: Account, at: datetime) -> V:
        """Put a version in force; the one in force until now retires. ``about_to`` has locked it."""
        self.retire_others(version, state=road.ENFORCED, by=by, at=at)
        return self.move(version, to=road.ENFORCED, step="activated", by=by, at=at)

    def retire(self, version: V, *, by: Account, at: datetime) -> V:
        """End a version. A submitted one is ended through its request. Raises NotOnTheRoad."""
        require(by, self.permission)
        version = self.locked(version)
        if version.state == road.SUBMITTED:
            raise road.NotOnTheRoad("This version waits for approval. Withdraw or reject its request instead.")
        return self.move(version, to=road.RETIRED, step="retired", by=by, at=at)

    def retire_others(self, version: V, *, state: str, by: Actor, at: datetime) -> None:
        """Retire the other versions in this state; the one given takes their place."""
        siblings = self.versions._default_manager.filter(**{self.parent: getattr(version, self.parent)}, state=state)
        for other in siblings.exclude(pk=version.pk).select_related(self.parent):
            self.move(other, to=road.RETIRED, step="retired", by=by, at=at, successor=version.number)

    # ---- one step

    def about_to(self, to: str, version: V, *, by: Account) -> V:
        """Lock a version for a person who may take it to ``to``. Raises AccessDenied, NotOnTheRoad."""
        require(by, self.permission)
        version = self.locked(version)
        road.check(self.road, of=version.state, to=to)
        return version

    def locked(self, version: V) -> V:
        """Read the version again with its parent locked: one road is walked at a time."""
        parent = type(getattr(version, self.parent))
        parent._default_manager.select_for_update().get(pk=getattr(version, f"{self.parent}_id"))
        fresh: V = self.versions._default_manager.select_related(self.parent, "author").get(pk=version.pk)
        return fresh

    def require_author(self, version: V, by: Account) -> None:
        """Return for the author; raise NotTheAuthor for anybody else."""
        if version.author_id != by.pk:
            raise road.NotTheAuthor(f"{version.author} wrote this draft. Draft a version of your own instead.")

    def move(self, version: V, *, to: str, step: str, by: Actor, at: datetime, **body: object) -> V:
        """Go one step down the road and note it. Raises NotOnTheRoad."""
        road.check(self.road, of=version.state, to=to)
        changed = ["state"]
        before, version.state = version.state, to
        if moment := self.moments.get(to):
            setattr(version, moment, at)
            changed.append(moment)
        version.save(update_fields=changed)
        self.note(version, by=by, step=step, from_state=str(before), **body)
        return version

    def note(self, version: V, *, by: Actor, step: str, **body: object) -> None:
        """Write the entry of the trail."""
        facts = {self.parent: self.slug(version), "number": version.number, "digest": version.digest}
        record(by=by, action=f"{self.parent}.{step}", on=version, body={**facts, **body})

    def slug(self, version: V) -> str:
        """Return the name of what this is a version of."""
        return str(getattr(version, self.parent).slug)
