"""What the tabs Temperature and Pathway of a dossier show, from the archived inputs of one score alone.

The inputs, the day and the method version are the score's; the tables (coefficients, benchmarks, goals) are this
release's, and their digests stand beside, so that a later reader sees whether they are still the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.wording import labelled, listed
from scoring.dossier.fan_chart import FanChart, fan_chart
from scoring.engine import CompanyRecord
from scoring.engine.pathways import words as of_pathways
from scoring.engine.pathways.record import PathTestRecord, PathwayStory
from scoring.engine.score.company_paths import tell
from scoring.engine.score.measured import PREFERRED
from scoring.engine.temperature import words as of_temperature
from scoring.engine.temperature.inputs import SCOPES, TIME_FRAMES
from scoring.engine.temperature.methods import METHODS as TEMPERATURE_METHODS
from scoring.engine.temperature.methods import MethodName, years_ahead
from scoring.engine.temperature.record import CellRecord, TemperatureScoreRecord, temperature_record
from scoring.engine.temperature.scores import degrees
from scoring.engine.temperature.words import SCOPE, TIME_FRAME
from scoring.engine.words import percent
from scoring.models import Score, ScoreItem
from scoring.reading import reads_chinese, said, step_question
from scoring.tables import pathways as pathway_data
from scoring.tables.temperature import shipped_method
from scoring.tables.words import verification_word

METHODS: tuple[MethodName, ...] = tuple(TEMPERATURE_METHODS)
QUESTIONS = ("text_contradicts", "text_of_other_scopes")  # outcomes that a person is to decide
TABLE_YEARS = (2030, 2035, 2040, 2050, 2060)


def archived(score: Score) -> CompanyRecord:
    """The frozen inputs that this score was computed from. Raises ScoreItem.DoesNotExist."""
    inputs = ScoreItem.objects.values_list("inputs", flat=True).get(run_id=score.run_id, company_id=score.company_id)
    return cast(CompanyRecord, json.loads(inputs))


def temperature_of(score: Score, method: MethodName) -> TemperatureScoreRecord:
    """`score` comes with its run."""
    return temperature_record(archived(score), shipped_method(method), score.run.as_of)


def pathway_of(score: Score) -> PathwayStory:
    """`score` comes with its run."""
    return tell(archived(score), score.run.as_of, pathway_data.shipped().reference())


def scope_word(scope: str | None) -> str:
    return said(SCOPE[scope]) if scope else ""


def time_frame_word(time_frame: str | None) -> str:
    return said(TIME_FRAME[time_frame]) if time_frame else ""


def years_word(year: int, first: int, last: int | None) -> str:
    """Of a time frame, counted from `year`."""
    if last is None:
        return _("%(year)s and later") % {"year": year + first}
    return f"{year + first}–{year + last}"


# --- temperature -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ShownOutcome:
    part: str  # scope and time frame
    is_chosen: bool
    because: str
    reduction_ambition: float | None


@dataclass(frozen=True)
class ShownTarget:
    target_key: str
    kind: str
    said: str
    used_as: str
    marks: list[str]
    outcomes: list[ShownOutcome]
    is_used: bool
    is_asked: bool  # its text contradicts it


class ShownCell(NamedTuple):
    scope: str
    cell: CellRecord
    because: str


@dataclass(frozen=True)
class ShownFuture:
    label: str
    codes: str
    scores: list[tuple[str, float | None]]  # by time frame, of the three scopes together


class TemperatureTab:
    """The temperature score of one score's archive, by one method."""

    def __init__(self, score: Score, method: MethodName) -> None:
        self.record = temperature_of(score, method)
        self.method = method

    @property
    def frames(self) -> list[tuple[str, str, list[ShownCell]]]:
        """Time frames with their cells, one for each scope."""
        cells = self.record["cells"]
        size = len(cells) // len(TIME_FRAMES)
        return [
            (
                time_frame_word(frame),
                self._years_ahead(position),
                [self._cell(cell) for cell in cells[position * size :][:size]],
            )
            for position, frame in enumerate(TIME_FRAMES)
        ]

    def _cell(self, cell: CellRecord) -> ShownCell:
        return ShownCell(scope_word(cell["scope"]), cell, said(of_temperature.cell(self.record, cell)))

    def _years_ahead(self, position: int) -> str:
        first, last = years_ahead(self.record["method"]["last_year_ahead"], position)
        return years_word(int(self.record["as_of"][:4]), first, last)

    @property
    def source(self) -> str:
        """Of the coefficients."""
        return TEMPERATURE_METHODS[self.method][0].source

    @property
    def targets(self) -> list[ShownTarget]:
        from portfolio.models import Target

        found = []
        for target in self.record["targets"]:
            outcomes = [
                ShownOutcome(
                    " · ".join(filter(None, [scope_word(one["scope"]), time_frame_word(one["time_frame"])])),
                    one["because"]["code"] == "chosen",
                    said(of_temperature.outcome(one, target["stated"])),
                    one["reduction_ambition"],
                )
                for one in target["outcomes"]
            ]
            used_as = {"absolute": _("absolute"), "intensity": _("intensity")}
            found.append(
                ShownTarget(
                    target["stated"]["target_key"],
                    str(Target.Kind(target["stated"]["kind"]).label),
                    said(of_temperature.target(target["stated"])),
                    used_as.get(target["used_as"] or "", ""),
                    [said(of_temperature.mark(mark, target["stated"])) for mark in target["marks"]],
                    outcomes,
                    any(one.is_chosen for one in outcomes),
                    any(one["because"]["code"] in QUESTIONS for one in target["outcomes"]),
                )
            )
        return sorted(found, key=lambda one: not one.is_used)

    @property
    def futures(self) -> list[ShownFuture]:
        labels = (
            _("It sets a target of %(degrees)s °C wherever it has none"),
            _("Its targets become %(degrees)s °C"),
            _("Engagement brings it to %(degrees)s °C everywhere"),
            _("Engagement brings it to %(degrees)s °C everywhere"),
        )
        rows = [
            (label % {"degrees": f"{one['cap_c']:g}"}, one)
            for label, one in zip(labels, self.record["what_ifs"], strict=True)
        ]
        whole = [position for position, cell in enumerate(self.record["cells"]) if cell["scope"] == SCOPES[0]]
        frames = [time_frame_word(frame) for frame in TIME_FRAMES]
        return [
            ShownFuture(
                label,
                listed(code.split("_")[0] for code in one["codes"]),
                [(frame, one["scores"][at]) for frame, at in zip(frames, whole, strict=True)],
            )
            for label, one in rows
        ]

    @property
    def now(self) -> list[tuple[str, float | None]]:
        """Scope 1+2 by time frame, to hold the futures against."""
        return [
            (time_frame_word(cell["time_frame"]), cell["temperature_c"])
            for cell in self.record["cells"]
            if cell["scope"] == SCOPES[0]
        ]

    @property
    def isic(self) -> str:
        return said(of_temperature.isic(self.record))


