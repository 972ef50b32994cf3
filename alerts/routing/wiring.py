"""Which channels a route uses."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from alerts.delivery.models import Channel
from alerts.routing.models import Route
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record


@transaction.atomic
def connect(*, by: Account, at: datetime, channel: Channel, route_ids: Collection[int]) -> None:
    """Let exactly these routes use the channel. Raises AccessDenied."""
    require(by, Permission.ROUTE_MANAGE)
    before = set(channel.routes.values_list("pk", flat=True))
    if before == set(route_ids):
        return
    channel.routes.set(Route.objects.filter(pk__in=route_ids))
    names = list(channel.routes.order_by("position").values_list("name", flat=True))
    record(by=by, action="channel.connected", on=channel, body={"name": channel.name, "routes": names, "at": at})
