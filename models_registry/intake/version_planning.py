"""What rows say of a model's versions: which are new, and what changes of the others, inside what the gate guards."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog import lifecycle
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage
from models_registry.intake.fields import BY_NAME, CLEAR, words_of
from models_registry.intake.parsing import Unfit, parse
from models_registry.intake.standing import Standing, World, written_version
from models_registry.tabular.cells import plain

if TYPE_CHECKING:
    from models_registry.intake.planning import Asked, Plan

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
ALIAS: Final = re.compile(r"[A-Za-z0-9_.-]{1,255}")
HIGHEST: Final = 2**31 - 1
GUARDED: Final = "A version enters production with the gate's clearance alone. Import it as staging and promote it."


@dataclass
class _Versions:
    """The versions of one model while its rows are read."""

    plan: "Plan"
    world: World
    model: RegisteredModel
    standing: Standing | None
    last: int
    seen: dict[int, int] = field(default_factory=dict)
    pointed: dict[str, int] = field(default_factory=dict)


def plan_versions(made: "Plan", asked: "Sequence[Asked]", world: World, model: RegisteredModel) -> None:
    """Add to a plan what the rows would do to versions, stages and aliases."""
    standing = made.standing
    state = _Versions(made, world, model, standing, standing.last_number if standing else 0)
    numbered = [(number_of(made, one), one) for one in asked]
    if made.problems:
        return
    for number, one in sorted(numbered, key=lambda pair: (pair[0] or HIGHEST + 1, pair[1]["row"])):
        _version(state, number, one["row"], {name: plain(text) for name, text in one["cells"].items()})


def number_of(made: "Plan", one: "Asked") -> int | None:
    """Return the number of a version that a row gives; note where it is none."""
    text = one["cells"].get("version", "")
    if not text:
        return None
    found = re.fullmatch(r"[vV]?\.?\s*(\d{1,10})(?:\.0+)?", text)
    if found is None or not 1 <= int(found.group(1)) <= HIGHEST:
        made.wrong(one["row"], "version", f"{text[:40]} is not a whole number. Put such a label into the description.")
        return None
    return int(found.group(1))


def _version(state: _Versions, number: int | None, row: int, cells: Mapping[str, str]) -> None:
    made, digest = state.plan, _digest(state, row, cells)
    if digest is None:
        return
    held = _held(state, number, digest)
    if held is None and number is None and not digest:
        name = next(name for name in cells if BY_NAME[name].of == "version")
        made.wrong(row, name, "This belongs to a version: say its number, or leave the column out.")
        return
    if held is not None:
        number = held.number
    elif number is None:
        number = state.last + 1
    if number in state.seen:
        made.wrong(row, "version", f"Row {state.seen[number]} is about version {number} too.")
        return
    state.seen[number] = row
    if held is None:
        _new(state, number, row, cells, digest)
    else:
        _standing(state, held, row, cells, digest)
    _stage(state, held, number, row, cells.get("stage", ""))
    _aliases(state, held, number, row, cells.get("aliases", ""))


def _digest(state: _Versions, row: int, cells: Mapping[str, str]) -> str | None:
    text = cells.get("artifact_digest", "").lower()
    if re.fullmatch(r"[0-9a-f]{64}", text):
        text = f"sha256:{text}"
    if text and not DIGEST.fullmatch(text):
        state.plan.wrong(row, "artifact_digest", "A digest is sha256: and 64 hexadecimal digits.")
        return None
    return text


def _held(state: _Versions, number: int | None, digest: str) -> ModelVersion | None:
    if state.standing is None:
        return None
    if number is not None:
        return state.standing.versions.get(number)
    same = [one for one in state.standing.versions.values() if digest and one.artifact_digest == digest]
    return max(same, key=lambda one: one.number, default=None)


def _new(state: _Versions, number: int, row: int, cells: Mapping[str, str], digest: str) -> None:
    made = state.plan
    if number <= state.last:
        made.wrong(row, "version", f"Version {number} is not on record, and numbers only grow: {state.last} was given.")
        return
    state.last = number
    for name in ("source_uri", "version_description"):
        longest = BY_NAME[name].longest
        if len(cells.get(name, "")) > longest:
            made.wrong(row, name, f"It is longer than {longest:,} characters.")
    if not (answer := can(state.world.by, Permission.VERSION_REGISTER, on=state.model)):
        made.refuse(row, "version", answer.reason)
    made.changes.append(
        {
            "what": "version",
            "number": number,
            "digest": digest,
            "uri": cells.get("source_uri", ""),
            "description": cells.get("version_description", ""),
        }
    )


def _standing(state: _Versions, held: ModelVersion, row: int, cells: Mapping[str, str], digest: str) -> None:
    made, standing = state.plan, state.standing
    assert standing is not None
    if held.withdrawn_at is not None:
        if held.number not in standing.taken_back:
            made.wrong(row, "version", f"Version {held.number} was withdrawn, and keeps its number.")
            return
        made.changes.append({"what": "version_restored", "number": held.number})
    if digest and held.artifact_digest and digest != held.artifact_digest:
        made.wrong(
            row, "artifact_digest", f"Version {held.number} is another artifact; another artifact is another version."
        )
    uri = cells.get("source_uri", "")
    if uri and uri != written_version(standing, held.number, "source_uri"):
        made.wrong(row, "source_uri", f"Where version {held.number} is was stated when it was registered.")
    writes: list[dict[str, Any]] = []
    if digest and not held.artifact_digest:
        writes.append({"what": "digest", "number": held.number, "old": "", "new": digest})
    text = cells.get("version_description", "")
    if text and text != written_version(standing, held.number, "version_description"):
        new = "" if text == CLEAR else text
        writes.append({"what": "description", "number": held.number, "old": held.description, "new": new})
    if writes and not (answer := can(state.world.by, Permission.VERSION_REGISTER, on=state.model)):
        made.refuse(row, "version", answer.reason)
    made.changes += writes


def _stage(state: _Versions, held: ModelVersion | None, number: int, row: int, text: str) -> None:
    made = state.plan
    if not text:
        return
    try:
        to = parse(BY_NAME["stage"], text, state.world.people).stored
    except Unfit as unfit:
        made.wrong(row, "stage", str(unfit))
        return
    returns = held is not None and held.withdrawn_at is not None
    now = Stage.DEVELOPMENT if held is None or returns else held.stage
    if now == to:
        return
    if to in lifecycle.GUARDED_STAGES:
        made.wrong(row, "stage", GUARDED)
    elif not lifecycle.may_move(from_stage=now, to=to):
        made.wrong(row, "stage", f"A version in {now.lower()} cannot move to {to.lower()}.")
    elif not (answer := can(state.world.by, Permission.VERSION_MOVE, on=state.model)):
        made.refuse(row, "stage", answer.reason)
    else:
        made.changes.append({"what": "stage", "number": number, "old": now, "new": to})


def _aliases(state: _Versions, held: ModelVersion | None, number: int, row: int, text: str) -> None:
    made, standing = state.plan, state.standing
    if not text or (held is not None and standing and text == written_version(standing, number, "aliases")):
        return
    for name in dict.fromkeys(words_of(text)):
        alias = standing.aliases.get(name) if standing else None
        if alias is not None and held is not None and alias.version_id == held.pk:
            continue
        if reason := _unfit(state, name, number):
            made.wrong(row, "aliases", reason)
        elif not (answer := can(state.world.by, Permission.VERSION_MOVE, on=state.model)):
            made.refuse(row, "aliases", answer.reason)
        else:
            state.pointed[name] = number
            made.changes.append({"what": "alias", "name": name, "old": _at(standing, name), "new": number})


def _unfit(state: _Versions, name: str, number: int) -> str:
    """Return why an alias cannot be pointed at a version; empty where it can."""
    standing, by = state.standing, state.world.by
    alias = standing.aliases.get(name) if standing else None
    if not ALIAS.fullmatch(name):
        return f"{name[:40]} is not an alias: letters, digits, dots, dashes and underscores."
    if name in state.pointed:
        return f"The alias {name} would point at version {state.pointed[name]} too."
    if alias.guarded if alias else lifecycle.is_guarded(name, is_prompt=False):
        return f"The alias {name} is guarded: it moves with the gate's clearance alone."
    guard = standing.protections.get(name) if standing else None
    if guard and by not in guard.movers.all() and not (guard.pipeline_only and by.is_automation):
        return f"The alias {name} is protected: only those whom its protection names may move it."
    return ""


def _at(standing: Standing | None, name: str) -> int | None:
    alias = standing.aliases.get(name) if standing else None
    if alias is None or standing is None:
        return None
    return next((number for number, one in standing.versions.items() if one.pk == alias.version_id), None)
