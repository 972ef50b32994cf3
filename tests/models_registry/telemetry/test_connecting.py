"""What people paste: the how-tos and the pages show one text, and the page shows it with the secret once."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.access.models import RoleGrant
from models_registry.telemetry import connecting, source_actions
from tests.models_registry.telemetry import world

HOW_TOS = Path(__file__).resolve().parents[3] / "docs" / "how-to"
BASE = "https://redline.example.com"


@pytest.mark.parametrize(
    ("kind", "page", "address"),
    [
        ("opentelemetry", "send-opentelemetry.md", f"{BASE}/otlp/ADDRESS"),
        ("cloudevents", "send-cloudevents.md", f"{BASE}/api/v1/telemetry/ADDRESS/"),
        ("standard_webhooks", "send-cloudevents.md", f"{BASE}/api/v1/telemetry/ADDRESS/"),
    ],
)
def test_a_how_to_shows_the_text_that_the_page_shows(kind: str, page: str, address: str) -> None:
    lines = {line.strip() for line in (HOW_TOS / page).read_text().splitlines()}
    missing = [
        line
        for setup in connecting.setups(kind=kind, address=address)
        for line in setup.text.splitlines()
        if line.strip() not in lines
    ]

    assert missing == []


def test_the_page_of_a_source_says_what_to_paste_and_the_secret_is_there_once(client: Client, db: None) -> None:
    olive = world.olive()
    RoleGrant.objects.create(account=olive, role="administrator", granted_at=timezone.now())
    client.force_login(olive)

    shown = client.post("/sources/connect/", {"name": "Serving", "kind": "opentelemetry", "environment": "production"})
    later = client.get("/sources/serving/")

    secret = source_actions.secrets_of(source_actions.Source.objects.get())[0]
    assert shown.status_code == 201
    assert f"Bearer {secret}" in shown.content.decode().replace("&quot;", '"')
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in later.content.decode()
    assert secret not in later.content.decode()
    assert "authorization=Bearer%20SECRET" in later.content.decode()
