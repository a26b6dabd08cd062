"""Candidates that stand otherwise than before, and why: which facts, the bar sheet, the model, or time alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from scoring.candidates.names import input_name
from scoring.models import Score, ScoreItem
from scoring.reading import reads_chinese

MOVED = 0.05  # of P_low or P_high (SCREENS F8)
NAMED = 4  # facts that a reason names


class Standing(NamedTuple):
    """What a score says of a candidate."""

    group_code: str
    gates: str
    family: str
    cleared: int | None
    p_cleared: float | None
    p_low: float | None
    p_high: float | None
    assisted_p: float | None  # moves where another model is in force, and sorts nothing

    @property
    def group(self) -> str:
        return str(Score.Group(self.group_code).label) if self.group_code else ""

    @property
    def gates_word(self) -> str:
        return str(Score.Gates(self.gates).label) if self.gates else ""


class Stood(NamedTuple):
    """A score: by what, and what it said."""

    company_id: int
    name_zh: str
    name_en: str
    run_id: int
    sheet_id: int | None
    model_id: int | None
    engine: str
    inputs_sha256: str
    at: datetime
    standing: Standing


class Pair(NamedTuple):
    before: Stood
    after: Stood

    @property
    def is_moved(self) -> bool:
        """P moved by 5 points at either end, or bars, gates or family changed."""
        one, other = self.before.standing, self.after.standing
        if (one.group_code, one.gates, one.family) != (other.group_code, other.gates, other.family):
            return True
        ends = ("p_low", "p_high", "assisted_p")
        return any(_moved_by(getattr(one, end), getattr(other, end)) >= MOVED for end in ends)

    @property
    def size(self) -> float:
        return _moved_by(self.before.standing.p_high, self.after.standing.p_high)


def _moved_by(one: float | None, other: float | None) -> float:
    if one is None or other is None:
        return 0.0 if one is other else 1.0
    return abs(one - other)


# --- which -----------------------------------------------------------------------------------------------------
COLUMNS = (
    *("company_id", "company__name_zh", "company__name_en", "run_id", "run__bar_sheet_id", "model_id"),
    *("run__engine_version", "inputs_sha256", "created_at"),
)


def moved(scores: models.QuerySet[Score], since: datetime | None = None) -> list[Pair]:
    """Of these scores of candidates those that moved, the largest move first. Three queries.

    Held against what the same company had before that score, or, with `since`, before that time. A candidate's first
    score is no move.
    """
    earlier = Score.objects.filter(company=models.OuterRef("company"), kind=Score.Kind.CANDIDATE)
    earlier = earlier.filter(created_at__lte=since) if since else earlier.filter(pk__lt=models.OuterRef("pk"))
    after = scores.filter(kind=Score.Kind.CANDIDATE).annotate(
        before=models.Subquery(earlier.order_by("-pk").values("pk")[:1])
    )
    ids = {pk: before for pk, before in after.order_by().values_list("pk", "before") if before}
    stood = _read(Score.objects.filter(pk__in=[*ids.keys(), *ids.values()]))
    pairs = (Pair(stood[before], stood[pk]) for pk, before in ids.items())
    return sorted((pair for pair in pairs if pair.is_moved), key=lambda pair: (-pair.size, pair.after.company_id))


def _read(scores: models.QuerySet[Score]) -> dict[int, Stood]:
    rows = scores.order_by().values_list("pk", *COLUMNS, *Standing._fields)
    n = len(COLUMNS)
    return {row[0]: Stood._make([*row[1 : n + 1], Standing._make(row[n + 1 :])]) for row in rows}


# --- why -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Move:
    """A candidate that moved, as a page lists it."""

    pair: Pair
    reason: str

    @property
    def company_name(self) -> str:
        after = self.pair.after
        first, second = (after.name_zh, after.name_en) if reads_chinese() else (after.name_en, after.name_zh)
        return first or second

    @property
    def address(self) -> str:
        """Of its dossier in the later run."""
        return reverse("dossier_of_run", args=[self.pair.after.company_id, self.pair.after.run_id])

    @property
    def before(self) -> Standing:
        return self.pair.before.standing

    @property
    def after(self) -> Standing:
        return self.pair.after.standing


def explained(pairs: Sequence[Pair]) -> list[Move]:
    """With their reasons, from what was archived for both scores. One query."""
    asked = {(one.run_id, one.company_id) for pair in pairs for one in pair}
    items = ScoreItem.objects.filter(
        run__in={run for run, _company in asked}, company__in={company for _run, company in asked}
    )
    inputs = {(run, company): text for run, company, text in items.values_list("run", "company", "inputs").iterator()}
    return [Move(pair, _reason(pair, inputs)) for pair in pairs]


def _reason(pair: Pair, inputs: Mapping[tuple[int, int], str]) -> str:
    before, after = pair
    reasons = []
    if before.inputs_sha256 != after.inputs_sha256:
        archived = [inputs.get((one.run_id, one.company_id)) for one in pair]
        reasons.extend(changed(*(json.loads(text) for text in archived if text)) if all(archived) else [_("data")])
    if before.sheet_id != after.sheet_id:
        reasons.append(_("method: another bar sheet"))
    if before.model_id != after.model_id and before.standing.assisted_p != after.standing.assisted_p:
        reasons.append(_("model: another estimator"))
    if not reasons:
        reasons.append(_("engine") if before.engine != after.engine else _("age of the figures"))
    return pgettext("between reasons", "; ").join(str(reason) for reason in reasons)


class Told(NamedTuple):
    """A fact as it was archived. `given`: the figure as typed, before ×; `rate`: what it was multiplied by."""

    value: Any
    given: str
    rate: str


OTHER_FACTS = {
    "track": gettext_lazy("track"),
    "family": gettext_lazy("technology family"),
    "stage": gettext_lazy("stage"),
    "gates": gettext_lazy("facts of the gates"),
    "stated_avoided": gettext_lazy("avoided emissions as stated"),
    "sold": gettext_lazy("what was sold"),
    "boundary": gettext_lazy("boundary"),
    "targets": gettext_lazy("targets"),
    "years": gettext_lazy("emissions and revenue by year"),
}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Why two archived inputs differ, in words: data, with the facts that changed; factor or exchange rate where the
    figure as typed is the same.
    """
    one, other = dict(_facts(before)), dict(_facts(after))
    data: list[str] = []
    factors: list[str] = []
    for name in dict.fromkeys([*one, *other]):
        old, new = one.get(name), other.get(name)
        if old != new:
            is_factor = old is not None and new is not None and old.given == new.given != "" and old.rate != new.rate
            (factors if is_factor else data).append(name[0])
    found = []
    if data or not factors:
        found.append(_with_names(_("data"), data))
    if factors:
        found.append(_with_names(_("factor or exchange rate"), factors))
    return found


