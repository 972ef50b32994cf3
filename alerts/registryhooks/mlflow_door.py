"""MLflow's calls about webhooks (INTEGRATIONS A5.1): what a stock client sends, and what it reads.

In these calls entities and actions are in upper case, in what is delivered they are not. The secret is never shown,
nor is what a receiver answered to a test: only its status.
"""

import uuid
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from alerts.registryhooks import actions
from alerts.registryhooks.events import ACTIONS_OF, NEVER_SENT
from alerts.registryhooks.models import RegistryWebhook
from alerts.registryhooks.queries import seen
from governance.mlflow import grammar
from governance.mlflow.deeds import Shown
from governance.mlflow.doors import Call
from governance.mlflow.entities import milliseconds
from governance.mlflow.errors import Refused, invalid, missing
from governance.mlflow.wire import Parameters

SHOWN: Final = 100
MOST_SHOWN: Final = 1000
STATUSES: Final = ("ACTIVE", "DISABLED")


def create(call: Call) -> Shown:
    """Make a webhook."""
    given = call.given
    asked = actions.Asked(
        name=given.text("name"),
        url=given.text("url"),
        events=_events(given),
        description=given.optional("description") or "",
    )
    hook = actions.create(
        by=call.by, at=call.at, asked=asked, secret=given.optional("secret") or "", active=_status(given) != "DISABLED"
    )
    return {"webhook": shown(hook, call)}


def listed(call: Call) -> Shown:
    """Show a page of the caller's webhooks, the newest first; of everybody's to who looks after them."""
    limit = call.given.number("max_results", default=SHOWN, most=2**31) or SHOWN
    if not 1 <= limit <= MOST_SHOWN:
        raise invalid("max_results must be between 1 and 1000.")
    start = grammar.offset_of(call.given.optional("page_token"))
    found = list(seen(call.by).order_by("-created_at", "pk")[start : start + limit + 1])
    page: dict[str, object] = {"webhooks": [shown(hook, call) for hook in found[:limit]]} if found else {}
    return page | ({"next_page_token": grammar.token_of(start + limit)} if len(found) > limit else {})


def get(call: Call) -> Shown:
    """Show a webhook."""
    return {"webhook": shown(_named(call), call)}


def update(call: Call) -> Shown:
    """Change what is named, and turn it off or on. An empty name or address changes nothing, as at MLflow."""
    given, hook = call.given, _named(call)
    status = _status(given)
    changes: dict[str, Any] = {name: text for name in ("name", "url") if (text := given.optional(name))}
    if (description := given.optional("description")) is not None:
        changes["description"] = description
    if given.parts("events"):
        changes["events"] = _events(given)
    secret = given.optional("secret")
    with transaction.atomic():
        if changes or secret is not None or status is None:
            hook = actions.change(by=call.by, at=call.at, webhook=hook, changes=changes, secret=secret)
        if status is not None:
            turn = actions.stop if status == "DISABLED" else actions.start
            turn(by=call.by, at=call.at, webhook=hook)
    return {"webhook": shown(_named(call), call)}


def delete(call: Call) -> Shown:
    """Delete a webhook."""
    actions.delete(by=call.by, at=call.at, webhook=_named(call))
    return {}


def test(call: Call) -> Shown:
    """Send an example and say what came of it."""
    hook, part = _named(call), call.given.part("event")
    outcome = actions.try_out(by=call.by, at=call.at, webhook=hook, event=_event(part) if part else "")
    result: dict[str, object] = {"success": outcome.succeeded}
    if outcome.status:
        result["response_status"] = outcome.status
    if not outcome.succeeded:
        result["error_message"] = f"Failed to test webhook: {outcome.error}"
    return {"result": result}


def shown(hook: RegistryWebhook, call: Call) -> dict[str, object]:
    """Return a Webhook of the API, as the caller may see it."""
    events = [dict(zip(("entity", "action"), name.upper().split("."), strict=True)) for name in hook.events]
    told: dict[str, object] = {
        "webhook_id": str(hook.pk),
        "name": hook.name,
        "url": hook.shown_url(to=call.by.pk),
        "events": events,
        "status": STATUSES[hook.channel.disabled_at is not None],
        "creation_timestamp": milliseconds(hook.created_at),
        "last_updated_timestamp": milliseconds(hook.changed_at),
    }
    return told | ({"description": hook.description} if hook.description else {})


def _named(call: Call) -> RegistryWebhook:
    said = call.address["webhook_id"]
    try:
        return seen(call.by).get(pk=uuid.UUID(said))
    except (ValueError, ObjectDoesNotExist):
        raise Refused("RESOURCE_DOES_NOT_EXIST", f"Webhook with ID {said} not found.") from None


def _status(given: Parameters) -> str | None:
    status = given.optional("status")
    if status is not None and status not in STATUSES:
        raise invalid(f"Unknown webhook status: {status}. Value must be one of {', '.join(STATUSES)}.")
    return status


def _events(given: Parameters) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(_event(one) for one in given.parts("events")))
    if not names:
        raise missing("events")
    return names


def _event(part: Parameters) -> str:
    """Return an event's name. Raises Refused for one that does not exist or is never sent from here."""
    entity, action = part.text("entity").lower(), part.text("action").lower()
    if (entity, action) == NEVER_SENT:
        raise invalid(
            "BUDGET_POLICY EXCEEDED is an event of MLflow's gateway. Redline keeps budgets of its own, and an "
            "overspent one raises a risk: route that to a signed webhook instead."
        )
    if entity not in ACTIONS_OF:
        raise invalid(f"Unknown webhook entity: {entity.upper()}.")
    if action not in ACTIONS_OF[entity]:
        raise invalid(
            f"Invalid action '{action}' for entity '{entity}'. Valid actions are: {sorted(ACTIONS_OF[entity])}"
        )
    return f"{entity}.{action}"
