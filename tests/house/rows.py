"""Rows for lists and doors, put on record as they would stand there: the roads to them have tests of their own."""

from datetime import datetime, timedelta

from django.utils import timezone

from alerts.delivery.models import Channel, ChannelKind
from alerts.inbox.models import Alert
from alerts.registryhooks.models import RegistryWebhook
from alerts.routing.models import Outcome, Route, RoutingDecision
from governance.approvals.models import ApprovalRequest, Subject
from governance.health.models import Formula, FormulaVersion, HealthScore
from governance.risks.models import Risk, RiskChange
from governance.rules.models import Episode, Rule, RuleVersion
from governance.scoring.models import AutomationControl, Posture, PostureChange
from models_registry.access.models import Account
from models_registry.audit.actions import record
from models_registry.backfills.models import Backfill
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.costs.models import Budget, BudgetStatus, CostImport, DailyCost, ExchangeRate, PriceList
from models_registry.intake.models import Intake
from models_registry.lineage.models import Artifact, ArtifactVersion, Edge
from models_registry.outside.models import Placement, Violation
from models_registry.telemetry.catalogue_models import HouseAlias, HouseMetric, Series
from models_registry.telemetry.models import Source, TelemetryEvent
from tests.journeys.builders import ACCURACY_RULE, OPERATOR, SHIPPED_FORMULAS, a_model, a_person
from tests.models_registry.lineage.traces import a_prediction


def a_webhook(name: str, *, by: Account, at: datetime) -> RegistryWebhook:
    """Make a webhook to an address that nobody may call, so that trying it touches no network."""
    config = {"url": "https://127.0.0.1/", "signed": False}
    channel = Channel.objects.create(
        name=f"Channel of {name}", kind=ChannelKind.MLFLOW_WEBHOOK, config=config, created_at=at
    )
    return RegistryWebhook.objects.create(
        name=name, events=["model_version.created"], channel=channel, made_by=by, created_at=at, changed_at=at
    )


def a_violation(model: RegisteredModel, *, source: Source, at: datetime) -> Violation:
    """Put an alias of the model on elsewhere without a decision."""
    placement = Placement.objects.create(
        source=source, event=model.pk, ordinal=0, slot=model.slug[:32], segment="alias=production", mark="ALIAS",
        model_name=model.slug, model=model, name="production", on=True, version_name="v9", observed_at=at,
        received_at=at,
    )  # fmt: skip
    return Violation.objects.create(placement=placement, model=model, began_at=at, found_at=at)


def an_input(version: ModelVersion, *, by: Account, at: datetime) -> Edge:
    """Let a version be trained on a dataset of its own."""
    artifact = Artifact.objects.create(kind="DATASET", name=f"data of {version.model}", created_by=by, created_at=at)
    used = ArtifactVersion.objects.create(artifact=artifact, label="1", created_by=by, created_at=at)
    return Edge.objects.create(version=version, used=used, role="TRAINED_ON", recorded_by=by, recorded_at=at)


def rows(first: int, last: int) -> None:
    """Put so many of everything that a list shows on record."""
    for number in range(first, last):
        _one_of_each(number)


def _one_of_each(number: int) -> None:
    now = timezone.now()
    owner = a_person(f"owner-{number}", "", "model_owner")
    model = a_model(f"model-{number}", owner=owner)
    version = ModelVersion.objects.create(model=model, number=1, created_by=owner, created_at=now)
    source = Source.objects.create(
        slug=f"source-{number}", name=f"Source {number}", kind="measurements", path_token=f"path-{number}",
        created_at=now,
    )  # fmt: skip
    _of_telemetry(number, model, source, now)
    _of_policy(number, model, owner, now)
    _of_risk(number, model, owner, now)
    _of_alerts(number, model, owner, now)
    _of_costs(number, version, owner, now)
    for told in (1, 2):
        a_prediction(model.slug, at=now, version=told, source=source)
    a_violation(model, source=source, at=now)
    an_input(version, by=owner, at=now)
    Intake.objects.create(
        file_name="models.csv", digest=f"sha256:{number}", row_count=9, uploaded_by=owner, uploaded_at=now
    )


def _of_telemetry(number: int, model: RegisteredModel, source: Source, now: datetime) -> None:
    TelemetryEvent.objects.create(
        source=source, event_id=f"e{number}", received_at=now, raw=b"{", headers={}, state="QUARANTINED",
        reason="unreadable", processed_at=now,
    )  # fmt: skip
    Backfill.objects.create(source=source, file_name=f"{number}.csv", size=1, created_by=model.owner, created_at=now)
    Series.objects.create(
        model=model, metric=f"metric-{number}", environment="production", segment="", first_seen_at=now
    )
    HouseMetric.objects.create(name=f"own_{number}", direction="NEITHER", description="D.", created_at=now)
    HouseAlias.objects.create(name=f"alias_{number}", metric="accuracy", created_at=now)


