"""Versions over the API, for rules and for health formulas alike: read, check, draft and submit a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.approvals.models import ApprovalRequest
from governance.rules.walking import Brief, Walk
from governance.rules.yamltree import RuleError, RuleInvalid
from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.strict import Strict


@dataclass(frozen=True)
class Shelf:
    """One kind of version as the API serves it. ``name_of`` reads from a text what it is called."""

    walk: Walk[Any]
    check: Callable[[str, str], list[RuleError]]
    says: Callable[[str], Brief]
    name_of: Callable[[str], str]
    draft: Callable[..., Any]
    submit: Callable[..., ApprovalRequest]


class TextIn(Strict):
    """The text of a version: a YAML file."""

    text = serializers.CharField(max_length=64_000, trim_whitespace=False)


class LintIn(TextIn):
    """A text to check, and the name that it must keep, if it has one already."""

    slug = serializers.SlugField(max_length=80, required=False, default="")


class ProblemOut(serializers.Serializer[Any]):
    """One thing wrong with a text. Line and column count from 1."""

    line = serializers.IntegerField()
    column = serializers.IntegerField()
    path = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class LintOut(serializers.Serializer[Any]):
    """Whether a text is sound, everything wrong with it, and what it says in words."""

    valid = serializers.BooleanField()
    problems = ProblemOut(many=True)
    title = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField(allow_blank=True)


class StateOut(serializers.Serializer[Any]):
    """Where one version stands."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    digest = serializers.CharField()


class ParentOut(serializers.Serializer[Any]):
    """What there are versions of; ``kinds`` only where it is for some kinds of model."""

    slug = serializers.SlugField()
    title = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), required=False)
    created_at = serializers.DateTimeField()
    versions = StateOut(many=True)


class VersionOut(StateOut):
    """One version, word for word."""

    slug = serializers.SlugField()
    text = serializers.CharField()
    author = serializers.CharField()
    sentence = serializers.CharField(allow_blank=True)
    problems = ProblemOut(many=True)
    created_at = serializers.DateTimeField()
    enforced_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


class SubmissionOut(serializers.Serializer[Any]):
    """The request that two people decide; their votes count for exactly this digest."""

    approval = serializers.UUIDField()
    digest = serializers.CharField()
    expires_at = serializers.DateTimeField()
    url = serializers.CharField()


class Served(ApiView):
    """A view of one shelf."""

    shelf: ClassVar[Shelf]

    def parents(self) -> Any:
        """Return what there are versions of, with where each version stands."""
        walk = self.shelf.walk
        versions = walk.versions._default_manager.only("number", "state", "digest", f"{walk.parent}_id")
        parent: Any = walk.versions._meta.get_field(walk.parent).related_model
        return parent._default_manager.prefetch_related(Prefetch("versions", versions.order_by("-number")))

    def version(self, slug: str, number: int) -> Any:
        """Return one version, or answer 404."""
        walk = self.shelf.walk
        rows = walk.versions._default_manager.select_related(walk.parent, "author")
        found = rows.filter(number=number, **{f"{walk.parent}__slug": slug}).first()
        if found is None:
            raise Http404
        return found

    def answer(self, request: Request, version: Any) -> dict[str, Any]:
        """Return a version as the API says it."""
        walk, slug = self.shelf.walk, self.shelf.walk.slug(version)
        said = judged(self.shelf, version.text, slug)
        return VersionOut(
            {
                "slug": slug,
                "author": version.author.username,
                "url": request.build_absolute_uri(f"{walk.address}{slug}/?version={version.number}"),
                **{name: said[name] for name in ("sentence", "problems")},
                **{name: getattr(version, name) for name in ("number", "state", "digest", "text")},
                **{name: getattr(version, name) for name in ("created_at", "enforced_at", "retired_at")},
            }
        ).data

    def drafted(self, request: Request, *, slug: str, text: str, **more: Any) -> Response:
        """Draft the next version and answer it."""
        version = self.shelf.draft(by=request.user, at=timezone.now(), slug=slug, text=text, **more)
        return Response(self.answer(request, version), status=201)


