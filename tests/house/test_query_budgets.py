"""No list asks more of the database when it is longer: every list page with N and with 3N rows, the frame included.

An address without parameters is either a list with a budget here, or stands among those that list nothing, with
what it is instead. A new page fails until it is one of the two.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
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
from models_registry.access.models import Account, RoleGrant
from models_registry.audit.actions import record
from models_registry.backfills.models import Backfill
from models_registry.catalog.models import ModelVersion
from models_registry.costs.models import Budget, BudgetStatus, CostImport, DailyCost, ExchangeRate, PriceList
from models_registry.intake.models import Intake
from models_registry.lineage.models import Artifact, ArtifactVersion, Edge
from models_registry.outside.models import Placement, Violation
from models_registry.telemetry.catalogue_models import HouseAlias, HouseMetric, Series
from models_registry.telemetry.models import Source, TelemetryEvent
from tests.house.test_addresses import ADDRESSES, is_page
from tests.journeys.builders import ACCURACY_RULE, OPERATOR, SHIPPED_FORMULAS, a_model, a_person
from tests.models_registry.lineage.traces import a_prediction

pytestmark = pytest.mark.django_db

FRAME = 4
"""The session, the account, its roles, and one statement for every count of the frame."""
BUDGET = 12
"""What a list page may ask in all, the frame included."""
LISTS: Mapping[str, int] = {
    "": BUDGET,
    "alerts/": BUDGET,
    "alerts/decisions/": BUDGET,
    "alerts/mine/": BUDGET,
    "alerts/routes/": BUDGET,
    "alerts/webhooks/": BUDGET,
    "approvals/": BUDGET,
    "approvals/?tab=all": BUDGET,
    "approvals/?tab=decided": BUDGET,
    "audit/": BUDGET,
    "costs/": BUDGET,
    "costs/?by=model": BUDGET,
    "costs/budgets/": BUDGET,
    "backfills/": BUDGET,
    "costs/imports/": BUDGET,
    "costs/prices/": BUDGET,
    "elsewhere/": BUDGET,
    "formulas/": BUDGET,
    "imports/": BUDGET,
    "in-the-red/over-time/": BUDGET,
    "inbox/": 13,  # seven kinds of duty, each of its own tables
    "inbox/?tab=team": BUDGET,
    "inbox/?tab=done": BUDGET,
    "lineage/": BUDGET,
    "metrics-catalogue/": BUDGET,
    "metrics-catalogue/unmapped/": BUDGET,
    "models/": BUDGET,
    "people/": BUDGET,
    "predictions/": BUDGET,
    "predictions/?orphan=true": BUDGET,
    "predictions/kept/": BUDGET,
    "risks/": BUDGET,
    "rules/": BUDGET,
    "scoring/": 14,  # the history, what is paused now, and the menus of what could be paused
    "sources/": BUDGET,
    "sources/held/": BUDGET,
    "sources/history/": 16,
}
"""Address of a list, and how many statements it may send."""
OTHERS: Mapping[str, str] = {
    "alerts/acknowledge/": "only takes posts",
    "alerts/snooze/": "only takes posts",
    "alerts/snooze/end/": "only takes posts",
    "alerts/alerts.csv": "a file, streamed",
    "alerts/channels/new/": "a form",
    "alerts/webhooks/new/": "a form",
    "api/docs/": "the reference of the API",
    "backfills/begin/": "only takes posts",
    "backfills/new/": "a form",
    "costs/budgets/new/": "a form",
    "people/accounts/new/": "a form",
    "costs/imports/new/": "a form",
    "costs/prices/new/": "a form",
    "costs/rates/": "only takes posts",
    "costs/showback.csv": "a file, streamed",
    "edit-models/": "only takes posts",
    "export/": "a few fixed tables",
    "formulas/new/": "a form",
    "formulas/says/": "answers about one text",
    "imports/new/": "a form",
    "in-the-red.csv": "a file, streamed",
    "inbox/acknowledge/": "only takes posts",
    "kit/": "examples, from no table",
    "lineage/artifacts.csv": "a file, streamed",
    "me/": "one's own profile; its sessions and tokens are few",
    "models.csv": "a file, streamed",
    "metrics-catalogue/adopt/": "a form",
    "models/register/": "a form",
    "predictions/erase/": "a form",
    "risks.csv": "a file, streamed",
    "risks/acknowledge/": "only takes posts",
    "risks/undo/": "only takes posts",
    "rules/new/": "a form",
    "rules/new/text/": "a form",
    "rules/says/": "answers about one text",
    "rules/rules.csv": "a file, streamed",
    "rules/schema.json": "a constant",
    "rules/tried/": "answers about one text",
    "search/": "the few best matches of a few words",
    "sources/history/holds/new/": "a form",
    "sources/history/terms/new/": "a form",
    "sources/connect/": "the platforms, from no table",
}
"""Address without parameters that lists nothing, and what it is instead."""


def rows(first: int, last: int) -> None:
    """Put so many of everything that a list shows on record."""
    for number in range(first, last):
        _one_of_each(number)


def _one_of_each(number: int) -> None:
    now = timezone.now()
    owner = a_person(f"owner-{number}", "", "model_owner")
    model = a_model(f"model-{number}", owner=owner)
    version = ModelVersion.objects.create(model=model, number=1, created_by=owner, created_at=now)
    entry = record(by=OPERATOR, action="risk.level_raised", on=model, model_id=model.pk, body={"number": number})
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
    formula = Formula.objects.create(slug=f"formula-{number}", title="F", kinds=["FORECASTER"], created_at=now)
    text = min(SHIPPED_FORMULAS.glob("*.yaml")).read_text()
    weighed = FormulaVersion.objects.create(
        formula=formula, number=1, text=text, digest="sha256:1", state="DRAFT", author=owner, created_at=now
    )
    HealthScore.objects.create(model=model, score=50, redline=60, coverage=1, scored_at=now, formula_version=weighed)
    rule = Rule.objects.create(slug=f"rule-{number}", title=f"Rule {number}", created_at=now)
    written = RuleVersion.objects.create(
        rule=rule, number=1, text=ACCURACY_RULE.replace("accuracy-low", rule.slug), digest="sha256:1",
        state="ENFORCED", author=owner, created_at=now, enforced_at=now,
    )  # fmt: skip
    Episode.objects.create(
        rule_version=written, model=model, environment="production", category="PERFORMANCE", points=40, steps=[],
        began_at=now,
    )  # fmt: skip
    for decided in (False, True):
        ApprovalRequest.objects.create(
            subject=Subject.ACCEPTANCE, object_id=f"{number}-{decided}", title=f"Accept {number}", digest="sha256:1",
            policy={"roles": ["compliance_officer"], "needed": 1}, model=model, requested_by=owner, requested_at=now,
            expires_at=now + timedelta(days=3), state="APPROVED" if decided else "PENDING",
            decided_at=now if decided else None,
        )  # fmt: skip
    Series.objects.create(
        model=model, metric=f"metric-{number}", environment="production", segment="", first_seen_at=now
    )
    HouseMetric.objects.create(name=f"own_{number}", direction="NEITHER", description="D.", created_at=now)
    HouseAlias.objects.create(name=f"alias_{number}", metric="accuracy", created_at=now)
    alert = Alert.objects.create(
        fingerprint=f"f{number}", tier=1, title=f"Alert {number}", model=model, opened_at=now, last_at=now
    )
    channel = Channel.objects.create(name=f"Channel {number}", kind=ChannelKind.WEBHOOK, created_at=now)
    hook = {"name": f"Hook {number}", "kind": ChannelKind.MLFLOW_WEBHOOK, "config": {"url": "https://a.example/"}}
    hooked = Channel.objects.create(**hook, created_at=now)
    webhook = {"name": f"hook-{number}", "events": ["prompt.created"], "made_by": owner, "changed_at": now}
    RegistryWebhook.objects.create(**webhook, channel=hooked, created_at=now)
    route = Route.objects.create(name=f"Route {number}", position=1000 + number, tier=1)
    route.channels.add(channel)
    RoutingDecision.objects.create(
        entry_id=entry, outcome=Outcome.PAGE, tier=1, route=route, alert=alert, reason="Because", decided_at=now
    )
    source = Source.objects.create(
        slug=f"source-{number}", name=f"Source {number}", kind="measurements", path_token=f"path-{number}",
        created_at=now,
    )  # fmt: skip
    TelemetryEvent.objects.create(
        source=source, event_id=f"e{number}", received_at=now, raw=b"{", headers={}, state="QUARANTINED",
        reason="unreadable", processed_at=now,
    )  # fmt: skip
    AutomationControl.objects.create(
        scope="MODEL", scope_id=model.slug, reason="Because", paused_by=owner, paused_at=now, resumed_by=owner,
        resumed_at=now,
    )  # fmt: skip
    for told in (1, 2):
        a_prediction(model.slug, at=now, version=told, source=source)
    placement = Placement.objects.create(
        source=source, event=number, ordinal=0, slot=f"slot-{number}", segment="alias=production", mark="ALIAS",
        model_name=model.slug, model=model, name="production", on=True, version_name="1", observed_at=now,
        received_at=now,
    )  # fmt: skip
    Violation.objects.create(placement=placement, model=model, began_at=now, found_at=now)
    DailyCost.objects.create(
        day=now.date(), origin="MEASURED", model=model, version=version, unit=model.unit, currency="USD",
        amount_micros=10**6, reporting_micros=10**6,
    )  # fmt: skip
    months = {"currency": "USD", "first_month": now.date().replace(day=1), "created_by": owner, "created_at": now}
    budget = Budget.objects.create(scope="MODEL", model=model, amount_micros=10**6, **months)
    BudgetStatus.objects.create(budget=budget, day=now.date(), spent_micros=1, answering=model, judged_at=now)
    Backfill.objects.create(source=source, file_name=f"{number}.csv", size=1, created_by=owner, created_at=now)
    CostImport.objects.create(
        file_name="bill.csv", digest=f"sha256:{number}", content="date,amount", uploaded_by=owner, uploaded_at=now
    )
    Intake.objects.create(
        file_name="models.csv", digest=f"sha256:{number}", row_count=9, uploaded_by=owner, uploaded_at=now
    )
    PriceList.objects.create(
        provider=f"P{number}", number=1, effective_on=now.date(), currency="USD", entered_by=owner, entered_at=now,
        prices={"x": {"in": "1", "out": "2"}},
    )  # fmt: skip
    ExchangeRate.objects.create(
        currency="EUR", reporting="USD", effective_on=now.date(), rate=1, entered_by=owner, entered_at=now
    )
    artifact = Artifact.objects.create(kind="DATASET", name=f"data-{number}", created_by=owner, created_at=now)
    held = ArtifactVersion.objects.create(artifact=artifact, label="1", created_by=owner, created_at=now)
    Edge.objects.create(version=version, used=held, role="TRAINED_ON", recorded_by=owner, recorded_at=now)


@pytest.fixture
def reader() -> Client:
    """Return the session of somebody who may open every list, and who already has some duties."""
    account: Account = a_person("cora", "Cora", "compliance_officer", "auditor", "administrator")
    assert RoleGrant.objects.filter(account=account).count() == 3
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def cost(client: Client, address: str) -> int:
    """Return how many statements the page sends; asked once before, for what is kept in memory."""
    client.get(f"/{address}")
    with CaptureQueriesContext(connection) as sent:
        response: Any = client.get(f"/{address}")
    assert response.status_code == 200, address
    return len(sent)


def test_every_address_without_parameters_has_a_budget_or_lists_nothing() -> None:
    plain = {
        address
        for address, view in ADDRESSES
        if is_page(view)
        and "<" not in address
        and not address.startswith("api/2.0/mlflow/")  # lists nothing but what it searched
    }

    assert plain == {address.partition("?")[0] for address in LISTS} | set(OTHERS)


def test_no_list_asks_more_when_it_is_three_times_as_long(reader: Client) -> None:
    rows(0, 3)
    short = {address: cost(reader, address) for address in LISTS}
    rows(3, 9)
    long = {address: cost(reader, address) for address in LISTS}

    assert long == short
    assert {address: sent for address, sent in long.items() if sent > LISTS[address]} == {}


def test_the_frame_asks_four_things(reader: Client) -> None:
    rows(0, 3)
    part = CaptureQueriesContext(connection)
    with part:
        reader.get("/kit/")

    assert len(part) == FRAME
