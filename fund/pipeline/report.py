"""The list of the fund's candidates as page, export and API answer it: whose they are, what stands round the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

import django_filters as filters
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from fund.models import Candidate, Mandate
from fund.models import mandate_rules as rules
from fund.pipeline.candidacy import ours
from fund.pipeline.nominated import Nominated, nominated
from fund.pipeline.standing import Mark, Standing, follower_words, marks, stage_words, standings
from portfolio.exports import Table, made_by
from portfolio.lists import OF_PAGES, ActiveFilter, Head, Link, ListPage
from portfolio.models import Badge, Company, DataRequest, Disclosure
from portfolio.models.join import DECIDERS
from portfolio.models.people import SomeUser, has_role
from portfolio.saved_views.addresses import Shipped
from scoring.candidates import words
from scoring.candidates.listing import (
    BY_BARS,
    NO_TRACK,
    STAGES,
    TRACKS,
    CandidateList,
    FamiliesBySheet,
    families_by_sheet,
    listed,
)
from scoring.candidates.rows import CandidateRow, Column, Waiting, cells, columns, group_words, read
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.order import part
from scoring.models import BarSheet, Headline, LatestScore

PAGE = 100  # candidates of a track on a page: most tracks have fewer
COLUMNS = {
    "c": gettext_lazy("Contribution C"),
    "r": gettext_lazy("Resilience R"),
    "o": gettext_lazy("Own footprint O"),
    "p": gettext_lazy("P of the cleared bars"),
    "range": gettext_lazy("P of all three bars"),
    "year": gettext_lazy("Data year"),
    "next": gettext_lazy("Next question"),
}
NOBODY = "nobody"
GROUPED = ("3", "2", "1", "0", "unknown")


# --- whose candidates -----------------------------------------------------------------------------------------
def judged(user: SomeUser) -> tuple[BarSheet | None, models.QuerySet[LatestScore]]:
    """The bar sheet in force, and what stands for these candidates. A company without candidacy is never in it."""
    sheet = BarSheet.in_force(timezone.localdate())
    return sheet, listed(ours(user).order_by().values("company"), sheet)


class CandidatesOfFund(CandidateList):
    """With the mandates, which scoring knows nothing of."""

    words = CandidateList.words | {
        "mandate": gettext_lazy("Passes mandate"),
        "standing": gettext_lazy("Standing with the fund"),
        "follower": gettext_lazy("Followed by"),
        "asked": gettext_lazy("Data requests"),
    }

    mandate = filters.NumberFilter(
        method="passing", min_value=1, max_value=2**31, decimal_places=0, label="Number of a mandate: passes its rules"
    )
    standing = filters.MultipleChoiceFilter(
        choices=Candidate.Stage.choices, method="standing_so", label="How far it is with a fund of yours"
    )
    follower = filters.CharFilter(
        max_length=150, method="followed_by", label="User name of who follows it, or `nobody`"
    )
    asked = filters.ChoiceFilter(
        choices=[("open", gettext_lazy("a request is open")), ("overdue", gettext_lazy("a request is overdue"))],
        method="with_request",
        label="Has a data request that is open, or overdue",
    )

    def standing_so(self, latest: Any, _name: str, stages: list[str]) -> Any:
        return latest.filter(company__in=self._ours.filter(stage__in=stages).values("company")) if stages else latest

    def followed_by(self, latest: Any, _name: str, who: str) -> Any:
        mine = self._ours.filter(followed_by=None) if who == NOBODY else self._ours.filter(followed_by__username=who)
        return latest.filter(company__in=mine.values("company"))

    @staticmethod
    def with_request(latest: Any, _name: str, which: str) -> Any:
        asked = DataRequest.objects.overdue() if which == "overdue" else DataRequest.objects.open()
        return latest.filter(company__in=asked.values("company"))

    @property
    def _ours(self) -> models.QuerySet[Candidate]:
        return ours(self.request.user).order_by()

    def passing(self, latest: Any, _name: str, number: Any) -> Any:
        """Those that pass each rule but that on the ticket; none for a mandate that this person does not see."""
        mandate = Mandate.objects.visible_to(self.request.user).filter(pk=int(number)).select_related("fund").first()
        if mandate is None:
            return latest.none()
        sheet, tracks = mandate.sheet_on(timezone.localdate()), mandate.fund.track_codes()
        of_fund = latest.filter(company__candidacies__fund=mandate.fund).order_by()
        read = of_fund.select_related("score__run__bar_sheet", "score__company")
        passed = [
            one.pk
            for one in read.prefetch_related("score__company__tracks")
            if all(
                check.verdict == rules.Verdict.PASS or check.rule == "ticket"
                for check in rules.checks(
                    mandate, one.score, sheet=sheet, company_tracks=one.score.company.tracks.all(), fund_tracks=tracks
                )
            )
        ]
        return latest.filter(pk__in=passed)


# --- the page ---------------------------------------------------------------------------------------------------
class Count(NamedTuple):
    """So many candidates of one kind; `found` of them match."""

    track: str
    family: str
    group_code: str
    known: int
    is_illustrative: bool
    sheet: int
    n: int
    found: int

    @property
    def part(self) -> str:
        return part(self.group_code, self.known)


class Tab(NamedTuple):
    code: str
    label: str
    found: int
    href: str
    is_on: bool


@dataclass(frozen=True)
class Menu:
    """A chip that offers the values of one filter. `drop` leads to the same question without it, where it is on."""

    name: str
    label: str
    value: str
    options: list[Link]
    drop: str


@dataclass(frozen=True)
class Group:
    code: str
    title: str
    count: int
    rows: list[CandidateRow]


class NoBar(NamedTuple):
    """A family of this tab whose bars the fund has yet to set."""

    family: str
    bars: str
    n: int


class Candidates(ListPage):
    """The answer to one URL: one track, its candidates by the bars that they clear. Six queries, whatever the rows."""

    default_size = PAGE
    columns = COLUMNS
    standard = ("c", "r", "o", "p", "next")

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user
        self.sheet, self.all = judged(request.user)
        self.families: Mapping[str, Family] = self.sheet.engine().family if self.sheet else {}
        super().__init__(CandidatesOfFund, self.all, request)

    # --- counts ---
    def count(self) -> int:
        """Of the tab. The rows become those of the tab alone."""
        self.counts, self.run, self.as_of = self._counted()
        places = ["" if code == NO_TRACK else code for code, _word in TRACKS]
        chosen = ["" if code == NO_TRACK else code for code in self.chosen.getlist("track")]
        waiting = {one.track for one in self.nominated}
        filled = [code for code in places if code in waiting or any(c.track == code for c in self.counts)]
        matching = [code for code in places if any(c.track == code and c.found for c in self.counts)]
        self.track = (chosen or matching or filled or places)[0]
        self.rows_found = self._matching("track").filter(track=self.track)
        return sum(c.found for c in self.here)

    def _counted(self) -> tuple[list[Count], int | None, Any]:
        kinds = ("track", "family", "group_code", "known", "company__is_illustrative", "score__run__bar_sheet")
        matching = models.Q(pk__in=self._matching("track").order_by().values("pk")) if self.active else models.Q()
        rows = list(
            self.all.order_by()
            .values_list(*kinds)
            .annotate(
                n=models.Count("pk"),
                found=models.Count("pk", filter=matching),
                run=models.Max("score__run_id"),
                day=models.Max("as_of"),
            )
        )
        counts = [Count(*row[:-2]) for row in rows]
        by_this = [row[-2:] for row, count in zip(rows, counts, strict=True) if not self._is_earlier(count)]
        return counts, max((run for run, _ in by_this), default=None), max((day for _, day in by_this), default=None)

    def _is_earlier(self, count: Count) -> bool:
        return self.sheet is None or count.sheet != self.sheet.pk

    def _matching(self, without: str) -> Any:
        """All that match, whatever is chosen of one filter."""
        chosen = self.chosen.copy()
        chosen.pop(without, None)
        return self.filter_class(chosen, self.all, request=self.request).qs

    @property
    def track_code(self) -> str:
        return self.track or NO_TRACK

    @property
    def here(self) -> list[Count]:
        return [count for count in self.counts if count.track == self.track]

    @property
    def everyone(self) -> int:
        return sum(count.n for count in self.counts)

    @property
    def all_known(self) -> int:
        return sum(count.n for count in self.counts if count.known == 3)

    @property
    def earlier(self) -> int:
        """Candidates that stand with the result of an earlier bar sheet."""
        return sum(count.n for count in self.counts if self._is_earlier(count))

    @property
    def is_queued(self) -> bool:
        """A run by the sheet in force is on its way."""
        return self.sheet is not None and self.sheet.runs.open().exists()

    @property
    def illustrative(self) -> int:
        return sum(count.n for count in self.counts if count.is_illustrative)

    @property
    def hides_illustrative(self) -> bool:
        return "illustrative" in self.chosen

    # --- what leads elsewhere ---
    @property
    def tabs(self) -> list[Tab]:
        found = Counter(one.track for one in self.nominated)
        for count in self.counts:
            found[count.track] += count.found
        has_none = "" in found
        return [
            Tab(code, str(label), found[stored], self.query(track=code), stored == self.track)
            for code, label in TRACKS
            for stored in ["" if code == NO_TRACK else code]
            if stored or has_none
        ]

    @property
    def toggle(self) -> Link:
        """The one switch of illustrative companies."""
        if self.hides_illustrative:
            return Link(_("Illustrative companies are hidden"), self.query(illustrative=None))
        return Link(_("With illustrative companies"), self.query(illustrative="hide"), current=True)

    @cached_property
    def menus(self) -> list[Menu]:
        offered = {
            "family": {
                code: words.family_name(self.families.get(code))
                for code in sorted({c.family for c in self.here} - {""})
            },
            "stage": {code: words.stage_word(code) for code, _label in STAGES},
            "gates": {code: str(label) for code, label in Headline.Gates.choices},
            "standing": {code: str(label) for code, label in Candidate.Stage.choices},
            "follower": {self.user.get_username(): _("me"), NOBODY: _("nobody")},
            "asked": {code: str(label) for code, label in CandidatesOfFund.base_filters["asked"].extra["choices"]},
            "mandate": self.mandates,
            "year_min": {str(year): str(year) for year in self._years},
        }
        return [self._menu(name, options) for name, options in offered.items() if options]

    def _menu(self, name: str, options: Mapping[str, str]) -> Menu:
        on = self.chosen.get(name, "")
        links = [Link(word, self.query(**{name: value}), value == on) for value, word in options.items()]
        return Menu(name, str(self.names[name]), options.get(on, on), links, self.query(**{name: None}))

    @property
    def other_active(self) -> list[ActiveFilter]:
        """Filters that are on and have neither tab, switch nor menu: they are asked for by address."""
        seen = {str(self.names[name]) for name in ("track", "illustrative", *(menu.name for menu in self.menus))}
        return [one for one in self.active if one.label not in seen]

    @property
    def is_narrowed(self) -> bool:
        return any(name not in ("track", "ordering", *OF_PAGES) for name in self.chosen)

    def offers(self, name: str) -> Mapping[str, str]:
        if name == "family":
            return {code: words.family_name(family) for code, family in self.families.items()}
        if name == "mandate":
            return self.mandates
        return super().offers(name)

    @cached_property
    def mandates(self) -> dict[str, str]:
        """Those in force today, by fund."""
        today = Mandate.objects.visible_to(self.user).filter(fund__source="", valid_from__lte=timezone.localdate())
        found: dict[int, Mandate] = {}
        for mandate in today.select_related("fund").order_by("fund", "-valid_from", "-version"):
            found.setdefault(mandate.fund_id, mandate)
        return {
            str(mandate.pk): f"{mandate.fund} {_('v%(version)d') % {'version': mandate.version}}"
            for mandate in found.values()
        }

    @property
    def _years(self) -> range:
        return range(self.sheet.data_year, self.sheet.data_year - 4, -1) if self.sheet else range(0)

    @property
    def is_by_bars(self) -> bool:
        return self.chosen.get("ordering", BY_BARS) == BY_BARS

    @property
    def by_bars_href(self) -> str:
        return self.query(ordering=None)

    @property
    def heads(self) -> dict[str, Head]:
        """What sorts by the columns that can: margins in natural units, never P or an estimate."""
        up_first = {"name": True}
        return {
            code: self.head(code, up_first=up_first.get(code, False))
            for code in ("name", "margin_c", "margin_r", "margin_o", "year")
        }

    # --- rows ---
    @cached_property
    def rows(self) -> list[CandidateRow]:
        return list(read(self.on_page(self.rows_found), self.families_by_sheet))

    @cached_property
    def standings(self) -> Mapping[int, list[Standing]]:
        return standings(self.user, [row.pk for row in self.rows])

    def beside(self, company: int) -> list[Mark]:
        """How it stands with the fund, as marks beside its name."""
        found = marks(self.standings.get(company, []), may_propose=self.may_propose)
        return [Mark("warn", str(Badge.CORRECTING.label)), *found] if company in self.correcting else found

    @cached_property
    def correcting(self) -> frozenset[int]:
        """Companies whose verified figures await a correction."""
        checked = Disclosure.objects.standing().filter(company__in=[row.pk for row in self.rows], state=Badge.VERIFIED)
        return frozenset(row.company_id for row in checked.with_badge() if row.badge == Badge.CORRECTING)

    @cached_property
    def may_propose(self) -> bool:
        return has_role(self.user, *DECIDERS)

    @cached_property
    def families_by_sheet(self) -> FamiliesBySheet:
        if self.earlier:
            return families_by_sheet(self.all)
        return {self.sheet.version: self.families} if self.sheet else {}

    @cached_property
    def groups(self) -> list[Group]:
        """The page's part of each group; in another order than by bars one without a name."""
        listed = [row for row in self.rows if row.part in GROUPED]
        if not self.is_by_bars:
            return [Group("", "", len(listed), listed)] if listed else []
        return [
            Group(code, group_words(code, self._unknown(code)), self._of_group(code), list(part))
            for code, part in groupby(listed, lambda row: row.part)
        ]

    @property
    def nobody(self) -> str:
        """Why no candidate of the tab stands in a group; empty where one does."""
        groups = {count.part for count in self.here if count.found}
        if groups & set(GROUPED):
            return ""
        if not groups:
            return _("No candidate of this track has a result yet.")
        if groups == {Headline.Group.NO_FIGURES.value}:
            return _("No candidate of this track has told a figure yet.")
        return _("No candidate of this track stands in a group; why, is below.")

    def _of_group(self, code: str) -> int:
        return sum(count.found for count in self.here if count.part == code)

    def _unknown(self, code: str) -> set[int]:
        return {3 - count.known for count in self.here if count.part == code and count.found}

    @property
    def no_figures(self) -> list[CandidateRow]:
        return [row for row in self.rows if row.group_code == Headline.Group.NO_FIGURES]

    @property
    def not_admitted(self) -> list[CandidateRow]:
        return [row for row in self.rows if row.group_code == Headline.Group.NOT_ADMITTED]

    @cached_property
    def no_bar(self) -> list[NoBar]:
        """By family: what only the fund can set."""
        found: Counter[str] = Counter()
        for count in self.here:
            found[count.family] += count.found
        rows = []
        for code, n in sorted(found.items()):
            family = self.families.get(code)
            if n and (bars := _unset(family)):
                rows.append(NoBar(words.family_name(family), bars, n))
        return rows

    @cached_property
    def nominated(self) -> list[Nominated]:
        """Candidates whom no bar sheet has judged; asked for only where nothing is filtered."""
        if self.is_narrowed:
            return []
        waiting = Company.objects.filter(pk__in=ours(self.user).values("company")).exclude(pk__in=self.all.values("pk"))
        return nominated(waiting.order_by("company_key"))

    @property
    def nominated_here(self) -> list[Nominated]:
        """Those of this track; the ones without a confirmed track stand by themselves."""
        return [one for one in self.nominated if one.track == self.track]


