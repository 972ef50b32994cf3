"""What somebody states about the origin of a version, checked before anything is kept."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from models_registry.lineage.models import DIGEST, TEXTUAL, ArtifactKind, EdgeRole

LONGEST_CONTENT = 200_000
MOST_ARTIFACTS = 200
MOST_FACTS = 300
LONGEST_NAME, LONGEST_VALUE = 120, 500
"""Of a parameter or metric."""
SHORT = 12
"""Digits of a digest that name a version which was given no label."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/@:+-]{0,199}")
_DIGEST = re.compile(DIGEST)

K, R = ArtifactKind, EdgeRole
FITS: Mapping[EdgeRole, frozenset[ArtifactKind]] = {
    R.CONSISTS_OF: frozenset({K.WEIGHTS, K.ADAPTER, K.BASE_MODEL, K.TOKENIZER}),
    R.TRAINED_ON: frozenset({K.DATASET}),
    R.EVALUATED_ON: frozenset({K.EVALUATION_DATASET, K.DATASET}),
    R.FINE_TUNED_FROM: frozenset({K.BASE_MODEL, K.WEIGHTS, K.ADAPTER}),
    R.PROMPTS_WITH: frozenset({K.PROMPT_TEMPLATE}),
    R.RETRIEVES_FROM: frozenset({K.VECTOR_INDEX, K.DATASET}),
    R.GUARDED_BY: frozenset({K.GUARDRAIL, K.PROMPT_TEMPLATE}),
    R.BUILT_BY: frozenset({K.CODE, K.CONTAINER, K.BASE_MODEL, K.WEIGHTS}),
    R.RUNS_IN: frozenset({K.CONTAINER}),
    R.DERIVED_FROM: frozenset(K),
}
"""What may stand at the far end of an edge in each role."""


class StatementUnfit(ValueError):
    """What is stated about an artifact cannot be so."""

    http_status = 400


@dataclass(frozen=True, slots=True)
class Stated:
    """One version of an artifact, as somebody states it."""

    kind: str
    name: str
    label: str = ""
    digest: str = ""
    licence: str = ""
    source_uri: str = ""
    content: str | None = None
    description: str = ""

    @property
    def artifact(self) -> tuple[str, str]:
        """Return what names the artifact."""
        return self.kind, self.name

    def __str__(self) -> str:
        return f"{self.name} {self.label}".strip()


@dataclass(frozen=True, slots=True)
class Member:
    """An artifact version of a statement: its key there, its role for the model version, what it is made from.

    Without a role it is known only through what was made from it. ``made_from`` are pairs of key and role.
    """

    key: str
    stated: Stated
    role: str = ""
    made_from: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that is stated about one version at once: what a pipeline knows at the end of its run."""

    members: tuple[Member, ...] = ()
    parameters: Mapping[str, str | float | bool] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


def settled(stated: Stated) -> Stated:
    """Return the statement with its digest and label filled in. Raises StatementUnfit with what is wrong.

    A text names itself: its digest is the SHA-256 of its UTF-8 bytes.
    """
    if stated.kind not in ArtifactKind.values:
        raise StatementUnfit(f"{stated.kind} is no kind of artifact.")
    if not _NAME.fullmatch(stated.name):
        raise StatementUnfit(f"{stated.name!r} is no name of an artifact: letters, digits, spaces and . _ / @ : + -")
    digest = _digest_of(stated)
    label = stated.label.strip() or digest.partition(":")[2][:SHORT]
    if not label:
        raise StatementUnfit(f"{stated.name} needs a digest, or a label where its maker gives none.")
    return replace(stated, digest=digest, label=label)


def fit(*, role: str, kind: str) -> None:
    """Return when an artifact of this kind can have this role. Raises StatementUnfit when it cannot."""
    if role not in EdgeRole.values:
        raise StatementUnfit(f"{role} is no role of an artifact.")
    if ArtifactKind(kind) not in FITS[EdgeRole(role)]:
        words = ", ".join(sorted(one.label.lower() for one in FITS[EdgeRole(role)]))
        raise StatementUnfit(
            f"{EdgeRole(role).label.capitalize()} leads to {words}; not to {ArtifactKind(kind).label.lower()}."
        )


def checked(statement: Statement) -> Statement:
    """Return the statement with every member settled. Raises StatementUnfit for what cannot be so."""
    keys = [member.key for member in statement.members]
    if len(keys) > MOST_ARTIFACTS:
        raise StatementUnfit(f"At most {MOST_ARTIFACTS} artifacts are stated at once.")
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise StatementUnfit(f"Two artifacts have the key {twice}.")
    if len(statement.parameters) + len(statement.metrics) > MOST_FACTS:
        raise StatementUnfit(f"At most {MOST_FACTS} parameters and metrics are stated at once.")
    for name, value in (*statement.parameters.items(), *statement.metrics.items()):
        _check_fact(name, value)
    members = tuple(replace(member, stated=settled(member.stated)) for member in statement.members)
    kinds = {member.key: member.stated.kind for member in members}
    for member in members:
        if member.role:
            fit(role=member.role, kind=member.stated.kind)
        for key, role in member.made_from:
            if key not in kinds:
                raise StatementUnfit(f"{member.key} is made from {key}, which is not among the artifacts.")
            fit(role=role, kind=kinds[key])
    return replace(statement, members=members)


def _check_fact(name: str, value: str | float | bool) -> None:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise StatementUnfit(f"{name[:40]!r} names no parameter or metric: 1 to {LONGEST_NAME} characters.")
    if isinstance(value, str):
        if len(value) > LONGEST_VALUE or "\x00" in value:
            raise StatementUnfit(f"The value of {name} is a text of at most {LONGEST_VALUE} characters.")
    elif not isinstance(value, bool) and not _is_finite(value):
        raise StatementUnfit(f"The value of {name} is not a number.")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float holds
        return False


def _digest_of(stated: Stated) -> str:
    if stated.content is not None:
        if stated.kind not in TEXTUAL:
            raise StatementUnfit(
                "Only the text of a prompt or a guardrail is kept; of other artifacts, state the digest."
            )
        if not stated.content or len(stated.content) > LONGEST_CONTENT:
            raise StatementUnfit(f"A text has 1 to {LONGEST_CONTENT:,} characters.")
        own = f"sha256:{sha256(stated.content.encode()).hexdigest()}"
        if stated.digest not in ("", own):
            raise StatementUnfit(f"The digest of {stated.name} is not that of its text, which is {own}.")
        return own
    if stated.digest and not _DIGEST.fullmatch(stated.digest):
        raise StatementUnfit(
            f"{stated.digest[:80]!r} is no digest: sha256, sha384, sha512, sha1, md5 or git, a colon, and all digits "
            "in lower case."
        )
    return stated.digest
