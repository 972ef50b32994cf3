"""Approvals for programs: read requests, and vote as the person whose token it is. Automation never votes."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.approvals import actions, queries
from governance.approvals.models import ApprovalRequest, ApprovalState, Subject, Vote
from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict


class RequestFilter(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    state = serializers.ChoiceField(choices=ApprovalState.choices, required=False)
    subject = serializers.ChoiceField(choices=Subject.choices, required=False)


class VoteOut(serializers.Serializer[Vote]):
    """One person's word. It counts while ``digest`` is that of the request."""

    voter = serializers.CharField(source="voter.username")
    as_role = serializers.CharField()
    approves = serializers.BooleanField()
    digest = serializers.CharField()
    comment = serializers.CharField()
    voted_at = serializers.DateTimeField()


class RequestOut(serializers.Serializer[ApprovalRequest]):
    """One request as it stands."""

    id = serializers.UUIDField()
    subject = serializers.ChoiceField(choices=Subject.choices)
    object_id = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    model = serializers.SlugField(source="model.slug", default=None, allow_null=True)
    digest = serializers.CharField(help_text="What votes must name.")
    required_count = serializers.IntegerField(source="policy.required")
    required_roles = serializers.ListField(source="policy.roles", child=serializers.CharField(), default=list)
    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=ApprovalState.choices)
    decided_at = serializers.DateTimeField(allow_null=True)
    votes = VoteOut(many=True)
    url = serializers.SerializerMethodField()

    def get_url(self, asked: ApprovalRequest) -> str:
        """Return the page on which people read and decide it."""
        request: Request = self.context["request"]
        return request.build_absolute_uri(reverse("approvals:detail", args=[asked.pk]))


class VoteIn(Strict):
    """Yes or no to the content that was read."""

    approves = serializers.BooleanField()
    digest = serializers.CharField(max_length=80, help_text="The `digest` of the request that was read.")
    comment = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="Needed to reject."
    )


class Requests(ApiView):
    """The requests the caller may read."""

    permission: ClassVar = Permission.APPROVAL_READ

    @extend_schema(operation_id="approvals_list", parameters=[RequestFilter], responses=RequestOut(many=True))
    def get(self, request: Request) -> Response:
        """List requests, newest first."""
        chosen = RequestFilter(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        rows = queries.listed(actor_of(request), **chosen.validated_data).prefetch_related("votes__voter")
        return paginate(request, rows, lambda one: _out(one, request), ordering=("-requested_at", "pk"))


class OneRequest(ApiView):
    """One request."""

    permission: ClassVar = Permission.APPROVAL_READ

    @extend_schema(operation_id="approvals_read", responses=RequestOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Return one request with its votes."""
        return Response(_out(_found(request, pk), request))


class Votes(ApiView):
    """Votes on a request."""

    permission: ClassVar = Permission.APPROVAL_VOTE

    @extend_schema(operation_id="approvals_vote", request=VoteIn, responses={201: RequestOut})
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Vote; 409 when the request was decided, changed or voted on by the caller already."""
        given = VoteIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = _found(request, pk)
        actions.vote(
            by=actor_of(request),
            at=timezone.now(),
            request_id=asked.pk,
            approves=given.validated_data["approves"],
            judged_digest=given.validated_data["digest"],
            comment=given.validated_data["comment"],
        )
        return Response(_out(_found(request, pk), request), status=201)


def _found(request: Request, pk: UUID) -> ApprovalRequest:
    found = queries.seen_by(actor_of(request)).prefetch_related("votes__voter").filter(pk=pk).first()
    if found is None:
        raise Http404("Not found.")
    return found


def _out(asked: ApprovalRequest, request: Request) -> Any:
    return RequestOut(asked, context={"request": request}).data
