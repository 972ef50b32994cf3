"""What the storm of kills meets: models, rules, one source and one channel, made by the real actions.

Run as a process of its own with the settings of the instance; prints JSON with the source's address and secret.
"""

import json
import os
import sys

import django
from django.db import transaction

METRICS = {"accuracy": "performance", "error_rate": "reliability", "null_rate": "data_integrity"}
"""Metrics that a rule watches, and the risk that it raises."""

RULE = """
rule: {metric}-bad
title: Bad {metric}
why: It must not be.
when:
  metric: {metric}
  over: 1h
  {side}: 0.5
  for: 1
then:
  risk: {risk}
  effect: {{floor: high}}
  alert: {{tier: 2}}
clear:
  {other}: 0.5
  for: 1
  then: auto
"""


def build(*, models: int, receiver: str) -> dict[str, str]:
    """Make it all and return the source's path and secret."""
    from django.utils import timezone

    from alerts.delivery.actions import create_channel
    from alerts.delivery.models import ChannelKind
    from alerts.routing.models import Route
    from models_registry.audit.actions import record
    from models_registry.telemetry.actions import create_source
    from tests.journeys import builders

    at = timezone.now()
    persons = builders.people()
    for number in range(models):
        builders.a_model(f"chaos-{number}")
    for metric, risk in METRICS.items():
        side, other = ("below", "above") if metric == "accuracy" else ("above", "below")
        builders.an_enforced_rule(RULE.format(metric=metric, risk=risk, side=side, other=other))
    with transaction.atomic():
        channel = create_channel(
            by=persons.cora,
            at=at,
            name="Receiver",
            kind=ChannelKind.WEBHOOK,
            url=receiver,
            signing_secret="whsec_" + "c2VjcmV0" * 4,
        )
        for position, tier in enumerate((1, 2), start=1):
            route = Route.objects.create(
                name=f"Tier {tier}", position=position, match={"tiers": [tier]}, tier=tier, tell_owner=False
            )
            route.channels.set([channel])
            record(by=persons.cora, action="route.created", on=route, body={"tier": tier})
    source, secret = create_source(by=builders.OPERATOR, at=at, name="Storm", kind="measurements")
    return {"path": f"/api/v1/telemetry/{source.path_token}/", "secret": secret}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "governance.config.settings"
    django.setup()
    print(json.dumps(build(models=int(sys.argv[1]), receiver=sys.argv[2])))  # noqa: T201
