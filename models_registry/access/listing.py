"""How every list reads its address: known parameters in a tidy order, a slim line of filters, pages by key.

The address is the whole state of a list. Values are written in lower case, several of one parameter
joined by commas (`level=high,critical`); what is not known is dropped, and what is usual is left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

PER_PAGE = 100
LONGEST_TEXT = 200
YES = ("1", "yes", "on")
"""What people and links write for `true`."""


class CheckMenu(forms.CheckboxSelectMultiple):
    """Several choices in the height of one: a `details` element that opens over the list."""

    template_name = "components/check_menu.html"

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.heading = heading

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the heading, and the words of what is chosen."""
        context = super().get_context(name, value, attrs)
        words = dict(self.choices)
        chosen = [str(words[one]) for one in value or () if one in words]
        context["widget"].update(heading=self.heading, chosen=", ".join(chosen))
        return context


def several(heading: str, choices: Iterable[tuple[str, str]], **more: Any) -> django_filters.MultipleChoiceFilter:
    """Return a filter by several of these values, drawn as a `CheckMenu`."""
    return django_filters.MultipleChoiceFilter(
        label=heading, choices=list(choices), widget=CheckMenu(heading), distinct=False, **more
    )


def one_of(heading: str, choices: Iterable[tuple[str, str]] = (), **more: Any) -> django_filters.ChoiceFilter:
    """Return a filter by one of these values; nothing chosen shows the heading."""
    return django_filters.ChoiceFilter(label=heading, choices=list(choices), empty_label=heading, **more)


def searched(placeholder: str, **more: Any) -> django_filters.CharFilter:
    """Return a filter by words; the placeholder says of what. ``more`` says where they are looked for."""
    return django_filters.CharFilter(
        label="Search", widget=forms.TextInput(attrs={"type": "search", "placeholder": placeholder}), **more
    )


@dataclass(frozen=True)
class Column:
    """One head of a table. ``url`` sorts by it and turns the order round; empty where one cannot sort."""

    label: str
    url: str = ""
    order: str = ""


@dataclass(frozen=True)
class Slice[M: Model]:
    """Up to a hundred rows, and the key after which the rest follows (empty at the end)."""

    rows: Sequence[M]
    after: str


class ListFilters(django_filters.FilterSet):
    """The filters and the order of one list, read from an address without ever breaking on it.

    ``SORTS`` maps a word of the address to the expression it sorts by; a minus before the word turns it
    round. ``SORT`` is the usual one. ``HIDDEN`` names filters that links set and the line does not show.
    """

    SORTS: ClassVar[Mapping[str, Any]] = {}
    SORT: ClassVar[str] = ""
    HIDDEN: ClassVar[Sequence[str]] = ()

    def __init__(self, asked: QueryDict, *, queryset: QuerySet[Any]) -> None:
        super().__init__(asked, queryset=queryset)
        self.prepare()
        self.asked = asked
        self.data = self._tidy(asked)

    def prepare(self) -> None:
        """Fill in choices that depend on the reader, before the address is read."""

    @property
    def sort(self) -> str:
        """Return the word of the order: one of `SORTS`, with or without a minus."""
        asked = str(self.asked.get("sort", ""))
        return asked if asked.removeprefix("-") in self.SORTS else self.SORT

    @property
    def query(self) -> str:
        """Return the filters and the order as a tidy query string, empty for the usual list."""
        return self.address()

    @property
    def is_filtered(self) -> bool:
        """Say whether anything narrows the list."""
        return bool(self.address(sort=None))

    def address(self, **changes: str | None) -> str:
        """Return the tidy query string with some parameters set, or left out (None)."""
        parts = {name: written(self.data.getlist(name)) for name in self.filters if self.data.getlist(name)}
        if self.sort != self.SORT:
            parts["sort"] = self.sort
        parts.update({name: value for name, value in changes.items() if value is not None})
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in parts.items() if value and changes.get(name, "") is not None})
        return query.urlencode(safe=",:")

    @property
    def whole_query(self) -> str:
        """Return the query string of what is shown: filters, order, view, moment, and the row it begins after."""
        return self.address(**self.carried(), after=str(self.asked.get("after", "")) or None)

    def ways(self, after: str) -> dict[str, str]:
        """Return where the rows that follow are, and the first ones where these are not the first."""
        carried = self.carried()
        return {
            "more_url": f"?{self.address(**carried, after=after)}" if after else "",
            "first_url": f"?{self.address(**carried)}" if self.asked.get("after") else "",
        }

    def kept(self) -> dict[str, str]:
        """Return what the line of filters carries along unseen: the moment, the view, the order."""
        known = {"view": whole_number(self.asked.get("view")), "as_of": str(self.asked.get("as_of", ""))}
        known["sort"] = "" if self.sort == self.SORT else self.sort
        known.update({name: str(self.data.get(name, "")) for name in self.HIDDEN})
        return {name: value for name, value in known.items() if value}

    def carried(self) -> dict[str, str]:
        """Return what links keep beside the filters: the view that is open, the moment shown."""
        return {name: value for name, value in self.kept().items() if name in {"view", "as_of"}}

    @property
    def narrowing(self) -> list[tuple[str, str]]:
        """Return what narrows the list: in words, and the address without it."""
        return [
            (self._said(name), f"?{self.address(**{**self.carried(), name: None})}")
            for name in self.filters
            if self.data.getlist(name)
        ]

    def _said(self, name: str) -> str:
        choices = dict(self.filters[name].extra.get("choices") or ())
        words = [str(choices.get(value, value)) for value in self.data.getlist(name)]
        return f"{self.filters[name].label}: {', '.join(words)}"

    @property
    def fields(self) -> list[forms.BoundField]:
        """Return the fields of the line."""
        return [self.form[name] for name in self.filters if name not in self.HIDDEN]

    def columns(self, heads: Iterable[tuple[str, str]], **carried: str) -> list[Column]:
        """Return the heads of a table from pairs of label and the word it first sorts by (empty: it cannot)."""
        return [self._column(label, word, carried) for label, word in heads]

    def _column(self, label: str, word: str, carried: Mapping[str, str]) -> Column:
        if not word:
            return Column(label)
        bare = word.removeprefix("-")
        current = self.sort.removeprefix("-") == bare
        turned = bare if self.sort.startswith("-") else f"-{bare}"
        target = turned if current else word
        url = self.address(sort=None if target == self.SORT else target, **carried)
        order = ("descending" if self.sort.startswith("-") else "ascending") if current else ""
        return Column(label, f"?{url}", order)

    def slice_of(
        self, found: QuerySet[Any], *, key: str = "pk", detail: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None
    ) -> Slice[Any]:
        """Return the rows after `after` of the address, in order; ``key`` is unique and breaks ties.

        Only keys are sorted; what a row shows (``detail``) is read for the hundred that are shown. The row
        that `after` names is looked up without the filters, so that it may have left them since.
        """
        descending, expression = self.sort.startswith("-"), self.SORTS[self.sort.removeprefix("-")]
        rows = found.annotate(sort_key=expression)
        last = self._last(expression, key)
        if last is not None:
            beyond = "sort_key__lt" if descending else "sort_key__gt"
            rows = rows.filter(Q(**{beyond: last[0]}) | Q(sort_key=last[0], **{f"{key}__gt": last[1]}))
        ordered = rows.order_by("-sort_key" if descending else "sort_key", key)
        keys = list(ordered.values_list(key, flat=True)[: PER_PAGE + 1])
        shown = self.queryset.filter(**{f"{key}__in": keys[:PER_PAGE]})
        by_key = {getattr(row, key): row for row in (detail(shown) if detail else shown)}
        more = str(keys[PER_PAGE - 1]) if len(keys) > PER_PAGE else ""
        return Slice([by_key[one] for one in keys if one in by_key], more)

    def ordered(self, found: QuerySet[Any], *, key: str = "pk") -> QuerySet[Any]:
        """Return all rows in order, for a file."""
        descending, expression = self.sort.startswith("-"), self.SORTS[self.sort.removeprefix("-")]
        rows: QuerySet[Any] = found.annotate(sort_key=expression)
        return rows.order_by("-sort_key" if descending else "sort_key", key)

    def _last(self, expression: Any, key: str) -> tuple[Any, Any] | None:
        after = str(self.asked.get("after", "")).replace("\x00", "")
        if not after or (key == "pk" and not whole_number(after)):
            return None
        found: tuple[Any, Any] | None = (
            self.queryset.filter(**{key: after}).annotate(sort_key=expression).values_list("sort_key", key).first()
        )
        return found

    def _tidy(self, asked: QueryDict) -> QueryDict:
        tidy = QueryDict(mutable=True)
        for name, narrowing in self.filters.items():
            tidy.setlist(name, known(asked.getlist(name), narrowing.extra.get("choices")))
        return tidy


