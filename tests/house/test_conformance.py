"""The API keeps its own description: whatever fits the schema or breaks it, the answer is one that is described.

Schemathesis makes the requests from `/api/schema/`, well-formed and broken ones, always the same; they go
through the WSGI application to PostgreSQL and leave nothing behind.
"""

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.health import actions as health
from governance.risks import actions as risks
from governance.risks.models import PlanStep, Risk
from governance.rules import actions as rules
from models_registry.access.issuing import issue_token
from models_registry.access.models import Account, RoleGrant
from models_registry.access.problem import MEDIA_TYPE
from models_registry.access.roles import ROLES
from models_registry.catalog.models import RegisteredModel
from models_registry.intake import actions as intake
from models_registry.intake.models import Intake
from models_registry.intake.working import settle
from tests.house.door_bodies import body_of
from tests.house.door_world import World, a_world
from tests.house.doors import DOORS, METHODS, Door
from tests.journeys.builders import ACCURACY_RULE, SHIPPED_FORMULAS, a_person

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]
EXAMPLES = 8
"""How many requests are made for each operation, caller and kind: well-formed, or broken."""
NARROW = "ml_engineer"
SAME_EVERY_TIME = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

FORMULA = (SHIPPED_FORMULAS / "classic-ml.yaml").read_text()
FIT: dict[str, dict[str, Any]] = {
    "POST /api/v1/formulas/": {"text": FORMULA, "kinds": ["CLASSIFIER"]},
    "POST /api/v1/formulas/lint/": {"text": FORMULA},
    "POST /api/v1/rules/": {"text": ACCURACY_RULE},
    "POST /api/v1/rules/lint/": {"text": ACCURACY_RULE},
    "POST /api/v1/models/": {"slug": "fresh", "name": "Fresh", "kind": "CLASSIFIER", "owner": "olive", "unit": "home"},
    "POST /api/v1/costs/budgets/": {"scope": "PROJECT", "project": "fresh", "amount": "10", "first_month": "2026-03"},
    "POST /api/v1/models/{slug}/versions/{number}/stage/": {"to": "ARCHIVED"},
    "POST /v1/risk/update": {
        "modelId": "zz-own",
        "riskIndicator": "PERFORMANCE_DRIFT",
        "severity": "HIGH",
        "evidence": {"source": "ARIZE", "metric": "psi", "score": 0.4, "timestamp": "2026-03-01T12:00:00Z"},
        "automatedAction": "FLAG_FOR_REVIEW",
    },
}
"""What is sent where the bodies of the doors ask for more than the permission."""
REACHED_ELSEWHERE = {
    "PATCH /api/v1/backfills/{id}/file/": "tests/models_registry/backfills/test_api.py, with the file that was declared",
    "POST /api/v1/backfills/{id}/pause/": "tests/models_registry/backfills/test_api.py, with a backfill that runs",
    "POST /api/v1/backfills/{id}/resume/": "tests/models_registry/backfills/test_api.py, with one that is paused",
    "POST /api/v1/gates/promotion/{id}/use/": "tests/governance/gates/test_gate_api.py, with an approval by the gate",
    "POST /api/v1/history/terms/": "tests/models_registry/telemetry/test_history_api.py, where no other terms wait",
    "POST /api/v1/risks/{id}/disputes/": "tests/governance/risks, with evidence to dispute",
}
"""Successes that need a whole journey, and where it is gone."""


def nothing(world: World) -> None:
    """Leave the world as it is."""


def own_risk(state: str, *, owner: str = "olive") -> Callable[[World], None]:
    """Return what moves Olive's risk to a state, on a model of this owner."""

    def move(world: World) -> None:
        found = Risk.objects.filter(pk=world.names["risk"]["own"]["pk"])
        found.update(state=state)
        RegisteredModel.objects.filter(risks__in=found).update(owner=Account.objects.get(username=owner))

    return move


def verify_every_step(world: World) -> None:
    at = {"done_at": world.at, "verified_at": world.at, "done_by": world.olive, "verified_by": world.robot}
    PlanStep.objects.filter(pk=world.names["planned"]["own"]["step_pk"]).update(evidence="Done.", **at)


