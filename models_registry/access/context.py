"""What the frame around every page shows: navigation by permission, counts, who is signed in.

Rooms above this one hand their part in by name: ``SHELL_PARTS`` lists dotted callables
``(account) -> context``. Its ``counts`` are numbers by address for the navigation; the rest,
such as the state of scoring, goes to the frame as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from models_registry.access.counting import MANY
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, remember, roles_of


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; ``go`` is the letter after G, ``bar`` keeps it at the foot of a phone."""

    label: str
    url: str
    icon: str
    permission: Permission
    go: str = ""
    red: bool = False
    bar: bool = False


PLACES: Mapping[str, tuple[Place, ...]] = {
    "": (
        Place("In the red", "/", "line", Permission.RISK_READ, "r", red=True, bar=True),
        Place("Inbox", "/inbox/", "inbox", Permission.RISK_READ, "i", bar=True),
    ),
    "Registry": (
        Place("Models", "/models/", "model", Permission.MODEL_READ, "m", bar=True),
        Place("Lineage", "/lineage/", "branch", Permission.MODEL_READ, "n"),
        Place("Predictions", "/predictions/", "robot", Permission.MODEL_READ, "d"),
        Place("Elsewhere", "/elsewhere/", "out", Permission.MODEL_READ),
        Place("Costs", "/costs/", "coin", Permission.COST_READ, "c"),
    ),
    "Risk": (
        Place("Register", "/risks/", "list", Permission.RISK_READ, "k", bar=True),
        Place("Approvals", "/approvals/", "stamp", Permission.APPROVAL_READ, "p"),
        Place("Rules", "/rules/", "rules", Permission.RULE_READ, "u"),
    ),
    "Signals": (
        Place("Alerts", "/alerts/", "bell", Permission.ALERT_READ, "a"),
        Place("Health formulas", "/formulas/", "pulse", Permission.FORMULA_READ, "f"),
        Place("Metrics", "/metrics-catalogue/", "pulse", Permission.SOURCE_READ),
    ),
    "Assurance": (Place("Audit log", "/audit/", "book", Permission.AUDIT_READ, "l"),),
    "House": (
        Place("Sources", "/sources/", "plug", Permission.SOURCE_READ, "s"),
        Place("Imports", "/imports/", "doc", Permission.MODEL_REGISTER, "t"),
        Place("Export", "/export/", "download", Permission.MODEL_READ, "e"),
        Place("People and roles", "/people/", "people", Permission.PEOPLE_READ, "o"),
        Place("Interface kit", "/kit/", "eye", Permission.PEOPLE_MANAGE),
    ),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the context of ``base.html``; strangers get only the colours."""
    account = getattr(request, "user", None)
    if not isinstance(account, Account):
        return {}
    remember(account)
    context = {
        "actor": account,
        "theme": request.COOKIES.get("theme") or account.theme.lower(),
        "density": "comfortable" if request.COOKIES.get("density") == "comfortable" else "",
        "keys": "off" if request.COOKIES.get("keys") == "off" else "",
        "as_of": getattr(request, "as_of", None),
        "profile_url": _address("access:profile"),
        "search_url": _address("dashboards:search"),
        "sign_out_url": _address("access:sign_out"),
        "now_url": request.path,
        "live_mode": settings.REDLINE_LIVE,
        "live_url": live_url(request),
    }
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return context
    account.role_words = ", ".join(held.role.title for held in roles_of(account))  # type: ignore[attr-defined]
    counts: dict[str, int] = {}
    for name in settings.SHELL_PARTS:
        part = dict(import_string(name)(account))
        counts.update(part.pop("counts", {}))
        context.update(part)
    return {**context, "nav": navigation(account, path=request.path, counts=counts)}


def live_url(request: HttpRequest) -> str:
    """Return where this page listens for changes; empty where nothing is streamed.

    An address that begins with a port is taken on the host that the reader used, so that the session goes along.
    """
    if settings.REDLINE_LIVE != "sse":
        return ""
    if not settings.REDLINE_LIVE_URL.startswith(":"):
        return str(settings.REDLINE_LIVE_URL)
    host, _ = split_domain_port(request.get_host())
    return f"{request.scheme}://{host}{settings.REDLINE_LIVE_URL}"


def navigation(account: Account, *, path: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the groups this account may open; a group without places is left out."""
    groups = []
    for label, places in PLACES.items():
        open_places = [place for place in places if may_open(account, place.permission)]
        items = [_item(place, path, counts) for place in open_places]
        if items:
            groups.append({"label": label, "items": items})
    return groups


def _item(place: Place, path: str, counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "label": place.label,
        "url": place.url,
        "icon": place.icon,
        "count": counts.get(place.url),
        "badge": badge(counts.get(place.url)),
        "red": place.red,
        "bar": place.bar,
        "go": place.go,
        "current": path == place.url if place.url == "/" else path.startswith(place.url),
    }


def badge(count: int | None) -> str:
    """Return a count as the navigation writes it: nothing for none, and at most `MANY`."""
    return f"{MANY}+" if count and count > MANY else str(count or "")


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
