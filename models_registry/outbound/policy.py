"""What this deployment allows beyond public https addresses."""

import ipaddress

from django.conf import settings

from models_registry.outbound.guard import Policy


def policy() -> Policy:
    """Return the policy of the settings (`OUTBOUND_*`)."""
    return Policy(
        allowed_hosts=frozenset(settings.OUTBOUND_HOSTS),
        allowed_networks=tuple(ipaddress.ip_network(network) for network in settings.OUTBOUND_NETWORKS),
        allow_http=bool(settings.OUTBOUND_HTTP),
        ports=Policy().ports | frozenset(int(port) for port in settings.OUTBOUND_PORTS),
    )
