"""What the versions of Meridian Mutual's models were made from, as the release pipeline states it. Data only.

Teams share what they share in life: snapshots of one history of claims, one archive of documents, one base model.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha1, sha256
from random import Random

from demo import story
from models_registry.access.models import Account
from models_registry.catalog.models import ModelVersion
from models_registry.lineage.actions import record_lineage
from models_registry.lineage.models import ArtifactKind as K
from models_registry.lineage.models import EdgeRole as R
from models_registry.lineage.statement import Member, Stated, Statement

LANGUAGE = frozenset({"LLM_APPLICATION", "RAG_APPLICATION", "AGENT", "FINE_TUNED_ADAPTER"})
SENSES = frozenset({"VISION", "SPEECH", "EMBEDDING_MODEL"})
HISTORY = {
    "claims-ml": ("claims-history",),
    "pricing": ("policy-ledger", "claims-history"),
    "dialogue": ("service-conversations",),
    "trust": ("payment-events", "claims-history"),
    "growth": ("customer-journeys",),
    "back-office": ("document-archive",),
}
"""The recorded data that each team draws its training data from."""
HOSTED = {
    "OpenAI": ("gpt-4.1-mini", "2025-04-14"),
    "Anthropic": ("claude-haiku-4-5", "20251001"),
    "Mistral": ("mistral-small-3.2-24b-instruct", "2506"),
}
"""Base models that their makers host: they have a name and no digest."""
OPEN = ("qwen3-8b", "2025-04", "Apache-2.0", "https://huggingface.co/Qwen/Qwen3-8B")
BACKBONES = {
    "VISION": ("convnext-base", "in22k", "MIT"),
    "SPEECH": ("whisper-small", "v2", "Apache-2.0"),
    "EMBEDDING_MODEL": ("bge-m3", "1.0", "MIT"),
}
PROMPT = """\
You work for Meridian Mutual. {purpose}
{tone}
Cite the clause or the record behind every statement.{limits}
If the answer is not in what you were given, say so and stop.
Never name a diagnosis, an account number or a person who is not the caller.{language}
"""
TONES = ("Answer in full sentences.", "Answer in at most five sentences.", "Answer in at most three sentences.")


def state(*, by: Account, at: datetime, model: story.ModelStory, version: ModelVersion) -> None:
    """Let the pipeline state what a version of a model came from."""
    chance = Random(f"{model.slug}:{version.number}")  # noqa: S311 - the story's own dice
    statement = Statement(
        members=tuple(_members(model, version)),
        parameters=_parameters(model, version.number),
        metrics=_metrics(model, version.number, chance),
    )
    record_lineage(by=by, at=at, version=version, statement=statement)


def _members(model: story.ModelStory, version: ModelVersion) -> Iterator[Member]:
    number = version.number
    yield from _history(model, number)
    if model.kind in LANGUAGE:
        yield from _language(model, number)
    else:
        yield from _trained(model, version)
    yield _member(
        "eval", K.EVALUATION_DATASET, f"{model.slug}-held-out", "v1", R.EVALUATED_ON, licence="Proprietary",
        uri=f"s3://meridian-evaluation/{model.slug}/v1",
    )  # fmt: skip
    commit = sha1(f"{model.slug}:{number}".encode(), usedforsecurity=False).hexdigest()
    yield Member(
        "code",
        Stated(K.CODE, f"git.meridian.example/models/{model.slug}", commit[:7], f"git:{commit}", "Proprietary"),
        R.BUILT_BY,
    )
    yield _member("image", K.CONTAINER, f"serving-{model.team}", f"1.{number}", R.RUNS_IN, licence="Proprietary")


def _history(model: story.ModelStory, number: int) -> Iterator[Member]:
    for name in HISTORY[model.team]:
        uri = f"s3://meridian-lake/{name}/snapshot={number}"
        yield _member(name, K.DATASET, name, f"snapshot {number}", licence="Proprietary", uri=uri)


def _trained(model: story.ModelStory, version: ModelVersion) -> Iterator[Member]:
    number, origins = version.number, tuple((name, R.DERIVED_FROM.value) for name in HISTORY[model.team])
    yield _member(
        "train", K.DATASET, f"{model.slug}-train", f"v{number}", R.TRAINED_ON, licence="Proprietary", made_from=origins
    )
    backbone = BACKBONES.get(model.kind)
    if backbone:
        name, label, licence = backbone
        uri = f"https://huggingface.co/{name}"
        yield _member("base", K.BASE_MODEL, name, label, R.FINE_TUNED_FROM, licence=licence, uri=uri)
    made_from = [("train", R.TRAINED_ON.value), *([("base", R.FINE_TUNED_FROM.value)] if backbone else [])]
    weights = Stated(K.WEIGHTS, f"{model.slug}-weights", f"v{number}", version.artifact_digest, "Proprietary")
    yield Member("weights", weights, R.CONSISTS_OF, tuple(made_from))


def _language(model: story.ModelStory, number: int) -> Iterator[Member]:
    yield _base(model)
    if model.kind == "FINE_TUNED_ADAPTER":
        origins = tuple((name, R.DERIVED_FROM.value) for name in HISTORY[model.team])
        yield _member("train", K.DATASET, f"{model.slug}-train", f"v{number}", R.TRAINED_ON, made_from=origins)
        made_from = (("train", R.TRAINED_ON.value), ("base", R.FINE_TUNED_FROM.value))
        yield _member("adapter", K.ADAPTER, f"{model.slug}-lora", f"v{number}", R.CONSISTS_OF, made_from=made_from)
    if model.kind in {"RAG_APPLICATION", "AGENT"}:
        yield _member("documents", K.DATASET, "policy-documents", f"snapshot {number}", licence="Proprietary")
        yield _member(
            "embedder", K.BASE_MODEL, "bge-m3", "1.0", licence="MIT", uri="https://huggingface.co/BAAI/bge-m3"
        )
        yield _member(
            "index", K.VECTOR_INDEX, "policy-documents-index", f"build {number}", R.RETRIEVES_FROM,
            made_from=(("documents", R.DERIVED_FROM.value), ("embedder", R.BUILT_BY.value)),
        )  # fmt: skip
    text = PROMPT.format(
        purpose=model.purpose,
        tone=TONES[(number - 1) % len(TONES)],
        limits="\nGive amounts in euro, dates as day, month and year." if number > 1 else "",
        language="\nAnswer in the language of the question: German, French, Dutch or English." if number > 2 else "",
    )
    prompt = Stated(K.PROMPT_TEMPLATE, f"{model.slug}/system", f"v{number}", licence="Proprietary", content=text)
    yield Member("prompt", prompt, R.PROMPTS_WITH)
    yield _member("guard", K.GUARDRAIL, "personal-data-filter", f"2.{number}", R.GUARDED_BY, licence="Apache-2.0")


def _base(model: story.ModelStory) -> Member:
    role = R.FINE_TUNED_FROM if model.kind == "FINE_TUNED_ADAPTER" else R.CONSISTS_OF
    if model.vendor in HOSTED:
        name, label = HOSTED[model.vendor]
        return Member("base", Stated(K.BASE_MODEL, name, label, licence=f"{model.vendor} terms"), role)
    name, label, licence, uri = OPEN
    return _member("base", K.BASE_MODEL, name, label, role, licence=licence, uri=uri)


def _member(
    key: str,
    kind: str,
    name: str,
    label: str,
    role: str = "",
    *,
    licence: str = "",
    uri: str = "",
    made_from: tuple[tuple[str, str], ...] = (),
) -> Member:
    digest = f"sha256:{sha256(f'{kind}:{name}:{label}'.encode()).hexdigest()}"
    return Member(key, Stated(kind, name, label, digest, licence, uri), role, made_from)


def _parameters(model: story.ModelStory, number: int) -> dict[str, str | float | bool]:
    if model.kind in LANGUAGE:
        return {
            "temperature": round(0.4 - 0.1 * number, 1),
            "max_output_tokens": 900 - 200 * number,
            "top_k": 4 + number,
        }
    return {
        "learning_rate": [0.01, 0.004, 0.002][number - 1],
        "epochs": 8 + 4 * number,
        "early_stopping": number > 1,
        "seed": 20,
    }


def _metrics(model: story.ModelStory, number: int, chance: Random) -> dict[str, float]:
    gain = 0.012 * number + chance.uniform(-0.004, 0.004)
    if model.kind in LANGUAGE:
        return {"groundedness": round(0.88 + gain, 3), "refusal_rate": round(0.031 - gain / 4, 4)}
    if model.kind in {"REGRESSOR", "FORECASTER"}:
        return {"mape": round(0.114 - gain, 3), "r2": round(0.81 + gain, 3)}
    return {"accuracy": round(0.89 + gain, 3), "auc": round(0.92 + gain, 3)}
