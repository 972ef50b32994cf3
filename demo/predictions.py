"""What the language models of Meridian Mutual answered of late, as their gateway reports it. No texts are kept."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from demo import story
from demo.telemetry import DAY
from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel, Stage
from models_registry.catalog.queries import standing
from models_registry.lineage import prediction_actions
from models_registry.telemetry import source_actions
from models_registry.telemetry.models import Source, SourceKind

DAYS, A_DAY = 7, 60
EXAMPLE, EXAMPLE_MODEL = "claim-2041-answer-3", "claims-triage"
"""The prediction that the tutorial explains, and the model that gave it."""

KINDS = frozenset({"LLM_APPLICATION", "RAG_APPLICATION", "AGENT", "FINE_TUNED_ADAPTER"})
SEGMENTS = ("web", "app", "phone")
PER_TOKEN = {"OpenAI": (0.4, 1.6), "Anthropic": (1.0, 5.0), "Mistral": (0.1, 0.3)}
"""US dollars for a million tokens of input and output: so many millionths of a dollar for one token."""

ENDINGS = {
    ("ok", ""): 94, ("blocked", "personal_data"): 2, ("refused", "out_of_scope"): 2, ("error", "upstream_500"): 1,
    ("timeout", ""): 1,
}  # fmt: skip
"""How answers end, with their codes, of a hundred."""


def report(
    *, people: Mapping[str, Account], records: Mapping[str, RegisteredModel], present: datetime, seed: int
) -> None:
    """Let the gateway report a week of answers, a body a day, and one early answer of a version nobody registered."""
    nadia = people[story.ADMINISTRATOR]
    gateway, _ = source_actions.create_source(
        by=nadia, at=present - DAYS * DAY, name="Model gateway", kind=SourceKind.MEASUREMENTS
    )
    prediction_actions.decide_terms(by=nadia, at=present - DAYS * DAY, source=gateway, keeps_text=False)
    models = [model for model in story.MODELS if model.slug in records and model.kind in KINDS]
    serving = _serving(records, present)
    for ago in range(DAYS, 0, -1):
        since = present - ago * DAY
        rows = [row for model in models for row in _day(model, serving.get(model.slug, 1), since, seed)]
        if ago == 1:
            rows += list(_asides(models, serving, present))
        _send(gateway, rows, since + DAY)


def _serving(records: Mapping[str, RegisteredModel], at: datetime) -> dict[str, int]:
    """Return the number of each model's version that answers: the one in production, else the newest on its way."""
    order = [Stage.DEVELOPMENT, Stage.STAGING, Stage.PRODUCTION]
    found = {}
    for model in records.values():
        moves = standing(model=model, at=at, each=1, stages=order)
        if moves:
            last = max(moves, key=lambda move: order.index(Stage(move.to_stage)))
            found[model.slug] = last.version.number
    return found


def _day(model: story.ModelStory, number: int, since: datetime, seed: int) -> Iterator[dict[str, Any]]:
    chance = Random(f"{seed}:{model.slug}:{since.date()}")  # noqa: S311 - the story's own dice
    for place in range(A_DAY):
        at = since + timedelta(seconds=chance.uniform(0, DAY.total_seconds() - 1))
        yield _answer(model, number, at, f"{model.slug}-{since:%m%d}-{place:03}", chance)


def _answer(model: story.ModelStory, number: int, at: datetime, name: str, chance: Random) -> dict[str, Any]:
    outcome, code = chance.choices(list(ENDINGS), weights=list(ENDINGS.values()))[0]
    if model.plot == "injection" and chance.random() < 0.08:
        outcome, code = "blocked", "prompt_injection"
    asked, answered = chance.randint(240, 3200), 0 if outcome in ("error", "timeout") else chance.randint(60, 620)
    given, taken = PER_TOKEN.get(model.vendor, (0.2, 0.2))
    told: dict[str, Any] = {
        "prediction_id": name,
        "trace_id": f"{chance.getrandbits(128):032x}",
        "model": model.slug,
        "version": number,
        "observed_at": at.astimezone(UTC).isoformat(),
        "prompt": {"name": f"{model.slug}/system", "version": f"v{number}"},
        "input_tokens": asked,
        "output_tokens": answered,
        "latency_ms": 30_000 if outcome == "timeout" else round(180 + 2.1 * answered + chance.expovariate(1 / 220), 1),
        "cost_micros": round(asked * given + answered * taken),
        "currency": "USD",
        "outcome": outcome,
        "segment": chance.choice(SEGMENTS),
        "input": f"question {name}",
        "output": f"answer {name}",
    }
    if code:
        told["outcome_code"] = code
    if model.customer_facing or model.sensitivity == "PERSONAL":
        told["subject"] = f"policyholder-{chance.randint(1000, 4999)}"
    if model.kind in {"RAG_APPLICATION", "AGENT"}:
        pages = sorted(chance.sample(range(1, 240), chance.randint(2, 5)))
        told["documents"] = [f"policy-documents/terms-2026#{page}" for page in pages]
    return told


def _asides(models: list[story.ModelStory], serving: Mapping[str, int], present: datetime) -> Iterator[dict[str, Any]]:
    """Yield the answer that the tutorial explains, and those of a version that nobody has registered."""
    for model in models:
        if model.slug == EXAMPLE_MODEL:
            chance = Random(EXAMPLE)  # noqa: S311 - the story's own dice
            told = _answer(model, serving.get(model.slug, 1), present - timedelta(minutes=42), EXAMPLE, chance)
            yield told | {"outcome": "ok", "segment": "web", "latency_ms": 1240.0} | {"subject": "policyholder-2041"}
    early = models[-1]
    for place in range(6):
        chance = Random(f"early:{place}")  # noqa: S311 - the story's own dice
        yield _answer(
            early, early.versions + 1, present - timedelta(hours=place + 1), f"{early.slug}-early-{place}", chance
        )


def _send(gateway: Source, rows: list[dict[str, Any]], at: datetime) -> None:
    for row in rows:
        if row["outcome"] == "ok":
            row.pop("outcome_code", None)
    body = json.dumps({"predictions": rows}).encode()
    prediction_actions.receive(source=gateway, body=body, at=at)
