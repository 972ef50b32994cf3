"""Live through the story: every step is the action that a person, a platform or the line would take."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import cast

from django.db import transaction

from alerts.routing.actions import route
from alerts.routing.defaults import ensure_default_routes
from demo import (
    cards,
    costs,
    inventory,
    lineage,
    naming,
    platforms,
    predictions,
    registries,
    serving,
    story,
    validation,
)
from demo.telemetry import (
    DAY,
    HELD_EVENTS,
    HOUR,
    PLATFORM_MAPPING,
    QUIET_FOR,
    Point,
    Telemetry,
    alertmanager_body,
    arize_body,
    measurement_bodies,
    platform_bodies,
)
from demo.work import Desk, agree
from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, Subject
from governance.gates import actions as gates
from governance.gates.facts import request_key
from governance.health import actions as formulas
from governance.rules import actions as rules
from governance.rules.road import POLICY
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
SEED = 20
FINE_DAYS = 3
"""The last days have a report every hour, the days before them one a day."""

CALM_EVERY = 3
"""Models to which nothing happens are looked at in every third run of the line."""

CALM = frozenset({"steady", "season"})
CONNECTED_BEFORE = 150 * DAY
"""How long before the present the sources were connected; by this the live feed finds the present again."""

PRODUCTION = "stage:PRODUCTION"
INCIDENTS = {
    "outage": ("HighErrorRate", "error_rate", 0.34, 3.2, timedelta(hours=5)),
    "injection": ("PromptInjectionBurst", "security_event_count", 34.0, 6.1, timedelta(minutes=40)),
}
"""What the monitoring paged about, by plot: alert, metric, value, days ago, for how long."""

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
    costs.agree_terms(people=company.people, records=company.records, telemetry=company.telemetry, at=company.began)
    desk = Desk(people=company.people, records=company.records, present=at)
    pens = cards.Pens(people=company.people, records=company.records, present=at)
    rounds = list(pairwise(_rounds(company.began, at)))
    calm_since = company.began
    for number, (since, until) in enumerate(rounds):
        everybody = (len(rounds) - 1 - number) % CALM_EVERY == 0
        _send(company, since, until, [model for model in company.models if model.plot not in CALM])
        if everybody:
            _send(company, calm_since, until, [model for model in company.models if model.plot in CALM])
            _send_incidents(company, calm_since, until)
        _run_line(until, sweep=everybody)
        if everybody:
            costs.look(present=at, began=company.began, at=until)
            if calm_since == company.began:
                _release_versions(company, until)
            calm_since = until
        desk.work(until)
        pens.write(until)
        progress(10 + 88 * (number + 1) / len(rounds), f"telemetry until {until:%d %B %H:%M}")
    costs.bring_bills(people=company.people, records=company.records, present=at)
    inventory.bring_inventory(people=company.people, records=company.records, present=at)
    costs.look(present=at, began=company.began, at=at)
    _break_the_feed(company)
    _say_names(company)
    serving.report(by=company.people[story.ADMINISTRATOR], models=company.models, present=at, seed=seed)
    platforms.report(by=company.people[story.ADMINISTRATOR], models=company.models, present=at)
    registries.report(by=company.people[story.ADMINISTRATOR], models=company.models, present=at)
    _run_line(at, sweep=True)
    predictions.report(people=company.people, records=company.records, present=at, seed=seed)
    progress(100, "ready")


# ---- people, models, sources ----


def _people(company: Company) -> None:
    at = company.began - 40 * DAY
    units = {slug: BusinessUnit.objects.create(slug=slug, name=name) for slug, name in story.UNITS.items()}
    teams = {
        slug: Team.objects.create(slug=slug, name=name, unit=units[unit]) for slug, (name, unit) in story.TEAMS.items()
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
            unit=cast(BusinessUnit, owner.unit),
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
            lineage.state(by=company.people[story.PIPELINE], at=at + number * DAY + HOUR, model=model, version=version)
            validation.state(
                by=company.people[story.PIPELINE], at=at + number * DAY + 3 * HOUR, model=model, version=version
            )
        if model.slug == validation.SEARCHED:
            validation.search(by=company.people[story.PIPELINE], at=at + 5 * DAY, model=record)
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
    at = company.present - CONNECTED_BEFORE
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


def _release_versions(company: Company, at: datetime) -> None:
    """Ask the gate about the newest version of every model, after the people where it wants them."""
    for model in company.models:
        owner = company.people[model.owner]
        version = company.records[model.slug].versions.order_by("-number")[0]
        if model.materiality == "HIGH" or model.regulatory_class == "HIGH_RISK":
            agree(company.people, _ask_people(owner, company.records[model.slug], version, at), at)
        decision = gates.ask(by=owner, at=at, version=version, target=PRODUCTION)
        if decision.verdict == Verdict.APPROVE:
            gates.promote(by=owner, at=at, decision=decision)


def _ask_people(owner: Account, model: RegisteredModel, version: ModelVersion, at: datetime) -> ApprovalRequest:
    return approvals.request(
        by=owner,
        at=at,
        subject=Subject.PROMOTION,
        object_id=request_key(version=version, target=PRODUCTION),
        title=f"Promote {version} to production",
        summary="The evaluation on held-out claims of the last quarter is attached to the run.",
        url=f"/models/{model.slug}/",
        digest=version.artifact_digest,
        policy=POLICY,
        expires_at=at + 14 * DAY,
        model=model,
    )


# ---- telemetry ----


def _rounds(began: datetime, present: datetime) -> Iterator[datetime]:
    """Yield the moments at which the line ran, backwards from the present: often of late, seldom before."""
    ago = [0.0, 0.125, 0.5, *map(float, range(1, 14)), *map(float, range(14, 30, 2)), *map(float, range(30, 400, 10))]
    inside = [present - days * DAY for days in ago if present - days * DAY > began]
    yield began
    yield from reversed(inside)


def _send(company: Company, since: datetime, until: datetime, models: Sequence[story.ModelStory]) -> None:
    fine_from = company.present - FINE_DAYS * DAY
    moments = list(company.telemetry.moments(since, until, fine_from=fine_from))
    points: dict[str, list[Point]] = {kind: [] for kind in company.sources}
    for model in models:
        for at, hourly in moments + _closely(model, until, company.present):
            if not (model.plot == "quiet" and at > company.present - QUIET_FOR):
                share = 1 / 24 if hourly else 1.0
                points[source_of(model)] += company.telemetry.points(model, at, share=share)
                if not hourly:
                    points[source_of(model)] += company.telemetry.hours_before(model, at)
    _receive(company, SourceKind.MEASUREMENTS, measurement_bodies(points[SourceKind.MEASUREMENTS]), until)
    _receive(company, SourceKind.GENERIC_JSON, platform_bodies(points[SourceKind.GENERIC_JSON]), until)
    _receive(company, SourceKind.ARIZE, map(arize_body, points[SourceKind.ARIZE]), until)


def _closely(model: story.ModelStory, until: datetime, present: datetime) -> list[tuple[datetime, bool]]:
    """Return the moments of a model whose latency is watched closely: every five minutes before a run."""
    if model.plot != "slow" or until < present - 19 * DAY:
        return []
    return [(until - timedelta(minutes=5 * step), True) for step in range(1, 9)]


def _send_incidents(company: Company, since: datetime, until: datetime) -> None:
    """Let the monitoring tell about the outage and the attack that began in this time."""
    for plot, (alertname, metric, value, days_ago, lasted) in INCIDENTS.items():
        began = company.present - days_ago * DAY
        if since < began <= until:
            points = [Point(model.slug, metric, value, began) for model in company.models if model.plot == plot]
            for ended in (None, began + lasted):
                body = alertmanager_body(points, alertname=alertname, until=ended)
                _receive(company, SourceKind.ALERTMANAGER, [body] if points else [], ended or began)


def source_of(model: story.ModelStory) -> str:
    """Return the kind of source through which a model reports."""
    if model.plot == "quiet":
        return SourceKind.ARIZE
    return SourceKind.GENERIC_JSON if "LLM" in model.kind or "RAG" in model.kind else SourceKind.MEASUREMENTS


@transaction.atomic
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


def _say_names(company: Company) -> None:
    """Let the house say what names mean, and leave one for the reader to explain."""
    naming.say(
        by=company.people[story.ADMINISTRATOR],
        sources=company.sources,
        language=[model.slug for model in company.models if model.kind in lineage.LANGUAGE],
        quiet=next((model.slug for model in company.models if model.plot == "quiet"), None),
        present=company.present,
    )


def _run_line(at: datetime, *, sweep: bool) -> None:
    """Let the line take everything that waits, and tell.

    A sweep looks at every model; it would find those quiet whose reports are not sent yet.
    """
    while pipeline.process(limit=BATCH, at=at):
        pass
    if sweep:
        pipeline.sweep(at=at)
    while route(limit=500, at=at):
        pass