def own_draft(draft: Callable[..., Any], text: str) -> Callable[[World], dict[str, Any]]:
    """Return what lets Olive draft a next version, and names it."""

    def write(world: World) -> dict[str, Any]:
        made = draft(by=world.olive, at=timezone.now(), slug=text.split()[1], text=text + "\n")
        return {"number": made.number}

    return write


def own_acknowledgement(world: World) -> dict[str, Any]:
    risk = world.names["risk"]["own"]["pk"]
    seen = risks.acknowledge(
        by=world.olive, at=timezone.now(), risk_id=risk, judged_digest=world.digests["own"]["risk"], note_text=""
    )
    return {"acknowledgement_pk": seen.pk}


def own_import(*, applied: bool) -> Callable[[World], None]:
    """Return what checks Olive's import, or applies it as well."""

    def work(world: World) -> None:
        at = timezone.now()
        found = Intake.objects.get(pk=world.names["intake"]["own"]["pk"])
        intake.map_columns(by=world.olive, at=at, intake=found, mapping={0: "slug", 1: "vendor"}, usual={})
        settle(found, at=at)
        if applied:
            intake.apply(by=world.olive, at=at, intake=found)
            settle(found, at=at)

    return work


ARRANGED: dict[str, Callable[[World], dict[str, Any] | None]] = {
    "POST /api/v1/risks/{id}/acknowledgements/{acknowledgement_pk}/undoings/": own_acknowledgement,
    "POST /api/v1/imports/{id}/applications/": own_import(applied=False),
    "POST /api/v1/imports/{id}/undoings/": own_import(applied=True),
    "POST /api/v1/risks/{id}/plans/": own_risk("ACKNOWLEDGED"),
    "POST /api/v1/risks/{id}/acceptances/": own_risk("ACKNOWLEDGED"),
    "POST /api/v1/risks/{id}/evidence/": verify_every_step,
    "POST /api/v1/risks/{id}/releases/": own_risk("VERIFYING", owner="stella"),
    "POST /api/v1/risks/{id}/returns/": own_risk("VERIFYING", owner="stella"),
    "POST /api/v1/rules/{slug}/versions/{number}/submission/": own_draft(rules.draft, ACCURACY_RULE),
    "POST /api/v1/formulas/{slug}/versions/{number}/submission/": own_draft(health.draft, FORMULA),
}
"""In which state of the world an operation succeeds, and what the address names then."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Olive holds every role of a person, the robot every role of automation, Nina one role."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = a_world()
        for name, role in ROLES.items():
            account = made.robot if role.for_automation else made.olive
            RoleGrant.objects.create(account=account, role=name, granted_at=made.at)
        nina = a_person("nina", "Nina Novak", NARROW, unit=made.olive.unit, at=made.at)
        made.tokens["nina"] = issue_token(by=nina, at=made.at, account=nina, name="narrow").raw
        yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def application() -> Iterator[Any]:
    """The application as a server calls it, on the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    with warnings.catch_warnings(action="ignore"):  # static files are collected for servers alone
        made = get_wsgi_application()
    yield made
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def schema(application: Any, world: World) -> Any:
    """The description as a client gets it."""
    headers = {"Authorization": f"Bearer {world.tokens['olive']}"}
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, headers=headers)


@pytest.fixture(autouse=True)
def without_a_line_for_each_refusal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "django")


def operations(schema: Any) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for found in schema.get_all_operations():
        yield found.ok()


def plain(address: str) -> str:
    return re.sub(r"<[^>]*>|\{[^}]*\}|\(\?P[^)]*\)", "{}", address).strip("/^$").replace("^", "").replace("/$", "")


DOOR_OF = {(door.method, plain(door.address)): door for door in DOORS}


def door_of(operation: APIOperation[Any, Any, Any, Any]) -> Door:
    return DOOR_OF[operation.method.upper(), plain(operation.path)]


def known_names(operation: APIOperation[Any, Any, Any, Any], door: Door, world: World) -> dict[str, Any]:
    """Return the parts of the address that name what Olive owns."""
    if not door.names:
        return {}
    named = world.names[door.names]["own"]
    theirs = re.findall(r"<\w+:(\w+)>|\(\?P<(\w+)>", door.address)
    values = [str(named[one or other]) for one, other in theirs]
    return dict(zip(re.findall(r"\{(\w+)\}", operation.path), values, strict=True))


