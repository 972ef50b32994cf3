"""Pages for those who are not signed in yet: sign in, sign out, first password."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from models_registry.access.forms import PasswordForm
from models_registry.access.issuing import LinkSpent, open_link, use_link
from models_registry.access.landing import landing
from models_registry.access.models import Account, AccountKind
from models_registry.access.roles import ROLES

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """Name and password, then the second factor where there is one (django-allauth)."""

    template_name = "models_registry/access/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the people of the demo, where this is one."""
        return {
            **super().get_context_data(**kwargs),
            "cast": _cast(),
            "next": self.request.GET.get("next", ""),
        }


def is_demo() -> bool:
    """Say whether visitors may choose who they are."""
    return bool(settings.REDLINE_MODE == "demo")


@login_not_required
@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """Sign in as somebody of the demo; does not exist elsewhere."""
    if not is_demo():
        raise Http404("Not found.")
    person = get_object_or_404(_people(), username=request.POST.get("username", ""))
    login(request, person, backend=BACKEND)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else landing(person))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGIN_URL)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a password through a one-time link. The secret never leaves for another site."""
    at = timezone.now()
    try:
        link = open_link(raw=secret, at=at)
    except LinkSpent as spent:
        return render(request, "models_registry/access/spent.html", {"reason": str(spent)}, status=410)
    form = PasswordForm(request.POST or None)
    if form.is_valid() and _accepted(form, secret):
        messages.success(request, "Password set. Sign in with it.")
        return redirect(settings.LOGIN_URL)
    context = {"form": form, "account": link.account}
    status = 422 if form.is_bound else 200
    return render(request, "models_registry/access/welcome.html", context, status=status)


def _accepted(form: PasswordForm, secret: str) -> bool:
    try:
        use_link(raw=secret, at=timezone.now(), password=form.cleaned_data["password"])
    except ValidationError as weak:
        form.add_error("password", weak)
        return False
    except LinkSpent as spent:
        form.add_error(None, str(spent))
        return False
    return True


def _people() -> QuerySet[Account]:
    return Account.objects.filter(
        is_active=True, kind=AccountKind.PERSON, role_grants__ended_at__isnull=True, role_grants__isnull=False
    ).distinct()


def _cast() -> list[dict[str, Any]]:
    """Return each role of the demo: what it does, who plays it first and who else does; empty elsewhere."""
    if not is_demo():
        return []
    players: dict[str, list[Account]] = {}
    for person in _people().prefetch_related("role_grants").order_by("pk"):
        for name in sorted({g.role for g in person.role_grants.all() if g.ended_at is None and g.role in ROLES}):
            players.setdefault(name, []).append(person)
    return [
        {"title": ROLES[name].title, "does": (ROLES[name].__doc__ or "").split("\n")[0], "first": one, "others": others}
        for name, (one, *others) in players.items()
    ]
