"""Lists: filters and orders are declared once, as a FilterSet, and asked by page, API and export alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import django_filters as filters
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.wording import labelled, listed

PAGE_SIZE, LARGEST_PAGE = 25, 500
PAGE_SIZES = (25, 50, 100)  # that a page offers; any up to the largest may be asked for
LAST_PAGE = 999_999_999
R = TypeVar("R")
OF_PAGES = {
    "ordering": gettext_lazy("Order"),
    "cols": gettext_lazy("Columns"),
    "page_size": gettext_lazy("Rows"),
    "page": gettext_lazy("Page"),
}


class FilterSet(filters.FilterSet):  # type: ignore[misc]  # django_filters ships no types
    """What a list can be narrowed and ordered by. `words`: what a page calls each filter, in the order of its URLs."""

    words: ClassVar[Mapping[str, Any]] = {}
    default_order: ClassVar[str] = ""
    orders: ClassVar[Mapping[str, Any]] = {}  # what a file calls each order

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        for one in self.filters.values():  # else the library words a label for each, in every request
            one._label = one._label or ""

    def filter_queryset(self, rows: Any) -> Any:
        """Without the library's wish for a queryset: some lists are in memory."""
        for name, value in self.form.cleaned_data.items():
            rows = self.filters[name].filter(rows, value)
        return rows


def whole_number(text: str, most: int) -> int | None:
    """From 1 to `most` in plain digits; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)):
        return None
    return int(text) if 1 <= int(text) <= most else None


@dataclass(frozen=True)
class ActiveFilter:
    label: str
    value: str
    href: str  # the same question without it


@dataclass(frozen=True)
class Link:
    text: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Field:
    """A list of the filter form. Its options: value, word, whether it is the one that is on."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Head:
    """A column's head that sorts. `sorts`: ascending, descending, or empty where the list has another order."""

    href: str
    sorts: str


class Rows(list[R]):
    """Rows in memory, as a FilterSet takes them."""

    model = None

    def all(self) -> Rows[R]:
        return self


