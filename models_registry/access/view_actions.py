"""Keep the filters of a list under a name: save, save again, share, delete. Every change is in the trail."""

from datetime import datetime

from django.db import IntegrityError, transaction

from models_registry.access.models import Account, SavedView
from models_registry.access.rights import AccessDenied, roles_of
from models_registry.access.roles import ROLES
from models_registry.audit.actions import record

LONGEST_NAME = 60
LONGEST_QUERY = 1000
MOST_VIEWS = 50


class NameNotFit(ValueError):
    """A view needs a name of at most 60 characters on one line."""

    http_status = 422


class ViewTooLong(ValueError):
    """The filters of a view fit into an address of at most 1,000 characters."""

    http_status = 422


class ViewNameTaken(Exception):
    """You have a view of this name for this list."""

    http_status = 409


class TooManyViews(Exception):
    """A list has room for so many views of one person."""

    http_status = 409


@transaction.atomic
def save_view(*, by: Account, at: datetime, list_name: str, name: str, query: str, shared_role: str = "") -> SavedView:
    """Give a tidy query string of a list a name, for oneself or for everybody who holds a role one holds.

    Raises NameNotFit, ViewTooLong, ViewNameTaken, TooManyViews, AccessDenied.
    """
    name = _fit(name)
    _require_short(query)
    _require_held(by, shared_role)
    if by.saved_views.filter(list_name=list_name).count() >= MOST_VIEWS:
        raise TooManyViews(f"You have {MOST_VIEWS} views of this list. Delete one first.")
    try:
        with transaction.atomic():
            view = SavedView.objects.create(
                owner=by,
                list_name=list_name,
                name=name,
                query=query,
                shared_role=shared_role,
                created_at=at,
                changed_at=at,
            )
    except IntegrityError:
        raise ViewNameTaken(f"You have a view named {name} for this list. Choose another name.") from None
    record(by=by, action="view.saved", on=view, body=_body(view))
    return view


@transaction.atomic
def change_view(*, by: Account, at: datetime, view: SavedView, query: str) -> SavedView:
    """Let the view mean another query string from now on. Raises AccessDenied, ViewTooLong."""
    locked = _locked(by, view)
    _require_short(query)
    before = locked.query
    locked.query, locked.changed_at = query, at
    locked.save(update_fields=["query", "changed_at"])
    record(by=by, action="view.changed", on=locked, body={**_body(locked), "before": before})
    return locked


@transaction.atomic
def delete_view(*, by: Account, at: datetime, view: SavedView) -> None:
    """Remove the view, for those it is shared with too. Raises AccessDenied."""
    locked = _locked(by, view)
    record(by=by, action="view.deleted", on=locked, body={**_body(locked), "deleted_at": at.isoformat()})
    locked.delete()


def _locked(by: Account, view: SavedView) -> SavedView:
    locked = SavedView.objects.select_for_update(of=("self",)).select_related("owner").get(pk=view.pk)
    if locked.owner_id != by.pk:
        raise AccessDenied(f"{locked} is a view of {locked.owner}, who alone may change it. Save it as your own.")
    return locked


def _fit(name: str) -> str:
    words = " ".join(name.split())
    if not words or len(words) > LONGEST_NAME or not words.isprintable():
        raise NameNotFit(f"Give the view a name of at most {LONGEST_NAME} characters.")
    return words


def _require_short(query: str) -> None:
    if len(query) > LONGEST_QUERY:
        raise ViewTooLong("These filters are too long to keep. Shorten the words that are searched for.")


def _require_held(by: Account, role: str) -> None:
    if role and role not in {held.role.name for held in roles_of(by)}:
        title = ROLES[role].title if role in ROLES else role
        raise AccessDenied(f"You can share a view with a role that you hold; {title} is not one of yours.")


def _body(view: SavedView) -> dict[str, object]:
    return {
        "view": view.pk,
        "list": view.list_name,
        "name": view.name,
        "query": view.query,
        "shared_role": view.shared_role,
    }
