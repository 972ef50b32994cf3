"""Pages about people: who has which role, which tokens exist, and one's own profile."""

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access import actions, issuing, listing
from models_registry.access.callers import actor_of
from models_registry.access.forms import ProfileForm, RoleForm, TokenForm
from models_registry.access.models import Account, RoleGrant, Token
from models_registry.access.pages import page
from models_registry.access.people_list import HEADS, AccountFilters, with_roles
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.access.roles import ROLES

COOKIE_AGE = 365 * 24 * 60 * 60
"""Seconds for which a browser keeps a choice."""
SESSIONS_SHOWN = 10
WRONG_STATE = (
    actions.RoleHeldAlready,
    actions.RoleOfAnotherKind,
    actions.AlreadyEnded,
    actions.LastAdministrator,
    issuing.LifeTooLong,
    issuing.UnknownScope,
)


@require_safe
@page(Permission.PEOPLE_READ)
@vary_on_headers("HX-Request")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody and everything that may act, with their roles, a hundred at a time."""
    filters = AccountFilters(request.GET, queryset=Account.objects.all())
    return listing.answer(
        request,
        query=filters.query,
        whole="models_registry/access/list.html",
        part="models_registry/access/_people.html",
        context=lambda: _list_context(request, filters),
    )


def _list_context(request: HttpRequest, filters: AccountFilters) -> dict[str, Any]:
    found = filters.slice_of(filters.qs, key="username", detail=with_roles)
    return {
        "filters": filters,
        "rows": [{"account": account, "roles": _open_roles(account)} for account in found.rows],
        "heads": filters.columns(HEADS),
        **filters.ways(found.after),
        "clear_url": request.path,
        "refusal": can(actor_of(request), Permission.PEOPLE_MANAGE).reason,
    }


@require_safe
@page(Permission.PEOPLE_READ)
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One account: roles now and before, tokens, and the forms to change them."""
    account = _named(username)
    return _person_page(request, account)


@require_POST
@page(Permission.PEOPLE_MANAGE)
def grant(request: HttpRequest, username: str) -> HttpResponse:
    """Give a role."""
    account = _named(username)
    form = RoleForm(request.POST, account=account)
    if not form.is_valid():
        return _person_page(request, account, role_form=form, status=422)
    chosen = form.cleaned_data

    def act() -> str:
        granted = actions.grant_role(
            by=actor_of(request), at=timezone.now(), account=account, role=chosen["role"], unit=chosen["unit"]
        )
        return f"{account} is now {ROLES[granted.role].title}."

    return _do(request, account, act)


@require_POST
@page(Permission.PEOPLE_MANAGE)
def end(request: HttpRequest, username: str, number: int) -> HttpResponse:
    """End a role."""
    found = get_object_or_404(RoleGrant, pk=number, account=_named(username))

    def act() -> str:
        ended = actions.end_role(by=actor_of(request), at=timezone.now(), grant=found)
        return f"{ended.account} is no longer {_title(ended.role)}."

    return _do(request, found.account, act)


@require_POST
@page(Permission.PEOPLE_MANAGE)
def disable(request: HttpRequest, username: str) -> HttpResponse:
    """Close an account."""
    account = _named(username)

    def act() -> str:
        actions.disable(by=actor_of(request), at=timezone.now(), account=account)
        return f"{account} can no longer sign in or use a token."

    return _do(request, account, act)


@require_POST
@page(None)
def issue(request: HttpRequest, username: str) -> HttpResponse:
    """Issue a token and show it this once."""
    account = _account_within_reach(request, username)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _person_page(request, account, token_form=form, status=422)
    issued = issuing.issue_token(
        by=actor_of(request),
        at=timezone.now(),
        account=account,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        lifetime=form.lifetime,
    )
    return render(request, "models_registry/access/issued.html", {"issued": issued, "account": account})


@require_POST
@page(None)
def revoke(request: HttpRequest, username: str, number: int) -> HttpResponse:
    """End a token."""
    account = _account_within_reach(request, username)
    token = get_object_or_404(Token, pk=number, account=account)

    def act() -> str:
        issuing.revoke_token(by=actor_of(request), at=timezone.now(), token=token)
        return f"Token {token} no longer works."

    return _do(request, account, act)


@require_http_methods(["GET", "HEAD", "POST"])
@page(None)
def profile(request: HttpRequest) -> HttpResponse:
    """What one chooses for oneself, and one's own tokens."""
    account = actor_of(request)
    chosen = {"density": request.COOKIES.get("density"), "keys": request.COOKIES.get("keys") != "off"}
    form = ProfileForm(request.POST or None, instance=account, initial=chosen)
    if form.is_valid():
        form.save()
        messages.success(request, "Profile saved.")
        return _remembering(redirect("access:profile"), form.cleaned_data)
    context = {
        "form": form,
        "account": account,
        "held": _held(account),
        "sessions": _sessions(request),
        "tokens": _tokens(account, actor_of(request)),
        "token_form": TokenForm(),
    }
    return render(request, "models_registry/access/profile.html", context, status=422 if form.is_bound else 200)