def headers_of(door: Door, who: str, world: World) -> dict[str, str]:
    if who == "wide":
        who = "robot" if door.asks in {"telemetry.write", "score.write"} else "olive"
    return {"Authorization": f"Bearer {world.tokens[who]}", "Redline-Source": "monitoring"}


def wrong_with(case: Case, headers: dict[str, str]) -> tuple[int, list[str], str]:
    """Send one request and return its status and what its answer breaks; nothing of it stays."""
    with transaction.atomic():
        answer = case.call(headers=headers)
        try:
            case.validate_response(answer, checks=CHECKS, headers=headers, transport_kwargs={"headers": headers})
            wrong = []
        except FailureGroup as broken:
            wrong = [f"{one.title}: {one.message[:600]}" for one in broken.exceptions]
        transaction.set_rollback(True)
    kind = (answer.headers.get("content-type") or [""])[0]
    if answer.status_code >= 400 and kind != MEDIA_TYPE:
        wrong.append(f"{answer.status_code} comes as {kind or 'nothing'}")
    return answer.status_code, [f"{case.method} {case.path} → {answer.status_code} {one}" for one in wrong], answer.text


def tried(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, who: str, world: World) -> list[str]:
    """Return what is wrong with the answers to the requests made for one operation."""
    door, wrong = door_of(operation), {}
    known = known_names(operation, door, world) if mode is GenerationMode.POSITIVE or operation.body else {}
    headers = headers_of(door, who, world)

    @SAME_EVERY_TIME
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=known or None))
    def each(case: Case) -> None:
        for line in wrong_with(case, headers)[1]:
            wrong.setdefault(line[:90], line)

    with suppress(Unsatisfiable):  # nothing of this operation can be broken
        each()
    return list(wrong.values())


@pytest.mark.parametrize("who", ["wide", "nina"])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_to_generated_requests_is_described(
    mode: GenerationMode, who: str, schema: Any, world: World
) -> None:
    wrong = [line for operation in operations(schema) for line in tried(operation, mode, who, world)]

    assert not wrong, "\n".join(wrong)


def test_every_operation_succeeds_as_described(schema: Any, world: World) -> None:
    """What generated requests cannot know: a body that fits the state of what it is about."""
    wrong, refused = [], []

    for operation in operations(schema):
        door = door_of(operation)
        with transaction.atomic():
            made = ARRANGED.get(operation.label, nothing)(world) or {}
            sent = FIT.get(operation.label, body_of(door, "own", world))
            case = operation.Case(
                path_parameters=known_names(operation, door, world) | made,
                media_type="application/json",
                **({"body": sent} if operation.body else {}),
            )
            status, found, text = wrong_with(case, headers_of(door, "wide", world))
            transaction.set_rollback(True)
        wrong += found
        if status >= 300 and operation.label not in REACHED_ELSEWHERE:
            refused.append(f"{operation.label}: {status} {text}")

    assert not wrong, "\n".join(wrong)
    assert not refused, "\n".join(refused)


def test_other_methods_are_refused_and_the_known_ones_named(schema: Any, world: World) -> None:
    wrong = []

    for operation in operations(schema):
        door, known = door_of(operation), {method.upper() for method in schema[operation.path]}
        for method in {*METHODS, "TRACE", "PROPFIND"} - known:
            case = operation.Case(method=method, path_parameters=known_names(operation, door, world))
            headers = headers_of(door, "wide", world)
            with transaction.atomic():
                answer = case.call(headers=headers)
                transaction.set_rollback(True)
            allowed = {*"".join(answer.headers.get("allow") or []).split(", ")} - {"HEAD", "OPTIONS"}
            kind = (answer.headers.get("content-type") or [""])[0]
            if (answer.status_code, allowed, kind) != (405, known, MEDIA_TYPE):
                wrong.append(f"{method} {operation.path} → {answer.status_code} {allowed} {kind}")

    assert not wrong, "\n".join(wrong)
