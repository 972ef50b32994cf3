"""A registry with a caller in front of it: Mia the engineer, Otto the pipeline, Stella the stranger."""

import base64
import json
from typing import Any

from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from models_registry.access.issuing import issue_token
from models_registry.access.models import Account, BusinessUnit, Team
from tests.governance.gates.world import a_person

ROOT = "/api/2.0/mlflow/"


def mia() -> Account:
    """Mia builds models of the claims team."""
    person = a_person("Mia", "ml_engineer")
    unit = BusinessUnit.objects.get(slug="claims")
    team, _ = Team.objects.get_or_create(slug="claims-team", defaults={"name": "Claims team", "unit": unit})
    Account.objects.filter(pk=person.pk).update(team=team)
    person.refresh_from_db()
    return person


def stella() -> Account:
    """Stella builds models of another unit."""
    person = a_person("Stella", "ml_engineer")
    unit, _ = BusinessUnit.objects.get_or_create(slug="marine", defaults={"name": "Marine"})
    Account.objects.filter(pk=person.pk).update(unit=unit)
    person.refresh_from_db()
    return person


class Registry:
    """What an MLflow client sends, one call at a time."""

    def __init__(self, account: Account, *, basic: bool = False, issuer: Account | None = None, **token: Any) -> None:
        issued = issue_token(by=issuer or account, at=timezone.now(), account=account, name="mlflow", **token)
        self.raw = issued.raw
        text = f"Bearer {issued.raw}"
        if basic:
            text = "Basic " + base64.b64encode(f"{account.username}:{issued.raw}".encode()).decode()
        self.client = Client(headers={"Authorization": text}, raise_request_exception=False)

    def send(self, method: str, path: str, body: dict[str, Any]) -> HttpResponseBase:
        """Send a call as the client does: a query for GET, JSON for the rest."""
        if method == "GET":
            return self.client.get(ROOT + path, body)
        return self.client.generic(method, ROOT + path, json.dumps(body), content_type="application/json")

    def call(self, method: str, path: str, expected: int = 200, **body: Any) -> dict[str, Any]:
        """Send a call and return the answer, which has the expected status."""
        answer: Any = self.send(method, path, body)
        assert answer.status_code == expected, (answer.status_code, answer.content)
        found: dict[str, Any] = answer.json()
        return found

    def model(self, name: str, **facts: Any) -> dict[str, Any]:
        """Register a model."""
        found: dict[str, Any] = self.call("POST", "registered-models/create", name=name, **facts)["registered_model"]
        return found

    def version(self, name: str, source: str = "s3://models/a", **facts: Any) -> dict[str, Any]:
        """Register a version."""
        body = {"name": name, "source": source, **facts}
        found: dict[str, Any] = self.call("POST", "model-versions/create", **body)["model_version"]
        return found
