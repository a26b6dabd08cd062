"""A company-year of which two sources tell becomes one version with the figures of both.

A frozen version is never edited, and one version a year counts. So a source that has something to add to what another
said writes the next version: its own figures, and those of the other that it does not contradict. Where they differ
its own counts, and the other's number stands beside it. docs/why/2026-11-30-two-sources-of-one-year.md
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from portfolio.models import Disclosure, Figure, Join, Quantity, Solution
from portfolio.models.check import FigureRow
from portfolio.typed.numbers import grouped
from portfolio.universe import flags
from portfolio.universe.long_form import SAME
from portfolio.universe.read import DisclosureFacts, Universe

ITS_OWN = ("id", "disclosure", "number")  # of a solution; all else of it is copied


def of_other_entities(universe: Universe, ids: Mapping[str, int]) -> set[tuple[int, str]]:
    """(company, source) whose tonnes a rejected join sets aside, on record or by the directory."""
    tonnes = (Join.Figures.ALL, Join.Figures.EMISSIONS)
    on_record = Join.objects.rejected().filter(figures__in=tonnes).values_list("company_id", "source")
    decided = Join.objects.filter(decisions__isnull=False).values_list("company_id", "source")
    stated = {
        (ids[key], source)
        for (key, source, figures), facts in universe.joins.items()
        if facts["method"] == Join.Method.OTHER_ENTITY and figures in tonnes
    }
    return {*on_record, *(stated - {*decided})}


def last_of(source: str, versions: Sequence[Disclosure]) -> Disclosure | None:
    return next((version for version in reversed(versions) if version.source == source), None)


def with_another(
    facts: DisclosureFacts, versions: Sequence[Disclosure], company_id: int, set_aside: Collection[tuple[int, str]]
) -> DisclosureFacts | None:
    """What the source says on top of the last of `versions` that another wrote. None where that adds nothing."""
    others = [v for v in versions if v.source != facts.source and (company_id, v.source) not in set_aside]
    if not others:
        return facts
    return None if (company_id, facts.source) in set_aside else _together(others[-1], facts)


def _together(other: Disclosure, facts: DisclosureFacts) -> DisclosureFacts | None:
    own = {facts.source, *(figure[5] for figure in facts.figures), *(row.source for row in facts.solutions)}
    theirs = {figure.quantity: _row(figure) for figure in other.figures.all() if figure.source not in own}
    merged, contradictions = dict(theirs), []
    for figure in facts.figures:
        quantity, value, note = figure[0], figure[1], figure[6]
        known = theirs.get(quantity)
        if known is None:
            merged[quantity] = figure
        elif abs(known[1] - value) <= SAME * abs(value):
            merged[quantity] = (*known[:6], _notes(known[6], note))
        else:
            told = {"what": quantity, "value": grouped(known[1]), "source": known[5].partition(" · ")[0]}
            contradictions.append(flags.OTHER_SOURCE % told)
            merged[quantity] = (*figure[:6], _notes(note, contradictions[-1]))
    if merged == theirs and not facts.solutions:
        return None
    if contradictions and Quantity.SCOPE_1_2_TOTAL not in {figure[0] for figure in facts.figures}:
        merged.pop(Quantity.SCOPE_1_2_TOTAL, None)  # it was the sum of other numbers
    sold = other.solutions.exclude(source__in=own).select_related("family").order_by("number")
    marks = [other.quality_flag, facts.quality_flag, *contradictions]
    together = replace(
        facts,
        figures=tuple(sorted(merged.values())),
        solutions=_numbered([*sold, *facts.solutions]),
        quality_flag=flags.joined(_parts(marks), _limit(Disclosure, "quality_flag")),
    )
    if merged.get(Quantity.SCOPE_1, ("",))[1:2] == theirs.get(Quantity.SCOPE_1, ("", None))[1:2]:
        return replace(together, **{name: getattr(other, name) for name in ("boundary", "revenue_boundary")})
    return together


def _row(figure: Figure) -> FigureRow:
    f = figure
    return f.quantity, f.value, f.typed, f.basis, f.boundary, f.source, f.note


def _numbered(rows: Sequence[Solution]) -> tuple[Solution, ...]:
    """Copies that are not stored."""
    copied = [{f.name: getattr(row, f.name) for f in row._meta.fields if f.name not in ITS_OWN} for row in rows]
    return tuple(Solution(number=number, **fields) for number, fields in enumerate(copied, 1))


def _notes(*notes: str) -> str:
    return flags.joined(_parts(notes), _limit(Figure, "note"))


def _parts(texts: Sequence[str]) -> list[str]:
    return [part for text in texts for part in text.split(flags.SEPARATOR)]


def _limit(model: type[Disclosure | Figure], name: str) -> int:
    limit: int = model._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    return limit
