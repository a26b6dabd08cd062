"""A mandate's rules against one score: pass, fail or not decidable, with what is missing. Touches no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NotRequired, TypedDict

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from scoring.engine.score.record import BARS, BarRecord, CandidacyResult, Missing

if TYPE_CHECKING:
    from fund.models import Mandate
    from portfolio.models import CompanyTrack
    from scoring.models import BarSheet, Score


class Verdict(models.TextChoices):
    PASS = "pass", pgettext_lazy("verdict of a rule", "Pass")
    FAIL = "fail", pgettext_lazy("verdict of a rule", "Fail")
    NOT_DECIDABLE = "not_decidable", pgettext_lazy("verdict of a rule", "Not decidable")


class CheckRecord(TypedDict):
    """A check as it goes into a proposal's content: no words, so that it reads the same in every language."""

    rule: str
    verdict: str
    needed: str
    found: str
    missing: NotRequired[list[Missing]]  # not in those of the first method


@dataclass(frozen=True)
class Check:
    """One rule, what it asks for and what there is; `found` is empty when nothing is known."""

    rule: str
    verdict: Verdict
    needed: str
    found: str
    missing: tuple[Missing, ...] = ()  # what would decide it, and who can tell

    def record(self) -> CheckRecord:
        record = CheckRecord(rule=self.rule, verdict=self.verdict.value, needed=self.needed, found=self.found)
        return record | {"missing": list(self.missing)} if self.missing else record

    @classmethod
    def from_record(cls, record: CheckRecord) -> Check:
        missing = tuple(record.get("missing", ()))
        return cls(record["rule"], Verdict(record["verdict"]), record["needed"], record["found"], missing)

    @property
    def needs_amount(self) -> bool:
        """Nothing is wrong or unknown: nobody has named a ticket yet."""
        return any(one["name"] == "amount" for one in self.missing)

    @property
    def text(self) -> str:
        """The check as a sentence in the reader's language."""
        return SENTENCES[self.rule](self.needed, self.found)


def checks(
    mandate: Mandate,
    score: Score,
    *,
    sheet: BarSheet | None,
    company_tracks: Iterable[CompanyTrack],
    fund_tracks: Collection[str],
    size_cny: Decimal | None = None,
    amount_cny: Decimal | None = None,
) -> list[Check]:
    """Every rule that the mandate sets, in a fixed order. `sheet` is the mandate's on the day.

    A score under another sheet was asked something else: what it says of gates and bars decides no rule.
    """
    scored_by = score.run.bar_sheet
    same = sheet is not None and scored_by is not None and scored_by.digest == sheet.digest
    names = (sheet.version if sheet else "", scored_by.version if scored_by else "")
    found = [Check("sheet", Verdict.PASS if same else Verdict.NOT_DECIDABLE, *names)]
    candidacy = score.record["candidacy"] if same else None
    if mandate.gates_passed_required:
        found.append(_gates(candidacy))
    if mandate.min_cleared is not None:
        found.append(_cleared(mandate.min_cleared, candidacy))
    if mandate.min_p_cleared is not None:
        found.append(_p_cleared(mandate.min_p_cleared, candidacy))
    if mandate.worst_evidence:
        found.append(_evidence(mandate.worst_evidence, candidacy))
    if mandate.oldest_data_year is not None:
        found.append(_data_year(mandate.oldest_data_year, candidacy))
    if mandate.max_ticket_share is not None:
        found.append(_ticket(mandate.max_ticket_share, amount_cny, size_cny))
    if mandate.confirmed_track_required:
        found.append(_track([track for track in company_tracks if track.track in fund_tracks]))
    if mandate.exclude_illustrative:
        is_made_up = score.company.is_illustrative
        verdict = Verdict.FAIL if is_made_up else Verdict.PASS
        found.append(Check("illustrative", verdict, "real", "illustrative" if is_made_up else "real"))
    return found