def lead(score: Score, pathway: PathwayTab) -> str:
    """What the company promises and how it behaves, in one message above both measures.

    `score` comes with its run. The promise is by the method of today, whichever one a reader looks at.
    """
    record = temperature_of(score, METHODS[0])
    behaviour = _open_behaviour(score) or pathway.behaviour
    said = [_promise(record) or pathway.promise(_why_none(record)), _asked(record), behaviour]
    return ("" if reads_chinese() else " ").join(filter(None, said))


def _open_behaviour(score: Score) -> str:
    """A trend over a step is none, so no degrees are told of it; "" where there is no step."""
    step = score.record["measured"].get("step")
    if step is None:
        return ""
    return _("How it behaves is open: %(step)s") % {"step": step_question(step)}


def _why_none(record: TemperatureScoreRecord) -> str:
    """Why no target can be scored, of a company that has one."""
    of_share = [use for use in record["targets"] if use["stated"]["reduction_share"] is not None]
    if not of_share:
        return _("none has a usable percentage")
    if all(one["because"]["code"] == "in_the_past" for use in of_share for one in use["outcomes"]):
        return _("the year of each percentage is past")
    return _("the reason stands at each")


def _asked(record: TemperatureScoreRecord) -> str:
    count = sum(one["because"]["code"] in QUESTIONS for use in record["targets"] for one in use["outcomes"])
    words = ngettext(
        "%(count)s target is in question, since its text contradicts it.",
        "%(count)s targets are in question, since their texts contradict them.",
        count,
    )
    return words % {"count": count} if count else ""