def _of_policy(number: int, model: RegisteredModel, author: Account, now: datetime) -> None:
    formula = Formula.objects.create(slug=f"formula-{number}", title="F", kinds=["FORECASTER"], created_at=now)
    text = min(SHIPPED_FORMULAS.glob("*.yaml")).read_text()
    weighed = FormulaVersion.objects.create(
        formula=formula, number=1, text=text, digest="sha256:1", state="DRAFT", author=author, created_at=now
    )
    HealthScore.objects.create(model=model, score=50, redline=60, coverage=1, scored_at=now, formula_version=weighed)
    rule = Rule.objects.create(slug=f"rule-{number}", title=f"Rule {number}", created_at=now)
    written = RuleVersion.objects.create(
        rule=rule, number=1, text=ACCURACY_RULE.replace("accuracy-low", rule.slug), digest="sha256:1",
        state="ENFORCED", author=author, created_at=now, enforced_at=now,
    )  # fmt: skip
    Episode.objects.create(
        rule_version=written, model=model, environment="production", category="PERFORMANCE", points=40, steps=[],
        began_at=now,
    )  # fmt: skip
    AutomationControl.objects.create(
        scope="MODEL", scope_id=model.slug, reason="Because", paused_by=author, paused_at=now, resumed_by=author,
        resumed_at=now,
    )  # fmt: skip


def _of_risk(number: int, model: RegisteredModel, owner: Account, now: datetime) -> None:
    facts = {"level": "HIGH", "risk_score": 60, "health": 50, "health_redline": 60, "room": -9, "in_the_red": True}
    Posture.objects.update_or_create(model=model, defaults={**facts, "quiet": False, "updated_at": now})
    PostureChange.objects.create(model=model, changed_at=now - timedelta(days=8), quiet=False, **facts)
    risk = Risk.objects.create(
        model=model, category="PERFORMANCE", level="HIGH", score=60, factor=10, state="OPEN", level_since=now,
        raised_at=now, due_at=now + timedelta(days=1), created_at=now,
    )  # fmt: skip
    RiskChange.objects.create(
        risk=risk, from_level="LOW", to_level="HIGH", from_score=0, to_score=60, state="OPEN", changed_at=now,
        explanation="It was low.",
    )  # fmt: skip
    for decided in (False, True):
        ApprovalRequest.objects.create(
            subject=Subject.ACCEPTANCE, object_id=f"{number}-{decided}", title=f"Accept {number}", digest="sha256:1",
            policy={"roles": ["compliance_officer"], "needed": 1}, model=model, requested_by=owner, requested_at=now,
            expires_at=now + timedelta(days=3), state="APPROVED" if decided else "PENDING",
            decided_at=now if decided else None,
        )  # fmt: skip


def _of_alerts(number: int, model: RegisteredModel, owner: Account, now: datetime) -> None:
    entry = record(by=OPERATOR, action="risk.level_raised", on=model, model_id=model.pk, body={"number": number})
    alert = Alert.objects.create(
        fingerprint=f"f{number}", tier=1, title=f"Alert {number}", model=model, opened_at=now, last_at=now
    )
    channel = Channel.objects.create(name=f"Channel {number}", kind=ChannelKind.WEBHOOK, created_at=now)
    route = Route.objects.create(name=f"Route {number}", position=1000 + number, tier=1)
    route.channels.add(channel)
    RoutingDecision.objects.create(
        entry_id=entry, outcome=Outcome.PAGE, tier=1, route=route, alert=alert, reason="Because", decided_at=now
    )
    a_webhook(f"hook-{number}", by=owner, at=now)


def _of_costs(number: int, version: ModelVersion, by: Account, now: datetime) -> None:
    model, today = version.model, now.date()
    DailyCost.objects.create(
        day=today, origin="MEASURED", model=model, version=version, unit=model.unit, currency="USD",
        amount_micros=10**6, reporting_micros=10**6,
    )  # fmt: skip
    budget = Budget.objects.create(
        scope="MODEL", model=model, amount_micros=10**6, currency="USD", first_month=today.replace(day=1),
        created_by=by, created_at=now,
    )  # fmt: skip
    BudgetStatus.objects.create(budget=budget, day=today, spent_micros=1, answering=model, judged_at=now)
    CostImport.objects.create(
        file_name="bill.csv", digest=f"sha256:{number}", content="date,amount", uploaded_by=by, uploaded_at=now
    )
    PriceList.objects.create(
        provider=f"P{number}", number=1, effective_on=today, currency="USD", entered_by=by, entered_at=now,
        prices={"x": {"in": "1", "out": "2"}},
    )  # fmt: skip
    ExchangeRate.objects.create(
        currency="EUR", reporting="USD", effective_on=today, rate=1, entered_by=by, entered_at=now
    )
