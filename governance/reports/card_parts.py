"""What a card says of the registry: identity, people, versions, origin, and how well the model does."""

import datetime as dt
from collections.abc import Sequence

from governance.dashboards import model_health
from governance.health.models import HealthScore
from governance.reports.card_registry import RegistryFacts
from governance.reports.cards import Part, Result, Statement
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage, StageMove
from models_registry.catalog.queries import pointing
from models_registry.catalog.validation_models import Validation, ValidationResult, VerdictWord
from models_registry.lineage.models import ArtifactKind, EdgeRole, Fact, FactSort
from models_registry.lineage.queries import Used
from models_registry.telemetry.metrics import label, measured

FIELDS = (
    ("Purpose", "purpose"),
    ("Kind", "kind"),
    ("Vendor", "vendor"),
    ("Provider", "provider"),
    ("Materiality", "materiality"),
    ("Data it reads or writes", "data_sensitivity"),
    ("Customer-facing", "customer_facing"),
    ("Labels", "tags"),
)
PEOPLE = (("Owner", "owner"), ("Deputy", "deputy"), ("Team", "team"), ("Unit", "unit"))
ALIVE = (Stage.PRODUCTION, Stage.STAGING, Stage.DEVELOPMENT)
INTERVAL = "95 % interval"
LISTED = 20
"""So many versions of a stage stand in a card, the newest: a card is read, and all of them have their own page."""
LAW = (("EU AI Act class", "regulatory_class"), ("Jurisdictions", "jurisdictions"))


def details(model: RegisteredModel, facts: RegistryFacts) -> Part:
    """Return what the model is; its name in addresses first."""
    identity = Statement("Registered as", model.slug, f"/models/{model.slug}/", model.created_at)
    missing = "" if facts.words("purpose") else "Nobody has stated its purpose in the registry."
    return Part("details", "Model details", (identity, *_stated(model, facts, FIELDS)), missing=missing)


def people(model: RegisteredModel, facts: RegistryFacts) -> Part:
    """Return who answers for the model."""
    return Part("people", "Who answers for it", _stated(model, facts, PEOPLE))


def law(model: RegisteredModel, facts: RegistryFacts) -> Part:
    """Return its regulatory class and where it is used."""
    missing = "" if facts.words("jurisdictions") else "Nobody has stated where it is used."
    return Part("law", "Regulation", _stated(model, facts, LAW), missing=missing)


def versions(model: RegisteredModel, standing: Sequence[StageMove], at: dt.datetime | None) -> Part:
    """Return where the newest versions of each stage stand, the archive left out, and where aliases point."""
    page = f"/models/{model.slug}/versions/"
    by_stage = {stage: [move for move in standing if move.to_stage == stage] for stage in ALIVE}
    shown = {move.pk for moves in by_stage.values() for move in moves[:LISTED]}
    stages = (
        Statement(
            f"v{move.version.number}",
            f"{Stage(move.to_stage).label}{_artifact(move.version)}",
            f"{page}{move.version.number}/",
            move.moved_at,
        )
        for move in standing
        if move.pk in shown
    )
    more = (
        Statement("Older versions", f"More stand in {stage.label.lower()} than these {LISTED}.", page)
        for stage, moves in by_stage.items()
        if len(moves) > LISTED
    )
    aliases = (
        Statement(f"Alias {move.name}", f"v{move.version.number}", f"{page}#holdings", move.moved_at)
        for move in pointing(model=model, at=at)
        if move.version is not None
    )
    missing = "" if standing else "No version is registered that is not archived."
    return Part("versions", "Versions and aliases", (*stages, *more, *aliases), missing=missing)


def build(version: ModelVersion | None, facts: Sequence[Fact]) -> Part:
    """Return where the version came from and the parameters that it was built with."""
    if version is None:
        return Part("build", "Build")
    page, lineage = f"/models/{version.model.slug}/versions/{version.number}/", f"/models/{version.model.slug}/lineage/"
    lineage = f"{lineage}?version={version.number}"
    told = [("Registered", f"by {version.created_by}"), ("Source", version.source_uri)]
    parameters = [fact for fact in facts if fact.sort == FactSort.PARAMETER]
    statements = [
        *(Statement(term, text, page, version.created_at) for term, text in told if text),
        *(Statement(f"Parameter {fact.name}", fact.text, lineage, fact.recorded_at) for fact in parameters[:LISTED]),
    ]
    if len(parameters) > LISTED:
        statements.append(
            Statement("More parameters", f"{len(parameters) - LISTED} more stand in its lineage.", lineage)
        )
    return Part("build", f"Build of v{version.number}", tuple(statements))