def _promise(record: TemperatureScoreRecord) -> str:
    """Of scope 1 + 2, of the time frame that its score stands on; "" where no target stands in it."""
    stands = {
        cell["time_frame"]: cell
        for cell in record["cells"]
        if cell["scope"] == SCOPES[0] and cell["default_share"] is not None and cell["default_share"] < 1
    }
    frame = next((TIME_FRAMES[at] for at in PREFERRED if TIME_FRAMES[at] in stands), None)
    if frame is None:
        return ""
    cell, ahead = stands[frame], years_ahead(record["method"]["last_year_ahead"], TIME_FRAMES.index(frame))
    keys = {
        one["target_key"]
        for one in record["cells"]
        if one["time_frame"] == frame and one["scope"] in ("S1", "S2", SCOPES[0])
    }
    uses = [use for use in record["targets"] if use["stated"]["target_key"] in keys]
    is_assumed = any(mark["code"] == "type_assumed" for use in uses for mark in use["marks"])
    told = {
        "degrees": degrees(cell["temperature_c"]),
        "scope": scope_word(cell["scope"]),
        "term": time_frame_word(frame),
        "years": years_word(int(record["as_of"][:4]), *ahead),
        "share": percent(cell["default_share"] or 0.0),
    }
    if is_assumed:
        return (
            _(
                "Its targets promise %(degrees)s: %(scope)s, %(term)s (target year %(years)s), default share "
                "%(share)s, type assumed: absolute."
            )
            % told
        )
    return (
        _("Its targets promise %(degrees)s: %(scope)s, %(term)s (target year %(years)s), default share %(share)s.")
        % told
    )


# --- pathway ---------------------------------------------------------------------------------------------
class PathRow(NamedTuple):
    """One year of the table that says the same as the chart; tonnes."""

    year: int
    note: str
    history_t: float | None
    trajectory_t: float | None
    low_t: float | None
    high_t: float | None
    target_t: float | None
    pathway_t: float | None


class Milestone(NamedTuple):
    name: str
    state: str  # pass, fail or none
    word: str
    because: str
    is_verified: bool


