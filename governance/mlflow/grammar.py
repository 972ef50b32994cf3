"""The search grammar of MLflow's registry: what may be asked of models and of versions, and in which order.

``clause ( AND clause )*``, a clause being ``identifier comparator value``. Pure: text in, clauses out. Refusals have
the words of MLflow's own parser (`mlflow.utils.search_utils`, 3.17.2).
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from governance.mlflow.errors import invalid

TOKEN = re.compile(
    r"""(?P<string>'[^']*'|"[^"]*")
    | (?P<comparator><=|>=|!=|=|<|>)
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<word>(?:`[^`]*`|[\w-]+)(?:\.(?:`[^`]*`|"[^"]*"|'[^']*'|[\w/:-]+))*)
    | (?P<mark>[(),;])
    | (?P<other>\S)""",
    re.VERBOSE,
)
STRINGS: Final = frozenset({"=", "!=", "LIKE", "ILIKE"})
LISTS: Final = frozenset({"IN", "NOT IN"})
NUMBERS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
WORDS: Final = frozenset({"LIKE", "ILIKE", "IN", "NOT"})
ENTITIES: Final = ("attribute", "tag", "tags")
LONGEST = 10_000
"""Characters of a filter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What can be asked of one kind of thing: its attributes, which of them take lists, which are numbers."""

    attributes: tuple[str, ...]
    lists: frozenset[str]
    numbers: frozenset[str]
    orders: tuple[str, ...]


MODELS = Asked(
    ("name",), frozenset({"name"}), frozenset(), ("name", "creation_timestamp", "last_updated_timestamp", "timestamp")
)
VERSIONS = Asked(
    ("name", "run_id", "source_path", "version_number"),
    frozenset({"name", "run_id"}),
    frozenset({"version_number"}),
    ("name", "version_number", "creation_timestamp", "last_updated_timestamp"),
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; ``tag`` says that the key is a label's, otherwise it is an attribute's."""

    key: str
    comparator: str
    value: str | int | tuple[str, ...]
    tag: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One key to sort by."""

    key: str
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def clauses(text: str, *, of: Asked) -> tuple[Clause, ...]:
    """Return the clauses of a filter, all of which must hold. Raises Refused."""
    tokens = _tokens(text)
    if any(one.text == ";" for one in tokens):
        raise invalid(f"Search filter contained multiple expression {_said(text)}. Provide AND-ed expression list.")
    found: list[Clause] = []
    odd: list[str] = []
    place, wanted = 0, True
    while place < len(tokens):
        if not wanted and tokens[place].text.upper() == "AND":
            place, wanted = place + 1, True
            continue
        taken = _comparison(tokens, place) if wanted else 0
        if taken:
            found.append(_clause(tokens[place : place + taken], of))
        else:
            odd.append(tokens[place].text)
        place, wanted = place + (taken or 1), wanted and not taken
    if odd or (wanted and found):
        raise invalid(f"Invalid clause(s) in filter string: {', '.join(odd or ['AND'])}")
    return tuple(found)


def orders(texts: Sequence[str], *, of: Asked) -> tuple[Order, ...]:
    """Return the keys to sort by. Raises Refused."""
    found = tuple(_order(text, of) for text in texts)
    keys = [order.key for order in found]
    if len(set(keys)) < len(keys):
        raise invalid(f"`order_by` contains duplicate fields: {list(texts)}")
    return found


def offset_of(token: str | None) -> int:
    """Return where a page begins. Raises Refused for a token that this grammar did not make."""
    if not token:
        return 0
    try:
        held = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError):
        raise invalid("Invalid page token, could not base64-decode") from None
    offset = held.get("offset") if isinstance(held, dict) else None
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**31:
        raise invalid(f"Invalid page token, parsed value={held}")
    return offset


def token_of(offset: int) -> str:
    """Return the opaque token of the page that begins there."""
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        raise invalid(f"A filter has at most {LONGEST} characters.")
    return [_Token(str(found.lastgroup), found[found.lastgroup or 0]) for found in TOKEN.finditer(text)]


def _comparison(tokens: Sequence[_Token], place: int) -> int:
    """Return how many tokens from ``place`` on make one comparison, 0 when none begins there."""
    part = tokens[place:]
    if len(part) < 3 or part[0].kind != "word":
        return 0
    words = [one.text.upper() for one in part[:3]]
    if words[1] == "IN" or words[1:3] == ["NOT", "IN"]:
        return _list_end(part, 2 if words[1] == "IN" else 3)
    compares = part[1].kind == "comparator" or words[1] in ("LIKE", "ILIKE")
    return 3 if compares and part[2].kind in ("string", "number", "word") and words[2] != "AND" else 0


def _list_end(part: Sequence[_Token], start: int) -> int:
    """Return the place after the closing bracket of a list that opens at ``start``, 0 for none."""
    if len(part) <= start or part[start].text != "(":
        return 0
    closing = next((place for place, one in enumerate(part) if one.text == ")"), 0)
    return closing + 1 if closing else 0


def _clause(tokens: Sequence[_Token], of: Asked) -> Clause:
    is_tag, key = _identifier(tokens[0].text, of)
    comparator = tokens[1].text.upper()
    if comparator == "NOT":
        comparator, tokens = "NOT IN", tokens[1:]
    if comparator in LISTS:
        return _in_list(key, comparator, tokens[3:-1], of, is_tag)
    if is_tag:
        if comparator not in STRINGS:
            raise invalid(f"Invalid comparator for tag: {comparator}")
        return Clause(key, comparator, _quoted(tokens[2], "tag"), tag=True)
    if key in of.numbers:
        if comparator not in NUMBERS:
            raise invalid(f"Invalid comparator for attribute {key}: {comparator}")
        return Clause(key, comparator, _whole(key, tokens[2]))
    if comparator not in STRINGS:
        raise invalid(f"Invalid comparator for attribute: {comparator}")
    return Clause(key, comparator, _quoted(tokens[2], "attributes"))


def _identifier(text: str, of: Asked) -> tuple[bool, str]:
    entity, dot, rest = text.partition(".")
    if dot and entity not in ENTITIES:
        raise invalid(f"Invalid entity type '{entity}'. Valid entity types are {ENTITIES}")
    is_tag, key = bool(dot) and entity != "attribute", rest if dot else text
    if not is_tag and key not in of.attributes:
        valid = "{" + ", ".join(repr(one) for one in of.attributes) + "}"
        raise invalid(f"Invalid attribute key '{key}' specified. Valid keys are '{valid}'")
    return is_tag, key[1:-1] if len(key) > 1 and key[0] == key[-1] and key[0] in "`\"'" else key


def _in_list(key: str, comparator: str, items: Sequence[_Token], of: Asked, is_tag: bool) -> Clause:
    if is_tag:
        raise invalid(f"Invalid comparator for tag: {comparator}")
    if key not in of.lists:
        raise invalid(f"Only {sorted(of.lists)} attributes support comparison with a list of quoted string values.")
    values, commas = items[::2], items[1::2]
    if not items:
        raise invalid(
            "While parsing a list in the query, expected a non-empty list of string values, but got empty list"
        )
    if any(one.kind != "string" for one in values) or any(one.text != "," for one in commas):
        raise invalid(
            "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list."
        )
    return Clause(key, comparator, tuple(one.text[1:-1] for one in values))


def _quoted(token: _Token, what: str) -> str:
    if token.kind == "string":
        return token.text[1:-1]
    if token.kind == "word":
        raise invalid(
            "Parameter value is either not quoted or unidentified quote types used for string value "
            f"{token.text}. Use either single or double quotes."
        )
    expected = "a quoted string value" if what == "tag" else "a quoted string value or a list of quoted string values"
    hint = "tag (e.g. 'my-value')" if what == "tag" else what
    raise invalid(f"Expected {expected} for {hint}. Got value {token.text}")


def _whole(key: str, token: _Token) -> int:
    text = token.text[1:-1] if token.kind == "string" else token.text
    try:
        number = int(text)
    except ValueError:
        raise invalid(f"Invalid value for numeric attribute '{key}': {text!r}") from None
    return max(-(2**31), min(number, 2**31 - 1))


def _order(text: str, of: Asked) -> Order:
    words = text.replace("`", " ").split()
    if not words or len(words) > 2:
        raise invalid(f"Invalid order_by clause '{text}'. Could not be parsed.")
    if len(words) == 2 and words[1].lower() not in ("asc", "desc"):
        raise invalid(f"Invalid ordering key in order_by clause '{text}'.")
    key = words[0].removeprefix("attribute.")
    if key not in of.orders:
        word = "attribute" if of.numbers else "order by"
        valid = "{" + ", ".join(repr(one) for one in of.orders) + "}"
        raise invalid(f"Invalid {word} key '{key}' specified. Valid keys are '{valid}'")
    key = "last_updated_timestamp" if key == "timestamp" else key
    return Order(key, words[-1].lower() != "desc")


def _said(text: str) -> str:
    return '"' + text + '"' if "'" in text else repr(text)