def _with_names(kind: str, names: Sequence[str]) -> str:
    words = list(dict.fromkeys(str(OTHER_FACTS.get(name) or input_name(name)) for name in names))
    if not words:
        return kind
    listed = pgettext("between items of a list", ", ").join(words[:NAMED])
    if len(words) > NAMED:
        listed = _("%(these)s and %(n)s more") % {"these": listed, "n": len(words) - NAMED}
    return _("%(kind)s: %(facts)s") % {"kind": kind, "facts": listed}


def _facts(record: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int], Told]]:
    """(name, year) → what was told; year 0 of what has none."""
    candidacy: Mapping[str, Any] = record.get("candidacy") or {}
    for name, value in candidacy.items():
        if name != "years":
            yield (name, 0), Told(value, "", "")
    for year in candidacy.get("years", ()):
        for name, value in year.items():
            if name == "subsidies":
                yield from (((f"subsidies.{kind}", year["year"]), _told(told)) for kind, told in value.items())
            elif name != "year" and value is not None:
                yield (name, year["year"]), _told(value)
    for name in ("targets", "years"):
        yield (name, 0), Told(record.get(name), "", "")


def _told(value: Any) -> Told:
    given, _times, rate = (value.get("given") or "").partition(" × ") if isinstance(value, dict) else ("", "", "")
    return Told(value, given, rate)


# --- as a file -------------------------------------------------------------------------------------------------
def heads() -> list[str]:
    of_each = [_("Run"), _("Bars cleared"), _("Gates"), _("P, from"), _("P, to")]
    return [_("Company"), *(f"{name} · {end}" for end in (_("Before"), _("After")) for name in of_each), _("Why")]


def cells(moves: Iterable[Move]) -> Iterator[list[object]]:
    """A line of each: P as shares of 1."""
    return ([move.company_name, *_ends(move), move.reason] for move in moves)


def _ends(move: Move) -> Iterator[object]:
    for stood in move.pair:
        one = stood.standing
        yield from (stood.run_id, one.group, one.gates_word, one.p_low, one.p_high)
