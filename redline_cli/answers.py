"""Read a gate's answer without trusting it: what is not certainly an APPROVE of the question is none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

LONGEST_LIFE = timedelta(minutes=10)
SKEW = timedelta(minutes=2)
"""How far the clocks of caller and server may differ."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Exit(IntEnum):
    """What the exit code says."""

    APPROVED = 0
    REVIEW = 10
    BLOCKED = 20
    ERROR = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, to compare the answer with."""

    model: str
    version: int
    target: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """An exit code with the lines that explain it."""

    exit: Exit
    lines: tuple[str, ...]


def judge(*, status: int, body: bytes, question: Question, now: datetime) -> Finding:
    """Return what an HTTP answer means. Anything malformed, contradictory or late is an error."""
    try:
        answer = json.loads(body)
    except ValueError:
        return _error(f"The server answered {status} with something that is not JSON.")
    if not isinstance(answer, dict):
        return _error(f"The server answered {status} with something that is not a decision.")
    if status != 200:
        return _error(f"The server answered {status}: {answer.get('detail') or answer.get('title') or 'no reason'}")
    decision = answer.get("decision")
    if decision == "BLOCK":
        return Finding(Exit.BLOCKED, ("BLOCK", *_reasons(answer)))
    if decision == "REVIEW_REQUIRED":
        return Finding(Exit.REVIEW, ("REVIEW_REQUIRED", *_reasons(answer)))
    if decision != "APPROVE":
        return _error(f"The server gave an answer that is not known: {decision!r}.")
    doubt = _doubt(answer, question, now)
    return _error(f"The approval cannot be verified: {doubt}.") if doubt else _approved(answer)


def _doubt(answer: Mapping[str, object], question: Question, now: datetime) -> str:
    """Return why an APPROVE is not to be believed, or nothing."""
    if answer.get("model") != question.model or answer.get("version") != question.version:
        return "it is for another model or version"
    if not _same_target(answer.get("target"), question.target):
        return "it is for another target"
    if not IDENTIFIER.fullmatch(str(answer.get("id"))) or not DIGEST.fullmatch(str(answer.get("digest"))):
        return "it names no decision or no artifact"
    if question.digest and answer.get("digest") != question.digest:
        return "it is for another artifact"
    if answer.get("reasons") != []:
        return "it gives reasons against itself"
    return _untimely(answer, now)


def _untimely(answer: Mapping[str, object], now: datetime) -> str:
    try:
        decided, expires = (datetime.fromisoformat(str(answer[name])) for name in ("decided_at", "expires_at"))
    except (KeyError, ValueError):
        return "it does not say when it was given and when it ends"
    if decided.tzinfo is None or expires.tzinfo is None:
        return "its times have no zone"
    if abs(now - decided) > SKEW:
        return "it was not given now, or the clocks differ by more than two minutes"
    if not decided < expires <= decided + LONGEST_LIFE or expires + SKEW < now:
        return "its life is not one that a gate gives"
    return ""


def _same_target(answered: object, asked: str) -> bool:
    return answered == asked or answered == f"stage:{asked.removeprefix('stage:').upper()}"


def _approved(answer: Mapping[str, object]) -> Finding:
    lines = ("APPROVE", f"decision {answer['id']}", f"artifact {answer['digest']}", f"until {answer['expires_at']}")
    return Finding(Exit.APPROVED, (*lines, *_address(answer)))


def _reasons(answer: Mapping[str, object]) -> tuple[str, ...]:
    reasons = answer.get("reasons")
    rows = [one for one in reasons if isinstance(one, dict)] if isinstance(reasons, list) else []
    said = tuple(f"  {one.get('code')}: {one.get('text')} {one.get('way_out') or ''}".rstrip() for one in rows)
    return (*said, *_address(answer))


def _address(answer: Mapping[str, object]) -> tuple[str, ...]:
    return (str(answer["url"]),) if answer.get("url") else ()


def _error(text: str) -> Finding:
    return Finding(Exit.ERROR, (text,))