class PathwayTab:
    """Paths, budget, degrees and goals of one score's archive."""

    def __init__(self, score: Score) -> None:
        self.story = pathway_of(score)
        self.record = self.story["pathway"]

    @cached_property
    def chart(self) -> FanChart | None:
        china = self.story["china"]
        return fan_chart(self.record["series"], china["trajectory"], china["target"])

    @property
    def summary(self) -> str:
        """The chart in words."""
        stop = "。" if reads_chinese() else ". "
        parts = [part.rstrip("。.") for part in (self.trajectory, self.target, self.budget)]
        return stop.join(f"{part[:1].upper()}{part[1:]}" for part in parts) + stop.strip()

    @property
    def trajectory(self) -> str:
        return said(of_pathways.trajectory(self.record))

    @property
    def target(self) -> str:
        return said(of_pathways.target(self.record))

    @property
    def budget(self) -> str:
        return said(of_pathways.budget(self.record))

    @property
    def marks(self) -> list[str]:
        return [said(of_pathways.mark(mark)) for mark in self.record["benchmark"]["marks"]]

    @property
    def benchmark(self) -> dict[str, str]:
        """The words for its codes."""
        told = self.record["benchmark"]
        return {
            "sector": said(of_pathways.sector_name(told["sector"])),
            "region": said(of_pathways.region_name(told["region"])),
            "scope": said(of_pathways.scope_name(told["scope"])),
            "verification": verification_word(told["verification"]),
        }

    @property
    def is_fallback(self) -> bool:
        return any(mark["code"] == "economy_wide" for mark in self.record["benchmark"]["marks"])

    @property
    def temperature(self) -> str:
        return said(of_pathways.temperature(self.record))

    @property
    def is_assumed(self) -> bool:
        """The target path is a straight line to a net zero that comes without a percentage."""
        return of_pathways.is_assumed(self.record)

    def promise(self, why_none: str) -> str:
        """Where no target can be scored, for this reason: what its path would come to, if there is one."""
        target_c = self.record["temperature"]["target_c"]
        if target_c is None:
            return _("No target of it can be put in degrees.")
        if self.is_assumed:
            words = _(
                "No target can be scored: %(why)s. A straight line to its net zero, which we assume, would come to "
                "%(degrees)s."
            )
        else:
            words = _(
                "No target can be scored: %(why)s. Drawn as a line in tonnes, what it states comes to %(degrees)s."
            )
        return words % {"why": why_none, "degrees": degrees(target_c)}

    @property
    def behaviour(self) -> str:
        found = self.record
        trajectory_c = found["temperature"]["trajectory_c"]
        if trajectory_c is not None:
            return _("It behaves like %(degrees)s.") % {"degrees": degrees(trajectory_c)}
        reason = found["trajectory"]["code"] and said(of_pathways.why_no_trajectory(found))
        return _("How it behaves cannot be said: %(reason)s.") % {"reason": reason or _("it has no carbon budget")}

    @property
    def targets(self) -> list[tuple[str, bool, str]]:
        rows = self.record["targets"]
        return [(row["target_key"], row["outcome"] == "used", said(of_pathways.target_row(row))) for row in rows]

    @property
    def rows(self) -> list[PathRow]:
        """Reported years, peak and net-zero years, and the years that goals name."""
        series, china = self.record["series"], self.story["china"]
        notes: dict[int, list[str]] = {2030: [_("goal: peak before this year")], 2060: [_("goal: net zero")]}
        for name, path in ((_("trajectory"), china["trajectory"]), (_("target"), china["target"])):
            for what, year in _marked_years(path):
                notes.setdefault(year, []).append(labelled(name, what))
        reported = [y for y, t in zip(series["years"], series["history_t"], strict=True) if t is not None]
        wanted = sorted({*reported, *TABLE_YEARS, *(year for year in notes)})
        return [
            PathRow(
                year,
                listed(notes.get(year, [])),
                *(
                    series[name][year - series["years"][0]]
                    for name in ("history_t", "trajectory_t", "low_t", "high_t", "target_t", "budget_t")
                ),
            )
            for year in wanted
            if series["years"][0] <= year <= series["years"][-1]
        ]

    @property
    def milestones(self) -> list[Milestone]:
        china = self.story["china"]
        unverified = set(china["not_verified"])
        answers = {"not_available": "none", "no": "fail", "yes_by_target": "pass", "yes_on_trajectory": "pass"}
        pledge_gap, intensity_gap = china["pledge_gap_points"][0], china["intensity_gap_points"]
        states = (
            ("peak", _("Peak before 2030"), answers[china["peak"]["code"]]),
            ("net_zero", _("Net zero by 2060"), answers[china["net_zero"]["code"]]),
            ("pledge", _("2035: 7–10% below the peak"), _within(pledge_gap)),
            ("intensity", _("2030: intensity 65% below 2005"), _within(intensity_gap)),
        )
        words = {"pass": _("pass"), "fail": _("fail"), "none": _("not available")}
        sentences = (of_pathways.peak, of_pathways.net_zero, of_pathways.pledge, of_pathways.intensity)
        return [
            Milestone(label, state, words[state], said(sentence(china)), name not in unverified)
            for (name, label, state), sentence in zip(states, sentences, strict=True)
        ]

    @property
    def contraction(self) -> list[tuple[str, str, int, float, float | None, float | None, str]]:
        goals = {"1.5c": "1.5 °C", "well_below_2c": _("well below 2 °C")}
        return [
            (
                goals[row["goal"]],
                percent(row["rate_per_year"]),
                row["year"],
                row["allowed_t"],
                row["trajectory_t"],
                row["target_t"],
                said(of_pathways.contraction(row)),
            )
            for row in self.story["contraction"]
        ]

    @property
    def convergence(self) -> str:
        return said(of_pathways.convergence(self.story["convergence"]))

    @property
    def efficiency(self) -> str:
        return said(of_pathways.efficiency(self.story["efficiency"]))


def _within(gap_points: float | None) -> str:
    """Below the goal's least demand, or at it, is a pass."""
    if gap_points is None:
        return "none"
    return "pass" if round(gap_points, 9) <= 0 else "fail"


def _marked_years(path: PathTestRecord | None) -> list[tuple[str, int]]:
    if path is None:
        return []
    found = [(_("peak"), path["peak_year"]), (_("net zero"), path["net_zero_year"])]
    return [(what, year) for what, year in found if year]
