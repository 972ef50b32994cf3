"""How models stand on record, as planning compares rows with it: read for a handful of models at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models.functions import Lower

from models_registry.access.models import Account, BusinessUnit, Team
from models_registry.access.permissions import Permission
from models_registry.access.rights import remember, visible
from models_registry.catalog.models import Alias, AliasProtection, ExternalName, ModelVersion, RegisteredModel
from models_registry.intake.models import IntakeItem, ItemState
from models_registry.tabular.cells import LIST_SIGN, plain


@dataclass
class Standing:
    """One model on record with what hangs on it."""

    model: RegisteredModel
    versions: dict[int, ModelVersion] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    outside: list[ExternalName] = field(default_factory=list)
    protections: dict[str, AliasProtection] = field(default_factory=dict)
    taken_back: frozenset[int] = frozenset()
    """Numbers of the versions that undoing an import withdrew."""
    may_return: bool = False
    """True where undoing an import archived the model, so that importing it again restores it."""

    @property
    def last_number(self) -> int:
        """The highest number that a version was given."""
        return max([self.model.last_number, *self.versions])

    def aliases_of(self, number: int) -> list[str]:
        """Return the names that point at a version, in order."""
        return sorted(name for name, alias in self.aliases.items() if alias.version_id == self.versions[number].pk)


@dataclass(frozen=True)
class People:
    """Accounts, units and teams by every word that names them; a word that names two is ``None``."""

    accounts: Mapping[str, Account | None]
    units: Mapping[str, BusinessUnit | None]
    teams: Mapping[str, Team | None]

    def of(self, field_name: str, stored: Any) -> Any:
        """Return what a fact is as an action takes it: whom a key stands for, any other value as it is."""
        rows = self._by_key.get(field_name)
        return stored if rows is None or stored is None else rows[stored]

    @cached_property
    def _by_key(self) -> Mapping[str, Mapping[int, Any]]:
        accounts, units, teams = (
            {one.pk: one for one in rows.values() if one is not None}
            for rows in (self.accounts, self.units, self.teams)
        )
        return {"owner": accounts, "deputy": accounts, "unit": units, "team": teams}


@dataclass(frozen=True)
class World:
    """What rows are judged by: who asks, whom names mean, and the models that the rows may be about."""

    by: Account
    people: People
    by_slug: Mapping[str, Standing]
    by_name: Mapping[str, Sequence[Standing]]
    taken: Mapping[str, str]
    """Slugs of models that the reader may not see, and of archived ones, with the reason."""
    elsewhere: Mapping[tuple[str, str], int]
    """Whose name in another system it is, by system and name."""
    usual: Mapping[str, str]


def people() -> People:
    """Return whom the names in a file may mean. Accounts that were disabled are nobody."""
    accounts = Account.objects.filter(is_active=True).select_related("unit").order_by("pk")
    return People(
        accounts=_known((one, (one.username, one.email, one.display_name)) for one in accounts),
        units=_known((one, (one.slug, one.name)) for one in BusinessUnit.objects.order_by("pk")),
        teams=_known((one, (one.slug, one.name)) for one in Team.objects.order_by("pk")),
    )


def _known[T](rows: Iterable[tuple[T, Iterable[str]]]) -> dict[str, T | None]:
    """Map words to what they name. The first word of each is its own: it never becomes ambiguous by another's name."""
    listed = [(one, [word.strip().lower() for word in words]) for one, words in rows]
    found: dict[str, T | None] = {}
    for one, (_, *others) in listed:
        for word in {word for word in others if word}:
            found[word] = None if word in found else one
    return found | {first: one for one, (first, *_) in listed}


def world(
    *, by: Account, slugs: Collection[str], names: Collection[str], outside: Collection[str], usual: Mapping[str, str]
) -> World:
    """Return the world of these rows, with statements whose number does not depend on how many rows there are."""
    remember(by)
    mine = visible(by, Permission.MODEL_READ, RegisteredModel.objects.all()).select_related(
        "owner", "deputy", "team", "unit"
    )
    named = mine.annotate(lower=Lower("name")).filter(lower__in={name.lower() for name in names})
    found = {one.pk: Standing(one) for one in [*mine.filter(slug__in=slugs), *named.filter(archived_at__isnull=True)]}
    fill_standings(found)
    by_name: dict[str, list[Standing]] = {}
    for one in found.values():
        if one.model.archived_at is None:
            by_name.setdefault(one.model.name.lower(), []).append(one)
    open_ones = {one.model.slug: one for one in found.values() if one.model.archived_at is None or one.may_return}
    return World(
        by=by,
        people=people(),
        by_slug=open_ones,
        by_name=by_name,
        taken=_taken(slugs, open_ones, {one.model.slug for one in found.values()}),
        elsewhere={
            (system, name): model
            for system, name, model in ExternalName.objects.filter(name__in=outside).values_list(
                "system", "name", "model_id"
            )
        },
        usual=usual,
    )


def fill_standings(found: Mapping[int, Standing]) -> None:
    """Read what hangs on these models."""
    keys = list(found)
    for version in ModelVersion.objects.filter(model__in=keys).select_related("created_by"):
        found[version.model_id].versions[version.number] = version
    for alias in Alias.objects.filter(model__in=keys):
        found[alias.model_id].aliases[alias.name] = alias
    for name in ExternalName.objects.filter(model__in=keys).order_by("system", "name"):
        found[name.model_id].outside.append(name)
    for guard in AliasProtection.objects.filter(model__in=keys).prefetch_related("movers"):
        found[guard.model_id].protections[guard.name] = guard
    undone = IntakeItem.objects.filter(model__in=keys, state=ItemState.UNDONE).order_by("pk")
    for key, changes in undone.values_list("model_id", "changes"):
        assert key is not None
        numbers = {one["number"] for one in changes if one["what"] in {"version", "version_restored"}}
        found[key].taken_back |= numbers
        found[key].may_return |= any(one["what"] in {"created", "restored"} for one in changes)


def _taken(slugs: Collection[str], open_ones: Mapping[str, Any], seen: Collection[str]) -> dict[str, str]:
    rows = RegisteredModel.registry.filter(slug__in=set(slugs) - set(open_ones))
    return {
        slug: "An archived model is called so."
        if slug in seen and archived
        else "A model that you may not read, or a prompt, is called so."
        for slug, archived in rows.values_list("slug", "archived_at")
    }


def written(standing: Standing, field_name: str) -> str:
    """Return how an export writes a fact of a model."""
    model = standing.model
    if field_name in {"owner", "deputy"}:
        person = getattr(model, field_name)
        return person.username if person else ""
    if field_name in {"unit", "team"}:
        place = getattr(model, field_name)
        return place.slug if place else ""
    if field_name == "external_names":
        return plain(LIST_SIGN.join(f"{one.system}:{one.name}" for one in standing.outside))
    value = getattr(model, field_name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(LIST_SIGN.join(value) if isinstance(value, list) else str(value))


def written_version(standing: Standing, number: int, field_name: str) -> str:
    """Return how an export writes a fact of a version."""
    version = standing.versions[number]
    if field_name == "aliases":
        return plain(LIST_SIGN.join(standing.aliases_of(number)))
    own = {"version": "number", "version_description": "description"}.get(field_name, field_name)
    return plain(str(getattr(version, own)))