# --- by gates and bars -------------------------------------------------------------------------------
def _gates(candidacy: CandidacyResult | None) -> Check:
    if candidacy is None:
        return Check("gates", Verdict.NOT_DECIDABLE, "passed", "")
    of = {verdict: [gate for gate in candidacy["gates"] if gate["verdict"] == verdict] for verdict in Verdict.values}
    if failed := of[Verdict.FAIL]:
        return Check("gates", Verdict.FAIL, "passed", ",".join(gate["gate"] for gate in failed))
    if still_open := of[Verdict.NOT_DECIDABLE]:
        missing = tuple(Missing(name=gate["gate"], who=gate["who"] or "fund") for gate in still_open)
        return Check("gates", Verdict.NOT_DECIDABLE, "passed", ",".join(gate["gate"] for gate in still_open), missing)
    return Check("gates", Verdict.PASS, "passed", "passed")


def _cleared(needed: int, candidacy: CandidacyResult | None) -> Check:
    """It fails only where the unknown bars could not make up for those that are missed."""
    if candidacy is None:
        return Check("cleared", Verdict.NOT_DECIDABLE, str(needed), "")
    cleared, known = candidacy["reported"]["cleared"], candidacy["reported"]["known"]
    found = f"{cleared}/{known}"
    if cleared >= needed:
        return Check("cleared", Verdict.PASS, str(needed), found)
    if cleared + len(BARS) - known < needed:
        return Check("cleared", Verdict.FAIL, str(needed), found)
    return Check("cleared", Verdict.NOT_DECIDABLE, str(needed), found, _missing(candidacy))


def _p_cleared(needed: float, candidacy: CandidacyResult | None) -> Check:
    p = candidacy["reported"]["p_cleared"] if candidacy else None
    if candidacy is None or p is None:
        nothing_unknown = candidacy is not None and candidacy["reported"]["known"] == len(BARS)
        verdict = Verdict.FAIL if nothing_unknown else Verdict.NOT_DECIDABLE
        return Check("p", verdict, _number(needed), "", () if candidacy is None else _missing(candidacy))
    # Compared on values rounded to 1e-9, as orders are everywhere.
    verdict = Verdict.PASS if round(p, 9) >= round(needed, 9) else Verdict.FAIL
    return Check("p", verdict, _number(needed), _number(p))


def _evidence(needed: str, candidacy: CandidacyResult | None) -> Check:
    found = (candidacy["reported"]["evidence"] if candidacy else None) or ""
    verdict = Verdict.NOT_DECIDABLE if not found else Verdict.PASS if found <= needed else Verdict.FAIL
    return Check("evidence", verdict, needed, found)


def _data_year(needed: int, candidacy: CandidacyResult | None) -> Check:
    """The oldest year of a known bar counts."""
    bars = _bars(candidacy) if candidacy else ()
    years = [bar["year"] for bar in bars if bar["state"] != "unknown" and bar["year"] is not None]
    if not years:
        return Check("data_year", Verdict.NOT_DECIDABLE, str(needed), "")
    return Check("data_year", Verdict.PASS if min(years) >= needed else Verdict.FAIL, str(needed), str(min(years)))


def _missing(candidacy: CandidacyResult) -> tuple[Missing, ...]:
    """What the unknown bars lack, each once."""
    found: list[Missing] = []
    for bar in _bars(candidacy):
        found += [one for one in bar["missing"] if bar["state"] == "unknown" and one not in found]
    return tuple(found)


def _bars(candidacy: CandidacyResult) -> tuple[BarRecord, ...]:
    return candidacy["c"], candidacy["r"], candidacy["o"]


# --- by anything else --------------------------------------------------------------------------------
def _ticket(needed: float, amount_cny: Decimal | None, size_cny: Decimal | None) -> Check:
    if size_cny is None:
        return Check("ticket", Verdict.NOT_DECIDABLE, _number(needed), "", (Missing(name="fund_size", who="fund"),))
    if amount_cny is None:
        return Check("ticket", Verdict.NOT_DECIDABLE, _number(needed), "", (Missing(name="amount", who="fund"),))
    share = float(amount_cny / size_cny)
    verdict = Verdict.PASS if round(share, 9) <= round(needed, 9) else Verdict.FAIL
    return Check("ticket", verdict, _number(needed), _number(share))


def _track(tracks: list[CompanyTrack]) -> Check:
    confirmed = sorted(track.track for track in tracks if track.is_confirmed)
    if confirmed:
        return Check("track", Verdict.PASS, "confirmed", ", ".join(confirmed))
    verdict = Verdict.NOT_DECIDABLE if tracks else Verdict.FAIL
    return Check("track", verdict, "confirmed", "unconfirmed" if tracks else "none")


