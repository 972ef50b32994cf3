"""The porch answers plain questions by itself, says what every answer says, and hands everything else on."""

from typing import Any

import pytest
from django.db import OperationalError

from models_registry.access import porch
from tests.wsgi import ask


def inside(environ: Any, start_response: Any) -> list[bytes]:
    start_response("204 No Content", [("X-Inside", environ["PATH_INFO"])])
    return [b""]


def answer(rest: str, environ: porch.Environ) -> porch.Reply | None:
    if rest == "down/":
        raise OperationalError("The server closed the connection.")
    good = (rest, environ.get("HTTP_AUTHORIZATION")) == ("known/", "Bearer good")
    return porch.Reply(b'{"n": 1}', "202 Accepted") if good else None


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(porch, "close_old_connections", lambda: None)


@pytest.fixture
def door() -> Any:
    door = porch.Porch(inside)
    door.answers = [("GET", "/asked/", answer)]
    return door


def test_a_plain_question_is_answered_with_the_headers_of_every_answer(door: Any) -> None:
    found = ask(door, "/asked/known/", token="good")

    assert (found.status, found.json()) == (202, {"n": 1})
    assert found.headers["Content-Length"] == str(len(found.body))
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "same-origin"
    assert len(found.headers["X-Request-ID"]) == 36
    assert ask(door, "/asked/known/", token="good").headers["X-Request-ID"] != found.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("/asked/known/", {"method": "POST"}),
        ("/asked/known/", {"method": "HEAD"}),
        ("/asked/known/?as=you", {}),
        ("/asked/unknown/", {}),
        ("/asked/down/", {}),
        ("/elsewhere/known/", {}),
        ("/asked/known/", {"token": "bad"}),
    ],
)
def test_everything_else_goes_inside(door: Any, path: str, changed: dict[str, str]) -> None:
    found = ask(door, path, **{"token": "good", **changed})

    assert (found.status, found.headers["X-Inside"]) == (204, path.partition("?")[0])


@pytest.mark.parametrize(
    ("header", "scheme", "proxied", "inside_it"),
    [
        (None, "http", "", True),
        (None, "https", "", False),
        (None, "http", "https", True),
        (("HTTP_X_FORWARDED_PROTO", "https"), "http", "https", False),
        (("HTTP_X_FORWARDED_PROTO", "https"), "https", "http", True),
        (("HTTP_X_FORWARDED_PROTO", "https"), "https", "", True),
    ],
)
def test_where_https_is_demanded_a_token_in_the_clear_gets_no_answer(
    settings: Any, header: Any, scheme: str, proxied: str, inside_it: bool
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    settings.SECURE_PROXY_SSL_HEADER = header
    door = porch.Porch(inside)
    door.answers = [("GET", "/asked/", answer)]
    environ = {"wsgi.url_scheme": scheme, **({"HTTP_X_FORWARDED_PROTO": proxied} if proxied else {})}

    found = ask(door, "/asked/known/", token="good", **environ)

    assert ("X-Inside" in found.headers) == inside_it
    assert inside_it or found.headers["Strict-Transport-Security"].startswith("max-age=3600")


def test_the_house_stands_behind_its_porch() -> None:
    from governance.config.wsgi import application

    assert isinstance(application.application, porch.Porch)
    assert [(method, start) for method, start, _ in application.application.answers] == [
        ("GET", "/api/v1/gates/runtime/"),
        ("POST", "/api/v1/telemetry/"),
    ]
