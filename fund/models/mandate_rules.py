"""A mandate's rules against one score: pass, fail or not decidable, with the numbers. Touches no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from fund.models import Mandate
    from portfolio.models import CompanyTrack
    from scoring.models import Score

BANDS = "ABCDE"  # best first


class Verdict(models.TextChoices):
    PASS = "pass", gettext_lazy("Pass")
    FAIL = "fail", gettext_lazy("Fail")
    NOT_DECIDABLE = "not_decidable", gettext_lazy("Not decidable")


class CheckRecord(TypedDict):
    """A check as it goes into a proposal's content: no words, so that it reads the same in every language."""

    rule: str
    verdict: str
    needed: str
    found: str


@dataclass(frozen=True)
class Check:
    """One rule, what it asks for and what there is; `found` is empty when nothing is known."""

    rule: str
    verdict: Verdict
    needed: str
    found: str

    def record(self) -> CheckRecord:
        return {"rule": self.rule, "verdict": self.verdict.value, "needed": self.needed, "found": self.found}

    @classmethod
    def from_record(cls, record: CheckRecord) -> Check:
        return cls(record["rule"], Verdict(record["verdict"]), record["needed"], record["found"])

    @property
    def text(self) -> str:
        """The check as a sentence in the reader's language."""
        return SENTENCES[self.rule](self.needed, self.found)


def checks(
    mandate: Mandate, score: Score, company_tracks: Iterable[CompanyTrack], fund_tracks: Collection[str]
) -> list[Check]:
    """Every rule that the mandate sets, in a fixed order."""
    found: list[Check] = []
    if mandate.min_band:
        found.append(_band(mandate.min_band, score.band))
    if mandate.min_coverage_share is not None:
        found.append(_at_least("coverage", mandate.min_coverage_share, score.coverage))
    if mandate.worst_data_quality is not None:
        found.append(_at_most("data_quality", mandate.worst_data_quality, score.data_quality))
    if mandate.oldest_data_year is not None:
        found.append(_at_least("data_year", mandate.oldest_data_year, score.data_year))
    if mandate.confirmed_track_required:
        found.append(_track([track for track in company_tracks if track.track in fund_tracks]))
    if mandate.exclude_illustrative:
        is_made_up = score.company.is_illustrative
        verdict = Verdict.FAIL if is_made_up else Verdict.PASS
        found.append(Check("illustrative", verdict, "real", "illustrative" if is_made_up else "real"))
    return found


def _band(needed: str, band: str) -> Check:
    """A printed band may span letters ("B–C"): it passes or fails only where all of them agree."""
    good = {BANDS.index(letter) <= BANDS.index(needed) for letter in band if letter in BANDS}
    return Check("band", _agreed(good), needed, band)


def _track(tracks: list[CompanyTrack]) -> Check:
    confirmed = sorted(track.track for track in tracks if track.is_confirmed)
    if confirmed:
        return Check("track", Verdict.PASS, "confirmed", ", ".join(confirmed))
    verdict = Verdict.NOT_DECIDABLE if tracks else Verdict.FAIL
    return Check("track", verdict, "confirmed", "unconfirmed" if tracks else "none")


def _at_least(rule: str, needed: float, found: float | None) -> Check:
    # Compared on values rounded to 1e-9, as letters and orders are everywhere.
    good = set() if found is None else {round(found, 9) >= round(needed, 9)}
    return Check(rule, _agreed(good), _number(needed), _number(found))


def _at_most(rule: str, needed: int, found: int | None) -> Check:
    good = set() if found is None else {found <= needed}
    return Check(rule, _agreed(good), _number(needed), _number(found))


def _agreed(good: set[bool]) -> Verdict:
    if len(good) != 1:
        return Verdict.NOT_DECIDABLE
    return Verdict.PASS if good.pop() else Verdict.FAIL


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


# --- sentences ---------------------------------------------------------------------------------------
def _band_text(needed: str, found: str) -> str:
    if not found:
        return _("Band at least %(needed)s: the score has no band") % {"needed": needed}
    return _("Band at least %(needed)s: the score has %(found)s") % {"needed": needed, "found": found}


def _coverage_text(needed: str, found: str) -> str:
    percent = {"needed": f"{float(needed):.1%}", "found": f"{float(found):.1%}" if found else ""}
    if not found:
        return _("Observed weight at least %(needed)s: the score has none") % percent
    return _("Observed weight at least %(needed)s: the score has %(found)s") % percent


def _data_quality_text(needed: str, found: str) -> str:
    if not found:
        return _("Data quality %(needed)s or better: it is not known") % {"needed": needed}
    return _("Data quality %(needed)s or better: it is %(found)s") % {"needed": needed, "found": found}


def _data_year_text(needed: str, found: str) -> str:
    if not found:
        return _("Data of %(needed)s or later: the year is not known") % {"needed": needed}
    return _("Data of %(needed)s or later: they are of %(found)s") % {"needed": needed, "found": found}


def _track_text(needed: str, found: str) -> str:
    from portfolio.models import Track

    if found == "none":
        return _("A confirmed track of the fund: the company has no track of this fund")
    if found == "unconfirmed":
        return _("A confirmed track of the fund: nobody has confirmed the company's track yet")
    names = ", ".join(str(Track(code).label) for code in found.split(", "))
    return _("A confirmed track of the fund: %(tracks)s") % {"tracks": names}


def _illustrative_text(needed: str, found: str) -> str:
    if found == "illustrative":
        return _("Real companies only: this company is illustrative")
    return _("Real companies only: this company is real")


SENTENCES = {
    "band": _band_text,
    "coverage": _coverage_text,
    "data_quality": _data_quality_text,
    "data_year": _data_year_text,
    "track": _track_text,
    "illustrative": _illustrative_text,
}
