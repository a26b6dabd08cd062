"""The list of peers as its page shows it: by sector, each sector beside its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.exports import Table
from portfolio.lists import Head, Link, ListPage
from scoring.peers.listing import BY_SECTOR, MEASURED, PeerList, PeerRow, Range, columns, peers, ranges, read
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
OBSERVED = "3"  # years from which a trend says something


@dataclass(frozen=True)
class Part:
    """Rows of one sector; in another order than by sector one part without a name."""

    title: str
    range: Range | None
    rows: list[PeerRow]


class Peers(ListPage):
    """The answer to one URL. Four queries, whatever the number of rows."""

    selects = ("sector", "country")
    default_size = PAGE
    columns = COLUMNS
    standard = tuple(COLUMNS)

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user
        self.all = peers(request.user)
        self.by_country = dict(self.all.order_by().values_list("country").annotate(n=models.Count("pk")))
        self.everyone = sum(self.by_country.values())
        super().__init__(PeerList, self.all, request)

    def offers(self, name: str) -> Mapping[str, str]:
        if name == "country":
            places = ((code, country_name(code)) for code in self.by_country)
            return dict(sorted(places, key=lambda place: place[1]))
        return super().offers(name)

    @property
    def switches(self) -> list[Link]:
        """Chips that turn a filter on and off."""
        asked = (("years_min", OBSERVED, _("≥ 3 years observed")), ("falls", "faster", _("falls faster than revenue")))
        return [
            Link(word, self.query(**{name: None if self.chosen.get(name) == value else value}), name in self.chosen)
            for name, value, word in asked
        ]

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
        _("Filters"): "; ".join(f"{one.label}: {one.value}" for one in page.active) or _("none"),
        _("Order"): page.chosen.get("ordering", BY_SECTOR),
        _("Companies"): f"{page.total} / {page.everyone}",
        _("Units"): _("Changes are shares of 1 a year; units stand in the heads"),
        _("Made by"): page.user.get_username(),
        _("Made at"): timezone.localtime().isoformat(timespec="seconds"),
    }