def known(values: Iterable[str], choices: Iterable[tuple[str, str]] | None) -> list[str]:
    """Return the values that a filter knows, as it writes them; text without choices is kept, trimmed."""
    texts = [str(value).replace("\x00", "").strip()[:LONGEST_TEXT] for value in values]
    if choices is None:
        return [text for text in texts if text][-1:]
    given = {one for text in texts for one in text.lower().split(",")}
    given |= {"true"} if given & set(YES) else set()
    return [value for value, _ in choices if str(value).lower() in given]


def written(values: Sequence[str]) -> str:
    """Return values as an address writes them."""
    return ",".join(value.lower() if value.isupper() else value for value in values)


def query_of(address: str, **parameters: str) -> str:
    """Return an address with those parameters that have a value."""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in parameters.items() if value})
    return f"{address}?{query.urlencode(safe=',:')}" if query else address


def whole_number(text: object) -> str:
    """Return the text of a number that a key may have, or nothing."""
    given = str(text or "")
    return given if given.isascii() and given.isdigit() and len(given) < 19 else ""


def is_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of the page alone."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def refreshes_itself(request: HttpRequest) -> bool:
    """Say whether a part of an open page asks for itself anew, because something changed: nobody went anywhere."""
    target = request.headers.get("HX-Target", "")
    return bool(target) and request.headers.get("HX-Trigger") == target


def asks_untidily(request: HttpRequest) -> bool:
    """Say whether a browser without script sent the line of filters, empty fields included."""
    return not is_fragment(request) and any(not value for values in request.GET.lists() for value in values[1])


def answer(
    request: HttpRequest, *, query: str, whole: str, part: str, context: Callable[[], Mapping[str, Any]]
) -> HttpResponse:
    """Show a list: the whole page, or to htmx its part; an address with empty fields is tidied first."""
    if asks_untidily(request):
        return redirect(f"{request.path}?{query}" if query else request.path)
    response = render(request, part if is_fragment(request) else whole, {**context()})
    return tell_address(response, request, query)


def tell_address(response: HttpResponse, request: HttpRequest, query: str) -> HttpResponse:
    """Let a browser with script show the tidy address of the list that it asked for."""
    if is_fragment(request) and not refreshes_itself(request):
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response
