"""Pages of an API list: a cursor that stays valid while rows are added."""

from collections.abc import Callable, Sequence

from django.db.models import Model, QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class CursorPage(CursorPagination):
    """Fifty rows, at most two hundred (``?limit=``), followed by ``next`` and ``previous``."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering: str | tuple[str, ...] = "-id"


def paginate[M: Model](
    request: Request,
    queryset: QuerySet[M],
    serialize: Callable[[M], object],
    *,
    ordering: Sequence[str] = ("-id",),
) -> Response:
    """Answer one page of the rows; ``ordering`` must end with a unique column."""
    pager = CursorPage()
    pager.ordering = tuple(ordering)
    rows = pager.paginate_queryset(queryset, request) or []
    return pager.get_paginated_response([serialize(row) for row in rows])
