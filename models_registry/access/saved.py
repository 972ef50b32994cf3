"""The saved views of a list: which there are for a reader, which one is open, whether it was edited.

A room that has a list makes a `SavedList` and names it in the setting ``SAVED_LISTS``; its page puts
`view_bar` into its context and includes `components/view_bar.html`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.module_loading import import_string

from models_registry.access.listing import ListFilters, whole_number
from models_registry.access.models import Account, SavedView
from models_registry.access.rights import roles_of
from models_registry.access.roles import ROLES


@dataclass(frozen=True)
class SavedList:
    """A list whose views can be saved. ``presets`` are the views everybody has: label and query string.

    ``route`` names its address; ``tidy`` returns what the list knows of a query string that somebody sent.
    """

    name: str
    route: str
    tidy: Callable[[Account, str], str]
    presets: Sequence[tuple[str, str]]

    @property
    def address(self) -> str:
        """Where the list is."""
        return reverse(self.route)


@dataclass(frozen=True)
class Tab:
    """One view at the head of a list."""

    label: str
    url: str
    current: bool
    note: str = ""


@dataclass(frozen=True)
class ViewBar:
    """The views of one list for one reader. ``opened`` is the saved view of the address, ``edited`` since."""

    name: str
    query: str
    presets: Sequence[Tab]
    saved: Sequence[Tab]
    opened: SavedView | None
    edited: bool
    mine: bool
    reset_url: str
    roles: Sequence[tuple[str, str]]
    read_only: bool

    @property
    def can_save_as(self) -> bool:
        """Say whether there is something a new view would keep."""
        return not self.read_only and (bool(self.query) or self.opened is not None)


def saved_lists() -> dict[str, SavedList]:
    """Return the lists whose views can be saved, by name."""
    found = [import_string(dotted) for dotted in settings.SAVED_LISTS]
    return {one.name: one for one in found}


def views_for(account: Account) -> QuerySet[SavedView]:
    """Return one's own views and those shared with a role one holds."""
    roles = [held.role.name for held in roles_of(account)]
    return SavedView.objects.filter(Q(owner=account) | Q(shared_role__in=roles)).select_related("owner")


def view_bar(*, account: Account, listed: SavedList, filters: ListFilters, as_of: str = "") -> ViewBar:
    """Return the views of a list, at the moment the page shows; one query."""
    query = filters.query
    rows = list(views_for(account).filter(list_name=listed.name).order_by("name", "pk"))
    asked = whole_number(filters.asked.get("view"))
    opened = next((row for row in rows if str(row.pk) == asked), None)
    return ViewBar(
        name=listed.name,
        query=query,
        presets=[
            Tab(label, _url(listed, preset, as_of), current=opened is None and query == preset)
            for label, preset in listed.presets
            if set(QueryDict(preset)) <= {*filters.filters, "sort"}
        ],
        saved=[
            Tab(row.name, view_url(listed, row, as_of), current=row == opened, note=_note(row, account)) for row in rows
        ],
        opened=opened,
        edited=opened is not None and opened.query != query,
        mine=opened is not None and opened.owner_id == account.pk,
        reset_url=view_url(listed, opened, as_of) if opened else _url(listed, "", as_of),
        roles=[(held.role.name, held.role.title) for held in roles_of(account)],
        read_only=bool(as_of),
    )


def view_url(listed: SavedList, view: SavedView, as_of: str = "") -> str:
    """Return the address of a list as a saved view shows it."""
    return _url(listed, view.query, as_of, view=str(view.pk))


def _url(listed: SavedList, query: str, as_of: str, **more: str) -> str:
    asked = QueryDict(query, mutable=True)
    asked.update({**more, **({"as_of": as_of} if as_of else {})})
    text = asked.urlencode(safe=",:")
    return f"{listed.address}?{text}" if text else listed.address


def _note(view: SavedView, account: Account) -> str:
    if not view.shared_role:
        return ""
    role = ROLES[view.shared_role].title if view.shared_role in ROLES else view.shared_role
    return f"Shared with {role}" if view.owner_id == account.pk else f"Shared by {view.owner} with {role}"
