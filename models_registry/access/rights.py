"""Whether an account may do something, why not, and which rows it may see.

The answer comes from open role grants and from the model's own columns (owner,
deputy, team, unit), so a list costs one query. An exceptional grant on a single
model (django-guardian, direct key) joins as one EXISTS and only ever reads.
Whatever is not granted is refused, unknown operations included.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from guardian.utils import get_user_obj_perms_model

from models_registry.access.models import Account, RoleGrant
from models_registry.access.permissions import Permission
from models_registry.access.roles import LISTED, ROLES, Role, Scope, roles_holding
from models_registry.access.wording import DEEDS

EXCEPTIONAL = frozenset({Permission.MODEL_READ, Permission.RISK_READ, Permission.ALERT_READ})
"""What a single-object grant of ``read_model`` opens."""


class AccessDenied(Exception):
    """This account may not do this. The message is shown to the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """Whether something is allowed; ``reason`` says why not."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Held:
    """One open role grant: the role, and the unit it is limited to."""

    role: type[Role]
    unit_id: int | None


@dataclass(frozen=True)
class Span:
    """On which models one grant carries one permission."""

    scope: Scope
    unit_id: int | None


def require(actor: Account, permission: Permission, *, on: object | None = None) -> None:
    """Return when the actor may; raise AccessDenied, whose text says why, when not."""
    answer = can(actor, permission, on=on)
    if not answer:
        raise AccessDenied(answer.reason)


def can(actor: Account | AnonymousUser, permission: Permission, *, on: object | None = None) -> Answer:
    """Answer whether the actor may do this to ``on``: a registered model, or anything with ``.model``.

    Without a model only a permission held everywhere counts, except for reading
    and voting, where lists are filtered and the quorum decides.
    """
    refusal = _refused_outright(actor, permission)
    if refusal:
        return Answer(False, refusal)
    model = _model(on)
    if model is None and permission in LISTED:
        return may_open(actor, permission)
    account = cast(Account, actor)
    spans = _spans(account, permission)
    if any(_covers(span, account, model) for span in spans):
        return Answer(True)
    if model is not None and _excepted(account, permission, model):
        return Answer(True)
    return Answer(False, _why_not(permission, spans, model))


def may_open(actor: Account | AnonymousUser, permission: Permission) -> Answer:
    """Answer whether the actor holds this permission on anything at all: what a page asks."""
    refusal = _refused_outright(actor, permission)
    if refusal:
        return Answer(False, refusal)
    account = cast(Account, actor)
    if _spans(account, permission) or _excepted_anywhere(account, permission):
        return Answer(True)
    return Answer(False, _why_not(permission, [], None))


def everywhere(actor: Account | AnonymousUser, permission: Permission) -> bool:
    """Answer whether the actor holds this permission without any limit of scope or unit."""
    if _refused_outright(actor, permission):
        return False
    return Span(Scope.EVERYWHERE, None) in _spans(cast(Account, actor), permission)


def visible[M: Model](
    actor: Account | AnonymousUser, permission: Permission, queryset: QuerySet[M], through: str = ""
) -> QuerySet[M]:
    """Keep the rows the actor may see, in the same query.

    ``through`` is the path from the queryset's model to the registered model,
    such as ``"model"`` or ``"version__model"``. Rows without a model are seen
    only by those who hold the permission without limit.
    """
    if _refused_outright(actor, permission):
        return queryset.none()
    account = cast(Account, actor)
    spans = _spans(account, permission)
    if Span(Scope.EVERYWHERE, None) in spans:
        return queryset
    allowed = [_rows(span, account, f"{through}__" if through else "") for span in spans]
    if permission in EXCEPTIONAL:
        allowed.append(_exceptional_rows(account, queryset, through))
    if not allowed:
        return queryset.none()
    condition = Q()
    for part in allowed:
        condition |= part
    return queryset.filter(condition)


def registered_models() -> QuerySet[Any]:
    """Return all registered models; the class lives in a room above and is reached through its owner key."""
    model = Account._meta.get_field("owned_models").related_model
    return model._default_manager.all()


def roles_of(actor: Account) -> list[Held]:
    """Return the open grants of an account; a door may have read them already (`remember`)."""
    remembered: list[Held] | None = getattr(actor, "_held", None)
    if remembered is not None:
        return remembered
    grants = RoleGrant.objects.filter(account_id=actor.pk, ended_at__isnull=True).order_by("role", "pk")
    found = [Held(ROLES[g.role], g.unit_id) for g in grants if g.role in ROLES]
    return [held for held in found if held.role.for_automation == actor.is_automation]


def remember(actor: Account) -> None:
    """Read the grants once for the length of one request."""
    actor._held = roles_of(actor)  # type: ignore[attr-defined]


def limit(actor: Account, scopes: Iterable[str]) -> None:
    """Narrow the account, for this request, to the scopes of the token it came with."""
    actor._scopes = frozenset(scopes)  # type: ignore[attr-defined]


def _refused_outright(actor: Account | AnonymousUser, permission: object) -> str:
    if not isinstance(permission, Permission):
        return f"{permission!r} is not an operation Redline knows."
    if not isinstance(actor, Account):
        return "Sign in first."
    if not actor.is_active:
        return "This account is disabled."
    scopes: frozenset[str] = getattr(actor, "_scopes", frozenset())
    if scopes and permission.value not in scopes:
        return f"This token is limited to {', '.join(sorted(scopes))}; it may not {DEEDS[permission]}."
    return ""


def _spans(actor: Account, permission: Permission) -> list[Span]:
    found = ((held.role.scope_of(permission), held.unit_id) for held in roles_of(actor))
    return [Span(scope, unit_id) for scope, unit_id in found if scope is not None]


def _model(on: object | None) -> Any:
    """Return the registered model behind an object; children inherit through ``.model``."""
    return on if hasattr(on, "deputy_id") else getattr(on, "model", None)


def _covers(span: Span, actor: Account, model: Any) -> bool:
    if model is None:
        return span == Span(Scope.EVERYWHERE, None)
    if span.unit_id is not None and span.unit_id != model.unit_id:
        return False
    own = actor.pk in (model.owner_id, model.deputy_id)
    team = model.team_id is not None and actor.team_id == model.team_id
    unit = actor.unit_id is not None and actor.unit_id == model.unit_id
    return {
        Scope.OWN: own,
        Scope.TEAM: own or team,
        Scope.UNIT: own or team or unit,
        Scope.EVERYWHERE: True,
    }[span.scope]


def _rows(span: Span, actor: Account, path: str) -> Q:
    """Return the same judgement as `_covers`, as a filter."""
    limited = Q() if span.unit_id is None else Q(**{f"{path}unit_id": span.unit_id})
    if span.scope == Scope.EVERYWHERE:
        return limited
    condition = Q(**{f"{path}owner_id": actor.pk}) | Q(**{f"{path}deputy_id": actor.pk})
    if span.scope >= Scope.TEAM and actor.team_id is not None:
        condition |= Q(**{f"{path}team_id": actor.team_id})
    if span.scope >= Scope.UNIT and actor.unit_id is not None:
        condition |= Q(**{f"{path}unit_id": actor.unit_id})
    return limited & condition


def _grants(model: type[Model], actor: Account) -> QuerySet[Any]:
    rows = get_user_obj_perms_model(model)._default_manager  # type: ignore[arg-type]
    return rows.filter(user_id=actor.pk, permission__codename="read_model")


def _excepted(actor: Account, permission: Permission, model: Any) -> bool:
    if permission not in EXCEPTIONAL or not isinstance(model, Model):
        return False
    return bool(_grants(type(model), actor).filter(content_object_id=model.pk).exists())


def _excepted_anywhere(actor: Account, permission: Permission) -> bool:
    if permission not in EXCEPTIONAL:
        return False
    return bool(_grants(registered_models().model, actor).exists())


def _exceptional_rows[M: Model](actor: Account, queryset: QuerySet[M], through: str) -> Q:
    model: type[Model] = queryset.model
    for step in filter(None, through.split("__")):
        model = cast(type[Model], model._meta.get_field(step).related_model)
    key = f"{through}__pk" if through else "pk"
    return Q(Exists(_grants(model, actor).filter(content_object_id=OuterRef(key))))


def _why_not(permission: Permission, spans: list[Span], model: Any) -> str:
    deed = DEEDS[permission]
    if not spans:
        titles = ", ".join(role.title for role in roles_holding(permission)) or "nobody"
        return f"None of your roles may {deed}. Roles that may: {titles}."
    widest = max(span.scope for span in spans)
    whose = {Scope.OWN: "that you own", Scope.TEAM: "of your team", Scope.UNIT: "of your unit"}
    where = whose.get(widest, "of the unit your role is limited to")
    subject = f"{model} is not one of them" if model is not None else "this concerns all models"
    return f"You may {deed} only for models {where}; {subject}."
