"""What rows about one model would do: compared with the record field by field, with every problem by row and column.

A change is a plain mapping, so that it can be kept, shown, compared again before it is applied, and taken back:

``created`` and ``restored``: the model itself. ``field``: ``field``, ``old`` and ``new`` as the database has them,
``from`` and ``to`` in words. ``outside``: ``system`` and ``name``. ``version``: ``number``, ``digest``, ``uri``,
``description``. ``version_restored``, ``digest``, ``description``, ``stage``: of a version by ``number``. ``alias``:
``name``, and the numbers ``old`` and ``new``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import Kind, RegisteredModel
from models_registry.intake.fields import BY_NAME, CLEAR, MODEL_FIELDS, VERSION_FIELDS
from models_registry.intake.models import Outcome
from models_registry.intake.parsing import Unfit, Value, parse
from models_registry.intake.standing import Standing, World, written
from models_registry.intake.version_planning import number_of, plan_versions
from models_registry.tabular.cells import plain

type Change = dict[str, Any]
type Asked = Mapping[str, Any]
"""One row: its number (``row``) and its filled cells by field (``cells``)."""

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?")
DIRECT: Final = tuple(name for name in MODEL_FIELDS if name not in {"slug", "external_names"})


@dataclass
class Plan:
    """What applying the rows about one model would do. ``problems`` have ``row``, ``field`` and ``text``."""

    slug: str = ""
    name: str = ""
    standing: Standing | None = None
    outcome: str = Outcome.SAME
    changes: list[Change] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    refused: bool = False

    def wrong(self, row: int, field_name: str, text: str) -> None:
        """Note a problem."""
        self.problems.append({"row": row, "field": field_name, "text": text})

    def refuse(self, row: int, field_name: str, reason: str) -> None:
        """Note that the reader may not do it."""
        self.refused = True
        if not any(one["text"] == reason for one in self.problems):
            self.wrong(row, field_name, reason)


def slug_of(text: str) -> str:
    """Return a text as a slug: `MDL 0042` is `mdl-0042`."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-_")[:80].rstrip("-_")


def plan(asked: Sequence[Asked], world: World) -> Plan:
    """Return what the rows about one model would do now. Writes nothing."""
    made = Plan()
    cells = _merged(asked, made)
    first = asked[0]["row"]
    _find(made, cells, world, first)
    if made.problems:
        return _settled(made)
    draft = made.standing.model if made.standing else RegisteredModel(name=made.name, slug=made.slug)
    if made.standing is None:
        made.changes.append({"what": "created"})
    elif made.standing.model.archived_at is not None:
        made.changes.append({"what": "restored"})
    draft = _facts(made, cells, world, draft, first)
    rows = [one for one in asked if any(name in one["cells"] for name in VERSION_FIELDS)]
    if made.problems:
        for one in rows:
            number_of(made, one)
        return _settled(made)
    _may(made, world, draft, cells, first)
    _outside(made, cells, world, draft, first)
    if rows:
        plan_versions(made, rows, world, draft)
    return _settled(made)


def _settled(made: Plan) -> Plan:
    if made.problems:
        made.changes = []
        made.outcome = Outcome.REFUSED if made.refused else Outcome.WRONG
    elif any(one["what"] in {"created", "restored"} for one in made.changes):
        made.outcome = Outcome.CREATE
    else:
        made.outcome = Outcome.CHANGE if made.changes else Outcome.SAME
    return made


def _merged(asked: Sequence[Asked], made: Plan) -> dict[str, tuple[int, str]]:
    """Return what the rows say of the model itself, by field, with the first row that says it."""
    found: dict[str, tuple[int, str]] = {}
    for one in asked:
        for name, text in one["cells"].items():
            if name in VERSION_FIELDS:
                continue
            row, before = found.setdefault(name, (one["row"], text))
            if before != text:
                made.wrong(one["row"], name, f"Row {row} says something else of the same model: {before[:60]}.")
    return found


def _find(made: Plan, cells: Mapping[str, tuple[int, str]], world: World, first: int) -> None:
    row, given = cells.get("slug", (first, ""))
    named_row, name = cells.get("name", (first, ""))
    same = world.by_name.get(name.lower(), []) if name and not given else []
    if given:
        made.slug = given if given in world.by_slug or given in world.taken else slug_of(given)
        made.standing = world.by_slug.get(made.slug)
    elif len(same) == 1:
        made.standing, made.slug = same[0], same[0].model.slug
    elif same:
        slugs = ", ".join(sorted(one.model.slug for one in same)[:5])
        made.wrong(named_row, "name", f"{len(same)} models are called so: {slugs}. Say which by its slug.")
    else:
        made.slug = slug_of(name)
        made.standing = world.by_slug.get(made.slug)
    made.name = name or (made.standing.model.name if made.standing else "")
    column = "slug" if given else "name"
    if made.standing is None and not made.problems:
        if made.slug in world.taken:
            made.wrong(row if given else named_row, column, f"{world.taken[made.slug]} Choose another slug.")
        elif not name:
            made.wrong(named_row, "name", "A new model needs a name.")
        elif not SLUG.fullmatch(made.slug):
            made.wrong(row if given else named_row, column, "No slug can be made of this: it needs letters or digits.")


