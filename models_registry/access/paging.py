"""Pages of an API list: a cursor that stays valid while rows are added."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class CursorPage(CursorPagination):
    """Fifty rows, at most two hundred (``?limit=``), followed by ``next`` and ``previous``."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering: str | tuple[str, ...] = "-id"
    cursor_query_description = "Where a page begins, as `next` or `previous` of another page says it."
    page_size_query_description = f"Rows of a page, at most {max_page_size}; {page_size} when left out."

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins. Raises ValidationError for what no page gave."""
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise ValidationError({self.cursor_query_param: ["This is not a cursor that a page gave."]}) from None

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a page."""
        address = {"type": ["string", "null"], "format": "uri"}
        properties = {
            "next": {**address, "description": "Address of the page with the rows after these, if any."},
            "previous": {**address, "description": "Address of the page with the rows before these, if any."},
            "results": schema,
        }
        return {"type": "object", "required": ["next", "previous", "results"], "properties": properties}


def paginate[M: Model](
    request: Request,
    queryset: QuerySet[M],
    serialize: Callable[[M], object],
    *,
    ordering: Sequence[str] = ("-id",),
) -> Response:
    """Answer one page of the rows; ``ordering`` must end with a unique column."""
    return paginate_together(request, queryset, lambda rows: [serialize(row) for row in rows], ordering=ordering)


def paginate_together[M: Model](
    request: Request,
    queryset: QuerySet[M],
    serialize: Callable[[Sequence[M]], Sequence[object]],
    *,
    ordering: Sequence[str] = ("-id",),
) -> Response:
    """Answer one page of the rows, as `paginate` does, where what is told of a row is read for all rows at once."""
    pager = CursorPage()
    pager.ordering = tuple(ordering)
    rows = pager.paginate_queryset(queryset, request) or []
    return pager.get_paginated_response(list(serialize(rows)))