class Lint(Served):
    """Checks of a text that keep nothing."""

    @extend_schema(request=LintIn, responses=LintOut)
    def post(self, request: Request) -> Response:
        """Return everything wrong with a text, by line and column, and what it says."""
        given = taken(LintIn, request)
        return Response(LintOut(judged(self.shelf, given["text"], given["slug"])).data)


class Parents(Served):
    """Everything there are versions of."""

    @extend_schema(responses=ParentOut(many=True))
    def get(self, request: Request) -> Response:
        """Return a page, by name."""
        return paginate(request, self.parents(), lambda one: ParentOut(parent_of(one)).data, ordering=("slug",))

    @extend_schema(request=TextIn, responses={201: VersionOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Draft a version of what the text names; 400 with every error when it cannot be read."""
        text = taken(TextIn, request)["text"]
        if problems := self.shelf.check(text, ""):
            raise serializers.ValidationError({"text": [str(one) for one in problems]})
        return self.drafted(request, slug=self.shelf.name_of(text), text=text)


class Parent(Served):
    """One of them."""

    @extend_schema(responses=ParentOut)
    def get(self, request: Request, slug: str) -> Response:
        """Return it with where its versions stand."""
        found = self.parents().filter(slug=slug).first()
        if found is None:
            raise Http404
        return Response(ParentOut(parent_of(found)).data)


class Versions(Served):
    """The versions of one of them."""

    @extend_schema(responses=VersionOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Return a page of versions, newest first."""
        walk = self.shelf.walk
        if not self.parents().filter(slug=slug).exists():
            raise Http404
        rows = walk.versions._default_manager.filter(**{f"{walk.parent}__slug": slug})
        rows = rows.select_related(walk.parent, "author")
        return paginate(request, rows, lambda one: self.answer(request, one), ordering=("-number",))

    @extend_schema(request=TextIn, responses={201: VersionOut})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Draft the next version. Its text may still hold errors; the answer lists them."""
        if not self.parents().filter(slug=slug).exists():
            raise Http404
        return self.drafted(request, slug=slug, text=taken(TextIn, request)["text"])


class Version(Served):
    """One version."""

    @extend_schema(responses=VersionOut)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return it, word for word."""
        return Response(self.answer(request, self.version(slug, number)))


class Submissions(Served):
    """Submissions of one's own drafts."""

    @extend_schema(request=None, responses={201: SubmissionOut})
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Ask two people to approve it; 409 when it is no draft or another's, 400 when its text has errors."""
        version = self.version(slug, number)
        try:
            asked = self.shelf.submit(by=request.user, at=timezone.now(), version=version)
        except RuleInvalid as invalid:
            raise serializers.ValidationError({"text": [str(one) for one in invalid.errors]}) from invalid
        address = request.build_absolute_uri(f"/approvals/{asked.pk}/")
        told = {"approval": asked.pk, "digest": asked.digest, "expires_at": asked.expires_at, "url": address}
        return Response(SubmissionOut(told).data, status=201)


def taken(serializer: type[Strict], request: Request) -> Mapping[str, Any]:
    """Return what was sent, checked; raise ValidationError."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    checked: Mapping[str, Any] = given.validated_data
    return checked


def judged(shelf: Shelf, text: str, slug: str) -> dict[str, Any]:
    """Return what is wrong with a text, or what it says."""
    errors = shelf.check(text, slug)
    said = None if errors else shelf.says(text)
    return {
        "valid": not errors,
        "problems": errors,
        "title": said.title if said else "",
        "sentence": said.sentence if said else "",
    }


def parent_of(row: Any) -> dict[str, Any]:
    """Return one of what there are versions of, as the API says it."""
    kinds = {"kinds": row.kinds} if hasattr(row, "kinds") else {}
    return {
        "slug": row.slug,
        "title": row.title,
        "created_at": row.created_at,
        "versions": list(row.versions.all()),
        **kinds,
    }
