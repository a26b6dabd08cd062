"""The list of peers as its page shows it: by sector, each sector beside its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.exports import Table, made_by
from portfolio.lists import ActiveFilter, Head, Link, ListPage
from scoring.peers.listing import (
    BOTH_KNOWN,
    BY_SECTOR,
    FALLS_FASTER,
    MEASURED,
    OBSERVED,
    OBSERVED_LONG,
    PeerList,
    PeerRow,
    Range,
    columns,
    peers,
    ranges,
    read,
)
from scoring.reading import country_name

PAGE = 50
COLUMNS = {
    "emissions_t": gettext_lazy("Emissions"),
    "change": gettext_lazy("Change of emissions"),
    "revenue_change": gettext_lazy("Change of revenue"),
    "intensity": gettext_lazy("Intensity"),
    "intensity_change": gettext_lazy("Change of intensity"),
    "temperature": gettext_lazy("Promise"),
    "pathway": gettext_lazy("Behaviour"),
    "year": gettext_lazy("Data year"),
}
SWITCHES = {  # name of a filter → the value that the switch gives it, what it keeps
    "years_min": (OBSERVED, OBSERVED_LONG),
    "falls": ("faster", FALLS_FASTER),
    "known": ("both", BOTH_KNOWN),
}
SWITCH_WORDS = {
    "years_min": gettext_lazy("≥ 3 years observed"),
    "falls": gettext_lazy("falls faster than revenue"),
    "known": gettext_lazy("promise and behaviour both known"),
}


@dataclass(frozen=True)
class Part:
    """Rows of one sector; in another order than by sector one part without a name."""

    title: str
    range: Range | None
    rows: list[PeerRow]


@dataclass(frozen=True)
class Switch:
    """A filter that one press turns on and off. `found`: the companies that would be left with it on."""

    text: str
    href: str
    is_on: bool
    found: int


@dataclass(frozen=True)
class Menu:
    label: str
    options: list[Link]


class Peers(ListPage):
    """The answer to one URL. Four queries, whatever the number of rows."""

    default_size = PAGE
    columns = COLUMNS
    standard = tuple(code for code in COLUMNS if code != "revenue_change")  # it stands behind the switch alone

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user
        self.all = peers(request.user)
        told = self.all.order_by().values_list("country").annotate(n=Count("pk"), both=Count("pk", filter=BOTH_KNOWN))
        counts = list(told)
        self.countries = [country for country, _n, _both in counts]
        self.everyone = sum(n for _country, n, _both in counts)
        self.both_known = sum(both for _country, _n, both in counts)
        super().__init__(PeerList, self.all, request)

    def offers(self, name: str) -> Mapping[str, str]:
        if name == "country":
            places = ((code, country_name(code)) for code in self.countries)
            return dict(sorted(places, key=lambda place: place[1]))
        return super().offers(name)

    def count(self) -> int:
        """With what each switch would leave of them: one query."""
        met = {name: Count("pk", filter=condition) for name, (_value, condition) in SWITCHES.items()}
        self.met = self.rows_found.order_by().aggregate(n=Count("pk"), **met)
        return int(self.met["n"])

    @property
    def switches(self) -> list[Switch]:
        return [
            Switch(str(SWITCH_WORDS[name]), self.query(**{name: None if is_on else value}), is_on, self.met[name])
            for name, (value, _condition) in SWITCHES.items()
            for is_on in [self.chosen.get(name) == value]
        ]

    @property
    def menus(self) -> list[Menu]:
        """Filters that are off and have a list of values."""
        return [
            Menu(
                str(self.names[name]),
                [Link(word, self.query(**{name: value})) for value, word in self.offers(name).items()],
            )
            for name in ("sector", "country")
            if name not in self.chosen
        ]

    @cached_property
    def chips(self) -> list[ActiveFilter]:
        """Filters that are on and that neither the search box nor a switch shows already."""
        seen = {str(self.names[name]) for name, (value, _) in SWITCHES.items() if self.chosen.get(name) == value}
        return [one for one in self.active if one.label not in {str(self.names["q"]), *seen}]

    @property
    def is_by_sector(self) -> bool:
        return self.chosen.get("ordering", BY_SECTOR) == BY_SECTOR

    @property
    def by_sector_href(self) -> str:
        return self.query(ordering=None)

    @property
    def heads(self) -> dict[str, Head]:
        return {code: self.head(code, up_first=code != "year") for code in ("name", *MEASURED)}

    @cached_property
    def rows(self) -> list[PeerRow]:
        return list(read(self.on_page(self.rows_found)))

    @cached_property
    def parts(self) -> list[Part]:
        if not self.is_by_sector:
            return [Part("", None, self.rows)]
        found = ranges(row.sector for row in self.rows)
        by_sector = groupby(self.rows, lambda row: (row.sector, row.sector_label))
        return [Part(label, found.get(sector), list(rows)) for (sector, label), rows in by_sector]


def table(page: Peers) -> Table:
    """All peers that match, in the list's order."""
    kept = columns()
    rows = ([column.value(row) for column in kept] for row in read(page.rows_found))
    return Table("peers_all", _told(page), [column.label for column in kept], rows)


def _told(page: Peers) -> dict[str, object]:
    return {
        _("List"): _("Peers"),
        _("Filters"): page.filter_words,
        _("Order"): page.order_words,
        _("Companies"): f"{page.total} / {page.everyone}",
        _("Units"): _("Changes are shares of 1 a year; units stand in the heads"),
        **made_by(page.user),
    }