def lineage(version: ModelVersion | None, used: Sequence[Used]) -> Part:
    """Return what the serving version was made from and works with, licences included."""
    statements = tuple(
        Statement(
            EdgeRole(one.role).label.capitalize(),
            f"{one.version} ({ArtifactKind(one.version.artifact.kind).label.lower()}){_licence(one)}",
            f"/lineage/versions/{one.version.pk}/",
            one.version.created_at,
        )
        for one in used
    )
    missing = "" if statements else "Nothing is recorded of what it came from."
    title = f"Lineage of v{version.number}" if version else "Lineage"
    return Part("lineage", title, statements, missing=missing)


def data(used: Sequence[Used], *, role: str) -> tuple[Statement, ...]:
    """Return the data sets of one role, to stand beside what people wrote of them."""
    return tuple(
        Statement(
            "On record",
            f"{one.version}{_licence(one)}",
            f"/lineage/versions/{one.version.pk}/",
            one.version.created_at,
        )
        for one in used
        if one.role == role
    )


def health(score: HealthScore | None, model: RegisteredModel) -> Part:
    """Return the health score with the reading of each component."""
    page = f"/models/{model.slug}/#health"
    if score is None or score.score is None:
        return Part("health", "Health", missing="Its health is not scored.")
    formula = score.formula_version
    whole = Statement(
        "Health score",
        f"{score.score:.0f} of 100, redline {score.redline:.0f}, {score.coverage * 100:.0f} % measured freshly,"
        f" by {formula.formula.title} version {formula.number}",
        page,
        score.scored_at,
    )
    parts = (
        Statement(
            one.name,
            f"{_reading(one.value, one.metric)}, {_points(one.score)}{'' if one.fresh else ', not fresh'}",
            page,
            one.observed_at,
        )
        for one in model_health.components(score)
    )
    return Part("health", "Health", (whole, *parts))


def validation(version: ModelVersion | None, newest: Sequence[Validation]) -> Part:
    """Return the results of the newest run of each suite on the version."""
    title = f"Validation of v{version.number}" if version else "Validation"
    if version is None or not newest:
        return Part("validation", title, missing="No validation of the serving version is on record.")
    page = f"/models/{version.model.slug}/versions/{version.number}/"
    statements = tuple(
        Statement(
            f"{one.suite}: {', '.join(filter(None, (label(result.metric), result.segment)))}",
            _judged(result),
            page,
            one.ran_at,
        )
        for one in newest
        for result in one.results.all()
    )
    return Part("validation", title, statements)


def results(newest: Sequence[Validation]) -> tuple[Result, ...]:
    """Return the results as programs read them."""
    return tuple(
        Result(
            suite=one.suite,
            kind=one.kind,
            metric=result.metric,
            value=result.value,
            verdict=result.verdict,
            segment=result.segment,
            dataset=one.dataset,
            dataset_digest=one.dataset_digest,
            low=result.low,
            high=result.high,
        )
        for one in newest
        for result in one.results.all()
    )


def measured_words(value: float, metric: str) -> str:
    """Return a number with its unit, as pages do."""
    return measured(f"{value:.4g}", metric)


def _stated(model: RegisteredModel, facts: RegistryFacts, fields: Sequence[tuple[str, str]]) -> tuple[Statement, ...]:
    page = f"/models/{model.slug}/"
    return tuple(
        Statement(term, facts.words(field), page, facts.since[field]) for term, field in fields if facts.words(field)
    )


def _artifact(version: ModelVersion) -> str:
    return f", artifact {version.artifact_digest[:19]}…" if version.artifact_digest else ", no artifact digest"


def _licence(one: Used) -> str:
    return f", licence {one.version.licence}" if one.version.licence else ""


def _reading(value: float | None, metric: str) -> str:
    return (
        f"{label(metric)}: {measured_words(value, metric)}" if value is not None else f"{label(metric)}: not measured"
    )


def _points(score: float | None) -> str:
    return "not scored" if score is None else f"{score:.0f} of 100 points"


def _judged(one: ValidationResult) -> str:
    """Return what a result came to; its reason repeats the value where there was a threshold."""
    word = VerdictWord(one.verdict).label if one.verdict else measured_words(one.value, one.metric)
    between = ""
    if one.low is not None and one.high is not None and INTERVAL not in one.reason:
        between = f" Its {INTERVAL} is {one.low:.4g} to {one.high:.4g}."
    return f"{word}. {one.reason}{between}".strip()
