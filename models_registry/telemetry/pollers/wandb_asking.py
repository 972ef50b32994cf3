"""Questions to W&B by GraphQL: answers of errors in our words, the rate that is left, and where the next page begins.

Sources: W&B docs, "Rate limits". GraphQL answers 200 with `errors` where a question is refused.
"""

from collections.abc import Mapping
from typing import Any, Final

from models_registry.telemetry.pollers.reading import keep_place, object_in, text_in
from models_registry.telemetry.pollers.shapes import Answer, Ask, Asker, Refused, Throttled

LITTLE_LEFT: Final = 20
"""Of a thousand: with less of its rate left, a sweep waits for the next window by itself."""


def asked(
    ask: Asker, query: str, variables: Mapping[str, Any], *, earlier: bool = False
) -> tuple[Answer, Mapping[str, Any]]:
    """Ask by GraphQL. Raises Refused for an answer of errors, which comes with status 200."""
    answer = ask(Ask("graphql", "POST", json={"query": query, "variables": dict(variables)}, earlier=earlier))
    told = object_in(answer.data, "object")
    if told.get("errors"):
        raise Refused(answer.status, _error(told["errors"]))
    return answer, object_in(told.get("data"), "data")


def _error(errors: Any) -> str:
    """Return in our words what W&B refuses; its own text may quote what was asked."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    text = str(first.get("message", "")).lower()
    if "permission" in text or "denied" in text or "unauthor" in text:
        return "W&B does not let this key read what was asked."
    if "not found" in text or "does not exist" in text:
        return "W&B knows no organization or project of that name."
    if "rate limit" in text:
        return "W&B asks for fewer questions."
    return "W&B refuses the question as it stands."


def spare(answer: Answer) -> None:
    """Wait for the next window before W&B refuses. Raises Throttled."""
    left, reset = (answer.headers.get(name, "") for name in ("ratelimit-remaining", "ratelimit-reset"))
    if left.isdecimal() and int(left) < LITTLE_LEFT and reset.isdecimal():
        raise Throttled(float(reset))


def next_page(place: dict[str, Any], name: str, listed: Mapping[str, Any]) -> bool:
    """Keep where the next page begins, and say whether there is one."""
    info = object_in(listed.get("pageInfo"), "pageInfo")
    return keep_place(place, name, text_in(info, "endCursor") if info.get("hasNextPage") is True else "")
