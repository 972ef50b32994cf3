"""A small company in which every page has something to show, made by the actions that people use."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.delivery.actions import create_channel
from alerts.delivery.models import ChannelKind
from alerts.inbox.models import Alert
from alerts.registryhooks import actions as webhooks
from demo import story
from demo.load import load
from demo.predictions import EXAMPLE
from governance.approvals.models import ApprovalRequest
from governance.gates.models import GateDecision
from governance.health import actions as formulas
from governance.risks import actions as risks
from governance.risks.models import Risk
from governance.risks.planning import Step, complete_step, submit_plan
from governance.rules import actions as rules
from governance.scoring import pipeline
from governance.scoring.switch import pause
from models_registry.access.issuing import create_link, issue_token
from models_registry.access.models import Account
from models_registry.access.view_actions import save_view
from models_registry.audit.models import AuditEntry
from models_registry.backfills import actions as backfills
from models_registry.backfills import columns, uploading, working
from models_registry.catalog.run_models import Run, Sweep
from models_registry.costs.models import Budget, CostImport
from models_registry.intake.actions import upload
from models_registry.intake.models import Intake
from models_registry.lineage.models import Artifact, ArtifactKind, Edge
from models_registry.lineage.prediction_models import Prediction
from models_registry.outside.models import Violation
from models_registry.telemetry.catalogue_actions import add_alias
from models_registry.telemetry.models import EventState, TelemetryEvent
from models_registry.telemetry.source_actions import create_source

DAYS, MODELS = 7, 13
"""How much of the demo company there is: enough for every plot, and loaded in seconds."""


@dataclass(frozen=True, slots=True)
class Company:
    """What the addresses of the pages name: a reference per state of risks, a key per subject of approvals."""

    risks: dict[str, str]
    alert: int
    decision: str
    approvals: dict[str, str]
    held: int
    entry: int
    channel: int
    view: int
    link: str
    yesterday: str
    dataset: int
    prompt: int
    edge: int
    run: int
    other_run: int
    sweep: int
    prediction: int
    orphan: int
    budget: int
    bill: int
    alias: int
    intake: int
    unmapped: int
    violation: int
    webhook: str
    backfills: tuple[int, ...]


def a_busy_company() -> Company:
    """Load the demo company and let its people leave something in every state."""
    now = datetime.now(UTC)
    load(at=now - timedelta(minutes=1), seed=20, days=DAYS, models=MODELS, progress=lambda _, __: None)
    people = {one.username: one for one in Account.objects.all()}
    author, nadia, dan = people[story.AUTHOR], people[story.ADMINISTRATOR], people["dan"]
    _answer_risks(now)
    _write_drafts(author, now)
    issue_token(by=nadia, at=now, account=people["bot-ci"], name="Release pipeline", scopes=["gate.ask"])
    channel = create_channel(
        by=author, at=now, name="Control room", kind=ChannelKind.WEBHOOK, url="https://hooks.example/1"
    )
    events = ("model_version.created", "prompt.created")  # of a webhook
    asked = webhooks.Asked("image-builder", "https://hooks.example/2", events)
    webhook = webhooks.create(by=author, at=now, asked=asked, secret="kept")
    view = save_view(by=dan, at=now, list_name="risks", name="Grave", query="level=critical")
    pause(by=dan, at=now, reason="The evaluation platform sends wrong values since its upgrade.")
    return Company(
        risks={risk.state: risk.reference for risk in Risk.objects.order_by("score")},
        alert=Alert.objects.latest("pk").pk,
        decision=str(GateDecision.objects.latest("pk").pk),
        approvals={str(one.subject): str(one.pk) for one in ApprovalRequest.objects.order_by("requested_at")},
        held=TelemetryEvent.objects.filter(state=EventState.QUARANTINED).latest("pk").pk,
        entry=AuditEntry.objects.filter(action="risk.plan_submitted").latest("pk").pk,
        channel=channel.pk,
        webhook=str(webhook.pk),
        backfills=_files_of_history(nadia, now),
        view=view.pk,
        link=create_link(by=nadia, at=now, account=dan),
        yesterday=(now - timedelta(days=1)).date().isoformat(),
        dataset=Artifact.objects.filter(kind=ArtifactKind.DATASET).latest("pk").pk,
        budget=Budget.objects.earliest("pk").pk,
        bill=CostImport.objects.earliest("pk").pk,
        alias=add_alias(by=nadia, at=now, name="words per answer", metric="answer_relevance").pk,
        intake=Intake.objects.earliest("pk").pk,
        unmapped=upload(by=people["priya"], at=now, file_name="new.csv", raw=b"Name;Owner;Colour\nA;priya;red\n").pk,
        violation=Violation.objects.get().pk,
        prediction=Prediction.objects.get(prediction_id=EXAMPLE).pk,
        orphan=Prediction.objects.orphaned().latest("pk").pk,
        run=Run.objects.filter(version__isnull=True).latest("pk").pk,
        other_run=Run.objects.earliest("pk").pk,
        sweep=Sweep.objects.latest("pk").pk,
        edge=Edge.objects.filter(version__model__slug="claims-triage").latest("pk").pk,
        prompt=Artifact.objects.filter(kind=ArtifactKind.PROMPT_TEMPLATE).latest("pk").pk,
    )


def _files_of_history(by: Account, at: datetime) -> tuple[int, ...]:
    """Leave a file whose columns are to be chosen, and one that came in with rows that were rejected."""
    source, _ = create_source(by=by, at=at, name="History", kind="backfill")
    rows = [f"2026-01-{day:02},claims-triage,accuracy,0.{80 + day}" for day in range(1, 15)]
    bad = ["2026-01-20,claims-tirage,accuracy,0.9", "soon,claims-triage,accuracy,0.9"]
    found = []
    for text in (rows, [*rows, *bad]):
        content = "\n".join(["date,model,metric,value", *text]).encode()
        made, _ = uploading.begin_upload(by=by, at=at, source=source, file_name="accuracy.csv", size=len(content))
        made = uploading.append(by=by, backfill=made, offset=0, content=content)
        found.append(uploading.finish_upload(by=by, at=at, backfill=made))
    plan = columns.Plan(
        columns={"model": "model", "metric": "metric", "value": "value", "observed_at": "date"}, zone="UTC"
    )
    backfills.start(by=by, at=at, backfill=found[1], plan=plan)
    while working.advance(backfill_id=found[1].pk, at=at) or pipeline.process_history(limit=5, at=at):
        pass
    return tuple(one.pk for one in found)


def _answer_risks(at: datetime) -> None:
    """Add what the demo's people leave out: a risk that is being verified, and one that is disputed."""
    handed = Risk.objects.select_related("model__owner").get(model__slug="marketing-copy")
    owner = handed.model.owner
    step = Step("Cut the length of the drafts", owner, at.date() + timedelta(days=9))
    plan = submit_plan(
        by=owner, at=at, risk_id=handed.pk, judged_digest=handed.digest, summary="Shorter.", steps=[step]
    )
    complete_step(by=owner, at=at, step_id=plan.steps.get().pk, evidence="The prompt asks for fewer words.")
    handed.refresh_from_db()
    risks.submit_evidence(
        by=owner, at=at, risk_id=handed.pk, judged_digest=handed.digest, evidence="The run of Monday."
    )
    disputed = Risk.objects.select_related("model__owner").get(model__slug="claims-triage")
    risks.dispute(
        by=disputed.model.owner,
        at=at,
        risk_id=disputed.pk,
        judged_digest=disputed.digest,
        reason="The test traffic was counted.",
        disputed_input=risks.holding_causes(disputed)[0],
    )


def _write_drafts(author: Account, at: datetime) -> None:
    rule, formula = dict(rules.shipped_texts())["pii-leak"], dict(formulas.shipped_texts())["classic-ml"]
    rules.draft(by=author, at=at, slug="pii-leak", text=rule)
    formulas.draft(by=author, at=at, slug="classic-ml", text=formula)