def data_checks() -> list[Shipped]:
    """Questions to the data that come with the product."""
    last_full = timezone.localdate().year - 2  # its last day is more than twelve months ago
    return [
        Shipped(gettext_lazy("Scope 2 is missing"), "missing=scope2_location"),
        Shipped(gettext_lazy("Figures older than 12 months"), f"year_max={last_full}"),
        Shipped(gettext_lazy("Own footprint only estimated"), "estimated=yes"),
        Shipped(gettext_lazy("A gate is open"), "gates=open"),
    ]


def _unset(family: Family | None) -> str:
    """Bars of a family that the sheet does not have, by name; empty where it has all."""
    if family is None:
        return _("technology family")
    bars = [
        bar
        for bar, unset in (("c", family.judgement in ("none", "shown")), ("o", family.footprint_bar is None))
        if unset
    ]
    return pgettext("between items of a list", ", ").join(words.bar_name(bar) for bar in bars)


def table(page: Candidates) -> Table:
    """The whole list that the address asks for, then whoever waits for the first result."""
    waiting = [Waiting(one.company, one.track, one.state) for one in page.nominated_here]
    kept = [*columns(), *_of_fund(standings(page.user))]
    return Table(
        what=f"candidates_{page.track_code}_{page.run or 'none'}",
        told=_told(page),
        heads=[column.label for column in kept],
        rows=cells(kept, read(page.rows_found, page.families_by_sheet), waiting),
    )


def _of_fund(found: Mapping[int, list[Standing]]) -> list[Column]:
    """How each stands with the fund."""
    return [
        Column(_("Standing with the fund"), lambda row: stage_words(found.get(row.pk, []))),
        Column(_("Followed by"), lambda row: follower_words(found.get(row.pk, []))),
        Column(_("Notes"), lambda row: next((one.notes for one in found.get(row.pk, [])), 0)),
        Column(_("Requests open"), lambda row: next((one.requests for one in found.get(row.pk, [])), 0)),
    ]


def _told(page: Candidates) -> dict[str, object]:
    """What was asked, by which sheet and run, by whom, when."""
    return {
        _("List"): _("Candidates"),
        _("Filters"): page.filter_words,
        _("Order"): page.order_words,
        _("Bar sheet"): f"{page.sheet.version} {page.sheet.digest}" if page.sheet else "",
        _("Run"): page.run or "",
        _("As of"): page.as_of.isoformat() if page.as_of else "",
        _("Candidates with all three bars known"): f"{page.all_known} / {page.everyone}",
        _("Units"): _("P and margins are shares of 1; values and bars in the unit beside them; tonnes are tCO₂e"),
        **made_by(page.user),
    }