class ListPage:
    """A page's answer to its URL: for the same words the same rows in the same order as the API gives.

    What the API refuses is dropped here, and `dropped` says so in sentences.
    """

    selects: ClassVar[tuple[str, ...]] = ()  # the filters that the page's form has as lists; `q` is typed
    default_size: ClassVar[int] = PAGE_SIZE
    columns: ClassVar[Mapping[str, Any]] = {}  # code → word of those that can be left out, in their order
    standard: ClassVar[tuple[str, ...]] = ()  # the columns that are shown unless `cols=` says otherwise

    def __init__(self, filters: type[FilterSet], rows: Any, request: HttpRequest) -> None:
        self.filter_class, self.request = filters, request
        self.names = {name: label for name, label in {**filters.words, **OF_PAGES}.items() if self._is_known(name)}
        self.dropped: list[str] = []
        self.chosen = self._read(request.GET, rows)
        self.rows_found = self.filters.qs
        self.total = self.count()
        self._turn_to_page()

    # --- the question -------------------------------------------------------------------------------
    def _is_known(self, name: str) -> bool:
        if name == "cols":
            return bool(self.columns)
        return name != "ordering" or "ordering" in self.filter_class.base_filters

    def _read(self, asked: QueryDict, rows: Any) -> QueryDict:
        """What is good in it, in our order; the rest becomes sentences."""
        chosen = QueryDict(mutable=True)
        for name in self.names:
            values = [text.strip() for text in asked.getlist(name) if text.strip()]
            takes_several = isinstance(self.filter_class.base_filters.get(name), filters.MultipleChoiceFilter)
            if values:
                chosen.setlist(name, values if takes_several else values[-1:])
        for name in asked:
            if name not in self.names:
                self.dropped.append(_("There is no filter named “%(name)s”; it was dropped.") % {"name": name[:80]})
        self.filters = self.filter_class(chosen, rows, request=self.request)
        for name in [name for name in chosen if not self.is_possible(name, chosen)]:
            self.dropped.append(
                _("“%(value)s” is not possible for “%(filter)s”, so it was dropped.")
                % {"value": listed(chosen.pop(name))[:80], "filter": self.names[name]}
            )
            self.filters = self.filter_class(chosen, rows, request=self.request)
        return chosen

    def is_possible(self, name: str, chosen: QueryDict) -> bool:
        if name in ("page", "page_size"):
            return whole_number(str(chosen[name]), LAST_PAGE if name == "page" else LARGEST_PAGE) is not None
        if name == "cols":
            return set(str(chosen[name]).split(",")) <= self.columns.keys()
        return name not in self.filters.errors

    def offers(self, name: str) -> Mapping[str, str]:
        """What a filter can be asked for, where that is a list: value → its word."""
        choices = self.filter_class.base_filters[name].extra.get("choices", ())
        return {str(value): str(word) for value, word in choices}

    def field(self, name: str) -> Field:
        """A list of the page's form."""
        chosen = self.chosen.getlist(name)[:1]
        options = [(value, word, [value] == chosen) for value, word in self.offers(name).items()]
        return Field(name, str(self.names[name]), options)

    @property
    def fields(self) -> list[Field]:
        return [self.field(name) for name in self.selects]

    def query(self, **changes: str | None) -> str:
        """The URL of the same question with changes; the first page unless a page is asked for."""
        return self._address(changes | {"page": changes.get("page")})

    def _address(self, changes: Mapping[str, str | list[str] | None]) -> str:
        asked: list[tuple[str, str]] = []
        defaults = {"ordering": self.filter_class.default_order, "page_size": str(self.default_size), "page": "1"}
        defaults["cols"] = ",".join(self.standard)
        for name in self.names:
            given = changes[name] if name in changes else self.chosen.getlist(name)
            values = [given] if isinstance(given, str) else given or []
            if values != [defaults.get(name)]:
                asked += [(name, value) for value in values]
        return "?" + urlencode(asked)

    @cached_property
    def active(self) -> list[ActiveFilter]:
        """The filters that are on, each value with the way to drop it."""
        return [
            ActiveFilter(
                str(label),
                self.offers(name).get(value, value),
                self._address({name: [other for other in values if other != value], "page": None}),
            )
            for name, label in self.filter_class.words.items()
            for values in [self.chosen.getlist(name)]
            for value in values
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form carries along unseen; of a filter with several values all but the one that its list shows."""
        carried = [(name, texts[name in (*self.selects, "q") :]) for name, texts in self.chosen.lists()]
        return [(name, text) for name, texts in carried for text in texts if name != "page"]

    @property
    def filter_words(self) -> str:
        """What it was narrowed by, for a file."""
        return _("; ").join(labelled(one.label, one.value) for one in self.active) or _("none")

    @property
    def order_words(self) -> str:
        """By what the rows are ordered, for a file."""
        asked = [code for code in self.chosen.get("ordering", self.filter_class.default_order).split(",") if code]
        return listed(self._order_word(code) for code in asked)

    def _order_word(self, code: str) -> str:
        word = str(self.filter_class.orders[code.removeprefix("-")])
        return _("%(order)s, the other way round") % {"order": word} if code.startswith("-") else word

    # --- columns --------------------------------------------------------------------------------------
    @cached_property
    def cols(self) -> list[str]:
        """The codes of the columns that are shown, in their order."""
        asked = str(self.chosen["cols"]).split(",") if "cols" in self.chosen else self.standard
        return [code for code in self.columns if code in asked]

    @property
    def column_links(self) -> list[Link]:
        """Each column with the address that turns it on or off; the last one stays."""
        found = []
        for code, word in self.columns.items():
            others = [other for other in self.columns if (other in self.cols) != (other == code)]
            found.append(Link(str(word), self.query(cols=",".join(others or [code])), code in self.cols))
        return found

    # --- the answer ---------------------------------------------------------------------------------
    def count(self) -> int:
        return len(self.rows_found) if isinstance(self.rows_found, list) else self.rows_found.count()

    def _turn_to_page(self) -> None:
        self.page_size = int(self.chosen.get("page_size", self.default_size))
        asked = int(self.chosen.get("page", 1))
        self.last_page = max(1, -(-self.total // self.page_size))
        if asked > self.last_page:
            self.dropped.append(
                _("There is no page %(page)s; this is the last one, %(last)s.")
                % {"page": asked, "last": self.last_page}
            )
        self.page = min(asked, self.last_page)
        self.first_row = (self.page - 1) * self.page_size + 1 if self.total else 0
        self.last_row = min(self.page * self.page_size, self.total)

    def on_page(self, rows: Any) -> Any:
        """Of all rows found those of this page."""
        return rows[max(self.first_row - 1, 0) : self.last_row]

    # --- heads and pages ------------------------------------------------------------------------------
    def head(self, code: str, *, up_first: bool = False) -> Head:
        """Of the column that the order `code` is for; the other direction on the second click."""
        ordering = self.chosen.get("ordering", self.filter_class.default_order)
        first, second = (code, f"-{code}") if up_first else (f"-{code}", code)
        sorts = {code: "ascending", f"-{code}": "descending"}.get(ordering, "")
        return Head(self.query(ordering=second if ordering == first else first), sorts)

    @property
    def previous_href(self) -> str:
        return self.query(page=str(self.page - 1)) if self.page > 1 else ""

    @property
    def next_href(self) -> str:
        return self.query(page=str(self.page + 1)) if self.page < self.last_page else ""

    @property
    def sizes(self) -> list[Link]:
        return [Link(str(n), self.query(page_size=str(n)), n == self.page_size) for n in PAGE_SIZES]


# --- a form's address, and files ---------------------------------------------------------------------------
def without_blanks(request: HttpRequest) -> str | None:
    """The address without blanks: what a form left empty, and round a word. So the API can be asked it; None where
    there are none.
    """
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        kept.setlist(name, [value.strip() for value in values if value.strip()])
    return f"{request.path}?{kept.urlencode()}" if kept.urlencode() != request.GET.urlencode() else None


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page that `next` names, such as a list with its filters; else that of the name `otherwise`."""
    address = (request.POST if request.method == "POST" else request.GET).get("next", "")
    is_ours = address.startswith("/app/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else reverse(otherwise)


P = TypeVar("P", bound=ListPage)


def asked_of_file(make: Callable[[HttpRequest], P], request: HttpRequest) -> tuple[P, bool]:
    """The list that a file is asked for, and whether with the lines about it: `meta=0` leaves those out.

    A page can say that it dropped what it was asked wrongly; a file cannot, so it is 404 then.
    """
    asked = request.GET.copy()
    with_meta = asked.pop("meta", ["1"])[-1] != "0"
    request.GET = asked  # type: ignore[assignment]  # Django's stubs know an immutable one only
    page = make(request)
    if page.dropped:
        raise Http404
    return page, with_meta
