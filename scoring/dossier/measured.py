"""What is measured of a company, as facts with their year and how they are known. No score of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from portfolio.templatetags.figures import significant
from portfolio.wording import listed
from scoring.candidates import amounts
from scoring.engine.score.record import MeasuredRecord
from scoring.engine.temperature.inputs import SCOPES
from scoring.engine.temperature.methods import EDITION_10
from scoring.engine.temperature.scores import degrees
from scoring.engine.temperature.words import SCOPE, TIME_FRAME
from scoring.estimators.words import RUNGS
from scoring.reading import flag_texts, said, signed_percent, step_question

FIRST_EDITION = EDITION_10.name  # of records that name none
SCOPE2_KINDS = {
    "location": pgettext_lazy("kind of scope 2", "location-based"),
    "market": pgettext_lazy("kind of scope 2", "market-based"),
    "unspecified": pgettext_lazy("kind of scope 2", "not stated"),
}
BOUNDARIES = {
    "matched": pgettext_lazy("boundary of emissions and revenue", "boundaries agree"),
    "mismatched": pgettext_lazy("boundary of emissions and revenue", "boundaries differ"),
    "unstated": pgettext_lazy("boundary of emissions and revenue", "boundaries not stated"),
}


@dataclass(frozen=True)
class Fact:
    label: str
    value: str  # a dash where nobody told it
    beside: str = ""


class Measured:
    """The facts of one record in the reader's language."""

    def __init__(self, record: MeasuredRecord) -> None:
        self.record = record

    @property
    def facts(self) -> list[Fact]:
        told = self.record
        years = _("%(years)s years, since %(first)s") % {"years": told["years"], "first": told["first_year"] or "—"}
        no_trend = _("three years give a trend")
        has_trend = told["change_per_year"] is not None
        about = self.step or (years if has_trend else no_trend)
        uncompared = "" if told["revenue_change_per_year"] is not None else _("not of the same years and boundary")
        return [
            Fact(_("Scopes 1 + 2"), _tonnes(told["emissions_t"]), self.known_as),
            Fact(_("Change of emissions a year"), _change(told["change_per_year"]), about),
            Fact(_("Intensity"), _intensity(told["intensity"]), _boundary(told["boundary"])),
            Fact(_("Change of intensity a year"), _change(told["intensity_change_per_year"]), self.step or uncompared),
            Fact(_("Change of revenue a year"), _change(told["revenue_change_per_year"]), uncompared),
            Fact(_("What its targets promise"), _degrees(told["temperature_c"]), self.promise),
            Fact(_("How it behaves"), _degrees(told["pathway_c"]), self.step or _("implied by its trajectory")),
        ]

    @property
    def step(self) -> str:
        """What stands beside a change that nobody can tell yet; empty where there is no step."""
        found = self.record.get("step")
        return "" if found is None else step_question(found)

    @property
    def known_as(self) -> str:
        """Year, rung and kind of scope 2 of the emissions."""
        told = self.record
        parts = [
            str(told["data_year"] or ""),
            str(RUNGS.get(told["rung"] or 0, "")),
            str(SCOPE2_KINDS.get(told["scope2_kind"] or "", "")),
        ]
        return " · ".join(filter(None, parts))

    @property
    def promise(self) -> str:
        if self.record["temperature_c"] is None:
            return _("no usable target")
        edition = _("CDP-WWF method %(edition)s") % {"edition": self.record.get("temperature_edition", FIRST_EDITION)}
        frame = self.record["time_frame"]
        of = [said(SCOPE[SCOPES[0]]), said(TIME_FRAME[frame])] if frame else []  # of scopes 1 and 2, as the engine says
        return listed([*of, edition])

    @property
    def flags(self) -> list[str]:
        return flag_texts(self.record["flags"])

    @property
    def estimate(self) -> str:
        """Where nobody reported emissions: what the model says, as a range."""
        found = self.record["estimate"]
        if found is None:
            return ""
        low, median, high = (10**quantile for quantile in cast(list[float], found["log10_t"]))
        return _(
            "Nobody reported emissions. The model says %(median)s, in nine cases of ten %(low)s to %(high)s: %(rung)s."
        ) % {
            "median": amounts.tonnes(median),
            "low": amounts.tonnes(low),
            "high": amounts.tonnes(high),
            "rung": RUNGS[cast(int, found["rung"])],
        }


def _boundary(boundary: str | None) -> str:
    return str(BOUNDARIES.get(boundary or "", ""))


def _tonnes(value: float | None) -> str:
    return "—" if value is None else amounts.tonnes(value)


def _change(share: float | None) -> str:
    return "—" if share is None else signed_percent(share)


def _intensity(value: float | None) -> str:
    return "—" if value is None else f"{significant(value, 3)} {amounts.per_unit('t/10k CNY', '')}"


def _degrees(value: float | None) -> str:
    return degrees(value)
