"""Put a model's card together from the record, for now or for a past moment."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from governance.health.models import HealthScore
from governance.reports import card_parts, card_risks
from governance.reports.card_registry import RegistryFacts, facts_at
from governance.reports.cards import Card, Facts, Part, Result, Statement, Written
from models_registry.catalog import card_queries, queries, validation_queries
from models_registry.catalog.card_models import CardText
from models_registry.catalog.card_sections import TOPICS, address_of
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage, StageMove
from models_registry.lineage.models import ArtifactKind, EdgeRole
from models_registry.lineage.queries import Used, facts_of, used_by

TOLD = ("materiality", "regulatory_class", "data_sensitivity")
BUILT = frozenset({ArtifactKind.WEIGHTS, ArtifactKind.ADAPTER})
HUB = re.compile(r"(https://(huggingface\.co|hf\.co)/|hf://)(datasets/)?(?P<id>[\w.-]+/[\w.-]+)(?=$|[/@?#])", re.ASCII)
"""Where the Hub keeps a model or a data set: `https://huggingface.co/Qwen/Qwen3-8B`, `hf://datasets/owner/name`."""


def assembled(*, model: RegisteredModel, now: dt.datetime, as_of: dt.datetime | None = None) -> Card:
    """Return the whole card; about twenty queries, whose cost does not grow with the model's history.

    A reader's own view of it is `cards.seen_with`.
    """
    at = as_of or now
    known = facts_at(model=model, at=as_of)
    standing = queries.standing(model=model, at=at, each=card_parts.LISTED + 1, stages=card_parts.ALIVE)
    version = serving(standing)
    used = used_by(versions=[version], at=as_of)[version.pk] if version else []
    built = facts_of(versions=[version], at=as_of)[version.pk] if version else []
    newest = validation_queries.newest_of(version=version, at=as_of) if version else []
    scores = HealthScore.objects.filter(model=model, scored_at__lte=at).select_related("formula_version__formula")
    texts = card_queries.texts_of(model=model, at=as_of)
    on_record = {
        "TRAINING_DATA": card_parts.data(used, role=EdgeRole.TRAINED_ON),
        "EVALUATION_DATA": card_parts.data(used, role=EdgeRole.EVALUATED_ON),
    }
    sections = {key: section(model, key, texts.get(key), on_record.get(key, ())) for key in TOPICS}
    parts = (
        card_parts.details(model, known),
        card_parts.people(model, known),
        sections["INTENDED_USE"],
        sections["OUT_OF_SCOPE"],
        sections["USERS"],
        sections["HOW_TO_USE"],
        sections["HUMAN_OVERSIGHT"],
        card_parts.build(version, built),
        sections["TRAINING_DATA"],
        sections["EVALUATION_DATA"],
        card_parts.validation(version, newest),
        card_parts.health(scores.order_by("-scored_at", "-id").first(), model),
        sections["LIMITATIONS"],
        sections["TRADE_OFFS"],
        sections["ETHICAL_CONSIDERATIONS"],
        card_risks.risks(model, as_of),
        card_risks.decisions(model, as_of),
        card_risks.approvals(model, as_of),
        card_parts.law(model, known),
        card_parts.versions(model, standing, as_of),
        card_parts.lineage(version, used),
        sections["ENVIRONMENT"],
        sections["CONTACT"],
    )
    facts = _facts(known, version, used, card_parts.results(newest))
    return Card(slug=model.slug, name=known.words("name"), at=at, facts=facts, parts=parts)


def section(model: RegisteredModel, key: str, text: CardText | None, known: Sequence[Statement] = ()) -> Part:
    """Return a section as a part: what stands in it, or that nobody has written one that a card should have."""
    topic = TOPICS[key]
    written = None
    missing = topic.missing
    if text is not None and text.text:
        written = Written(text.text, text.number, text.digest, str(text.written_by), text.written_at)
        missing = ""
    elif text is not None and topic.is_expected:
        missing = f"{text.written_by} took this section back."
    return Part(address_of(key), topic.title, tuple(known), written=written, missing=missing, section=key)


def serving(standing: Sequence[StageMove]) -> ModelVersion | None:
    """Return the version that the card is about: the newest in production, else the newest not archived."""
    live = [move.version for move in standing if move.to_stage == Stage.PRODUCTION]
    return next(iter(live or [move.version for move in standing]), None)


def _facts(
    known: RegistryFacts, version: ModelVersion | None, used: Sequence[Used], results: tuple[Result, ...]
) -> Facts:
    values = known.values
    return Facts(
        kind=values["kind"],
        purpose=known.words("purpose"),
        version=version.number if version else None,
        licence=next(filter(None, (one.version.licence for one in used if one.version.artifact.kind in BUILT)), ""),
        base_models=_names(one for one in used if one.version.artifact.kind == ArtifactKind.BASE_MODEL),
        base_relation=_relation(used),
        hub_ids=dict(_hub_ids(used)),
        trained_on=_names(one for one in used if one.role == EdgeRole.TRAINED_ON),
        evaluated_on=_names(one for one in used if one.role == EdgeRole.EVALUATED_ON),
        tags=tuple(values["tags"]),
        results=results,
        properties={f"redline:{name.replace('_', '-')}": str(values[name]) for name in TOLD},
    )


def _names(used: Iterable[Used]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.version.artifact.name for one in used))


def _relation(used: Iterable[Used]) -> str:
    """Return what the version is to its base model, in the Hub's words; empty where the lineage does not say."""
    roles = {(one.role, one.version.artifact.kind) for one in used}
    if (EdgeRole.CONSISTS_OF, ArtifactKind.ADAPTER) in roles:
        return "adapter"
    return "finetune" if (EdgeRole.FINE_TUNED_FROM, ArtifactKind.BASE_MODEL) in roles else ""


def _hub_ids(used: Iterable[Used]) -> Iterator[tuple[str, str]]:
    """Yield the names of what came from the Hub with the id that its source states."""
    for one in used:
        if found := HUB.match(one.version.source_uri):
            yield one.version.artifact.name, found["id"]
