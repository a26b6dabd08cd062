"""What an import would do to a draft: new, changed and untouched rows, rows that say the same thing twice, totals.

It is JSON from the moment it is found until a person says what is to become of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from portfolio.activities.kinds import kind_name
from portfolio.models import Activity, Citation, Disclosure, Figure
from portfolio.models.disclosure import MOST_ACTIVITIES
from portfolio.sheets.citing import EVIDENCE, PLACE
from portfolio.sheets.columns import FIGURES, LINES, column_of
from portfolio.sheets.reading import Sheets
from portfolio.sheets.rows import FigureRow, LineRow, restored, stored
from portfolio.sheets.template import figure_cells, line_cells
from portfolio.typed.numbers import UnreadableNumber, grouped, read_number

SUM, REPLACE, KEEP = "sum", "replace", "keep"
REPEATS = {
    SUM: _("add the amounts up, in one row"),
    REPLACE: _("the last one takes the place of the others"),
    KEEP: _("keep each as a row of its own: they are different meters or bills"),
}
MOST_KEPT = 5_000  # faults that are kept with their words; all are counted
PARAMETER_ROW = ("row",)  # a column that is no content

Tonnes = Callable[[list[Activity]], Mapping[str, float | None]]
Lines = Sequence[Activity]


def changes(sheets: Sheets, disclosure: Disclosure, tonnes: Tonnes) -> dict[str, Any]:
    """Compare the file with the draft as it stands. `tonnes` of lines: by a word for each scope."""
    before = {line.number: line for line in _lines_of(disclosure)}
    rows = sheets.lines if LINES in sheets.given else []
    records = [row for row in rows if row.number is None or not _says_the_same(before[row.number], row.line)]
    groups = _repeated(rows, records, before)
    spoken_of = _numbers_in(sheets) | {group["number"] for group in groups}
    missing = sorted(set(before) - spoken_of) if LINES in sheets.given and sheets.is_whole else []
    found: dict[str, Any] = {
        "is_whole": sheets.is_whole,
        "notes": sheets.notes,
        "wrong": [asdict(wrong) for wrong in sheets.wrong[:MOST_KEPT]],
        "wrong_count": len(sheets.wrong),
        "wrong_rows": sheets.wrong_rows,
        "records": [
            stored(row) | {"changes": _differences(before[row.number], row.line) if row.number is not None else []}
            for row in records
        ],
        "same": len(rows) - len(records),
        "groups": groups,
        "missing": [_named(before[number]) for number in missing],
        **_figures(sheets, disclosure),
    }
    found["outcomes"] = {} if not sheets.is_whole else _outcomes(found, disclosure, list(before.values()), tonnes)
    return found


def _lines_of(disclosure: Disclosure) -> list[Activity]:
    lines = list(disclosure.activities.select_related("site__city").with_citations().order_by("number"))
    for line in lines:
        line.disclosure = disclosure
    return lines


def _numbers_in(sheets: Sheets) -> set[int]:
    """Numbers that the file has, those of rows with a fault, too: a fault does not take a line out."""
    return {row.number for row in sheets.lines if row.number is not None} | set(sheets.numbers_seen)


# --- one line against another ----------------------------------------------------------------------------
def _says_the_same(before: Activity, now: Activity) -> bool:
    return _content(before) == _content(now)


def _content(line: Activity) -> list[Any]:
    return [
        line.kind,
        _number(line.typed_amount),
        line.typed_unit.strip(),
        line.notation,
        _text(line.included_in),
        line.heating_value_basis,
        line.period_start and str(line.period_start),
        line.period_end and str(line.period_end),
        line.site_id,
        line.place,
        line.uncertainty_percent,
        line.contract,
        line.contract_kg_per_kwh,
        _text(line.certificate),
        [(one.evidence_id, _text(one.place)) for one in line.cited],
        _text(line.note),
        _text(line.meter),
        sorted((name, float(value)) for name, value in line.parameters.items()),
    ]


def _number(typed: str) -> float | str:
    """1,234.50 and 1234.5 are one number."""
    try:
        return read_number(typed).value
    except UnreadableNumber:
        return typed


def _text(typed: str) -> str:
    return "\n".join(typed.split("\r\n")).strip()


def _differences(before: Activity, now: Activity) -> list[list[str]]:
    """Column, from, to, as a person reads them."""
    now = copy(now)
    now.number = before.number
    was, is_now = line_cells(before), line_cells(now)
    keys = dict.fromkeys([*was, *is_now])
    told = []
    for key in keys:
        old, new = _said(was.get(key)), _said(is_now.get(key))
        column = column_of(LINES, key)
        if key not in PARAMETER_ROW and old != new and column:
            told.append([str(column.label), old, new])
    return told


def _said(cell: Any) -> str:
    if cell is None or cell == "":
        return ""
    return grouped(cell) if isinstance(cell, float) else str(cell)


def _named(line: Activity) -> dict[str, Any]:
    name = " · ".join(filter(None, (kind_name(line.kind), line.typed or line.notation, _period(line))))
    return {"number": line.number, "name": name}


def _period(line: Activity) -> str:
    return f"{line.period_start} – {line.period_end}" if line.period_start else ""


# --- the same thing twice --------------------------------------------------------------------------------
def _key(line: Activity) -> tuple[Any, ...] | None:
    """What is measured, where and when; None for a line without an amount."""
    if line.amount is None:
        return None
    days = (str(line.period_start), str(line.period_end))
    return (line.kind, line.meter, line.site_id, line.place, *days, line.contract, line.certificate, line.unit)


def _repeated(rows: Sequence[LineRow], records: Sequence[LineRow], before: Mapping[int, Activity]) -> list[Any]:
    """Rows of one meter and month of which at least one is new: nobody but a person knows what is meant.

    Each group names the stored line it adds to (or none), the records in it and the total before.
    """
    as_read = {row.number: row.line for row in rows if row.number is not None}
    standing: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, line in before.items():
        if (key := _key(as_read.get(number, line))) is not None:
            standing[key].append(number)
    new: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for index, row in enumerate(records):
        if row.number is None and (key := _key(row.line)) is not None:
            new[key].append(index)
    groups = []
    for key, indexes in new.items():
        numbers = standing.get(key, [])
        if len(numbers) + len(indexes) < 2:
            continue
        first = records[indexes[0]].line
        there = math.fsum(as_read.get(number, before[number]).amount or 0.0 for number in numbers)
        given = [records[index].line.amount or 0.0 for index in indexes]
        base = as_read.get(numbers[0], before[numbers[0]]).amount or 0.0 if numbers else 0.0
        both = there + math.fsum(given)
        groups.append(
            {
                "name": " · ".join(filter(None, (kind_name(first.kind), str(first.site or ""), _period(first)))),
                "unit": first.unit,
                "number": numbers[0] if numbers else None,
                "numbers": numbers,
                "indexes": indexes,
                "rows": [records[index].at for index in indexes],
                "before": there if numbers else None,
                "after": {SUM: both, REPLACE: there - base + given[-1], KEEP: both},
            }
        )
    return groups


# --- what becomes of it ------------------------------------------------------------------------------------
def resolved(
    found: Mapping[str, Any], disclosure: Disclosure, repeats: str
) -> tuple[dict[int, Activity], list[Activity]]:
    """The lines that change, by their number, and those that are new, with repeated ones as was chosen."""
    lines = [restored(told, disclosure) for told in found["records"]]
    numbers = [told["number"] for told in found["records"]]
    changed = {number: line for number, line in zip(numbers, lines, strict=True) if number is not None}
    absorbed: set[int] = set()
    before = {line.number: line for line in _lines_of(disclosure)} if found["groups"] else {}
    for group in found["groups"] if repeats != KEEP else ():
        indexes, number = list(group["indexes"]), group["number"]
        members = [lines[index] for index in indexes]
        if number is not None:
            base = changed.get(number) or copy(before[number])
            changed[number] = _summed([base, *members]) if repeats == SUM else _in_place(members[-1], base)
            absorbed |= set(indexes)
        else:
            lines[indexes[0]] = _summed(members) if repeats == SUM else members[-1]
            absorbed |= set(indexes[1:])
    for number, line in changed.items():
        line.number = number
    added = [
        line
        for index, (line, number) in enumerate(zip(lines, numbers, strict=True))
        if number is None and index not in absorbed
    ]
    return changed, added


def _summed(members: Sequence[Activity]) -> Activity:
    """One line with all amounts, in the unit they share, else in the canonical one; and all that shows them."""
    line = copy(members[0])
    line.cited = [citation for member in members for citation in member.cited]
    line.amount = math.fsum(member.amount or 0.0 for member in members)
    if len({member.typed_unit for member in members}) == 1:
        total = math.fsum(read_number(member.typed_amount).value for member in members)
        line.typed_amount = grouped(float(f"{total:.15g}"))
    else:
        line.typed_amount, line.typed_unit = grouped(float(f"{line.amount:.15g}")), line.unit
    return line


def _in_place(line: Activity, base: Activity) -> Activity:
    """The later statement; what shows the earlier one stays where the later shows nothing."""
    line = copy(line)
    line.cited = line.cited or base.cited
    return line


def _outcomes(
    found: Mapping[str, Any], disclosure: Disclosure, before: Lines, tonnes: Tonnes
) -> dict[str, dict[str, Any]]:
    """For each thing that may be chosen: lines, amounts by activity, and tonnes, before and after."""
    removed = {row["number"] for row in found["missing"]}
    tonnes_before, amounts_before = dict(tonnes(list(before))), _amounts(before)
    outcomes = {}
    for repeats in REPEATS if found["groups"] else (KEEP,):
        changed, added = resolved(found, disclosure, repeats)
        after = [changed.get(line.number, line) for line in before]
        _give(after, added, disclosure)
        for is_without in (False, True) if removed else (False,):
            lines = [line for line in after if not (is_without and line.number in removed)] + added
            amounts = _amounts(lines)
            fits = len(lines) <= MOST_ACTIVITIES
            for number, line in enumerate(added, 1 + max((line.number for line in before), default=0)):
                line.number = number
            outcomes[outcome_name(repeats, without=is_without)] = {
                "lines": [len(before), len(lines)],
                "fits": fits,
                "amounts": [
                    [kind_name(kind), unit, amounts_before.get((kind, unit)), amounts.get((kind, unit))]
                    for kind, unit in dict.fromkeys([*amounts_before, *amounts])
                ],
                "tonnes": _paired(tonnes_before, tonnes(lines) if fits else {}),
            }
    return outcomes


def outcome_name(repeats: str, *, without: bool) -> str:
    return f"{repeats}-without" if without else repeats


def _give(after: Iterable[Activity], added: Iterable[Activity], disclosure: Disclosure) -> None:
    """Sites in one query: where a line took place is asked of each."""
    lines = [*after, *added]
    sites = {site.pk: site for site in disclosure.company.sites.select_related("city")}
    for line in lines:
        line.disclosure = disclosure
        if line.site_id is not None and line.site_id in sites:
            line.site = sites[line.site_id]


def _amounts(lines: Iterable[Activity]) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in lines:
        if line.amount is not None:
            sums[line.kind, line.unit].append(line.amount)
    return {key: math.fsum(amounts) for key, amounts in sums.items()}


def _paired(before: Mapping[str, float | None], after: Mapping[str, float | None]) -> list[list[Any]]:
    return [[word, before.get(word), after.get(word)] for word in dict.fromkeys([*before, *after])]


# --- figures ---------------------------------------------------------------------------------------------
def _figures(sheets: Sheets, disclosure: Disclosure) -> dict[str, Any]:
    kept = {figure.quantity: figure for figure in disclosure.figures.all()}
    cited, changed, empty = disclosure.cited(), [], []
    for row in sheets.figures:
        before = kept.get(row.quantity)
        if row.value is None:
            empty += [row.quantity] if before is not None else []
        elif before is None or _figure_content(before, cited.get(row.quantity, [])) != _figure_content(row, row.cited):
            changed.append(_figure_change(row, before, cited.get(row.quantity, [])))
    given = {row.quantity for row in sheets.figures}
    return {
        "figures": changed,
        "figures_same": sum(row.value is not None for row in sheets.figures) - len(changed),
        "figures_missing": [
            {
                "quantity": quantity,
                "name": str(kept[quantity].get_quantity_display()),
                "was": _figure_said(kept[quantity]),
            }
            for quantity in kept
            if quantity in empty and quantity in given
        ],
    }


def _figure_content(row: FigureRow | Figure, cited: Sequence[Citation]) -> tuple[Any, ...]:
    standing = row.standing if isinstance(row, FigureRow) else row.ebit_standing
    return row.value, row.basis, standing, [one.said_as() for one in cited]


def _figure_change(row: FigureRow, before: Figure | None, cited: Sequence[Citation]) -> dict[str, Any]:
    now = Figure(
        quantity=row.quantity, value=row.value or 0.0, typed=row.typed, basis=row.basis, ebit_standing=row.standing
    )
    was = figure_cells(row.quantity, before, cited) if before else {}
    is_now = figure_cells(row.quantity, now, row.cited)
    told = [
        [str(column.label), _said(was.get(key)), _said(is_now.get(key))]
        for key in ("value", "basis", "ebit_standing", EVIDENCE, PLACE)
        if (column := column_of(FIGURES, key)) and _said(was.get(key)) != _said(is_now.get(key))
    ]
    return {
        "at": row.at,
        "quantity": row.quantity.value,
        "name": str(row.quantity.label),
        "unit": row.quantity.unit_label,
        "is_new": before is None,
        "value": row.value,
        "typed": row.typed,
        "basis": row.basis,
        "standing": row.standing,
        "cited": [one.said_as() for one in row.cited],
        "changes": told,
    }


def _figure_said(figure: Figure) -> str:
    return f"{grouped(figure.value)} {figure.unit}"
