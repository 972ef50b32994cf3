"""Where the house may call: the check of an address before, and of the peer after, connecting.

Resolve-then-fetch, redirects, NAT64 and 6to4 are how such guards are passed by;
so a name is resolved once, every address must pass, and the checked one is used.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

_TRANSITION: Final = tuple(
    ipaddress.IPv6Network(each) for each in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


class AddressRefused(Exception):
    """The address may not be called. The message names the rule, never an answer."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a deployment allows. `allowed_hosts` and `allowed_networks` come from its settings, never from a page."""

    allowed_hosts: frozenset[str] = frozenset()
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    allow_http: bool = False
    ports: frozenset[int] = frozenset({443, 8443})
    connect_seconds: float = 3.0
    total_seconds: float = 15.0
    max_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL: the host as its certificate names it, and the request's path."""

    scheme: str
    host: str
    port: int
    path: str


def allowed(address: Address, policy: Policy) -> bool:
    """Return whether an address is public, or in a network that the deployment allows."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if any(plain in network for network in policy.allowed_networks if network.version == plain.version):
        return True
    if isinstance(plain, IPv6Address) and (plain.scope_id or any(plain in network for network in _TRANSITION)):
        return False
    special = plain.is_multicast or plain.is_reserved or plain.is_loopback or plain.is_link_local
    return plain.is_global and not (special or plain.is_private or plain.is_unspecified)


def check_url(url: str, policy: Policy) -> Target:
    """Return the target of a URL. Raises AddressRefused on its scheme, user, host or port."""
    if len(url) > 2048 or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("the URL has characters that are not allowed")
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise AddressRefused("the URL is malformed") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and policy.allow_http):
        raise AddressRefused("the scheme must be https")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("the URL may not name a user")
    if port not in policy.ports and not (port == 80 and policy.allow_http):
        raise AddressRefused("the port is not allowed")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _host(parts.hostname or "", policy), port, path)


def _host(host: str, policy: Policy) -> str:
    """Return the host: a canonical address, or a name with a dot whose last label is not a number."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    name = host.rstrip(".").lower()
    if name in policy.allowed_hosts:
        return name
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("the host must be a full name")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise AddressRefused("the host is a number in disguise")
    return name


def check_addresses(target: Target, policy: Policy, resolve: Resolver) -> list[str]:
    """Return the addresses of the target, resolved once; every one must pass. Raises AddressRefused."""
    found = resolve(target.host, target.port)
    if not found:
        raise AddressRefused("the host has no address")
    if target.host not in policy.allowed_hosts:
        for each in found:
            check_address(each, policy)
    return found


def check_address(text: str, policy: Policy) -> None:
    """Raise AddressRefused when one address may not be called."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise AddressRefused("the address is malformed") from None
    if not allowed(address, policy):
        raise AddressRefused("the address is not public")
