"""A small world before the doors: Olive beside her own model, her team's, and one of strangers.

Each model carries a mark in its name that no page may show to people who may not read it.
"""

import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from alerts.delivery.models import Channel, ChannelKind
from alerts.inbox.models import Alert
from governance.approvals import actions as approvals
from governance.approvals.models import Subject
from governance.gates.models import GateDecision
from governance.reports.assembling import assembled
from governance.reports.cards import as_document
from governance.risks.models import Acknowledgement, Dispute, MitigationPlan, PlanStep, Risk
from governance.scoring.models import AutomationControl
from models_registry.access.issuing import create_link, issue_token
from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant, SavedView, Team
from models_registry.access.roles import ROLES
from models_registry.access.saved import saved_lists
from models_registry.audit.actions import record
from models_registry.audit.canonical import canonical
from models_registry.backfills.uploading import append, begin_upload, finish_upload
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.models import AliasMove, Kind, Materiality, ModelVersion, RegisteredModel, Stage
from models_registry.catalog.run_models import Run, Sweep
from models_registry.catalog.validation_models import Validation
from models_registry.costs.importing import apply_import, upload
from models_registry.costs.models import Budget
from models_registry.intake.models import Intake
from models_registry.telemetry.actions import create_source, receive
from models_registry.telemetry.catalogue_actions import add_alias
from models_registry.telemetry.history_models import KeepingTerms, LegalHold
from models_registry.telemetry.mapping_views import EMPTY
from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_actions import set_polling
from models_registry.telemetry.source_actions import save_mapping
from tests.house.door_bodies import SWEPT
from tests.house.doors import Door, path_of
from tests.house.rows import a_violation, a_webhook, an_input
from tests.journeys.builders import OPERATOR, a_person, an_enforced_formula, an_enforced_rule
from tests.models_registry.lineage.traces import a_prediction

ARTIFACT = "sha256:" + "a" * 64
ABSENT = 2**31 - 7
SOON = timedelta(days=9)


@dataclass
class World:
    """Who asks, with which session and token, and what the addresses may name, per relation."""

    olive: Account
    robot: Account
    pages: dict[str, Client]
    tokens: dict[str, str]
    names: dict[str, dict[str, dict[str, object]]]
    marks: dict[str, str]
    digests: dict[str, dict[str, str]]
    at: datetime
    stranger: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def path(self, door: Door, relation: str) -> str:
        """Return the address of what stands in this relation to Olive."""
        return path_of(door.address, self.names[door.names][relation] if door.names else {})

    @contextmanager
    def acting(self, role: str) -> Iterator[str]:
        """Let Olive, or the robot for automation, hold this one role; give the name of who acts."""
        who = "robot" if ROLES[role].for_automation else "olive"
        account = self.robot if who == "robot" else self.olive
        with transaction.atomic():
            RoleGrant.objects.create(account=account, role=role, granted_at=self.at)
            yield who
            transaction.set_rollback(True)

    def send(self, door: Door, relation: str, who: str, body: dict[str, Any]) -> HttpResponseBase:
        """Send one request as somebody, or as a stranger when ``who`` is empty; nothing of it stays."""
        headers = {"Redline-Source": "monitoring"}
        if door.is_api and who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        client = self.pages[who] if who and not door.is_api else self.stranger
        kind = {"content_type": "application/json"} if door.is_api else {}
        with transaction.atomic():
            answer = client.generic_send(door.method, self.path(door, relation), body, headers, kind)
            transaction.set_rollback(True)
        return answer


class Caller(Client):
    """A client that gives back a 500 instead of raising, and sends JSON to the API."""

    def generic_send(
        self, method: str, path: str, body: dict[str, Any], headers: dict[str, str], kind: dict[str, str]
    ) -> HttpResponseBase:
        """Send a body as a form, or as JSON when a content type says so."""
        send, cookies = getattr(self, method.lower()), self.cookies.copy()
        options: dict[str, Any] = {"headers": headers, **(kind if method != "GET" else {})}
        answer: HttpResponseBase = send(path, *([body] if method != "GET" else []), **options)
        self.cookies = cookies  # a door that ends the session ends it for this request alone
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer


def _a_backfill(by: Account, at: datetime) -> int:
    """Return a file of history whose columns are to be chosen."""
    source, _ = create_source(by=by, at=at, name="History", kind="backfill")
    content = b"observed_at,model,metric,value\n2026-01-01T00:00:00Z,zz-own,accuracy,0.9\n"
    made, _ = begin_upload(by=by, at=at, source=source, file_name="history.csv", size=len(content))
    append(by=by, backfill=made, offset=0, content=content)
    made.refresh_from_db()
    return finish_upload(by=by, at=at, backfill=made).pk


