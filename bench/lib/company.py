"""A company of any size: models that stand somewhere, people with roles, and as much history as is asked for."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.lib import past
from bench.lib.instance import Instance

MODELS = int(os.environ.get("MODELS", "10000"))
REGISTERED = timedelta(days=100)
"""How long ago every model was registered."""
ALERTS_OPEN = 50
METRICS = ("accuracy", "embedding_cosine_drift", "latency_p95", "error_rate", "toxicity_rate")
CATEGORIES = ("PERFORMANCE", "DATA_INTEGRITY", "SAFETY")

RULE = """\
rule: {slug}
title: {title}
why: A benchmark's rule.
when:
  metric: {metric}
  aggregate: avg
  over: 1h
  {side}: {limit}
  for: 3
then:
  risk: {risk}
  effect: {{floor: medium}}
  require: [acknowledgement]
  restrict: sandbox
clear:
  for: 2
  then: auto
"""


class Company:
    """Models `model-0` …, half of them over a limit, owned by people of ten units."""

    def __init__(self, instance: Instance, *, models: int = MODELS) -> None:
        from governance.scoring.models import Posture
        from models_registry.audit.actor import System
        from models_registry.catalog.models import RegisteredModel

        self.instance, self.size = instance, models
        self.feed: Any = None
        self.secret = ""
        self.at = datetime.now(UTC)
        self.by = System("bench")
        self.units = [self._unit(number) for number in range(10)]
        self.people = [self.person(f"owner-{number}", "model_owner", number) for number in range(50)]
        self.board = self.person("board", "governance_board", None)
        self.compliance = self.person("compliance", "compliance_officer", None)
        self.machine = self.person("pipeline", "automation_ci", None, kind="AUTOMATION")
        self._register(models)
        self.models = list(RegisteredModel.objects.order_by("pk"))
        self._stand(self.models)
        assert Posture.objects.count() == models
        with instance.connect() as admin:  # what autovacuum does within a minute of such a load
            admin.execute("vacuum analyze")

    def token(self) -> str:
        """Return the secret of a token of the pipeline that was used today already."""
        from models_registry.access.issuing import issue_token
        from models_registry.access.models import Token

        raw: str = issue_token(by=self.machine, at=self.at, account=self.machine, name="bench").raw
        Token.objects.update(last_used_on=datetime.now(UTC).date())
        return raw

    def rules(self, count: int) -> list[Any]:
        """Return so many enforced rules, each on one of the metrics."""
        from django.db import transaction

        from governance.rules.models import Rule, RuleVersion
        from models_registry.audit.actions import record
        from models_registry.audit.canonical import digest

        made = []
        with transaction.atomic():
            for number in range(count):
                text = self.rule_text(number)
                rule = Rule.objects.create(slug=f"bench-{number}", title=f"Bench {number}", created_at=self.at)
                made.append(
                    RuleVersion.objects.create(
                        rule=rule, number=1, text=text, digest=digest(text), state="ENFORCED",
                        author=self.compliance, created_at=self.at, enforced_at=self.at,
                    )
                )  # fmt: skip
            record(by=self.by, action="rule.activated", on=("bench", "rules"), body={"count": count})
        return made

    def rule_text(self, number: int) -> str:
        """Return the file of one rule."""
        metric = METRICS[number % len(METRICS)]
        side, limit = ("below", 0.2 + number / 1000) if metric == "accuracy" else ("above", 0.8 + number / 1000)
        risk = CATEGORIES[number % len(CATEGORIES)].lower()
        return RULE.format(
            slug=f"bench-{number}", title=f"Bench {number}", metric=metric, side=side, limit=limit, risk=risk
        )

    def fires_on(self, version: Any, model: Any) -> None:
        """Let a rule fire on a model."""
        from governance.rules.models import Episode

        step = {"at": self.at.isoformat(), "points": 40, "value": 0.9, "text": "Over its limit for three hours."}
        Episode.objects.create(
            rule_version=version, model=model, environment="production", category="PERFORMANCE", points=40,
            steps=[step], began_at=self.at,
        )  # fmt: skip

    def measure(self, rows: int) -> None:
        """Fill the measurement table up to so many rows over 90 days, and the windows of the last day."""
        with self.instance.connect() as admin:
            held = admin.execute("select count(*) from telemetry_measurement").fetchone()
            missing = rows - (held[0] if held else 0)
            if missing > 0:
                admin.execute(MEASUREMENTS, {"rows": missing, "models": self.size, "at": self.at})
                admin.execute(EVENTS, {"events": missing // 10, "at": self.at, "source": self.source().pk})
                admin.execute(ENTRIES, {"entries": missing // 10, "models": self.size})
            admin.execute(WINDOWS, {"at": self.at})
            admin.execute("vacuum analyze")

    def remember(self, moves: int) -> None:
        """Let every model and every risk have moved so many times within the last 90 days."""
        with self.instance.connect() as admin:
            past.fill(admin, at=self.at, formula=self.formula().pk, moves=moves)
            admin.execute("vacuum analyze")

    def alert(self, count: int) -> None:
        """Keep so many alerts in all: the newest fifty are open, the others were resolved within the last 90 days."""
        from django.db import transaction

        from alerts.inbox.models import Alert
        from models_registry.audit.actions import record

        held = Alert.objects.count()
        with transaction.atomic():
            Alert.objects.bulk_create(
                Alert(
                    fingerprint=f"bench-{number}", tier=1 + number % 3, title=f"Accuracy fell, {number}",
                    body="Accuracy was below its floor for three hours.", model=self.models[number % self.size],
                    state="OPEN" if number < ALERTS_OPEN else "RESOLVED", opened_at=moment, last_at=moment,
                    resolved_at=None if number < ALERTS_OPEN else moment + timedelta(hours=1),
                )
                for number in range(held, count)
                for moment in [self.at - timedelta(hours=1 + number % (past.DAYS * 24))]
            )  # fmt: skip
            record(by=self.by, action="alert.opened", on=("bench", "alerts"), body={"count": count})

    def formula(self) -> Any:
        """Return the version of a formula that every health score came from."""
        from django.db import transaction

        from governance.health.actions import shipped_texts
        from governance.health.models import Formula, FormulaVersion
        from models_registry.audit.actions import record

        if known := FormulaVersion.objects.first():
            return known
        with transaction.atomic():
            made = FormulaVersion.objects.create(
                formula=Formula.objects.create(slug="bench", title="Bench", created_at=self.at),
                number=1, text=dict(shipped_texts())["classic-ml"], digest="sha256:1",
                author=self.compliance, created_at=self.at,
            )  # fmt: skip
            record(by=self.by, action="formula.submitted", on=("bench", "formulas"), body={"count": 1})
        return made

    def source(self) -> Any:
        """Return the source that everything came from."""
        from models_registry.telemetry.source_actions import create_source

        if self.feed is None:
            self.feed, self.secret = create_source(by=self.by, at=self.at, name="Feed", kind="measurements")
        return self.feed

    def send(self, body: bytes) -> int:
        """Deliver a body through the door, as a web process does; return the kept event's key."""
        from models_registry.telemetry.door import deliver

        address = self.source().path_token
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.secret}"}
        return deliver(address, body, headers, at=datetime.now(UTC))[0].event_pk

    def _unit(self, number: int) -> Any:
        from models_registry.access.models import BusinessUnit

        return BusinessUnit.objects.create(slug=f"unit-{number}", name=f"Unit {number}")

    def person(self, name: str, role: str, unit: int | None, *, kind: str = "PERSON") -> Any:
        """Return somebody new who holds one role, in a unit by its number or in none."""
        from django.db import transaction

        from models_registry.access.models import Account, RoleGrant
        from models_registry.audit.actions import record

        with transaction.atomic():
            found = Account.objects.create(
                username=name, display_name=name, kind=kind, unit=None if unit is None else self.units[unit % 10]
            )
            RoleGrant.objects.create(account=found, role=role, granted_at=self.at)
            record(by=self.by, action="role.granted", on=found, body={"role": role})
        return found

    def _register(self, count: int) -> None:
        from django.db import transaction

        from models_registry.audit.actions import record
        from models_registry.catalog.models import ModelVersion, RegisteredModel

        kinds = ("CLASSIFIER", "RAG_APPLICATION", "LLM_APPLICATION", "FORECASTER")
        with transaction.atomic():
            made = RegisteredModel.objects.bulk_create(
                RegisteredModel(
                    slug=f"model-{number}", name=f"Model {number}", kind=kinds[number % 4],
                    owner=self.people[number % 50], unit=self.units[number % 10],
                    materiality=("HIGH", "MEDIUM", "LOW")[number % 3], created_at=self.at - REGISTERED,
                )
                for number in range(count)
            )  # fmt: skip
            ModelVersion.objects.bulk_create(
                ModelVersion(
                    model=model, number=1, artifact_digest="sha256:" + "a" * 64, stage="STAGING", created_at=self.at,
                    created_by=model.owner,
                )
                for model in made
            )  # fmt: skip
            record(by=self.by, action="model.registered", on=("bench", "models"), body={"count": count})

    def _stand(self, models: list[Any]) -> None:
        from django.db import transaction

        from governance.risks.models import Risk
        from governance.scoring.models import Posture, PostureChange
        from models_registry.audit.actions import record

        facts = [
            {"risk_score": 20 + n % 70, "room": 39 - n % 70, "in_the_red": n % 70 > 39} for n in range(len(models))
        ]
        common = {"level": "MEDIUM", "health": 80, "health_redline": 60, "coverage": 1, "quiet": False}
        since = self.at - timedelta(days=30)
        with transaction.atomic():
            Posture.objects.bulk_create(
                Posture(model=model, digest="sha256:1", updated_at=self.at, swept_at=self.at, **common, **fact)
                for model, fact in zip(models, facts, strict=True)
            )
            PostureChange.objects.bulk_create(
                PostureChange(model=model, changed_at=since, **common, **fact)
                for model, fact in zip(models, facts, strict=True)
            )
            Risk.objects.bulk_create(
                Risk(
                    model=model, category=category, score=(number * 7) % 90, factor=(number * 7) % 90,
                    level=("LOW", "MEDIUM", "HIGH")[number % 3], state=("CLOSED", "OPEN", "OPEN")[number % 3],
                    level_since=since, created_at=since, raised_at=since, due_at=self.at + timedelta(days=3),
                )
                for number, model in enumerate(models)
                for category in CATEGORIES
            )  # fmt: skip
            record(by=self.by, action="model.posture_moved", on=("bench", "postures"), body={"count": len(models)})


