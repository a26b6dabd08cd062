"""Candidates as lists show them: a row with its three bars, in the reader's language, and the columns of an export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portfolio.models import Company, Track
from scoring.candidates import amounts, marks, words
from scoring.candidates.listing import FamiliesBySheet
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.candidacy import SUBSIDIES
from scoring.engine.score.order import part
from scoring.engine.score.record import BARS, BarRecord, CandidacyResult, GateRecord, Missing
from scoring.models import Headline, LatestScore
from scoring.reading import reads_chinese

CHUNK = 1000  # rows of an export in memory at once
TOGETHER = {
    "subsidies": {f"subsidies.{kind}" for kind in SUBSIDIES},
    "tonnes": {"scope1", "scope2_location"},
}
SAYS_ITSELF = ("示例", "illustrative")  # of a name, that its company is invented
NOBODY = "fund"  # what only the fund can fill is its own task, not a question to the company


@dataclass(frozen=True)
class BarCell:
    """One bar of a row: the natural number beside its bar, or what is missing and who can fill it."""

    bar: str
    record: BarRecord

    @cached_property
    def name(self) -> str:
        return words.bar_name(self.bar)

    @property
    def state(self) -> str:
        return self.record["state"]

    @cached_property
    def state_word(self) -> str:
        return words.state_word(self.state)

    @cached_property
    def value(self) -> words.Valued:
        return words.value_words(self.bar, self.record)

    @property
    def unit(self) -> str:
        """Of value and bar; empty of a share."""
        record = self.record
        return (
            ""
            if self.bar == "r"
            else amounts.per_unit(record["unit"], record["denominator"] if self.bar == "c" else "")
        )

    @property
    def missing(self) -> str:
        """Names of what is missing; of a bar that only the fund can set, that it is not there yet."""
        missing = self.record["missing"]
        if missing and all(one["who"] == NOBODY for one in missing):
            return (
                pgettext("of a family", "no bar yet") if self.record["because"] != "no_family" else _("no family yet")
            )
        return words.missing_words(_together(missing)) or words.because_sentence(self.bar, self.record)

    @property
    def who(self) -> str:
        """Who can fill it; empty where nobody needs to."""
        missing = self.record["missing"]
        return words.who_word(missing[0]["who"]) if missing else ""

    @cached_property
    def age(self) -> str:
        """That an earlier year stands in; empty else."""
        return words.age_words(self.record) if self.record["awaited_year"] and self.record["year"] else ""

    @property
    def is_on_the_line(self) -> bool:
        return self.record["on_the_line"]

    @property
    def mark(self) -> marks.BarMark:
        return marks.bar_mark(self.bar, self.record)

    @property
    def label(self) -> str:
        """The mark in words."""
        label = f"{self.name}: {self.state_word}"
        return f"{label}, {_('beyond the axis')}" if self.mark.is_beyond else label


def _together(missing: Sequence[Missing]) -> list[Missing]:
    """Kinds of subsidy, or both scopes, as one name where all of them are missing: a cell is narrow."""
    names = {one["name"] for one in missing}
    found = list(missing)
    for name, parts in TOGETHER.items():
        if parts <= names:
            place = min(at for at, one in enumerate(found) if one["name"] in parts)
            who = found[place]["who"]
            found = [one for one in found if one["name"] not in parts]
            found.insert(place, Missing(name=name, who=who))
    return found


@dataclass(frozen=True)
class CandidateRow:
    """A candidate with the headline of the score that stands."""

    pk: int
    company_key: str
    name_zh: str
    name_en: str
    is_illustrative: bool
    track: str
    family_code: str
    stage: str
    group_code: str
    gates: str
    cleared: int
    known: int
    p_cleared: float | None
    p_low: float | None
    p_high: float | None
    assisted_cleared: int | None
    assisted_p: float | None
    margin_c: float | None
    margin_r: float | None
    margin_o: float | None
    evidence: str
    data_year: int | None
    run_id: int
    sheet_version: str
    record_json: str
    family: Family | None

    @cached_property
    def name(self) -> str:
        first, second = (self.name_zh, self.name_en) if reads_chinese() else (self.name_en, self.name_zh)
        return first or second

    @property
    def needs_label(self) -> bool:
        """Illustrative, and its own name does not say so."""
        return self.is_illustrative and not any(word in self.name for word in SAYS_ITSELF)

    @property
    def href(self) -> str:
        return reverse("dossier", args=[self.pk])

    @property
    def sheet_word(self) -> str:
        return _("Bar sheet %(version)s") % {"version": self.sheet_version}

    @property
    def family_name(self) -> str:
        return words.family_name(self.family)

    @property
    def track_name(self) -> str:
        return str(Track(self.track).label) if self.track else ""

    @property
    def part(self) -> str:
        return part(self.group_code, self.known)

    @property
    def is_admitted(self) -> bool:
        return self.group_code != Headline.Group.NOT_ADMITTED

    @cached_property
    def candidacy(self) -> CandidacyResult:
        found: CandidacyResult = json.loads(self.record_json)["candidacy"]
        return found

    @cached_property
    def bars(self) -> list[BarCell]:
        return [BarCell(bar, self.candidacy[bar]) for bar in BARS]  # type: ignore[literal-required]

    @cached_property
    def age(self) -> str:
        """That an earlier year stands in for all the bars that have one; empty where they differ."""
        ages = {bar.age for bar in self.bars if bar.record["year"]}
        return ages.pop() if len(ages) == 1 else ""

    # --- P ---
    @property
    def p(self) -> str:
        """Of the cleared bars; a dash where none is, or where a gate failed."""
        return amounts.probability(self.p_cleared) if self.is_admitted and self.p_cleared is not None else "—"

    @property
    def p_range(self) -> str:
        """Of all three bars, from what is known to the best that is still open."""
        if not self.is_admitted or self.p_low is None or self.p_high is None:
            return "—"
        low, high = amounts.probability(self.p_low), amounts.probability(self.p_high)
        return high if low == high else f"{low}–{high}"

    @property
    def count(self) -> str:
        return pgettext("bars", "%(cleared)s of 3 cleared") % {"cleared": self.cleared}

    @property
    def assisted(self) -> str:
        """What P would be with the estimate, said beside and never counted."""
        if self.assisted_p is None or self.assisted_cleared is None:
            return ""
        return _("with estimate: %(p)s · %(cleared)s of 3 (E5)") % {
            "p": amounts.probability(self.assisted_p),
            "cleared": self.assisted_cleared,
        }

    @property
    def segments(self) -> list[marks.Segment]:
        return marks.segments(self.candidacy)

    # --- what is asked ---
    @property
    def question_label(self) -> str:
        return words.question_label(self.candidacy)

    @property
    def question(self) -> str:
        return words.question_sentence(self.candidacy, self.family)

    @property
    def evidence_word(self) -> str:
        return words.evidence_word(self.evidence)

    @property
    def open_gates(self) -> list[GateRecord]:
        return [gate for gate in self.candidacy["gates"] if gate["verdict"] == "not_decidable"]

    @property
    def failed_gates(self) -> list[tuple[str, str, str]]:
        """Of each its name, why, and what it rests on."""
        between = pgettext("between items of a list", ", ")
        return [
            (
                f"{gate['gate']} {words.gate_name(gate['gate'])}",
                words.gate_sentence(gate),
                between.join(gate["evidence"]),
            )
            for gate in self.candidacy["gates"]
            if gate["verdict"] == "fail"
        ]


OF_COMPANY = tuple(f"company__{name}" for name in ("pk", "company_key", "name_zh", "name_en", "is_illustrative"))
OF_SCORE = (
    *("track", "family", "stage", "group_code", "gates", "cleared", "known", "p_cleared", "p_low", "p_high"),
    *("assisted_cleared", "assisted_p", "margin_c", "margin_r", "margin_o", "evidence", "data_year"),
    *("score__run_id", "score__run__bar_sheet__version", "score__record_json"),
)
FAMILY = len(OF_COMPANY) + OF_SCORE.index("family")
SHEET = len(OF_COMPANY) + OF_SCORE.index("score__run__bar_sheet__version")


def read(latest: models.QuerySet[LatestScore], families: FamiliesBySheet) -> Iterator[CandidateRow]:
    """Rows in the order of the query: one query. `families` are those of the bar sheets they were judged by."""
    found: Iterable[tuple[Any, ...]] = latest.values_list(*OF_COMPANY, *OF_SCORE).iterator(CHUNK)
    for row in found:
        with_family = (*row, families.get(row[SHEET], {}).get(row[FAMILY]))
        yield CandidateRow(*with_family)


_WITH_UNKNOWN = {  # bars cleared, bars unknown
    ("2", 1): gettext_lazy("Clears two bars, one unknown"),
    ("1", 1): gettext_lazy("Clears one bar, one unknown"),
    ("1", 2): gettext_lazy("Clears one bar, two unknown"),
    ("0", 1): gettext_lazy("Clears none, one unknown"),
    ("0", 2): gettext_lazy("Clears none, two unknown"),
}


def group_words(group: str, unknown: set[int]) -> str:
    """The head of a group, with what is unknown in it where that is the same of all."""
    same = next(iter(unknown)) if len(unknown) == 1 else 0
    return str(_WITH_UNKNOWN.get((group, same), words.group_word(group)))


# --- columns of the export ---------------------------------------------------------------------------------
class Column(NamedTuple):
    label: str
    value: Callable[[CandidateRow], object]


def columns() -> list[Column]:
    """In the reader's language; numbers stay numbers, P of whoever is not admitted stays empty."""
    found = [
        Column(_("Company key"), lambda row: row.company_key),
        Column(_("Company"), lambda row: row.name),
        Column(_("Illustrative"), lambda row: _("yes") if row.is_illustrative else _("no")),
        Column(_("Track"), lambda row: row.track_name),
        Column(_("Technology family"), lambda row: row.family_name),
        Column(_("Stage"), lambda row: words.stage_word(row.stage)),
        Column(_("Group"), lambda row: words.group_word(row.part)),
        Column(_("Gates"), lambda row: Headline.Gates(row.gates).label),
        Column(_("Bars cleared"), lambda row: row.cleared),
        Column(_("Bars known"), lambda row: row.known),
        Column(_("P of the cleared bars"), lambda row: row.p_cleared if row.is_admitted else None),
        Column(_("P, from"), lambda row: row.p_low if row.is_admitted else None),
        Column(_("P, to"), lambda row: row.p_high if row.is_admitted else None),
    ]
    for at in range(len(BARS)):
        found += _of_bar(at)
    return [
        *found,
        Column(_("Next question"), lambda row: row.question),
        Column(_("Evidence grade"), lambda row: row.evidence_word),
        Column(_("Data year"), lambda row: row.data_year),
        Column(_("Run"), lambda row: row.run_id),
        Column(_("Bar sheet"), lambda row: row.sheet_version),
    ]


