"""One question over HTTP, with the standard library alone. Redirects are not followed: they would carry the token."""

import json
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from http.client import HTTPException
from typing import IO

from redline_cli.answers import Question

LARGEST_ANSWER = 1_000_000


class Unreachable(Exception):
    """Redline could not be asked."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Refuse every redirect; it surfaces as an HTTP error."""


def ask(*, url: str, token: str, question: Question, timeout_s: float) -> tuple[int, bytes]:
    """Return status and body of the gate's answer. Raises Unreachable."""
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise Unreachable(f"{url!r} is not an http or https address.")
    body = {"model": question.model, "version": question.version, "target": question.target}
    if question.digest:
        body["digest"] = question.digest
    request = urllib.request.Request(  # noqa: S310
        f"{url.rstrip('/')}/api/v1/gates/promotion/",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=timeout_s) as answer:
            return answer.status, answer.read(LARGEST_ANSWER)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(LARGEST_ANSWER)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"Redline cannot be reached: {error}") from error
