"""Screen and rank: which companies, in which order, as the words of a URL say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from portfolio.models import Sector, Track
from portfolio.models.people import FUND_SIDE, SomeUser, has_role
from scoring.companies import cells, listing
from scoring.lists import ActiveFilter, Link
from scoring.models import Score
from scoring.reading import QUALITY_MARKS, country_name, reads_chinese

UNSCORED = "unscored"
STATUSES = [
    (Score.Status.SCORED.value, Score.Status.SCORED.label),
    (listing.ESTIMATED, gettext_lazy("Estimated")),
    (Score.Status.INSUFFICIENT.value, Score.Status.INSUFFICIENT.label),
    (UNSCORED, gettext_lazy("Not yet scored")),
]
BANDS = "ABCDE"
PAGE_SIZES = (25, 50, 100)
DEFAULTS = {"ordering": "-score", "page_size": "25", "page": "1"}
LONGEST_SEARCH = 80
LAST_PAGE = 1_000_000

# What a URL may ask for, in the order in which our own URLs say it.
CHOICES = {
    "sector": gettext_lazy("Sector"),
    "track": gettext_lazy("Track"),
    "country": gettext_lazy("Country"),
    "status": gettext_lazy("Status"),
    "band": gettext_lazy("Band"),
    "quality": gettext_lazy("Data quality"),
    "year": gettext_lazy("Data year"),
}
FILTERS = {"q": gettext_lazy("Search")} | CHOICES
NAMES = FILTERS | {
    "ordering": gettext_lazy("Order"),
    "page_size": gettext_lazy("Rows"),
    "page": gettext_lazy("Page"),
}

ORDERINGS = {sign + name for name in ("name", *listing.ORDERS) for sign in ("", "-")}
UP_FIRST = ("name", "intensity", "quality")  # where less comes first on the first click


@dataclass(frozen=True)
class Section:
    """Rows of one status: companies without a score are never ranked among the scored."""

    status: str
    count: int
    rows: SafeString


class Screen:
    """The answer to one URL. Three or four queries, whatever the number of rows."""

    def __init__(self, user: SomeUser, asked: QueryDict) -> None:
        if not has_role(user, *FUND_SIDE):
            raise PermissionDenied
        self.language = get_language() or ""
        groups = listing.groups()
        self.illustrative = sum(group.n for group in groups if group.is_illustrative)
        self.universe = sum(group.n for group in groups)
        self.real = self.universe - self.illustrative
        # Tuples, since they are the key under which the lists of choices are remembered.
        self.countries = tuple(sorted({group.country for group in groups}))
        self.years = tuple(sorted({group.data_year for group in groups if group.data_year}, reverse=True))
        self.offers = _offers(self.language, self.countries, self.years)
        self.dropped: list[str] = []
        self.chosen = self._read(asked)
        self.counts = self._counts(groups)
        self.total = sum(self.counts.values())
        self._turn_to_page()

    # --- the question -------------------------------------------------------------------------------
    def _read(self, asked: QueryDict) -> dict[str, str]:
        """Good values as text; a bad one becomes a sentence."""
        good = {}
        for name, label in NAMES.items():
            text = asked.get(name, "")
            value = self._good(name, text)
            if value:
                good[name] = value
            elif value is None:
                self.dropped.append(
                    _("“%(value)s” is not possible for “%(filter)s”, so it was dropped.")
                    % {"value": text[:80], "filter": label}
                )
        for name in asked:
            if name not in NAMES:
                self.dropped.append(_("There is no filter named “%(name)s”; it was dropped.") % {"name": name[:80]})
        return DEFAULTS | good

    def _good(self, name: str, text: str) -> str | None:
        """The value as we write it; empty where nothing is asked, None where it is not possible."""
        if name == "q":
            words = text.strip()
            return words if len(words) <= LONGEST_SEARCH and "\0" not in words else None
        if name == "page":
            return _page_number(text.strip())
        allowed = {"ordering": ORDERINGS, "page_size": {str(size) for size in PAGE_SIZES}}.get(name)
        return text if not text or text in (allowed or self.offers[name]) else None

    def query(self, **changes: str | None) -> str:
        """The URL of the same question with changes; the first page unless a page is asked for."""
        return _address({**self.chosen, "page": DEFAULTS["page"], **changes})

    @cached_property
    def active(self) -> list[ActiveFilter]:
        return [
            ActiveFilter(str(label), self._in_words(name, self.chosen[name]), self.query(**{name: None}))
            for name, label in FILTERS.items()
            if name in self.chosen
        ]

    def _in_words(self, name: str, value: str) -> str:
        """A filter's value as its own list prints it."""
        return value if name == "q" else self.offers[name][value]

    @property
    def selects(self) -> SafeString:
        """The filter form's lists."""
        fields = (
            _select(self.language, name, self.countries, self.years, self.chosen.get(name, "")) for name in CHOICES
        )
        return format_html_join("\n  ", "{}", ((field,) for field in fields))

    @property
    def hidden(self) -> dict[str, str]:
        """What the filter form carries along unseen."""
        names = ("ordering", "page_size")
        return {name: self.chosen[name] for name in names if self.chosen[name] != DEFAULTS[name]}

    # --- the answer ---------------------------------------------------------------------------------
    def _counts(self, groups: Iterable[listing.Group]) -> dict[str, int]:
        """How many companies of each status match, in the order in which the sections stand."""
        if self.chosen.keys() & (FILTERS.keys() - {"status"}):
            by_status = listing.counts(self.chosen)
        else:
            by_status = Counter()
            for group in groups:
                by_status[group.status] += group.n
        asked = self.chosen.get("status")
        return {
            code: by_status.get(None if code == UNSCORED else code, 0)
            for code, _label in STATUSES
            if asked in (None, code)
        }

    def _turn_to_page(self) -> None:
        size = int(self.chosen["page_size"])
        last = max(1, -(-self.total // size))
        number = int(self.chosen["page"])
        if number > last:
            self.dropped.append(
                _("There is no page %(page)s; this is the last one, %(last)s.") % {"page": number, "last": last}
            )
        self.page = min(number, last)
        self.is_last_page = self.page == last
        self.first_row = (self.page - 1) * size + 1 if self.total else 0
        self.last_row = min(self.page * size, self.total)

    @cached_property
    def sections(self) -> list[Section]:
        """The page's part of each list, one after the other: each status is a list of its own, with its own order."""
        rows: dict[str, list[listing.Row]] = {}
        start, end = self.first_row - 1, self.last_row
        for status, count in self.counts.items():
            if count and start < count and end > 0:
                rows[status] = self._rows(status, max(start, 0), min(end, count))
            start, end = start - count, end - count
        tracks = listing.tracks([row.pk for members in rows.values() for row in members])
        return [
            Section(status, self.counts[status], WRITE[status](members, tracks)) for status, members in rows.items()
        ]

    def _rows(self, status: str, start: int, end: int) -> list[listing.Row]:
        has_status = None if status == UNSCORED else status
        return listing.rows(self.chosen, has_status, self.chosen["ordering"], start, end, chinese=reads_chinese())

    # --- heads and pages ------------------------------------------------------------------------------
    @property
    def heads(self) -> SafeString:
        """The ranked table's heads; most of them sort."""
        return _heads(self.language, tuple(self.chosen.items()))

    @property
    def previous_href(self) -> str:
        return self.query(page=str(self.page - 1)) if self.page > 1 else ""

    @property
    def next_href(self) -> str:
        return "" if self.is_last_page else self.query(page=str(self.page + 1))

    @property
    def sizes(self) -> list[Link]:
        current = self.chosen["page_size"]
        return [Link(str(n), self.query(page_size=str(n)), str(n) == current) for n in PAGE_SIZES]


WRITE: dict[str, Callable[[Iterable[listing.Row], listing.Tracks], SafeString]] = {
    Score.Status.SCORED: cells.ranked,
    listing.ESTIMATED: cells.estimated,
    Score.Status.INSUFFICIENT: cells.insufficient,
    UNSCORED: cells.unscored,
}
ASCENDING, DESCENDING = SafeString(' aria-sort="ascending"'), SafeString(' aria-sort="descending"')
SELECTED = SafeString(" selected")


def _address(words: Mapping[str, str | None]) -> str:
    given = [(name, words[name]) for name in NAMES if words.get(name) not in (None, DEFAULTS.get(name))]
    return "?" + urlencode(given)


def _page_number(text: str) -> str | None:
    if not text:
        return ""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:8]) <= LAST_PAGE or len(text) > 8:
        return None
    return str(int(text))


