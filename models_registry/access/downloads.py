"""Lists as CSV files that a spreadsheet opens without running anything."""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

from models_registry.tabular.writing import Export, csv_parts


def csv_response(*, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return the rows as a download, written as they are read."""
    response = StreamingHttpResponse(
        csv_parts(Export(name, header, lambda: rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
