"""The API of experiment runs and sweeps: import them, read them, and say which run became a version."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.catalog import queries, run_actions, run_queries, run_wire
from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.validation_api import version_of

READ, WRITE = Permission.MODEL_READ, Permission.VERSION_REGISTER


class RunList(ApiView):
    """The experiment runs of a model."""

    permission = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=run_wire.RunOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Return a page of runs, the newest record first."""
        rows = run_queries.runs_of(model=_model(request, slug))
        return paginate(request, rows, lambda run: run_wire.RunOutput(run).data)

    @extend_schema(request=run_wire.ImportInput, responses={200: run_wire.ImportedOutput, 201: run_wire.ImportedOutput})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Import runs of one platform, with their sweep; all of them or none. 200 when nothing of it is new."""
        given = run_wire.ImportInput(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        done = run_actions.import_runs(
            by=actor_of(request),
            at=timezone.now(),
            model=_model(request, slug),
            told=run_wire.stated(facts),
        )
        body = {
            "new": done.fresh_count,
            "changed": done.changed_count,
            "runs": {run.external_id: run.pk for run in done.runs},
        }
        return Response(run_wire.ImportedOutput(body).data, status=201 if done.fresh_count else 200)


class RunDetail(ApiView):
    """One experiment run."""

    permission = READ

    @extend_schema(responses=run_wire.RunOutput)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """Return the run."""
        rows = run_queries.runs_of(model=_model(request, slug))
        return Response(run_wire.RunOutput(get_object_or_404(rows, pk=pk)).data)


class SweepList(ApiView):
    """The sweeps of a model."""

    permission = READ

    @extend_schema(responses=run_wire.SweepOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Return a page of sweeps, the newest record first, with the best value that each reached."""
        rows = run_queries.sweeps_of(model=_model(request, slug))
        return paginate(request, rows, lambda sweep: run_wire.SweepOutput(sweep).data)


class VersionRun(ApiView):
    """The run that became a version."""

    permission = WRITE

    @extend_schema(request=run_wire.LinkInput, responses=run_wire.RunOutput)
    @idempotent
    def put(self, request: Request, slug: str, number: int) -> Response:
        """Say which run became this version; it is said once."""
        given = run_wire.LinkInput(data=request.data)
        given.is_valid(raise_exception=True)
        version = version_of(request, slug, number)
        run = get_object_or_404(run_queries.runs_of(model=version.model), pk=given.validated_data["run"])
        linked = run_actions.link_run(by=actor_of(request), at=timezone.now(), run=run, version=version)
        return Response(run_wire.RunOutput(linked).data)


def _model(request: Request, slug: str) -> RegisteredModel:
    found: RegisteredModel = get_object_or_404(queries.models_for(actor=actor_of(request)), slug=slug)
    return found