# --- what depends on the language and on what there is, not on who asks: remembered while the process lives -----
@lru_cache(maxsize=100)
def _offers(language: str, countries: tuple[str, ...], years: tuple[int, ...]) -> dict[str, dict[str, str]]:
    """What each list offers: value → its word."""
    places = sorted(((code, country_name(code)) for code in countries), key=lambda place: place[1])
    marks = enumerate(QUALITY_MARKS, 1)
    return {
        "sector": {code: str(label) for code, label in Sector.choices},
        "track": {code: str(label) for code, label in Track.choices},
        "country": dict(places),
        "status": {code: str(label) for code, label in STATUSES},
        "band": {letter: letter for letter in BANDS},
        "quality": {str(grade): _("%(mark)s or better") % {"mark": mark} for grade, mark in marks},
        "year": {str(year): str(year) for year in years},
    }


@lru_cache(maxsize=1000)
def _select(language: str, name: str, countries: tuple[str, ...], years: tuple[int, ...], chosen: str) -> SafeString:
    """A labelled list of the filter form. `chosen` is one of its values, or empty."""
    options = {"": _("any")} | _offers(language, countries, years)[name]
    return format_html(
        '<div class="field"><label for="id_{0}">{1}</label><select name="{0}" id="id_{0}">\n{2}\n</select></div>',
        name,
        CHOICES[name],
        format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((value, SELECTED if value == chosen else "", word) for value, word in options.items()),
        ),
    )


