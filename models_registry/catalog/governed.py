"""Whether a used gate decision covers what stands elsewhere: this version, this digest, this target."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from models_registry.catalog.models import Alias, Clearance, ModelVersion

_NUMBER: Final = re.compile(r"v?(\d{1,9})", re.ASCII)

type Used = Mapping[int, Sequence[Clearance]]
"""The clearances that were used, by version, the first one first."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A version of a model as another registry names it, and the target that it stands at there.

    ``digest`` is sha256:… where it is known, ``link`` the address of the version there; both may be empty.
    """

    model_id: int
    target: str
    version: str
    digest: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """The version that is meant, None when no version on record is, and the clearances used for it, first one first."""

    version_id: int | None = None
    number: int | None = None
    digest: str = ""
    used: tuple[tuple[dt.datetime, str], ...] = ()

    def since(self) -> dt.datetime | None:
        """Return from when on a used decision covers it, None while none does."""
        return self.used[0][0] if self.used else None

    def at(self, moment: dt.datetime) -> bool:
        """Say whether a decision had been used by then."""
        return bool(self.used) and self.used[0][0] <= moment


def covers(asked: Sequence[Elsewhere]) -> list[Cover]:
    """Return what covers each of these, in their order and in two queries.

    The version is the one with that digest, else the one registered from that link, else the one of that number.
    Where the same artifact was registered more than once, the version that a decision covers is meant.
    A decision covers it for its own target alone, and for the digest that it was given for: where the registry
    elsewhere tells another digest, nothing covers it.
    """
    if not asked:
        return []
    found = _versions(asked)
    used = _used({version.pk for own in found.values() for version in own})
    return [_cover(one, found.get(one.model_id, ()), used) for one in asked]


def guarded_aliases(model_ids: Collection[int]) -> set[tuple[int, str]]:
    """Return the aliases of these models that are guarded on record, as (model, name)."""
    rows = Alias.objects.filter(model__in=model_ids, guarded=True)
    return set(rows.values_list("model_id", "name"))


def links_of(link: str) -> tuple[str, ...]:
    """Return the ways in which a version may have been registered from that address."""
    return (link, f"wandb-artifact://{link}", f"wandb-artifact:///{link}") if link else ()


def _versions(asked: Sequence[Elsewhere]) -> Mapping[int, Sequence[ModelVersion]]:
    wanted = Q()
    for one in asked:
        same = Q(number=_number(one.version)) if _number(one.version) is not None else Q(pk__in=[])
        same |= Q(artifact_digest=one.digest) if one.digest else Q(pk__in=[])
        same |= Q(source_uri__in=links_of(one.link)) if one.link else Q(pk__in=[])
        wanted |= Q(model_id=one.model_id) & same
    found: dict[int, list[ModelVersion]] = defaultdict(list)
    rows = ModelVersion.objects.filter(wanted).only("model_id", "number", "artifact_digest", "source_uri")
    for version in rows.order_by("model_id", "-number"):
        found[version.model_id].append(version)
    return found


def _meant(one: Elsewhere, versions: Sequence[ModelVersion], used: Used) -> ModelVersion | None:
    """Return the version that is meant, the newest where nothing tells them apart."""
    links, number = links_of(one.link), _number(one.version)
    if same_digest := [each for each in versions if one.digest and each.artifact_digest == one.digest]:
        return max(
            same_digest,
            key=lambda each: (bool(_fitting(one, each, used)), each.source_uri in links, each.number == number),
        )
    same_link = (each for each in versions if each.source_uri in links)
    same_number = (each for each in versions if each.number == number)
    return next(same_link, None) or next(same_number, None)


def _used(version_ids: Collection[int]) -> Used:
    found: dict[int, list[Clearance]] = defaultdict(list)
    if version_ids:
        rows = Clearance.objects.filter(version__in=version_ids, used_at__isnull=False)
        for clearance in rows.order_by("used_at", "id"):
            found[clearance.version_id].append(clearance)
    return found


def _cover(one: Elsewhere, versions: Sequence[ModelVersion], used: Used) -> Cover:
    version = _meant(one, versions, used)
    if version is None:
        return Cover()
    return Cover(version.pk, version.number, version.artifact_digest, _fitting(one, version, used))


def _fitting(one: Elsewhere, version: ModelVersion, used: Used) -> tuple[tuple[dt.datetime, str], ...]:
    return tuple(
        (each.used_at, str(each.pk))
        for each in used.get(version.pk, ())
        if each.used_at is not None
        and each.target.lower() == one.target.lower()
        and (not one.digest or each.artifact_digest == one.digest)
    )


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else None
