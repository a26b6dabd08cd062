"""Two to five candidates side by side: by it a fund manager decides which of them is taken further, and what is asked
of the others first.

One bar sheet for all of them: whoever was judged by another stands there without figures until scored again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fund.pipeline.candidacy import ours
from fund.pipeline.report import judged
from portfolio.exports import Table, made_by
from portfolio.lists import whole_number
from portfolio.models import Company, Track
from portfolio.models.people import SomeUser
from scoring.candidates import amounts, words
from scoring.candidates.inputs import name_at, shown_input
from scoring.candidates.listing import families_by_sheet
from scoring.candidates.marks import PAxis, p_axis
from scoring.candidates.rows import BarCell, CandidateRow, read
from scoring.engine.score.candidacy import GATES
from scoring.engine.score.order import are_distinguishable
from scoring.engine.score.record import BARS, GateRecord, ResultRecord
from scoring.models import BarSheet
from scoring.reading import reads_chinese

LEAST, MOST = 2, 5
LARGEST_ID = 2**63 - 1
OFFERED = 500  # candidates that the chooser names


@dataclass(frozen=True)
class Column:
    """One candidate. `is_comparable`: judged by the sheet of the comparison."""

    row: CandidateRow
    is_comparable: bool
    without: str  # the comparison without it

    @property
    def axis(self) -> PAxis:
        return p_axis(self.row.candidacy)

    @property
    def reported(self) -> ResultRecord:
        return self.row.candidacy["reported"]

    @property
    def p_range(self) -> str:
        return words.p_range_words(self.reported["p_low"], self.reported["p_high"])

    def gate(self, code: str) -> GateRecord:
        return next(gate for gate in self.row.candidacy["gates"] if gate["gate"] == code)


class Cell(NamedTuple):
    """An input of one candidate. Without text and `who`: its bar does not ask for it."""

    text: str
    note: str  # how it is known; of what is missing that it is
    who: str  # can fill it, where it is missing


NOT_ASKED = Cell("", "", "")


class InputRow(NamedTuple):
    name: str
    cells: list[Cell]

    @property
    def is_unknown(self) -> bool:
        return any(cell.who for cell in self.cells)


class BarRow(NamedTuple):
    """A bar of every candidate; None of whom another sheet judged."""

    code: str
    name: str
    cells: list[BarCell | None]
    inputs: list[InputRow]

    @property
    def is_unknown(self) -> bool:
        return any(cell is not None and cell.state == "unknown" for cell in self.cells)


class GateCell(NamedTuple):
    verdict: str
    mark: str
    word: str
    sentence: str
    who: str


class GateRow(NamedTuple):
    name: str
    cells: list[GateCell | None]


class Pair(NamedTuple):
    are_apart: bool
    sentence: str


class Choice(NamedTuple):
    track: str
    options: list[tuple[int, str]]


class Comparison:
    """The answer to one address: `asked` are the ids as they stand in it. What cannot be compared is said in words."""

    def __init__(self, user: SomeUser, asked: Sequence[str]) -> None:
        self.user = user
        self.problems: list[str] = []
        self.in_force, self.all = judged(user)
        ids = self._ids(asked)
        rows = self._read(ids)
        self._say_who_is_none([pk for pk in ids if pk not in rows])
        kept = [rows[pk] for pk in ids if pk in rows]
        if len(kept) > MOST:
            left = pgettext("between items of a list", ", ").join(row.name for row in kept[MOST:])
            self.problems.append(
                _("At most %(most)s candidates stand side by side; left out: %(names)s.")
                % {"most": MOST, "names": left}
            )
        self.rows = kept[:MOST]

    def _ids(self, asked: Sequence[str]) -> list[int]:
        found: list[int] = []
        for text in asked:
            pk = whole_number(text.strip(), LARGEST_ID)
            if pk is None:
                told = _("“%(value)s” is no number of a company; it was left out.")
                self.problems.append(told % {"value": text[:40]})
            elif pk not in found:
                found.append(pk)
        return found

    def _read(self, ids: Sequence[int]) -> dict[int, CandidateRow]:
        found = self.all.filter(company__in=ids)
        return {row.pk: row for row in read(found, families_by_sheet(found))}

    def _say_who_is_none(self, ids: Sequence[int]) -> None:
        known = Company.objects.visible_to(self.user).in_bulk(ids) if ids else {}
        waiting = set(ours(self.user).filter(company__in=known).values_list("company", flat=True)) if known else set()
        for pk in ids:
            if pk not in known:
                text = _("There is no company with the number %(number)s; it was left out.") % {"number": pk}
            elif pk in waiting:
                text = _("%(name)s has no result by the bars yet; it was left out.") % {"name": known[pk].name}
            else:
                text = _("%(name)s is no candidate of your funds, so there are no bars to compare; it was left out.")
                text %= {"name": known[pk].name}
            self.problems.append(text)

    # --- one sheet for all -----------------------------------------------------------------------------------
    @property
    def can_compare(self) -> bool:
        return len(self.rows) >= LEAST

    @cached_property
    def sheet(self) -> BarSheet | None:
        """The one of the comparison: the newest that judged one of them."""
        used = BarSheet.objects.filter(version__in={row.sheet_version for row in self.rows})
        found: BarSheet | None = used.order_by("active_from", "pk").last()
        return found

    @property
    def newer_sheet(self) -> BarSheet | None:
        """The sheet in force, where none of them has been judged by it."""
        return self.in_force if self.sheet and self.in_force and self.sheet.pk != self.in_force.pk else None

    @cached_property
    def columns(self) -> list[Column]:
        version = self.sheet.version if self.sheet else ""
        return [
            Column(row, row.sheet_version == version, self._address([one.pk for one in self.rows if one is not row]))
            for row in self.rows
        ]

    @property
    def stale(self) -> list[Column]:
        return [column for column in self.columns if not column.is_comparable]

    @staticmethod
    def _address(ids: Sequence[int]) -> str:
        return "?" + urlencode([("c", pk) for pk in ids])

    @property
    def query(self) -> str:
        return self._address([row.pk for row in self.rows])

    # --- rows ------------------------------------------------------------------------------------------------
    @cached_property
    def bars(self) -> list[BarRow]:
        """Those of which somebody's is unknown first."""
        found = []
        for at, code in enumerate(BARS):
            cells = [column.row.bars[at] if column.is_comparable else None for column in self.columns]
            found.append(BarRow(code, words.bar_name(code), cells, self._inputs(cells)))
        return sorted(found, key=lambda bar: not bar.is_unknown)

    def _inputs(self, cells: Sequence[BarCell | None]) -> list[InputRow]:
        """Of one bar, the unknown ones first, then in the order of the record."""
        each = [_inputs_of(cell, column.row) if cell else {} for cell, column in zip(cells, self.columns, strict=True)]
        names = list(dict.fromkeys(name for told in each for name in told))
        rows = [InputRow(name, [told.get(name, NOT_ASKED) for told in each]) for name in names]
        return sorted(rows, key=lambda row: not row.is_unknown)

    @property
    def gates(self) -> list[GateRow]:
        return [
            GateRow(
                words.gate_name(code),
                [_gate_cell(column.gate(code)) if column.is_comparable else None for column in self.columns],
            )
            for code in GATES
        ]

    # --- who can be told apart -----------------------------------------------------------------------------------
    @property
    def pairs_summary(self) -> str:
        about = {"n": sum(pair.are_apart for pair in self.pairs), "all": len(self.pairs)}
        if not about["n"]:
            return _("No two of these are distinguishable")
        return _("%(n)s of %(all)s pairs are distinguishable") % about

    @cached_property
    def pairs(self) -> list[Pair]:
        """Of each two that one sheet judged, whether they differ and by how much, or why nobody can say."""
        if self.sheet is None:
            return []
        least = self.sheet.engine().judgements.distinguishable
        compared = [column.row for column in self.columns if column.is_comparable]
        return [_pair(one, other, least) for one, other in combinations(compared, 2)]

    # --- whom to add -----------------------------------------------------------------------------------------------
    @property
    def places(self) -> list[str]:
        """What is still to be chosen: the two that it takes, then one more at a time."""
        if self.can_compare:
            return [_("One more candidate")]
        return [_("First candidate"), _("Second candidate")][len(self.rows) :]

    @cached_property
    def choices(self) -> list[Choice]:
        """Other candidates by track, those of the tracks that are compared alone where there is one."""
        others = self.all.exclude(company__in=[row.pk for row in self.rows])
        if tracks := {row.track for row in self.rows}:
            others = others.filter(track__in=tracks)
        named = "company__name_zh" if reads_chinese() else "company__name_en"
        facts = others.order_by("track", named, "company__company_key").values_list(
            "track", "company", "company__name_zh", "company__name_en"
        )[:OFFERED]
        return [
            Choice(
                str(Track(track).label) if track else _("No track yet"),
                [(pk, Company(name_zh=zh, name_en=en).name) for _track, pk, zh, en in rows],
            )
            for track, rows in groupby(facts, key=lambda row: row[0])
        ]