def _of_bar(at: int) -> list[Column]:
    bar = BARS[at]

    def label(what: str) -> str:
        return _("%(bar)s: %(sentence)s") % {"bar": words.bar_name(bar), "sentence": what}

    return [
        Column(label(pgettext("of a bar", "state")), lambda row: row.bars[at].state_word),
        Column(label(pgettext("of a bar", "value")), lambda row: row.bars[at].record["value"]),
        Column(label(pgettext("of a bar", "bar")), lambda row: row.bars[at].record["bar"]),
        Column(label(pgettext("of a bar", "unit")), lambda row: row.bars[at].unit),
        Column(label(pgettext("of a bar", "margin")), lambda row: row.bars[at].record["margin"]),
        Column(label(pgettext("of a bar", "year")), lambda row: row.bars[at].record["year"]),
        Column(label(pgettext("of a bar", "missing")), lambda row: words.missing_words(row.bars[at].record["missing"])),
    ]


@dataclass(frozen=True)
class Waiting:
    """A candidate without a result: its own facts and what it waits for, and no figure."""

    company: Company
    track: str
    state: str

    def cells(self) -> list[object]:
        """Of the first columns, up to the group: all others stay empty."""
        illustrative = _("yes") if self.company.is_illustrative else _("no")
        track = Track(self.track).label if self.track else _("No track yet")
        return [self.company.company_key, self.company.name, illustrative, track, "", "", self.state]


def cells(
    kept: Sequence[Column], rows: Iterable[CandidateRow], waiting: Iterable[Waiting] = ()
) -> Iterator[list[object]]:
    """Of each candidate a line of a file, in the reader's language."""
    judged = ([column.value(row) for column in kept] for row in rows)
    others = (one.cells() + [None] * (len(kept) - len(one.cells())) for one in waiting)
    return chain(judged, others)
