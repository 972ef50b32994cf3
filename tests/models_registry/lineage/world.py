"""Models, versions and artifacts for the tests of the lineage, made by the actions that people use."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from models_registry.access.actions import create_account, grant_role
from models_registry.access.models import Account, AccountKind
from models_registry.catalog.actions import register_version
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.lineage.actions import record_lineage, register_artifact
from models_registry.lineage.models import ArtifactVersion
from models_registry.lineage.statement import Member, Stated, Statement
from tests.journeys.builders import NOON, OPERATOR, a_model, people

AT = NOON - timedelta(days=10)


def digest(text: str) -> str:
    """Return the digest that stands for a content in these tests."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def dataset(name: str = "claims-history", label: str = "v1", **facts: Any) -> Stated:
    """Return a statement about a dataset version; its content is its name and label."""
    given = {"digest": digest(f"{name} {label}")}
    return Stated("DATASET", name, label, **given | facts)


def artifact(kind: str, name: str, label: str = "v1", **facts: Any) -> Stated:
    """Return a statement about an artifact version."""
    given = {} if "content" in facts else {"digest": digest(f"{kind} {name} {label}")}
    return Stated(kind, name, label, **given | facts)


def a_version(slug: str = "claims-triage", **facts: Any) -> ModelVersion:
    """Return the next version of a model that Olive owns; the model is made when it is not there."""
    model = RegisteredModel.objects.filter(slug=slug).first() or a_model(slug, **facts)
    return register_version(by=model.owner, at=AT, model=model, artifact_digest=digest(slug))


def otto_ci() -> Account:
    """Return the pipeline, which may register versions of every model."""
    people()
    known = Account.objects.filter(username="otto-ci").first()
    if known is not None:
        return known
    account = create_account(by=OPERATOR, at=AT, username="otto-ci", display_name="Otto", kind=AccountKind.AUTOMATION)
    grant_role(by=OPERATOR, at=AT, account=account, role="automation_ci")
    return account


def stated(
    version: ModelVersion, *members: Member, by: Account | None = None, **more: Any
) -> dict[str, ArtifactVersion]:
    """State what a version came from, as the pipeline, and return the artifact versions by key."""
    statement = Statement(members=members, **more)
    return dict(record_lineage(by=by or otto_ci(), at=AT, version=version, statement=statement).versions)


def register_all(*statements: Stated, by: Account | None = None) -> list[ArtifactVersion]:
    """Register artifact versions, as the pipeline, and return them."""
    return [register_artifact(by=by or otto_ci(), at=AT, stated=one)[0] for one in statements]


def a_rag_version(slug: str = "claims-triage", number: str = "1") -> tuple[ModelVersion, dict[str, ArtifactVersion]]:
    """Return a version that retrieves from an index of shared documents and prompts with a text of its own."""
    version = a_version(slug)
    made = stated(
        version,
        Member("docs", dataset("policy-documents", "v1", licence="CC-BY-4.0")),
        Member(
            "index",
            artifact("VECTOR_INDEX", "documents-index"),
            "RETRIEVES_FROM",
            made_from=(("docs", "DERIVED_FROM"),),
        ),
        Member(
            "prompt",
            Stated(
                "PROMPT_TEMPLATE", f"{slug}/system", f"v{number}", content=f"Answer briefly.\nRule {number}.\nCite."
            ),
            "PROMPTS_WITH",
        ),
        Member("base", Stated("BASE_MODEL", "some-hosted-model", "2025-04"), "CONSISTS_OF"),
        parameters={"top_k": 4, "reranks": True, "style": "plain"},
        metrics={"groundedness": 0.9},
    )
    return version, made
