"""Steps that versions of rules and of health formulas take alike: lock, draft, edit, move, note.

The rooms' actions ask for the power and say what a step means; this is how it is written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from governance.rules import road
from governance.rules.road import Road
from models_registry.access.models import Account
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor


@dataclass(frozen=True)
class Walk[V: Any]:
    """One kind of version: its model, the key to what it is a version of, its road and its moments."""

    versions: type[V]
    parent: str
    road: Road
    moments: Mapping[str, str]

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

    def locked(self, version: V) -> V:
        """Read the version again with its parent locked: one road is walked at a time."""
        parent = type(getattr(version, self.parent))
        parent._default_manager.select_for_update().get(pk=getattr(version, f"{self.parent}_id"))
        fresh: V = self.versions._default_manager.select_related(self.parent, "author").get(pk=version.pk)
        return fresh

    def edit(self, version: V, *, by: Account, text: str) -> V:
        """Replace the text of one's own draft. Raises NotOnTheRoad, NotTheAuthor."""
        if version.state != road.DRAFT:
            raise road.NotOnTheRoad("The text of a submitted version never changes. Draft a new version.")
        self.require_author(version, by)
        before = version.digest
        version.text, version.digest = text, road.digest_of(text)
        version.save(update_fields=["text", "digest"])
        self.note(version, by=by, step="edited", before=before)
        return version

    def require_author(self, version: V, by: Account) -> None:
        """Return for the author; raise NotTheAuthor for anybody else."""
        if version.author_id != by.pk:
            raise road.NotTheAuthor(f"{version.author} wrote this draft. Draft a version of your own instead.")

    def retire_others(self, version: V, *, state: str, by: Actor, at: datetime) -> None:
        """Retire the other versions in this state; the one given takes their place."""
        siblings = self.versions._default_manager.filter(**{self.parent: getattr(version, self.parent)}, state=state)
        for other in siblings.exclude(pk=version.pk).select_related(self.parent):
            self.move(other, to=road.RETIRED, step="retired", by=by, at=at, successor=version.number)

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
        facts = {
            self.parent: getattr(version, self.parent).slug,
            "number": version.number,
            "digest": version.digest,
        }
        record(by=by, action=f"{self.parent}.{step}", on=version, body={**facts, **body})
