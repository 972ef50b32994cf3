"""What people paste: the how-tos and the pages show one text, and the page shows it with the secret once."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.access.models import RoleGrant
from models_registry.telemetry import connecting, source_actions
from models_registry.telemetry.gallery import PLATFORMS, Platform
from tests.models_registry.telemetry import world

HOW_TOS = Path(__file__).resolve().parents[3] / "docs" / "how-to"
BASE = "https://redline.example.com"


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda each: each.kind)
def test_a_how_to_shows_the_texts_that_the_page_shows(platform: Platform) -> None:
    address = f"{BASE}/otlp/ADDRESS" if platform.kind == "opentelemetry" else f"{BASE}/api/v1/telemetry/ADDRESS/"
    how_to = "\n".join(line.strip() for line in (HOW_TOS / f"{platform.how_to}.md").read_text().splitlines())

    missing = [
        setup.title
        for setup in connecting.setups(kind=platform.kind, address=address)
        if "\n".join(line.strip() for line in setup.text.splitlines()) not in how_to
    ]

    assert missing == []


def test_the_page_of_a_source_says_what_to_paste_and_the_secret_is_there_once(client: Client, db: None) -> None:
    olive = world.olive()
    RoleGrant.objects.create(account=olive, role="administrator", granted_at=timezone.now())
    client.force_login(olive)

    shown = client.post("/sources/connect/opentelemetry/", {"name": "Serving", "environment": "production"})
    later = client.get("/sources/serving/connect/")

    secret = source_actions.secrets_of(source_actions.Source.objects.get())[0]
    assert shown.status_code == 201
    assert f"Bearer {secret}" in shown.content.decode().replace("&quot;", '"')
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in later.content.decode()
    assert secret not in later.content.decode()
    assert "authorization=Bearer%20SECRET" in later.content.decode()