def a_world() -> World:
    """Build everything; the caller holds the transaction and rolls it back."""
    at = timezone.now() - timedelta(hours=1)
    home, _ = BusinessUnit.objects.get_or_create(slug="home", defaults={"name": "Home"})
    away, _ = BusinessUnit.objects.get_or_create(slug="away", defaults={"name": "Away"})
    team = Team.objects.create(slug="home-team", name="Home team", unit=home)
    olive = a_person("olive", "Olive Okafor", unit=home, at=at)
    stella = a_person("stella", "Stella Strand", unit=away, at=at)
    Account.objects.filter(pk=olive.pk).update(team=team)
    robot = Account.objects.create(username="robot", kind=AccountKind.AUTOMATION, unit=home, team=team)
    adam = a_person("adam", "Adam Ames", "administrator", at=at)
    rule, formula = an_enforced_rule(at=at), an_enforced_formula(at=at)
    owners = {"own": (olive, home, team), "team": (stella, home, team), "other": (stella, away, None)}
    kinds: dict[str, dict[str, dict[str, object]]] = {}
    digests: dict[str, dict[str, str]] = {}
    for relation, (owner, unit, group) in owners.items():
        names, digests[relation] = _a_model(relation, owner, unit, group, olive=olive, stella=stella, at=at)
        for kind, named in names.items():
            kinds.setdefault(kind, {})[relation] = named
    for named in kinds.values():
        named["absent"] = {key: _absent(value) for key, value in named["own"].items()}
    source, _ = create_source(by=adam, at=at, name="Monitoring", kind="measurements")
    polled, _ = create_source(by=adam, at=at, name="Registry elsewhere", kind="mlflow")
    set_polling(by=adam, at=at, source=polled, config=SWEPT, scheme="none", interval_s=300)
    receipt = receive(source=source, body=b'{"measurements": []}', headers={}, at=at)
    save_mapping(by=adam, at=at, source=source, document=EMPTY)
    alias = add_alias(by=adam, at=at, name="rightness", metric="accuracy")
    channel = Channel.objects.create(
        name="Pager", kind=ChannelKind.EMAIL, config={"to": ["a@example.test"]}, created_at=at
    )
    record(by=OPERATOR, action="test.arranged", on=channel, body={})
    hook = a_webhook("hook", by=olive, at=at)
    record(by=OPERATOR, action="test.arranged", on=hook, body={})
    bill = upload(by=adam, at=at, file_name="bill.csv", content=f"date,amount\n{at.date()},1\n")
    apply_import(by=adam, at=at, source=bill)
    brought = Intake.objects.create(
        file_name="models.csv", digest="sha256:0", form="CSV", headings=["slug", "vendor"], row_count=1,
        rows=zlib.compress(b'[[2, ["zz-own", "Acme"]]]'), mapping={"0": "slug", "1": "vendor"}, uploaded_by=olive,
        uploaded_at=at,
    )  # fmt: skip
    terms = KeepingTerms.objects.create(number=1, reason="Enough.", proposed_by=adam, proposed_at=at)
    hold = LegalHold.objects.create(since=at.date().replace(day=1), reason="Case 7.", placed_by=adam, placed_at=at)
    view = SavedView.objects.create(
        owner=olive, list_name=next(iter(saved_lists())), name="Mine", query="", created_at=at, changed_at=at
    )
    pause = AutomationControl.objects.create(
        scope="SOURCE", scope_id=str(source.pk), reason="Test.", paused_by=adam, paused_at=at
    )
    token = issue_token(by=olive, at=at, account=olive, name="olive's")
    grant = RoleGrant.objects.filter(account=adam).get()
    single: dict[str, tuple[dict[str, object], dict[str, object]]] = {
        "link": ({"secret": create_link(by=adam, at=timezone.now(), account=stella)}, {"secret": "gone"}),
        "path_token": ({"path_token": source.path_token, "place": "v2"}, {"path_token": "gone", "place": "v2"}),
        "view": ({"number": view.pk}, {"number": ABSENT}),
        "list": ({"list_name": view.list_name}, {"list_name": "gone"}),
        "person": ({"username": "stella"}, {"username": "gone"}),
        "stranger": ({"username": "olive"}, {"username": "gone"}),
        "grant": ({"username": "adam", "number": grant.pk}, {"username": "adam", "number": ABSENT}),
        "token": ({"username": "olive", "number": token.token.pk}, {"username": "olive", "number": ABSENT}),
        "table": ({"table": "models", "form": "csv"}, {"table": "gone", "form": "csv"}),
        "form": ({"form": "csv"}, {"form": "xml"}),
        "channel": ({"pk": channel.pk}, {"pk": ABSENT}),
        "webhook": ({"pk": hook.pk, "webhook_id": hook.pk}, {"pk": uuid.uuid4(), "webhook_id": "gone"}),
        "import": ({"pk": bill.pk}, {"pk": ABSENT}),
        "backfill": ({"pk": _a_backfill(adam, at)}, {"pk": ABSENT}),
        "intake": ({"pk": brought.pk}, {"pk": ABSENT}),
        "event": ({"pk": receipt.event_pk}, {"pk": ABSENT}),
        "source": ({"slug": source.slug}, {"slug": "gone"}),
        "polled": ({"slug": polled.slug}, {"slug": "gone"}),
        "terms": ({"number": terms.number}, {"number": ABSENT}),
        "hold": ({"pk": hold.pk}, {"pk": ABSENT}),
        "platform": ({"kind": "arize"}, {"kind": "gone"}),
        "metric_alias": ({"pk": alias.pk}, {"pk": ABSENT}),
        "metric": ({"name": "accuracy"}, {"name": "gone"}),
        "mapping": ({"slug": source.slug, "number": 1}, {"slug": source.slug, "number": ABSENT}),
        "mapping_pair": ({"slug": source.slug, "old": 1, "new": 1}, {"slug": source.slug, "old": ABSENT, "new": 1}),
        "scope": ({"scope": "global"}, {"scope": "gone"}),
        "pause": ({"pk": pause.pk}, {"pk": ABSENT}),
        "rule": ({"slug": rule.rule.slug, "number": 1, "old": 1, "new": 1}, _no_policy()),
        "formula": ({"slug": formula.formula.slug, "number": 1, "old": 1, "new": 1}, _no_policy()),
    }
    kinds |= {kind: {"own": there, "absent": gone} for kind, (there, gone) in single.items()}
    pages = {"olive": Caller(raise_request_exception=False), "robot": Caller(raise_request_exception=False)}
    for who, client in pages.items():
        client.force_login(Account.objects.get(username=who))
    tokens = {
        who: issue_token(by=account, at=at, account=account, name="matrix").raw
        for who, account in (("olive", olive), ("robot", robot))
    }
    return World(
        olive=olive,
        robot=robot,
        pages=pages,
        tokens=tokens,
        names=kinds,
        marks={relation: f"Qz{relation}qz" for relation in owners},
        digests=digests,
        at=at,
        stranger=Caller(raise_request_exception=False),
    )