@lru_cache(maxsize=1000)
def _heads(language: str, question: tuple[tuple[str, str], ...]) -> SafeString:
    heads, asked = [], dict(question) | {"page": DEFAULTS["page"]}
    ordering = asked["ordering"]
    for code, label, unit, attributes in _columns(language):
        if code not in listing.ORDERS and code != "name":
            heads.append(format_html('<th scope="col">{}</th>', label))
            continue
        first, second = (code, f"-{code}") if code in UP_FIRST else (f"-{code}", code)
        sorts = {code: ASCENDING, f"-{code}": DESCENDING}.get(ordering, SafeString())
        href = _address(asked | {"ordering": second if ordering == first else first})
        heads.append(
            format_html('<th scope="col"{}{}><a href="{}">{}</a>{}</th>', attributes, sorts, href, label, unit)
        )
    return format_html_join("\n    ", "{}", ((head,) for head in heads))


@lru_cache(maxsize=10)
def _columns(language: str) -> list[tuple[str, SafeString, SafeString, SafeString]]:
    """Code, label, unit and attributes of each column of the ranked table."""
    heads = (
        ("name", _("Company"), "", ' class="sticky"'),
        ("sector_and_tracks", _("Sector and tracks"), "", ""),
        ("score", _("Score"), "", NUMERIC),
        ("assisted", _("ML-assisted"), "5–95 %", NUMERIC),
        ("pillars", _("Pillars"), "", ""),
        ("change", pgettext("of a score", "Change"), "", NUMERIC),
        ("coverage", _("Coverage"), "", NUMERIC),
        ("intensity", _("Intensity"), _("tCO₂e/10k CNY"), NUMERIC),
        ("emissions_t", _("Emissions"), "tCO₂e", NUMERIC),
        ("quality", _("Data"), "", ""),
        ("year", _("Year"), "", NUMERIC),
    )
    return [
        (
            code,
            format_html("{}", label),
            format_html("<small>{}</small>", unit) if unit else SafeString(),
            SafeString(attributes),
        )
        for code, label, unit, attributes in heads
    ]


NUMERIC = ' class="num"'