def _remembering(response: HttpResponse, chosen: dict[str, Any]) -> HttpResponse:
    """Let the browser keep what holds for it alone; a default leaves no cookie."""
    response.delete_cookie("theme")
    for name, value in (
        ("density", "comfortable" if chosen["density"] == "comfortable" else ""),
        ("keys", "" if chosen["keys"] else "off"),
    ):
        if value:
            response.set_cookie(name, value, max_age=COOKIE_AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
        else:
            response.delete_cookie(name)
    return response


def _sessions(request: HttpRequest) -> list[UserSession]:
    """Return where the account is signed in, the newest first."""
    return list(UserSession.objects.filter(user=actor_of(request)).order_by("-created_at", "-pk")[:SESSIONS_SHOWN])


def _held(account: Account) -> list[tuple[str, str]]:
    """Return the open roles as people read them, with what each is for."""
    grants = [grant for grant in account.role_grants.select_related("unit") if grant.ended_at is None]
    return [
        (f"{_title(g.role)} ({g.unit})" if g.unit else _title(g.role), (ROLES[g.role].__doc__ or "").split("\n")[0])
        for g in grants
        if g.role in ROLES
    ]


def _named(username: str) -> Account:
    """Return the account of this name. Raises Http404; a name with NUL cannot be anybody's."""
    if "\x00" in username:
        raise Http404("Not found.")
    return get_object_or_404(Account.objects.select_related("unit", "team"), username=username)


def _account_within_reach(request: HttpRequest, username: str) -> Account:
    """Return one's own account or, to those who manage tokens, any; for others it does not exist."""
    if username != actor_of(request).username and not can(actor_of(request), Permission.TOKEN_MANAGE):
        raise Http404("Not found.")
    return _named(username)


def _do(request: HttpRequest, account: Account, act: Callable[[], str]) -> HttpResponse:
    """Run an action; say what came of it on the account's page."""
    try:
        messages.success(request, act())
    except WRONG_STATE as refused:
        messages.error(request, str(refused))
    if account == request.user:
        return redirect("access:profile")
    return redirect("access:person", username=account.username)


def _person_page(
    request: HttpRequest,
    account: Account,
    *,
    role_form: RoleForm | None = None,
    token_form: TokenForm | None = None,
    status: int = 200,
) -> HttpResponse:
    grants = account.role_grants.select_related("unit", "granted_by").order_by("-granted_at", "-pk")
    context = {
        "account": account,
        "facts": _facts(account),
        "grants": [{"grant": g, "title": _title(g.role), "ends": f"end-{g.pk}"} for g in grants],
        "tokens": _tokens(account, actor_of(request)),
        "role_form": role_form or RoleForm(account=account),
        "token_form": token_form or TokenForm(),
        "refusal": can(actor_of(request), Permission.PEOPLE_MANAGE).reason,
        "token_refusal": _token_refusal(account, actor_of(request)),
    }
    return render(request, "models_registry/access/detail.html", context, status=status)


def _tokens(account: Account, actor: Account) -> list[dict[str, Any]]:
    now = timezone.now()
    found = account.tokens.order_by("-issued_at", "-pk")
    if account != actor and not can(actor, Permission.PEOPLE_READ):
        found = found.none()
    return [{"token": t, "state": _state(t, now), "asks": f"revoke-{t.pk}"} for t in found]


def _state(token: Token, now: Any) -> str:
    if token.revoked_at:
        return "revoked"
    return "expired" if token.expires_at <= now else ""


def _token_refusal(account: Account, actor: Account) -> str:
    if account == actor:
        return ""
    if not account.is_automation:
        return f"Only {account} can issue a token that acts as {account}."
    return can(actor, Permission.TOKEN_MANAGE).reason


def _open_roles(account: Account) -> list[str]:
    """Return the titles of the open roles, with the unit they are limited to."""
    grants = [grant for grant in account.role_grants.all() if grant.ended_at is None]
    return [f"{_title(g.role)} ({g.unit})" if g.unit else _title(g.role) for g in grants]


def _title(role: str) -> str:
    return ROLES[role].title if role in ROLES else role


def _facts(account: Account) -> list[tuple[str, object]]:
    return [
        ("Name", account.username),
        ("Kind", account.get_kind_display().capitalize()),
        ("Unit", account.unit or "–"),
        ("Team", account.team or "–"),
        ("State", "Active" if account.is_active else "Disabled"),
    ]
