"""The API of polling: how a source's platform is asked, its sweeps, and asking for one now."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict
from models_registry.telemetry import poll_actions, poll_queries
from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_models import Polling, PollSweep, SweepOutcome
from models_registry.telemetry.pollers.shapes import Scheme

READ, MANAGE = Permission.SOURCE_READ, Permission.SOURCE_MANAGE


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An MLflow server behind a proxy",
            {
                "config": {"address": "https://mlflow.example", "experiments": "claims-triage"},
                "scheme": "basic",
                "credential": "redline:a-password-of-its-own",
                "interval_s": 300,
            },
            request_only=True,
        )
    ]
)
class PollingInput(Strict):
    """How a platform is asked."""

    config = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=poll_actions.LONGEST_FIELD, trim_whitespace=False),
        help_text="`address`, the base address, and the platform's own fields.",
    )
    scheme = serializers.ChoiceField(
        choices=[each.value for each in Scheme], help_text="How the credential is shown; the platform allows some."
    )
    credential = serializers.CharField(
        required=False,
        write_only=True,
        max_length=poll_actions.LONGEST_CREDENTIAL,
        help_text="Kept encrypted and never returned. Left out, the one that is kept stays.",
    )
    interval_s = serializers.IntegerField(min_value=30, max_value=poll_actions.LONGEST_INTERVAL_S)
    sweep_budget = serializers.IntegerField(
        min_value=1, max_value=poll_actions.MOST_REQUESTS, default=poll_actions.SWEEP_BUDGET
    )
    day_budget = serializers.IntegerField(
        min_value=1, max_value=poll_actions.MOST_REQUESTS, default=poll_actions.DAY_BUDGET
    )
    paused = serializers.BooleanField(default=False)


class EarlierOutput(serializers.Serializer[Any]):
    """How far back runs from before the sweeps began were read."""

    wanted_since = serializers.DateTimeField()
    back_to = serializers.DateTimeField(help_text="Everything since then was read.")
    count = serializers.IntegerField(help_text="Runs that were read.")
    is_over = serializers.BooleanField(help_text="Whether all that is wanted was read.")


class PollingOutput(serializers.Serializer[Any]):
    """How a platform is asked, and how it goes. The credential is not shown."""

    slug = serializers.CharField(help_text="Of the source.")
    config = serializers.DictField(child=serializers.CharField())
    scheme = serializers.CharField()
    interval_s = serializers.IntegerField()
    sweep_budget = serializers.IntegerField()
    day_budget = serializers.IntegerField()
    requests_today = serializers.IntegerField()
    paused_at = serializers.DateTimeField(allow_null=True)
    begun_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField()
    held_until = serializers.DateTimeField(allow_null=True, help_text="How long the platform itself asked to wait.")
    done_at = serializers.DateTimeField(allow_null=True, help_text="When it was last read to the end.")
    failure_count = serializers.IntegerField(help_text="Failed sweeps in a row.")
    last_error = serializers.CharField()
    unheard_count = serializers.IntegerField(help_text="What sweeps found and no webhook has told.")
    earlier = EarlierOutput(allow_null=True, help_text="Null where no earlier runs are wanted.")


OWN = (
    "config", "scheme", "interval_s", "sweep_budget", "day_budget", "requests_today", "paused_at", "begun_at",
    "next_at", "held_until", "done_at", "failure_count", "last_error",
)  # fmt: skip
"""What the polling itself says."""


class SourceSweepOutput(serializers.Serializer[Any]):
    """One sweep."""

    turn = serializers.IntegerField()
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=SweepOutcome.choices)
    told = serializers.CharField(help_text="Why it ended, where it did not read to the end.")
    requests = serializers.IntegerField()
    found = serializers.IntegerField()
    fresh = serializers.IntegerField(help_text="Those that were news.")
    missed = serializers.IntegerField(help_text="Those of the news that a webhook should have told.")
    too_large = serializers.IntegerField()


class PollingView(ApiView):
    """How one source's platform is asked."""

    permission = {"GET": READ, "PUT": MANAGE}

    @extend_schema(responses=PollingOutput, operation_id="source_polling")
    def get(self, request: Request, slug: str) -> Response:
        """Return how the platform is asked; 404 while it is not."""
        source = get_object_or_404(Source, slug=slug)
        return Response(_told(source, get_object_or_404(Polling, source=source)))

    @extend_schema(request=PollingInput, responses=PollingOutput, operation_id="source_polling_set")
    @idempotent
    def put(self, request: Request, slug: str) -> Response:
        """Ask the platform so from now on; the first sweep begins at once unless it is paused."""
        source = get_object_or_404(Source, slug=slug)
        given = PollingInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        paused = asked.pop("paused")
        by, at = actor_of(request), timezone.now()
        try:
            with transaction.atomic():
                polling = poll_actions.set_polling(by=by, at=at, source=source, **asked)
                if paused != (polling.paused_at is not None):
                    switch = poll_actions.pause_polling if paused else poll_actions.resume_polling
                    switch(by=by, at=at, source=source)
        except poll_actions.PollingUnfit as unfit:
            raise ValidationError(_placed(unfit.faults)) from None
        return Response(_told(source, Polling.objects.get(pk=source.pk)))


class SweepList(ApiView):
    """The sweeps of one source."""

    permission = {"GET": READ, "POST": MANAGE}

    @extend_schema(responses=SourceSweepOutput(many=True), operation_id="source_sweeps")
    def get(self, request: Request, slug: str) -> Response:
        """Return a page of sweeps, newest first."""
        rows = poll_queries.sweeps_of(get_object_or_404(Source, slug=slug))
        return paginate(request, rows, _line, ordering=("-turn", "-id"))

    @extend_schema(request=None, responses={202: PollingOutput}, operation_id="source_sweep_now")
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Let the next sweep begin at once; 409 while one runs, is paused, or the platform asks to wait."""
        source = get_object_or_404(Source, slug=slug)
        poll_actions.ask_now(by=actor_of(request), at=timezone.now(), source=source)
        return Response(_told(source, Polling.objects.get(pk=source.pk)), status=202)


def _placed(faults: Mapping[str, str]) -> dict[str, Any]:
    """Return the faults where the body has their fields."""
    own = {name: [fault] for name, fault in faults.items() if name in PollingInput().fields}
    config = {name: [fault] for name, fault in faults.items() if name not in own}
    return own | ({"config": config} if config else {})


def _told(source: Source, polling: Polling) -> dict[str, Any]:
    unheard = poll_queries.missed(source=source, at=timezone.now()).count()
    own = {name: getattr(polling, name) for name in OWN}
    own |= {"slug": source.slug, "unheard_count": unheard, "earlier": poll_queries.earlier(polling)}
    told: dict[str, Any] = PollingOutput(own).data
    return told


def _line(line: PollSweep) -> dict[str, Any]:
    told: dict[str, Any] = SourceSweepOutput(line).data
    return told