def _a_model(
    relation: str,
    owner: Account,
    unit: BusinessUnit,
    team: Team | None,
    *,
    olive: Account,
    stella: Account,
    at: datetime,
) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
    """Make a model with everything that may hang on one; return its names, and the digests of its risks."""
    model = RegisteredModel.objects.create(
        slug=f"zz-{relation}", name=f"Qz{relation}qz", kind=Kind.CLASSIFIER, owner=owner, unit=unit, team=team,
        materiality=Materiality.HIGH, created_at=at,
    )  # fmt: skip
    entry = record(by=OPERATOR, action="test.arranged", on=model, body={"model": model.slug}, model_id=model.pk)
    version = ModelVersion.objects.create(
        model=model, number=1, artifact_digest=ARTIFACT, stage=Stage.STAGING, created_at=at, created_by=stella
    )
    risks = {
        category: Risk.objects.create(
            model=model, category=category, level="HIGH", score=60, level_since=at, raised_at=at, created_at=at,
            state=state, due_at=at + SOON, digest=f"sha256:{relation}-{category.lower()}",
        )
        for category, state in (("PERFORMANCE", "OPEN"), ("SECURITY", "MITIGATING"), ("FAIRNESS", "MITIGATING"))
    }  # fmt: skip
    steps = {}
    for category in ("SECURITY", "FAIRNESS"):
        plan = MitigationPlan.objects.create(
            risk=risks[category], summary="Fix.", judged_digest="sha256:1", created_by=owner, created_at=at
        )
        steps[category] = PlanStep.objects.create(
            plan=plan, position=1, text="Do it", owner=stella, due_on=(at + SOON).date()
        )
    PlanStep.objects.filter(pk=steps["FAIRNESS"].pk).update(done_at=at, done_by=stella, evidence="Done.")
    dispute = Dispute.objects.create(
        risk=risks["PERFORMANCE"], reason="Wrong.", disputed_input="rule:1", judged_digest="sha256:1",
        raised_by=stella, raised_at=at,
    )  # fmt: skip
    seen = Acknowledgement.objects.create(risk=risks["PERFORMANCE"], by=stella, at=at, judged_digest="sha256:1")
    alert = Alert.objects.create(
        fingerprint=relation, tier=1, title=f"{model} is in the red", model=model, opened_at=at, last_at=at,
        risk_id=risks["PERFORMANCE"].pk,
    )  # fmt: skip
    decision = GateDecision.objects.create(
        version=version, target="PRODUCTION", verdict="REVIEW_REQUIRED", reasons=[], epoch=0, artifact_digest=ARTIFACT,
        state_digest="sha256:1", policy_digest="sha256:1", requested_by=stella, decided_at=at, expires_at=at + SOON,
    )  # fmt: skip
    asked = approvals.request(
        by=stella, at=at, subject=Subject.PROMOTION, object_id=str(version.pk), title=f"Promote {model}",
        digest="sha256:asked", policy={"required": 3, "roles": ["compliance_officer", "governance_board", "model_owner"]}, model=model,
        expires_at=timezone.now() + SOON,
    )  # fmt: skip
    edge = an_input(version, by=stella, at=at)
    validation = Validation.objects.create(
        version=version, suite="held-out", kind="PERFORMANCE", ran_at=at, verdict="PASS", digest=ARTIFACT,
        recorded_by=stella, recorded_at=at,
    )  # fmt: skip
    sweep = Sweep.objects.create(
        model=model, source="OWN", external_id="s", name="s", recorded_by=stella, recorded_at=at
    )
    run = Run.objects.create(
        model=model, source="OWN", external_id="r", name="r", status="FINISHED", sweep=sweep, recorded_by=stella,
        recorded_at=at,
    )  # fmt: skip
    budget = Budget.objects.create(
        scope="MODEL", model=model, amount_micros=10**9, currency="USD", first_month=at.date().replace(day=1),
        created_by=stella, created_at=at,
    )  # fmt: skip
    elsewhere, _ = Source.objects.get_or_create(
        slug="wandb", defaults={"name": "W&B", "kind": "wandb", "path_token": "wandb", "created_at": at}
    )
    AliasMove.objects.create(model=model, name="candidate", version=version, moved_by=stella, moved_at=at)
    names: dict[str, dict[str, object]] = {
        "violation": {"pk": a_violation(model, source=elsewhere, at=at).pk},
        "budget": {"pk": budget.pk},
        "artifact": {"pk": edge.used.artifact_id},
        "artifact_version": {"pk": edge.used_id},
        "edge": {"pk": edge.pk, "slug": model.slug},
        "validation": {"slug": model.slug, "number": 1, "pk": validation.pk},
        "sweep": {"slug": model.slug, "pk": sweep.pk},
        "run": {"slug": model.slug, "number": 1, "pk": run.pk},
        "prediction": {"pk": a_prediction(model.slug, at=at).pk},
        "model": {"slug": model.slug, "number": 1},
        "card": _a_card(model, stella, at),
        "entry": {"number": entry},
        "model_name": {"name": model.slug},
        "alias": {"slug": model.slug, "name": "candidate"},
        "version_pk": {"pk": version.pk},
        "decision": {"pk": decision.pk},
        "approval": {"pk": asked.pk},
        "alert": {"pk": alert.pk},
        "risk": {"pk": risks["PERFORMANCE"].pk},
        "planned": {"pk": risks["SECURITY"].pk, "step_pk": steps["SECURITY"].pk},
        "done": {"pk": risks["FAIRNESS"].pk, "step_pk": steps["FAIRNESS"].pk},
        "dispute": {"pk": risks["PERFORMANCE"].pk, "dispute_pk": dispute.pk},
        "seen": {"pk": risks["PERFORMANCE"].pk, "acknowledgement_pk": seen.pk},
    }
    digests = {"risk": risks["PERFORMANCE"].digest, "planned": risks["SECURITY"].digest, "approval": asked.digest}
    return names, digests


def _a_card(model: RegisteredModel, by: Account, at: datetime) -> dict[str, object]:
    """Write a section of a model's card, issue the card, and name both."""
    facts: dict[str, Any] = {"model": model, "number": 1, "digest": ARTIFACT}
    CardText.objects.create(section="LIMITATIONS", text=f"Of {model}.", written_by=by, written_at=at, **facts)
    document = canonical(as_document(assembled(model=model, now=at))).decode()
    IssuedCard.objects.create(document=document, issued_by=by, issued_at=at, **facts)
    return {"slug": model.slug, "number": 1, "section": "limitations", "form": "markdown"}


def _absent(value: object) -> object:
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=0)
    return ABSENT if isinstance(value, int) else "gone"


def _no_policy() -> dict[str, object]:
    return {"slug": "gone", "number": ABSENT, "old": ABSENT, "new": ABSENT}