def _inputs_of(cell: BarCell, row: CandidateRow) -> dict[str, Cell]:
    """By name; what is missing and can be told by somebody, too."""
    found = {}
    for used in cell.record["inputs"]:
        shown = shown_input(used, row.family, {})
        note = shown.rung if shown.is_own else _("of the family's row")
        found[shown.name] = Cell(shown.value, note, "")
    for one in cell.record["missing"]:
        who = words.who_word(one["who"])
        found[name_at(one["name"], one.get("place", ""))] = Cell("", pgettext("of an input", "not told"), who)
    return found


def _gate_cell(gate: GateRecord) -> GateCell:
    return GateCell(
        gate["verdict"],
        words.gate_mark(gate["verdict"]),
        words.verdict_word(gate["verdict"]),
        words.gate_sentence(gate),
        words.who_word(gate["who"]),
    )


def _pair(one: CandidateRow, other: CandidateRow, least: float) -> Pair:
    if are_distinguishable(one.candidacy, other.candidacy, least):
        first, second = sorted((one, other), key=lambda row: -row.candidacy["reported"]["p_high"])
        text = _("%(first)s is surer to clear all three bars than %(second)s: P %(high)s against %(low)s.")
        high, low = (row.candidacy["reported"]["p_high"] for row in (first, second))
        about = {"high": amounts.probability(high), "low": amounts.probability(low)}
        return Pair(True, text % {"first": first.name, "second": second.name, **about})
    return Pair(False, _why_not(one, other, least))