MEASUREMENTS = """
insert into telemetry_measurement (event_id, ordinal, model_id, metric, value, unit, environment, segment,
                                   observed_at, received_at)
select n / 10, n %% 10, first.id + n %% %(models)s,
       (array['accuracy', 'embedding_cosine_drift', 'latency_p95', 'error_rate', 'toxicity_rate'])[1 + n %% 5],
       0.5, '', 'production', '', moment, moment
from generate_series(1, %(rows)s::bigint) as n, (select min(id) as id from catalog_model) as first,
     lateral (select %(at)s::timestamptz - interval '1 hour' - (n %% 7776000) * interval '1 second' as moment) as at
"""
EVENTS = """
insert into telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason, detail, conflict,
                             duplicate_count, processed_at)
select %(source)s, 'h' || gen_random_uuid(), %(at)s, '\\x7b7d', '{}', 'DONE', 1, '', '', false, 0, %(at)s
from generate_series(1, %(events)s::bigint)
"""
ENTRIES = """
insert into audit_entry (xid, at, actor_kind, actor_id, actor_name, action, object_type, object_id, model_id, canon,
                         leaf)
select pg_current_xact_id(), now(), 'SYSTEM', '', 'bench', 'model.posture_moved', 'registeredmodel', id::text, id, text,
       sha256('\\x00'::bytea || convert_to(text, 'UTF8'))
from generate_series(1, %(entries)s::bigint) as n, (select min(id) as low from catalog_model) as first,
     lateral (select low + n %% %(models)s as id, '{"n":' || n || '}' as text) as entry
"""
WINDOWS = """
insert into telemetry_rollup (model_id, metric, environment, segment, width_s, starts_at, count, sum, min, max,
                              first, first_at, last, last_at)
select model.id, metric, 'production', '', 3600, starts_at, 1, 0.5, 0.5, 0.5, 0.5, starts_at, 0.5, starts_at
from catalog_model as model, unnest(array['accuracy', 'embedding_cosine_drift']) as metric,
     generate_series(date_trunc('hour', %(at)s::timestamptz) - interval '6 hours',
                     date_trunc('hour', %(at)s::timestamptz), interval '1 hour') as starts_at
on conflict do nothing
"""
