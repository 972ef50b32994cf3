"""The routes a company starts with: pages and posts to the owner by e-mail, the rest in a digest."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from alerts.delivery.actions import create_channel
from alerts.delivery.models import Channel, ChannelKind
from alerts.routing.models import Route
from governance.vocabulary import Tier
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record

MAIL = "E-mail"
NAMES = {Tier.PAGE: "Pages", Tier.POST: "Posts", Tier.DIGEST: "Digest"}


@transaction.atomic
def ensure_default_routes(*, by: Account, at: datetime, channels: Sequence[Channel] = ()) -> list[Route]:
    """Create the three routes unless there are any routes; `channels` are told beside the owners.

    Returns all routes in order. Raises AccessDenied without the permission to manage routes.
    """
    require(by, Permission.ROUTE_MANAGE)
    if not Route.objects.exists():
        mail = Channel.objects.filter(name=MAIL).first() or create_channel(
            by=by, at=at, name=MAIL, kind=ChannelKind.EMAIL
        )
        for position, tier in enumerate(Tier, start=1):
            _create(by, position, tier, mail, channels)
    return list(Route.objects.order_by("position"))


def _create(by: Account, position: int, tier: Tier, mail: Channel, channels: Sequence[Channel]) -> None:
    match = {"tiers": [tier.value]}
    route = Route.objects.create(name=NAMES[tier], position=position, match=match, tier=tier)
    route.channels.set([mail] if tier is Tier.DIGEST else [mail, *channels])
    record(by=by, action="route.created", on=route, body={"name": route.name, "match": match, "tier": tier})