def _why_not(one: CandidateRow, other: CandidateRow, least: float) -> str:
    """Why two are not distinguishable."""
    told = {row.name: row.candidacy["reported"] for row in (one, other)}
    names = pgettext("between items of a list", ", ").join
    about = {"one": one.name, "other": other.name, "least": amounts.points(least)}
    if unknown := [name for name, result in told.items() if result["known"] < len(BARS)]:
        text = _("%(one)s and %(other)s: not distinguishable, since not all bars of %(names)s are known.")
        return text % {**about, "names": names(unknown)}
    if waiting := [name for name, result in told.items() if result["gates"] != "passed"]:
        text = _("%(one)s and %(other)s: not distinguishable, since not all gates of %(names)s are passed.")
        return text % {**about, "names": names(waiting)}
    high, low = (result["p_high"] for result in told.values())
    text = _(
        "%(one)s and %(other)s: not distinguishable, since their P differ by %(points)s points and %(least)s are asked."
    )
    return text % {**about, "points": amounts.points(high - low)}


# --- the file -----------------------------------------------------------------------------------------------------
def table(page: Comparison) -> Table:
    """A line a figure, a column a candidate. Whoever another sheet judged has names and no figures."""
    heads = [_("Figure"), *(column.row.name for column in page.columns)]
    return Table("comparison", _told(page), heads, _lines(page))


def _told(page: Comparison) -> dict[str, object]:
    return {
        _("List"): _("Comparison of candidates"),
        _("Candidates"): _("; ").join(f"{row.company_key} {row.name}" for row in page.rows),
        _("Bar sheet"): f"{page.sheet.version} {page.sheet.digest}" if page.sheet else "",
        _("Units"): _("P and margins are shares of 1; values and bars in the unit beside them; tonnes are tCO₂e"),
        **made_by(page.user),
    }


def _lines(page: Comparison) -> Iterator[list[object]]:
    columns = page.columns

    def line(label: str, told: Mapping[int, object]) -> list[object]:
        return [label, *(told.get(at) for at in range(len(columns)))]

    rows = {at: column.row for at, column in enumerate(columns)}
    yield line(_("Company key"), {at: row.company_key for at, row in rows.items()})
    yield line(_("Technology family"), {at: row.family_name for at, row in rows.items()})
    yield line(_("Bar sheet"), {at: row.sheet_version for at, row in rows.items()})
    yield line(_("Run"), {at: row.run_id for at, row in rows.items()})
    rows = {at: row for at, row in rows.items() if columns[at].is_comparable}
    for bar in page.bars:
        cells = {at: cell for at, cell in enumerate(bar.cells) if cell is not None}
        names: dict[str, Mapping[int, object]] = {
            pgettext("of a bar", "state"): {at: cell.state_word for at, cell in cells.items()},
            pgettext("of a bar", "value"): {at: cell.record["value"] for at, cell in cells.items()},
            pgettext("of a bar", "bar"): {at: cell.record["bar"] for at, cell in cells.items()},
            pgettext("of a bar", "unit"): {at: cell.unit for at, cell in cells.items()},
            pgettext("of a bar", "margin"): {at: cell.record["margin"] for at, cell in cells.items()},
            pgettext("of a bar", "P"): {at: cell.record["p"] for at, cell in cells.items()},
            pgettext("of a bar", "year"): {at: cell.record["year"] for at, cell in cells.items()},
            pgettext("of a bar", "missing"): {
                at: words.missing_words(cell.record["missing"]) for at, cell in cells.items()
            },
        }
        for what, told in names.items():
            yield line(_("%(bar)s: %(sentence)s") % {"bar": bar.name, "sentence": what}, told)
    results = {at: columns[at].reported for at, row in rows.items() if row.is_admitted}
    yield line(_("Bars cleared"), {at: row.cleared for at, row in rows.items()})
    yield line(_("P of the cleared bars"), {at: one["p_cleared"] for at, one in results.items()})
    yield line(_("P, from"), {at: one["p_low"] for at, one in results.items()})
    yield line(_("P, to"), {at: one["p_high"] for at, one in results.items()})
    yield line(_("Evidence grade"), {at: row.evidence_word for at, row in rows.items()})
    yield line(_("Next question"), {at: row.question for at, row in rows.items()})
    for gate in page.gates:
        yield line(gate.name, {at: cell.word for at, cell in enumerate(gate.cells) if cell})
    for bar in page.bars:
        for row in bar.inputs:
            label = _("%(bar)s: %(sentence)s") % {"bar": bar.name, "sentence": row.name}
            yield line(label, {at: cell.text or cell.note for at, cell in enumerate(row.cells)})
