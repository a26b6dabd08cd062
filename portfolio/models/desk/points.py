"""The points of a disclosure: a figure, a line of the ledger, a fact, what was sold, or the whole. Each has a code,
which findings name and a return opens; what is open is asked here by every door of the draft."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.errors import Locked
from portfolio.models.quantity import Quantity
from portfolio.typed.numbers import grouped
from portfolio.wording import listed

if TYPE_CHECKING:
    from portfolio.models.activity import Activity, Citation
    from portfolio.models.disclosure import Disclosure
    from portfolio.models.quantity import Figure

WHOLE = ""  # opens all the others
LINES = "lines"  # opens each line, and new ones
SOLUTIONS = "solutions"
LINE = "line:"  # before the number of a line
FACTS: dict[str, str | Promise] = {
    "boundary": _("Boundary in words"),
    "revenue_boundary": _("Emissions against revenue"),
    "source_document": _("Document the figures come from"),
}
OTHERS: dict[str, str | Promise] = {
    WHOLE: _("The whole disclosure"),
    LINES: _("The activity ledger: all its lines"),
    SOLUTIONS: _("Sold or run"),
    **FACTS,
}
FIXED = (*OTHERS, *Quantity.values)
FACT_PLACES = {"boundary": 3, "revenue_boundary": 4, "source_document": 7}  # in the content that is signed
FIGURES, REST = 8, 9  # likewise
MOST_NAMED = 12  # of one sentence


def of_line(number: int) -> str:
    return f"{LINE}{number}"


def number_of(point: str) -> int | None:
    """Of a line; None for any other point."""
    digits = point.removeprefix(LINE)
    is_line = point.startswith(LINE) and digits.isascii() and digits.isdecimal() and len(digits) < 6
    return int(digits) if is_line else None


def is_point(code: str) -> bool:
    return code in FIXED or number_of(code) is not None


def label(point: str) -> str:
    """In the reader's language."""
    if (number := number_of(point)) is not None:
        return str(_("Line %(number)s") % {"number": number})
    if point in OTHERS:
        return str(OTHERS[point])
    return str(Quantity(point).label) if point in Quantity.values else point


def in_order(codes: Collection[str]) -> list[str]:
    """As the pages have them, the lines last."""
    lines = sorted((code for code in codes if number_of(code) is not None), key=lambda code: number_of(code) or 0)
    return [code for code in FIXED if code in codes] + lines


def labels(codes: Collection[str]) -> str:
    """Of as many as one reads; codes that nobody knows any more are left out."""
    known = in_order(codes)
    words = [label(code) for code in known[:MOST_NAMED]]
    if len(known) > MOST_NAMED:
        words.append(str(_("and %(n)s more") % {"n": len(known) - MOST_NAMED}))
    return listed(words)


# --- what is open ---------------------------------------------------------------------------------------
class Opening(NamedTuple):
    """What may be changed of a draft; `points` is None where all may."""

    points: frozenset[str] | None

    def has(self, point: str) -> bool:
        if self.points is None or point in self.points:
            return True
        return point.startswith(LINE) and LINES in self.points

    @property
    def has_lines(self) -> bool:
        """Whether any line may be changed: then what the ledger comes to may be taken over."""
        return self.points is None or any(point == LINES or point.startswith(LINE) for point in self.points)

    @property
    def is_limited(self) -> bool:
        return self.points is not None

    @property
    def words(self) -> str:
        return labels(self.points or ())


def opening_of(disclosure: Disclosure) -> Opening:
    """What its last return opened; all of it where it was never returned, or before returns named anything."""
    last = disclosure.steps.filter(verb__in=("returned", "submitted")).order_by("-pk").values("pk")[:1]
    codes = set(disclosure.steps.filter(pk__in=last).values_list("opened__point", flat=True)) - {None}
    return Opening(frozenset(codes) if codes and WHOLE not in codes else None)