def _facts(
    made: Plan, cells: Mapping[str, tuple[int, str]], world: World, model: RegisteredModel, first: int
) -> RegisteredModel:
    """Compare the facts of the model; return it as it would be where it is new, else as it is."""
    values = dict(_values(made, cells, world, first))
    if made.standing is None:
        for name, value in values.items():
            setattr(model, name, value.kept)
    for name in DIRECT:
        if name not in values:
            continue
        value = values[name]
        old = _stored(made.standing.model, name) if made.standing else None
        if made.standing is None or old != value.stored:
            told = _told(made.standing, name) if made.standing else ""
            made.changes.append(
                {"what": "field", "field": name, "old": old, "new": value.stored, "from": told, "to": value.told}
            )
    return model


def _values(made: Plan, cells: Mapping[str, tuple[int, str]], world: World, first: int) -> Iterator[tuple[str, Value]]:
    for name in DIRECT:
        row, text = cells.get(name, (first, ""))
        text = text or _usual(name, made, cells, world)
        if not text or (made.standing and plain(text) == written(made.standing, name)):
            continue
        try:
            value = parse(BY_NAME[name], text, world.people)
        except Unfit as unfit:
            made.wrong(row, name, str(unfit))
            continue
        if name == "kind" and value.stored == Kind.UNKNOWN and made.standing:
            made.wrong(row, name, "Say what sort of system it is; it was stated already.")
            continue
        yield name, value


def _usual(name: str, made: Plan, cells: Mapping[str, tuple[int, str]], world: World) -> str:
    """Return what a new model gets where its row says nothing."""
    if made.standing is not None or name not in {"owner", "unit", "kind"}:
        return ""
    if name == "unit" and not world.usual.get("unit"):
        given = cells["owner"][1] if "owner" in cells else world.usual.get("owner", "")
        owner = world.people.accounts.get(given.strip().lower())
        return owner.unit.slug if owner and owner.unit else ""
    return world.usual.get(name, "") or (Kind.UNKNOWN if name == "kind" else "")


def _may(made: Plan, world: World, model: RegisteredModel, cells: Mapping[str, tuple[int, str]], first: int) -> None:
    if made.standing is None:
        for needed in ("owner", "unit"):
            if getattr(model, f"{needed}_id") is None:
                made.wrong(first, needed, f"A new model needs {'an owner' if needed == 'owner' else 'a unit'}.")
        if not made.problems and not (answer := can(world.by, Permission.MODEL_REGISTER, on=model)):
            made.refuse(first, "unit", answer.reason)
        return
    if made.changes and not (answer := can(world.by, Permission.MODEL_EDIT, on=model)):
        named = next((one["field"] for one in made.changes if one["what"] == "field"), "slug")
        made.refuse(cells.get(named, (first, ""))[0], named, answer.reason)


def _outside(
    made: Plan, cells: Mapping[str, tuple[int, str]], world: World, model: RegisteredModel, first: int
) -> None:
    row, text = cells.get("external_names", (first, ""))
    if not text or text == CLEAR or (made.standing and plain(text) == written(made.standing, "external_names")):
        return
    own = {(one.system, one.name) for one in made.standing.outside} if made.standing else set()
    for entry in dict.fromkeys(part.strip() for part in re.split(r"[;\n]", text) if part.strip()):
        system, sign, name = (part.strip() for part in entry.partition(":"))
        system = system.lower()
        if not sign or not system or not name or len(system) > 40 or len(name) > 200:
            made.wrong(row, "external_names", f"{entry[:60]} is not a system, a colon and a name: arize:claims.")
        elif (system, name) in own:
            continue
        elif (system, name) in world.elsewhere:
            made.wrong(row, "external_names", f"{system} already calls another model {name}.")
        elif not (answer := can(world.by, Permission.MODEL_EDIT, on=model)):
            made.refuse(row, "external_names", answer.reason)
        else:
            made.changes.append({"what": "outside", "system": system, "name": name})


def _stored(model: RegisteredModel, name: str) -> Any:
    value = getattr(model, name)
    return value.pk if hasattr(value, "pk") else value


def _told(standing: Standing, name: str) -> str:
    """Return a fact in words."""
    model = standing.model
    display = getattr(model, f"get_{name}_display", None)
    value = getattr(model, name)
    if display:
        return str(display())
    if value is None:
        return ""
    return written(standing, name) if isinstance(value, list | bool) else str(value)