def _number(value: float) -> str:
    return f"{value:.10g}"


# --- sentences ---------------------------------------------------------------------------------------
def _sheet_text(needed: str, found: str) -> str:
    about = {"needed": needed, "found": found}
    if not needed:
        return _("By a bar sheet: none is in force")
    if not found:
        return _("By bar sheet %(needed)s: the score is of no bar sheet. Score again under sheet %(needed)s.") % about
    if found != needed:
        return _("By bar sheet %(needed)s: the score is of sheet %(found)s. Score again under %(needed)s.") % about
    return _("By bar sheet %(needed)s: so it was scored") % about


def _gates_text(needed: str, found: str) -> str:
    if found == "passed":
        return _("All gates passed: they are")
    if not found:
        return _("All gates passed: not told by this score")
    return _("All gates passed: %(gates)s not passed") % {"gates": ", ".join(found.split(","))}


def _cleared_text(needed: str, found: str) -> str:
    if not found:
        return _("At least %(needed)s bars cleared: not told by this score") % {"needed": needed}
    cleared, known = map(int, found.split("/"))
    about = {"needed": needed, "cleared": cleared, "unknown": len(BARS) - known}
    if known == len(BARS):
        return _("At least %(needed)s bars cleared: %(cleared)s are") % about
    return _("At least %(needed)s bars cleared: %(cleared)s are, %(unknown)s unknown") % about


def _p_text(needed: str, found: str) -> str:
    about = {"needed": percent(needed), "found": percent(found) if found else ""}
    if not found:
        return _("P of the cleared bars at least %(needed)s: no bar is cleared") % about
    return _("P of the cleared bars at least %(needed)s: it is %(found)s") % about


def _evidence_text(needed: str, found: str) -> str:
    if not found:
        return _("Evidence %(needed)s or better: no bar is known") % {"needed": needed}
    return _("Evidence %(needed)s or better: the worst is %(found)s") % {"needed": needed, "found": found}


def _data_year_text(needed: str, found: str) -> str:
    if not found:
        return _("Data of %(needed)s or later: the year is not known") % {"needed": needed}
    return _("Data of %(needed)s or later: they are of %(found)s") % {"needed": needed, "found": found}


def _ticket_text(needed: str, found: str) -> str:
    about = {"needed": percent(needed), "found": percent(found) if found else ""}
    if not found:
        return _("At most %(needed)s of the fund in one ticket: the share is not known") % about
    return _("At most %(needed)s of the fund in one ticket: this is %(found)s") % about


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


# --- sentences of the first method, for what was proposed then -----------------------------------------
def _band_text(needed: str, found: str) -> str:
    if not found:
        return _("Band at least %(needed)s: the score has no band") % {"needed": needed}
    return _("Band at least %(needed)s: the score has %(found)s") % {"needed": needed, "found": found}


def _coverage_text(needed: str, found: str) -> str:
    about = {"needed": percent(needed), "found": percent(found) if found else ""}
    if not found:
        return _("Observed weight at least %(needed)s: the score has none") % about
    return _("Observed weight at least %(needed)s: the score has %(found)s") % about


def _data_quality_text(needed: str, found: str) -> str:
    if not found:
        return _("Data quality %(needed)s or better: it is not known") % {"needed": needed}
    return _("Data quality %(needed)s or better: it is %(found)s") % {"needed": needed, "found": found}


def percent(share: str) -> str:
    """Three significant digits: 99.4 %, 5 %, 0.875 %."""
    return f"{float(share) * 100:.3g}%"


SENTENCES = {
    "sheet": _sheet_text,
    "gates": _gates_text,
    "cleared": _cleared_text,
    "p": _p_text,
    "evidence": _evidence_text,
    "data_year": _data_year_text,
    "ticket": _ticket_text,
    "track": _track_text,
    "illustrative": _illustrative_text,
    "band": _band_text,
    "coverage": _coverage_text,
    "data_quality": _data_quality_text,
}
RETIRED_RULES = {  # column of the first method's mandates → the sentence of what it asked
    "min_band": gettext_lazy("band %(needed)s or better"),
    "min_coverage_share": gettext_lazy("observed weight at least %(needed)s"),
    "worst_data_quality": gettext_lazy("data quality %(needed)s or better"),
}
