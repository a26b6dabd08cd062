"""What if the bars, the carbon price or one candidate's figures were others: by it a fund manager decides what is worth
asking or verifying, and an administrator whether a bar sheet should be changed, before either is done.

In memory, from the archived inputs of the scores that stand. Nothing is written, and no score is made.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import models
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from fund.pipeline.candidacy import ours
from fund.pipeline.forms import BarsForm, FiguresForm, Slide
from fund.pipeline.report import GROUPED, judged
from portfolio.lists import whole_number
from portfolio.models import Company, Track
from portfolio.models.people import SomeUser
from portfolio.typed.numbers import Reading, grouped
from scoring import snapshots
from scoring.candidates import amounts, marks, words
from scoring.candidates.listing import NO_TRACK, TRACKS
from scoring.candidates.rows import SAYS_ITSELF
from scoring.engine import Inputs
from scoring.engine.score.bar_sheet import BarSheet as EngineSheet
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.bars.telling import reported
from scoring.engine.score.candidacy import CandidacyRecord
from scoring.engine.score.order import part, sort_key
from scoring.engine.score.record import BARS, BarRecord, CandidacyResult, ResultRecord
from scoring.engine.score.theme import Judged, score
from scoring.engine.score.what_if import Moved, Reveal, askable, brief_bar, judged_again, revealed
from scoring.models import BarSheet, Headline, Score, ScoreItem
from scoring.reading import reads_chinese

LARGEST_ID = 2**63 - 1
MOST_ADDED = 5  # peers looked at as if they were candidates
SEEN = 0.005  # of P: what a whole percent can show
NAMED = 5  # companies of a search that found several
TERMS = {  # field → of the sheet's judgements
    "bar_share": "bar_share",
    "footprint_multiple": "footprint_multiple",
    "carbon_price": "carbon_price_cny_per_t",
    "pass_through": "pass_through",
}


@dataclass(frozen=True)
class Standing:
    """A candidate with what its score that stands was computed from. `sheet` judged it, as of `as_of`."""

    pk: int
    company_key: str
    name: str
    is_illustrative: bool
    track: str
    gates: str
    group_code: str
    sheet: EngineSheet
    as_of: date
    told: CandidacyRecord
    is_added: bool = False

    @property
    def family(self) -> Family | None:
        return self.sheet.family.get(self.told["family"] or "")

    @property
    def needs_label(self) -> bool:
        return self.is_illustrative and not any(word in self.name for word in SAYS_ITSELF)


class Move(NamedTuple):
    """What moved, in words; `sign` is up or down."""

    sign: str
    text: str


@dataclass(frozen=True)
class BarCell:
    """A bar as it would be."""

    name: str
    record: BarRecord
    was: str  # state as it stands, where it would be another
    bar: str

    @property
    def state_word(self) -> str:
        return words.state_word(self.record["state"])

    @property
    def value(self) -> words.Valued:
        return words.value_words(self.bar, self.record)

    @property
    def mark(self) -> marks.BarMark:
        return marks.bar_mark(self.bar, self.record)


@dataclass(frozen=True)
class Row:
    """A candidate as it would stand, beside how it stands."""

    standing: Standing
    before: Judged
    after: Judged
    i: int  # in before
    j: int  # in after
    is_revealed: bool
    out: str  # the address without it

    @cached_property
    def stands(self) -> ResultRecord:
        return self._result(self.before, self.i, has_figures=self._has_figures)

    @cached_property
    def would(self) -> ResultRecord:
        return self._result(self.after, self.j, has_figures=self._has_figures or self.is_revealed)

    @property
    def _has_figures(self) -> bool:
        return self.standing.group_code != Headline.Group.NO_FIGURES

    def _result(self, judged: Judged, i: int, *, has_figures: bool) -> ResultRecord:
        return reported(judged, i, self.standing.gates, has_figures=has_figures)  # type: ignore[arg-type]

    @property
    def href(self) -> str:
        return reverse("dossier", args=[self.standing.pk])

    @property
    def family_name(self) -> str:
        return words.family_name(self.standing.family)

    @property
    def bars(self) -> list[BarCell]:
        cells = []
        for bar in BARS:
            record = brief_bar(self.after, bar, self.j)
            stood = _state(self.before, bar, self.i)
            cells.append(BarCell(words.bar_name(bar), record, stood if stood != record["state"] else "", bar))
        return cells

    @property
    def p(self) -> str:
        p = self.would["p_cleared"]
        return "—" if p is None else amounts.probability(p)

    @property
    def count(self) -> str:
        return pgettext("bars", "%(cleared)s of 3 cleared") % {"cleared": self.would["cleared"]}

    @property
    def was(self) -> str:
        """P and count as they stand, where they would be printed otherwise."""
        stood, would = words.p_words(self.stands), words.p_words(self.would)
        return "" if stood == would or self.standing.is_added else stood

    @cached_property
    def moves(self) -> list[Move]:
        if self.standing.is_added:
            return [Move("up", _("not a candidate: looked at as if it were"))]
        states = ((bar, _state(self.before, bar, self.i), _state(self.after, bar, self.j)) for bar in BARS)
        if found := [_move_of(bar, stood, state) for bar, stood, state in states if stood != state]:
            return found
        stood, would = self.stands["p_cleared"], self.would["p_cleared"]
        if stood is None or would is None or abs(would - stood) < SEEN:
            return []
        about = {"from": amounts.probability(stood), "to": amounts.probability(would)}
        if would > stood:
            return [Move("up", _("P would rise from %(from)s to %(to)s") % about)]
        return [Move("down", _("P would fall from %(from)s to %(to)s") % about)]


def _state(judged: Judged, bar: str, i: int) -> str:
    return ("missed", "cleared", "unknown")[int(judged.state[bar][i])]


def _move_of(bar: str, stood: str, state: str) -> Move:
    about = {"bar": words.bar_name(bar)}
    if state == "unknown":
        return Move("down", _("%(bar)s would be unknown") % about)
    if stood == "unknown":
        text = (
            _("%(bar)s would be known, and cleared") if state == "cleared" else _("%(bar)s would be known, and missed")
        )
    else:
        text = _("%(bar)s would be cleared") if state == "cleared" else _("%(bar)s would be missed")
    return Move("up" if state == "cleared" else "down", text % about)


@dataclass(frozen=True)
class Group:
    """`was`: how many stand in it."""

    code: str
    title: str
    count: int
    was: int
    rows: list[Row]


class Tab(NamedTuple):
    code: str
    label: str
    found: int
    href: str
    is_on: bool


class Out(NamedTuple):
    pk: int
    name: str
    back: str  # the address with it again


class WhatIf:
    """The answer to one address. What is wrong in it is said at its field and does not count."""

    def __init__(self, user: SomeUser, asked: QueryDict) -> None:
        self.user, self.asked = user, asked
        self.problems: list[str] = []
        self.sheet, self._latest = judged(user)
        self.engine = self.sheet.engine() if self.sheet else None
        standing = list(self._read()) if self.engine else []
        self._standing = {one.pk: one for one in standing}
        self._added = self._read_added() if self.engine else {}
        self.out = [one for pk in self._ids("out") if (one := self._standing.get(pk))]

    # --- what stands ------------------------------------------------------------------------------------------
    def _read(self) -> Iterator[Standing]:
        sheets = {
            one.pk: one.engine()
            for one in BarSheet.objects.filter(pk__in=self._latest.order_by().values("score__run__bar_sheet"))
        }
        items = ScoreItem.objects.filter(run=models.OuterRef("score__run"), company=models.OuterRef("company"))
        facts = self._latest.annotate(inputs=models.Subquery(items.values("inputs")[:1])).order_by("company")
        columns = ("company__company_key", "company__name_zh", "company__name_en", "company__is_illustrative")
        result = ("track", "gates", "group_code", "score__run__bar_sheet", "as_of", "inputs")
        for pk, key, zh, en, is_illustrative, track, gates, group, sheet, day, inputs in facts.values_list(
            "company", *columns, *result
        ):
            name, told = _name(zh, en), json.loads(inputs)["candidacy"]
            yield Standing(pk, key, name, is_illustrative, track, gates, group, sheets[sheet], day, told)

    def _read_added(self) -> dict[int, Standing]:
        """Peers as candidates: their facts of now, judged by the sheet in force."""
        found = self._peers()
        if not found or self.engine is None:
            return {}
        today = timezone.localdate()
        taken = snapshots.take(found, today, candidates={company.pk for company in found})
        batch = Inputs.from_records([json.loads(one.inputs) for one in taken])
        result = score(batch, self.engine, today)
        by_id = {company.pk: company for company in found}
        self._results = {one.company_id: result.record(i)["candidacy"] for i, one in enumerate(taken)}
        added = {}
        for i, one in enumerate(taken):
            company, record = by_id[one.company_id], self._results[one.company_id]
            if record is not None:
                told, reads = result.records[int(result.candidate[i])], record["reported"]
                facts = (company.pk, company.company_key, company.name, company.is_illustrative, record["track"])
                gates = (reads["gates"], reads["group"])
                added[company.pk] = Standing(*facts, *gates, self.engine, today, told, is_added=True)
        return added

    def _peers(self) -> list[Company]:
        """Those of the address, and the one whose name was typed."""
        companies = Company.objects.visible_to(self.user)
        ids = self._ids("in")
        found = list(companies.filter(pk__in=ids).exclude(pk__in=self._standing).order_by("pk"))
        for pk in set(ids) - {company.pk for company in found} - set(self._standing):
            self.problems.append(_("There is no company with the number %(number)s; it was left out.") % {"number": pk})
        typed = self.asked.get("add", "").strip()[:80]
        if typed:
            others = companies.exclude(pk__in=self._standing).exclude(pk__in=ours(self.user).values("company"))
            match = list(others.filter(company_key=typed) or others.search(typed)[: NAMED + 1])
            if len(match) == 1:
                found += [company for company in match if company not in found]
            else:
                self._say_of_search(typed, match)
        if len(found) > MOST_ADDED:
            self.problems.append(
                _("At most %(most)s peers at a time; the others were left out.") % {"most": MOST_ADDED}
            )
        return found[:MOST_ADDED]

    def _say_of_search(self, typed: str, match: Sequence[Company]) -> None:
        if not match:
            self.problems.append(_("No company besides the candidates matches “%(typed)s”.") % {"typed": typed})
            return
        names = pgettext("between items of a list", ", ").join(company.name for company in match[:NAMED])
        text = _("Several companies match “%(typed)s”: %(names)s. Type one's whole name or its key.")
        self.problems.append(text % {"typed": typed, "names": names})

    def _ids(self, name: str) -> list[int]:
        found = (whole_number(text.strip(), LARGEST_ID) for text in self.asked.getlist(name))
        return list(dict.fromkeys(pk for pk in found if pk is not None))

    # --- what is asked ------------------------------------------------------------------------------------------
    @cached_property
    def everyone(self) -> list[Standing]:
        return [*self._standing.values(), *self._added.values()]

    @cached_property
    def families(self) -> list[Family]:
        """Of which a candidate is, and which have a bar of own emissions."""
        used = {one.told["family"] for one in self.everyone}
        return [one for one in self.engine.families if one.footprint_bar and one.code in used] if self.engine else []

    @property
    def defaults(self) -> dict[str, float]:
        """As the sheet in force has them."""
        if self.engine is None:
            return {}
        found = {name: getattr(self.engine.judgements, term) for name, term in TERMS.items()}
        family = self.engine.family.get(self.asked.get("family", ""))
        if family and family.footprint_bar:
            found["family_bar"] = family.footprint_bar.value
        return found

    @cached_property
    def bars_form(self) -> BarsForm:
        """With the sheet's own number where none is given, so that − and + have something to begin at."""
        typed = {name: self.asked.get(name, "").strip() or grouped(value) for name, value in self.defaults.items()}
        names = {family.code: words.family_name(family) for family in self.families}
        data = typed | {"family": self.asked.get("family", "")}
        form = BarsForm(data, families=self.families, names=names)
        form.is_valid()
        return form

    @cached_property
    def chosen(self) -> Standing | None:
        asked = self._ids("company")
        return (self._standing | self._added).get(asked[0]) if asked else None

    @cached_property
    def _chosen_result(self) -> CandidacyResult | None:
        if self.chosen is None:
            return None
        if self.chosen.is_added:
            return self._results[self.chosen.pk]
        return Score.objects.get(pk=self._latest.get(company=self.chosen.pk).score_id).record["candidacy"]

    @cached_property
    def figures_form(self) -> FiguresForm | None:
        chosen, result = self.chosen, self._chosen_result
        if chosen is None or result is None:
            return None
        asked = askable(chosen.told, result, chosen.sheet)
        form = FiguresForm(self.asked, company=chosen.pk, asked=asked, family=chosen.family)
        form.is_valid()
        return form

    @cached_property
    def moved(self) -> Moved:
        given = self.bars_form.cleaned_data
        values = {name: self._given(name) for name in TERMS}
        return Moved(
            **{TERMS[name]: value for name, value in values.items()},
            family=given.get("family", ""),
            family_bar=self._given("family_bar"),
        )

    def _given(self, name: str) -> float | None:
        """None where it is the sheet's own, or wrong."""
        reading: Reading | None = self.bars_form.cleaned_data.get(name)
        return reading.value if reading and reading.value != self.defaults.get(name) else None

    @cached_property
    def reveals(self) -> list[Reveal]:
        return self.figures_form.reveals() if self.figures_form else []

    @property
    def has_errors(self) -> bool:
        return bool(self.bars_form.errors or (self.figures_form and self.figures_form.errors))

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Id, label and sentence of each field that does not count."""
        forms = [form for form in (self.bars_form, self.figures_form) if form]
        return [
            (form[name].auto_id, str(form[name].label), " ".join(str(one) for one in told))
            for form in forms
            for name, told in form.errors.items()
        ]

    @property
    def is_changed(self) -> bool:
        return self.moved != Moved(family=self.moved.family) or bool(self.reveals or self.out or self._added)

    # --- the address ------------------------------------------------------------------------------------------
    def query(self, **changes: Any) -> str:
        """The whole of it in one order, without what the sheet has anyway; `changes` are values of its names."""
        told: dict[str, Any] = {}
        for name in TERMS:
            told[name] = self._kept(name)
        told["family"] = self.bars_form.cleaned_data.get("family", "")
        told["family_bar"] = self._kept("family_bar") if told["family"] else ""
        told["company"] = self.chosen.pk if self.chosen else ""
        if self.figures_form:
            told |= {name: self.asked.get(name, "").strip() for name in self.figures_form.fields}
        told["in"] = list(self._added)
        told["out"] = [one.pk for one in self.out]
        told["track"] = self.asked.get("track", "")
        pairs: list[tuple[str, Any]] = []
        for name, value in (told | changes).items():
            values = value if isinstance(value, list) else [value]
            pairs += [(name, one) for one in values if one != ""]
        return urlencode(pairs)

    def _kept(self, name: str) -> str:
        """As it was typed; empty where it is the sheet's own."""
        typed = self.asked.get(name, "").strip()
        return typed if name in self.bars_form.errors or self._given(name) is not None else ""

    def address(self, **changes: Any) -> str:
        query = self.query(**changes)
        return reverse("what_if") + (f"?{query}" if query else "")

    # --- how it would be ------------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> list[Row]:
        """Of all tracks; who is left out is in none."""
        out = {one.pk for one in self.out}
        batches: dict[tuple[str, date], list[Standing]] = defaultdict(list)
        for one in self.everyone:
            if one.pk not in out:
                batches[one.sheet.version, one.as_of].append(one)
        return [row for batch in batches.values() for row in self._judged(batch)]

    def _judged(self, batch: Sequence[Standing]) -> Iterator[Row]:
        sheet, day = batch[0].sheet, batch[0].as_of
        keys, told = [one.company_key for one in batch], [one.told for one in batch]
        moved = self.moved.sheet(sheet)
        before, after = judged_again(keys, told, sheet, moved, day)
        here = self.address()
        for i, one in enumerate(batch):
            out = f"{here}{'&' if '?' in here else '?'}out={one.pk}"
            if one is self.chosen and self.reveals:
                then = revealed(one.told, self.reveals, sheet)
                *_first, alone = judged_again([one.company_key], [then], sheet, moved, day)
                yield Row(one, before, alone, i, 0, True, out)
            else:
                yield Row(one, before, after, i, i, False, out)

    @cached_property
    def track(self) -> str:
        """The one that is shown: asked for, else the chosen company's, else the first that has somebody."""
        asked = self.asked.get("track", "")
        codes = [code for code, _word in TRACKS]
        if asked in codes:
            return "" if asked == NO_TRACK else asked
        if self.chosen:
            return self.chosen.track
        there = {one.track for one in self.everyone}
        return next((code for code in Track.values if code in there), "")

    @property
    def tabs(self) -> list[Tab]:
        found = Counter(row.standing.track for row in self.rows)
        return [
            Tab(code, str(label), found[stored], self.address(track=code), stored == self.track)
            for code, label in TRACKS
            for stored in ["" if code == NO_TRACK else code]
            if stored or found[""]
        ]

    @cached_property
    def here(self) -> list[Row]:
        """Of the track, in the order of the list."""
        rows = [row for row in self.rows if row.standing.track == self.track]
        return sorted(rows, key=lambda row: sort_key(row.would, row.standing.company_key))

    @property
    def groups(self) -> list[Group]:
        """The parts of the list as they would be."""

        def part_of(reads: ResultRecord) -> str:
            return part(reads["group"], reads["known"])

        stood: Counter[str] = Counter(part_of(row.stands) for row in self.here if not row.standing.is_added)
        parts: dict[str, list[Row]] = {
            code: list(rows) for code, rows in groupby(self.here, key=lambda row: part_of(row.would))
        }
        return [
            Group(code, words.group_word(code), len(parts.get(code, ())), stood[code], parts.get(code, []))
            for code in GROUPED
            if code in parts or stood[code]
        ]

    @property
    def not_grouped(self) -> list[str]:
        """How many of the track stand in no group, and why."""
        count: Counter[str] = Counter(row.would["group"] for row in self.here)
        codes = (Headline.Group.NO_FIGURES, Headline.Group.NOT_ADMITTED)
        return [f"{words.group_word(code)} {count[code]}" for code in codes if count[code]]

    @property
    def summary(self) -> str:
        """Over all tracks, what moved."""
        moved = [row for row in self.rows if row.moves and not row.standing.is_added]
        if not moved:
            return _("Nobody moves.")
        more = sum(row.would["cleared"] > row.stands["cleared"] for row in moved)
        fewer = sum(row.would["cleared"] < row.stands["cleared"] for row in moved)
        about = {"n": len(moved), "all": len(self.rows), "more": more, "fewer": fewer}
        text = ngettext(
            "%(n)s of %(all)s candidates moves: %(more)s clear more bars, %(fewer)s fewer.",
            "%(n)s of %(all)s candidates move: %(more)s clear more bars, %(fewer)s fewer.",
            len(moved),
        )
        return text % about

    @property
    def left_out(self) -> list[Out]:
        return [
            Out(one.pk, one.name, self.address(out=[other.pk for other in self.out if other is not one]))
            for one in self.out
        ]

    @property
    def added(self) -> list[Out]:
        return [
            Out(pk, one.name, self.address(**{"in": [other for other in self._added if other != pk]}))
            for pk, one in self._added.items()
        ]

    @property
    def hidden(self) -> Mapping[str, list[int]]:
        """What the form carries along unseen."""
        return {"in": list(self._added), "out": [one.pk for one in self.out]}

    @property
    def kept_ids(self) -> str:
        """Parts of the form that a live answer brings anew: what is wrong at each field, and what would be saved."""
        fields = [self.bars_form[name] for name in (*TERMS, "family_bar")]
        if self.figures_form:
            fields += [self.figures_form[name] for name in self.figures_form.fields if name.startswith("told")]
        return ",".join([*(f"#{field.id_for_label}_error" for field in fields), "#query", "#track"])

    @property
    def track_code(self) -> str:
        return self.track or NO_TRACK

    @property
    def family_slide(self) -> Slide | None:
        """Up to four times the bar as it stands."""
        stands = self.defaults.get("family_bar")
        return Slide(stands / 20, stands * 4, stands / 20) if stands else None

    @property
    def companies(self) -> list[tuple[str, list[tuple[int, str]]]]:
        """To choose one of, by track."""
        labels = {("" if code == NO_TRACK else code): str(label) for code, label in TRACKS}
        by_track: dict[str, list[tuple[int, str]]] = {code: [] for code in labels}
        for one in sorted(self.everyone, key=lambda one: one.name):
            by_track[one.track].append((one.pk, one.name))
        return [(labels[code], found) for code, found in by_track.items() if found]


def _name(name_zh: str, name_en: str) -> str:
    return (name_zh or name_en) if reads_chinese() else (name_en or name_zh)