class Edits:
    """What one edition of a returned draft changes, by its points; the doors of the draft tell it.

    It knows nothing, and refuses nothing, of a draft that was never submitted.
    """

    def __init__(self, disclosure: Disclosure) -> None:
        self.disclosure = disclosure
        self.is_watched = disclosure.state == disclosure.State.RETURNED
        self.opening = opening_of(disclosure) if self.is_watched else Opening(None)
        self.points: set[str] = set()
        self.refused: set[str] = set()

    def touch(self, point: str, *, needs: str | None = None) -> None:
        """`needs`: another point that must be open for it."""
        self.points.add(point)
        if not self.opening.has(point if needs is None else needs):
            self.refused.add(point if needs is None else needs)

    def require(self) -> None:
        """Raises Locked, naming all that is not open."""
        if self.refused:
            words = _("Not open for correction: %(points)s. Ask the verifier to open it too.")
            raise Locked(words % {"points": labels(self.refused)}, sorted(self.refused))

    def facts(self, given: Mapping[str, str]) -> None:
        for name, text in given.items():
            if self.is_watched and name in FACTS and getattr(self.disclosure, name) != text:
                self.touch(name)

    def figures(self, rows: Sequence[Figure], stored: Mapping[str, Figure], from_ledger: Collection[str]) -> None:
        """The ledger may be taken over where a line was opened: the figure follows what was corrected."""
        if not self.is_watched:
            return
        new = {row.quantity: row for row in rows}
        for quantity in {*new, *stored}:
            row, before = new.get(quantity), stored.get(quantity)
            if row is not None and before is not None and _said(row) == _said(before):
                if not self.opening.has(quantity):
                    row.typed = before.typed
            elif not (quantity in from_ledger and self.opening.has_lines):
                self.touch(quantity)
            else:
                self.points.add(quantity)

    def cited(self, figures: Mapping[str, Sequence[Citation]]) -> None:
        """What shows each of these figures now."""
        stored = self.disclosure.cited() if self.is_watched else {}
        for quantity, rows in figures.items() if self.is_watched else ():
            if [row.said_as() for row in rows] != [row.said_as() for row in stored.get(quantity, [])]:
                self.touch(quantity)

    def solutions(self, rows: Iterable[Any]) -> None:
        if self.is_watched:
            kept = self.disclosure.solutions.select_related("family").order_by("number")
            if [row.signed() for row in kept] != [row.signed() for row in rows]:
                self.touch(SOLUTIONS)

    def lines(self, added: Collection[Activity], changed: Iterable[Activity], removed: Iterable[Activity]) -> None:
        if not self.is_watched:
            return
        stored = {line.number: line for line in self.stored_lines()}
        for line in changed:
            if line.signed() != stored[line.number].signed():
                self.touch(of_line(line.number))
        for line in removed:
            self.touch(of_line(line.number))
        for line in added:
            self.touch(of_line(line.number), needs=LINES)

    def all_lines(self, rows: Sequence[Activity]) -> None:
        """Number the rows from 1, or, where only some are open, as the lines that they stand for."""
        for number, row in enumerate(rows, 1):
            row.number = number
        if self.opening.is_limited:
            self._align(rows)
        elif self.is_watched:
            self.touch(LINES)

    def _align(self, rows: Sequence[Activity]) -> None:
        """A line that is closed comes back as it stands; one that is open may be another, or be left out."""
        stored, left, last = self.stored_lines(), list(rows), 0
        spare = len(stored) - len(rows)
        for line in stored:
            last = line.number
            row = left[0] if left else None
            if row is not None and told_of(row) == told_of(line):
                row.typed_amount, row.typed_unit = line.typed_amount, line.typed_unit
            else:
                self.touch(of_line(line.number))
                if row is None or spare > 0:
                    spare -= 1
                    continue
            row.number = line.number
            left.pop(0)
        for number, row in enumerate(left, last + 1):
            row.number = number
            self.touch(of_line(number), needs=LINES)

    def stored_lines(self) -> list[Activity]:
        lines = list(self.disclosure.activities.select_related("site__city").with_citations().order_by("number"))
        for line in lines:
            line.disclosure = self.disclosure
        return lines


def _said(row: Figure) -> tuple[Any, ...]:
    """Of a figure, whatever way its number was written."""
    return (row.value, row.basis, row.boundary, row.source, row.note, row.ebit_standing)


def told_of(line: Activity) -> list[Any]:
    """Of a line, whatever its number and way of writing."""
    _number, kind, amount, *others = line.signed()
    return [kind, amount[2:], *others]


# --- what was said --------------------------------------------------------------------------------------
class Said(NamedTuple):
    """A point as a person reads it, and all that is signed of it."""

    text: str
    signed: str


def said_in(content: Sequence[Any]) -> dict[str, Said]:
    """By point, of the content that a submission signed (portfolio/models/check.py, `content_of`)."""
    found = {name: Said(str(content[place]), str(content[place])) for name, place in FACT_PLACES.items()}
    rest = content[REST:]
    more: dict[str, Any] = {}
    for item in rest:
        more |= item if isinstance(item, dict) else {}
    standings, cited = dict(more.get("standings", [])), dict(more.get("cited", []))
    for row in content[FIGURES]:
        quantity = row[0]
        unit = Quantity(quantity).unit_label if quantity in Quantity.values else ""
        signed = _json([*row, standings.get(quantity), cited.get(quantity)])
        found[quantity] = Said(_with_papers(f"{grouped(row[1])} {unit}".strip(), cited.get(quantity, [])), signed)
    for quantity in cited.keys() - found.keys():
        found[quantity] = Said(_with_papers("", cited[quantity]), _json(cited[quantity]))
    for line in next((item for item in rest if isinstance(item, list)), []):
        typed, notation = f"{line[2][0]} {line[2][1]}".strip(), line[5][0]
        found[of_line(line[0])] = Said(_with_papers(typed or notation, _papers_of(line)), _json(line))
    if "solutions" in more:
        found[SOLUTIONS] = Said(str(_("%(n)s rows") % {"n": len(more["solutions"])}), _json(more["solutions"]))
    return found


def _papers_of(line: Sequence[Any]) -> list[Any]:
    """What a line cites, as it signs it: of one file that file, of several their list (Activity.signed)."""
    signed = line[9]
    return signed if isinstance(signed[0], list) else [signed] if signed[0] else []


def _with_papers(text: str, papers: Sequence[Any]) -> str:
    return " · ".join(filter(None, (text, str(_("evidence: %(n)s") % {"n": len(papers)}) if papers else "")))


class Change(NamedTuple):
    """`was` and `now` are empty where there was or is none."""

    point: str
    was: str
    now: str

    @property
    def label(self) -> str:
        return label(self.point)


def changes(before: Sequence[Any], after: Sequence[Any]) -> list[Change]:
    """Each point that the two contents tell differently, in the order of the pages."""
    old, new = said_in(before), said_in(after)
    none = Said("", "")
    differ = {code for code in {*old, *new} if old.get(code, none).signed != new.get(code, none).signed}
    return [
        Change(code, old.get(code, none).text, _now(old.get(code, none), new.get(code, none)))
        for code in in_order(differ)
    ]


def _now(old: Said, new: Said) -> str:
    """The same words twice would tell nothing of what changed."""
    return new.text if new.text != old.text else _("%(said)s, changed in its details") % {"said": new.text}


def _json(what: Any) -> str:
    return json.dumps(what, ensure_ascii=False, sort_keys=True)
