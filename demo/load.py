"""Live through the story: every step is the action that a person, a platform or the line would take."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from alerts.routing.actions import route
from alerts.routing.defaults import ensure_default_routes
from demo import story
from demo.telemetry import (
    DAY,
    HELD_EVENTS,
    HOUR,
    PLATFORM_MAPPING,
    QUIET_FOR,
    Point,
    Telemetry,
    arize_body,
    measurement_bodies,
    platform_bodies,
)
from demo.work import Desk
from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest
from governance.gates import actions as gates
from governance.gates.models import GateDecision
from governance.health import actions as formulas
from governance.rules import actions as rules
from governance.scoring import pipeline
from governance.vocabulary import Verdict
from models_registry.access.actions import create_account, grant_role
from models_registry.access.models import Account, AccountKind, BusinessUnit, Team
from models_registry.audit.actor import System
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage
from models_registry.telemetry import source_actions
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import Source, SourceKind

OPERATOR = System("operator")
BATCH = 200
FINE_DAYS = 3
"""The last days have a report every hour, the days before them one a day."""

Progress = Callable[[float, str], None]


class AlreadyLoaded(Exception):
    """There are models on record; the demo company is loaded into an empty Redline only."""


@dataclass(slots=True)
class Company:
    """What has been made so far: accounts, models and sources by their names in the story."""

    telemetry: Telemetry
    models: Sequence[story.ModelStory]
    began: datetime
    people: dict[str, Account] = field(default_factory=dict)
    records: dict[str, RegisteredModel] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def present(self) -> datetime:
        """The moment at which the story arrives."""
        return self.telemetry.present


def load(*, at: datetime, seed: int, days: int, models: int, progress: Progress) -> None:
    """Load the first ``models`` models with ``days`` of history that ends at ``at``. Raises AlreadyLoaded."""
    if RegisteredModel.objects.exists():
        raise AlreadyLoaded("Models are on record already. The demo company is loaded into an empty Redline only.")
    company = Company(Telemetry(seed, at), story.MODELS[:models], at - days * DAY)
    progress(0, "people and teams")
    _people(company)
    progress(2, "models and versions")
    _models(company)
    _sources(company)
    progress(6, "rules and formulas")
    _policy(company)
    desk = Desk(people=company.people, records=company.records, present=at)
    rounds = list(pairwise(_rounds(company.began, at)))
    for number, (since, until) in enumerate(rounds):
        _send(company, since, until)
        _run_line(until)
        if number == min(2, len(rounds) - 1):
            _release_versions(company, until)
        desk.work(until)
        progress(10 + 88 * (number + 1) / len(rounds), f"telemetry until {until:%d %B %H:%M}")
    _break_the_feed(company)
    _run_line(at)
    progress(100, "ready")


# ---- people, models, sources ----


def _people(company: Company) -> None:
    at = company.began - 40 * DAY
    units = {slug: BusinessUnit.objects.create(slug=slug, name=name) for slug, name in story.UNITS.items()}
    teams = {
        slug: Team.objects.create(slug=slug, name=name, unit=units[unit])
        for slug, (name, unit) in story.TEAMS.items()
    }
    for person in story.PEOPLE:
        account = create_account(
            by=OPERATOR,
            at=at,
            username=person.username,
            kind=AccountKind.AUTOMATION if person.automation else AccountKind.PERSON,
            display_name=person.name,
            email="" if person.automation else f"{person.username}@meridian.example",
            team=teams.get(person.team),
        )
        grant_role(by=OPERATOR, at=at, account=account, role=person.role)
        company.people[person.username] = account
    ensure_default_routes(by=company.people[story.AUTHOR], at=at)


def _models(company: Company) -> None:
    at = company.began - 30 * DAY
    for model in company.models:
        owner = company.people[model.owner]
        record = catalog.register_model(
            by=owner,
            at=at,
            slug=model.slug,
            name=model.name,
            kind=model.kind,
            owner=owner,
            unit=owner.unit,
            team=owner.team,
            purpose=model.purpose,
            vendor=model.vendor,
            provider=model.provider,
            materiality=model.materiality,
            regulatory_class=model.regulatory_class,
            data_sensitivity=model.sensitivity,
            customer_facing=model.customer_facing,
            jurisdictions=list(model.jurisdictions),
        )
        company.records[model.slug] = record
        for number in range(1, model.versions + 1):
            version = _version(owner, record, number, at + number * DAY)
        catalog.move_stage(by=owner, at=at + 10 * DAY, version=version, to=Stage.STAGING)


def _version(owner: Account, model: RegisteredModel, number: int, at: datetime) -> ModelVersion:
    return catalog.register_version(
        by=owner,
        at=at,
        model=model,
        artifact_digest="sha256:" + sha256(f"{model.slug}:{number}".encode()).hexdigest(),
        source_uri=f"git+https://git.meridian.example/models/{model.slug}@v{number}",
    )


def _sources(company: Company) -> None:
    at = company.began - 20 * DAY
    by = company.people[story.ADMINISTRATOR]
    for name, kind, every in (
        ("Metrics pipeline", SourceKind.MEASUREMENTS, 3600),
        ("Evaluation platform", SourceKind.GENERIC_JSON, 3600),
        ("Arize", SourceKind.ARIZE, None),
        ("Alertmanager", SourceKind.ALERTMANAGER, None),
    ):
        source, _ = source_actions.create_source(by=by, at=at, name=name, kind=kind, expected_interval_s=every)
        company.sources[kind] = source
    platform = company.sources[SourceKind.GENERIC_JSON]
    mapping = source_actions.save_mapping(by=by, at=at, source=platform, document=PLATFORM_MAPPING)
    source_actions.activate_mapping(by=by, at=at, mapping=mapping)


# ---- policy ----


def _policy(company: Company) -> None:
    """Take the shipped rules and formulas down their whole road: drafted, approved by two, in force."""
    at = company.began - 15 * DAY
    author = company.people[story.AUTHOR]
    for version in rules.ensure_shipped(by=author, at=at):
        agree(company.people, rules.submit(by=author, at=at, version=version), at + HOUR)
        rules.shadow(by=author, at=at + 2 * HOUR, version=version)
        rules.enforce(by=author, at=at + 7 * DAY, version=version)
    for formula in formulas.ensure_shipped_formulas(by=author, at=at):
        agree(company.people, formulas.submit(by=author, at=at, version=formula), at + HOUR)
        formulas.enforce(by=author, at=at + 2 * HOUR, version=formula)


def agree(people: dict[str, Account], request: ApprovalRequest, at: datetime) -> None:
    """Let compliance and the board say yes to what they read."""
    for voter in (story.SECOND_AUTHOR, story.BOARD):
        approvals.vote(
            by=people[voter], at=at, request_id=request.pk, approves=True, judged_digest=request.digest
        )


def _release_versions(company: Company, at: datetime) -> None:
    """Ask the gate about the newest version of every model and use each approval."""
    for model in company.models:
        owner = company.people[model.owner]
        version = company.records[model.slug].versions.order_by("-number")[0]
        decision: GateDecision = gates.ask(by=owner, at=at, version=version, target="stage:PRODUCTION")
        if decision.verdict == Verdict.APPROVE:
            gates.promote(by=owner, at=at, decision=decision)


# ---- telemetry ----


def _rounds(began: datetime, present: datetime) -> Iterator[datetime]:
    """Yield the moments at which the line ran: every three days, then every day, then every three hours."""
    at = began
    while at < present:
        yield at
        ago = present - at
        step = 3 * DAY if ago > 30 * DAY else DAY if ago > DAY else 3 * HOUR
        at = min(at + step, present)
    yield present


def _send(company: Company, since: datetime, until: datetime) -> None:
    fine_from = company.present - FINE_DAYS * DAY
    moments = list(company.telemetry.moments(since, until, fine_from=fine_from))
    if until == company.present:
        moments += [(until - timedelta(minutes=5 * step), True) for step in range(9, 0, -1)]
    points: dict[str, list[Point]] = {kind: [] for kind in company.sources}
    for at, hourly in moments:
        for model in company.models:
            if not (model.plot == "quiet" and at > company.present - QUIET_FOR):
                share = 1 / 24 if hourly else 1.0
                points[source_of(model)] += company.telemetry.points(model, at, share=share, hourly=hourly)
    _receive(company, SourceKind.MEASUREMENTS, measurement_bodies(points[SourceKind.MEASUREMENTS]), until)
    _receive(company, SourceKind.GENERIC_JSON, platform_bodies(points[SourceKind.GENERIC_JSON]), until)
    _receive(company, SourceKind.ARIZE, map(arize_body, points[SourceKind.ARIZE]), until)


def source_of(model: story.ModelStory) -> str:
    """Return the kind of source through which a model reports."""
    if model.plot == "quiet":
        return SourceKind.ARIZE
    return SourceKind.GENERIC_JSON if "LLM" in model.kind or "RAG" in model.kind else SourceKind.MEASUREMENTS


def _receive(company: Company, kind: str, bodies: Iterable[bytes], at: datetime) -> None:
    for body in bodies:
        receive(source=company.sources[kind], body=body, headers={"content-type": "application/json"}, at=at)


def _break_the_feed(company: Company) -> None:
    """Send what Arize sends about the quiet model since its field got another name; all of it is held."""
    for model in company.models:
        if model.plot == "quiet":
            step = QUIET_FOR / HELD_EVENTS
            for number in range(HELD_EVENTS):
                at = company.present - QUIET_FOR + (number + 0.5) * step
                point = company.telemetry.points(model, at)[number % 7]
                _receive(company, SourceKind.ARIZE, [arize_body(point, renamed=True)], at)


def _run_line(at: datetime) -> None:
    """Let the line take everything that waits, then sweep and tell."""
    while pipeline.process(limit=BATCH, at=at):
        pass
    pipeline.sweep(at=at)
    while route(limit=500, at=at):
        pass
