"""Pub/Sub proves itself by a token that Google signed, for one service account and one audience."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from models_registry.telemetry import google_keys, google_tokens, platforms, source_actions
from models_registry.telemetry.models import Source, TelemetryEvent
from models_registry.telemetry.source_actions import SecretUnfit
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

pytestmark = pytest.mark.django_db

EMAIL, AUDIENCE = "push@acme.iam.gserviceaccount.com", "https://redline.example.com"
SETUP = f"google:{EMAIL} {AUDIENCE}"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(*, key: rsa.RSAPrivateKey = KEY, head: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(timezone.now().timestamp())
    said = {
        "iss": "https://accounts.google.com", "aud": AUDIENCE, "email": EMAIL, "email_verified": True, "sub": "1",
        "iat": now, "exp": now + 3600, **claims,
    }  # fmt: skip
    parts = [
        b64(json.dumps(one).encode()) for one in ({"alg": "RS256", "kid": "one", "typ": "JWT"} | (head or {}), said)
    ]
    signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), SHA256())
    return ".".join([*parts, b64(signature)])


class Google:
    """A server of public keys on this machine."""

    def __init__(self) -> None:
        self.asked, self.status, self.keys = 0, 200, {"one": KEY}
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                google.asked += 1
                self.send_response(google.status)
                self.send_header("Cache-Control", "public, max-age=600")
                self.end_headers()
                self.wfile.write(json.dumps({"keys": [google.shown(kid) for kid in google.keys]}).encode())

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def shown(self, kid: str) -> dict[str, str]:
        known = self.keys[kid].public_key().public_numbers()
        numbers = {"n": b64(known.n.to_bytes(256)), "e": b64(known.e.to_bytes(3))}
        return {"kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", **numbers}


@pytest.fixture
def google(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    found = Google()
    settings.OUTBOUND_HTTP = True
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    settings.OUTBOUND_PORTS = [found.server.server_port]
    monkeypatch.setattr(google_keys, "ADDRESS", f"http://127.0.0.1:{found.server.server_port}/certs")
    monkeypatch.setattr(google_keys, "_asked_at", 0.0)
    cache.clear()
    yield found
    found.server.shutdown()
    found.server.server_close()
    cache.clear()


@pytest.fixture
def source() -> Source:
    return source_actions.create_source(by=world.OPERATOR, at=AT, name="Vertex", kind="vertex", secret=SETUP)[0]


def push(source: Source, authorization: str = "", query: str = "", number: int = 1) -> tuple[int, dict[str, Any]]:
    entry = {"insertId": f"i{number}", "logName": "projects/p/logs/model_monitoring", "jsonPayload": {"metric": "psi"}}
    message = {"messageId": str(number), "data": base64.b64encode(json.dumps(entry).encode()).decode()}
    headers = {"authorization": authorization} if authorization else {}
    answer = Client().post(
        f"/api/v1/telemetry/{source.path_token}/{query}", data={"subscription": "s", "message": message},
        content_type="application/json", headers=headers,
    )  # fmt: skip
    return answer.status_code, json.loads(answer.content or b"{}")


def test_a_token_of_the_account_for_the_audience_opens_the_door(google: Google, source: Source) -> None:
    assert push(source, f"Bearer {token()}")[0] in (200, 202, 204)
    assert push(source, f"bearer {token()}", number=2)[0] in (200, 202, 204)

    assert TelemetryEvent.objects.count() == 2
    assert google.asked == 1


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email": "thief@acme.iam.gserviceaccount.com"}, "another service account"),
        ({"email_verified": False}, "another service account"),
        ({"aud": "https://elsewhere.example.com"}, "another audience"),
        ({"iss": "https://accounts.example.com"}, "its issuer is not Google"),
        ({"exp": 1, "iat": 0}, "its time is over"),
        ({"iat": 2**33, "exp": 2**33 + 60}, "has not come"),
        ({"exp": 2**33}, "its time is over"),
        ({"aud": [AUDIENCE]}, "cannot be read"),
        ({"exp": "9999999999"}, "cannot be read"),
    ],
)
def test_another_claim_is_refused_with_its_reason(
    google: Google, source: Source, claims: dict[str, Any], why: str
) -> None:
    status, said = push(source, f"Bearer {token(**claims)}")

    assert (status, said["code"]) == (401, "E_AUTH_WRONG")
    assert why in said["detail"]
    assert not TelemetryEvent.objects.exists()


def test_a_signature_of_anybody_else_is_refused(google: Google, source: Source) -> None:
    whole = token()
    head, claims, signature = whole.split(".")
    other = b64(json.dumps({"alg": "none", "kid": "one"}).encode())
    hmac = b64(json.dumps({"alg": "HS256", "kid": "one"}).encode())
    critical = token(head={"crit": ["b64"], "b64": False})

    forged = [token(key=OTHER), f"{other}.{claims}.", f"{hmac}.{claims}.{signature}", f"{head}.{claims}.{signature[:-8]}",
              f"{head}.{claims}.!!", critical, "a.b.c", "x" * 5000 + ".a.b"]  # fmt: skip

    assert [push(source, f"Bearer {one}")[0] for one in forged] == [401] * len(forged)
    assert not TelemetryEvent.objects.exists()


def test_what_sets_a_source_up_is_no_secret_and_opens_nothing(google: Google, source: Source) -> None:
    tries = [push(source, f"Bearer {SETUP}"), push(source, "", f"?token={quote(SETUP)}"), push(source)]

    assert [status for status, _ in tries] == [401] * 3
    assert not TelemetryEvent.objects.exists()


def test_a_new_key_is_asked_for_once_a_minute_at_most(
    google: Google, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(source, f"Bearer {token()}")
    google.keys = {"one": KEY, "two": OTHER}

    unknown = [push(source, f"Bearer {token(key=OTHER, head={'kid': 'two'})}")[0] for _ in range(3)]
    asked = google.asked
    monkeypatch.setattr(google_keys, "_asked_at", 0.0)
    known = push(source, f"Bearer {token(key=OTHER, head={'kid': 'two'})}", number=2)[0]

    assert unknown == [401] * 3
    assert asked == 1
    assert known in (200, 202, 204)
    assert google.asked == 2


def test_known_keys_hold_while_google_does_not_answer_but_not_for_ever(
    google: Google, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(source, f"Bearer {token()}")
    google.status = 503
    now = timezone.now()

    for hours, expected in ((2, True), (25, False)):
        monkeypatch.setattr(google_keys, "_asked_at", 0.0)
        monkeypatch.setattr(google_keys.timezone, "now", lambda later=now + timedelta(hours=hours): later)
        assert (google_keys.key_named("one") is not None) is expected


def test_a_source_changes_over_by_a_rotation(google: Google) -> None:
    source, secret = source_actions.create_source(by=world.OPERATOR, at=AT, name="Vertex", kind="vertex")
    source_actions.prepare_secret(by=world.OPERATOR, at=AT, source=source, secret=SETUP)

    both = [push(source, f"Bearer {secret}")[0], push(source, f"Bearer {token()}", number=2)[0]]
    source_actions.rotate_secret(by=world.OPERATOR, at=AT, source=source)

    assert all(status in (200, 202, 204) for status in both)
    assert push(source, f"Bearer {secret}", number=3)[0] == 401
    assert push(source, f"Bearer {token()}", number=4)[0] in (200, 202, 204)


@pytest.mark.parametrize("text", ["google:", "google:push@acme redline", f"google:{EMAIL}", f"google:{EMAIL} \n"])
def test_a_setup_that_names_no_account_and_audience_is_refused(text: str) -> None:
    with pytest.raises(SecretUnfit):
        source_actions.create_source(by=world.OPERATOR, at=AT, name="Vertex", kind="vertex", secret=text)


def test_only_a_source_of_vertex_takes_it() -> None:
    with pytest.raises(SecretUnfit):
        source_actions.create_source(by=world.OPERATOR, at=AT, name="Arize", kind="arize", secret=SETUP)


def test_small_and_strange_keys_are_not_taken() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key().public_numbers()
    keys = [
        {"kid": "small", "kty": "RSA", "n": b64(small.n.to_bytes(128)), "e": "AQAB"},
        {"kid": "curve", "kty": "EC"},
        {"kid": "sealing", "kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"},
    ]

    assert google_keys.read_keys(json.dumps({"keys": keys}).encode()) == {}


def test_the_page_says_how_the_subscription_is_set_up() -> None:
    ((_, text, note),) = platforms.texts(kind="vertex", address="https://r.example/x/", secret=SETUP)

    assert f"--push-auth-service-account {EMAIL}" in text
    assert f"--push-auth-token-audience '{AUDIENCE}'" in text
    assert "token=" not in text
    assert "nothing secret" in note
    assert google_tokens.pusher(SETUP) == google_tokens.Pusher(EMAIL, AUDIENCE)
