"""What a mandate says to a score, and which of its versions stands on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from fund.committee import words
from fund.models import Mandate, ThemeFund
from fund.models import mandate_rules as rules
from portfolio.models import Company, CompanyTrack, Track
from scoring.models import BarSheet, Score, ScoreRun
from tests import make
from tests.fund.committee.made import GRANTS, bar, gate, record, result

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SHEET = BarSheet(version="1", digest="1" * 64)
OURS = [Track.POWER.value]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


def test_a_new_fund_has_all_tracks(fund: ThemeFund) -> None:
    assert sorted(fund.track_codes()) == sorted(Track.values)
    fund.save()
    assert fund.tracks.count() == 4


def test_the_mandate_in_force_is_the_one_that_began_last(fund: ThemeFund) -> None:
    first, second, later = (
        make.mandate(fund=fund, valid_from=day) for day in ("2024-01-01", "2025-01-01", "2026-01-01")
    )
    assert [m.version for m in (first, second, later)] == [1, 2, 3]
    assert fund.mandate_on(date(2025, 7, 1)) == second
    assert fund.mandate_on(date(2023, 7, 1)) is None


def test_a_mandate_without_a_sheet_is_by_the_one_in_force(fund: ThemeFund) -> None:
    mandate = make.mandate(fund=fund, valid_from="2026-01-01")
    assert mandate.sheet_on(date(2026, 11, 30)) == BarSheet.in_force(date(2026, 11, 30))
    assert mandate.sheet_on(date(2000, 1, 1)) is None


@pytest.mark.parametrize(
    "wrong",
    [{"min_cleared": 4}, {"min_p_cleared": 1.1}, {"max_ticket_share": 0.0}, {"worst_evidence": "E6"}],
)
def test_a_rule_that_cannot_be_is_refused_by_form_and_database(fund: ThemeFund, wrong: dict[str, Any]) -> None:
    mandate = Mandate(fund=fund, valid_from="2026-01-01", **wrong)
    with pytest.raises(ValidationError):
        mandate.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        mandate.save()


# --- its rules -------------------------------------------------------------------------------------------
def checks(rule: dict[str, Any], candidacy: dict[str, Any] | None = None, **facts: Any) -> list[rules.Check]:
    """Of a candidate that clears three bars, unless said otherwise, scored by the mandate's sheet."""
    company = Company(company_key="demo-alpha", is_illustrative=facts.pop("is_illustrative", False))
    scored_by = facts.pop("scored_by", SHEET)
    score = Score(company=company, run=ScoreRun(bar_sheet=scored_by))
    score.record = record(company, candidacy or result(), scored_by, date(2026, 11, 30))  # type: ignore[assignment]
    given: dict[str, Any] = {"sheet": SHEET, "company_tracks": [], "fund_tracks": OURS}
    return rules.checks(Mandate(**rule), score, **(given | facts))


def check(rule: dict[str, Any], candidacy: dict[str, Any] | None = None, **facts: Any) -> rules.Check:
    """The one beside that of the sheet."""
    _sheet, found = checks(rule, candidacy, **facts)
    return found


UNKNOWN = bar("unknown", missing=[GRANTS])
TWO_KNOWN = result(r=UNKNOWN)
OLD = result(o=bar(year=2023, evidence="E4"))


@pytest.mark.parametrize(
    ("rule", "candidacy", "expected"),
    [
        ({"gates_passed_required": True}, result(), "pass"),
        ({"gates_passed_required": True}, result(gates=[gate("G2", "not_decidable", who="fund")]), "not_decidable"),
        ({"gates_passed_required": True}, result(gates=[gate("G2", "not_decidable"), gate("G4", "fail")]), "fail"),
        ({"min_cleared": 3}, result(), "pass"),
        ({"min_cleared": 2}, TWO_KNOWN, "pass"),
        ({"min_cleared": 3}, TWO_KNOWN, "not_decidable"),
        ({"min_cleared": 3}, result(r=bar("missed"), o=UNKNOWN), "fail"),  # the unknown one could not make up for it
        ({"min_cleared": 2}, result(r=bar("missed"), o=UNKNOWN), "not_decidable"),
        ({"min_cleared": 0}, result(c=UNKNOWN, r=UNKNOWN, o=UNKNOWN), "pass"),
        ({"min_p_cleared": 0.729}, result(), "pass"),  # 0.9 · 0.9 · 0.9
        ({"min_p_cleared": 0.73}, result(), "fail"),
        ({"min_p_cleared": 0.81}, TWO_KNOWN, "pass"),
        ({"min_p_cleared": 0.5}, result(c=UNKNOWN, r=UNKNOWN, o=UNKNOWN), "not_decidable"),
        ({"min_p_cleared": 0.5}, result(c=bar("missed"), r=bar("missed"), o=bar("missed")), "fail"),
        ({"worst_evidence": "E2"}, result(), "pass"),
        ({"worst_evidence": "E1"}, result(), "fail"),
        ({"worst_evidence": "E3"}, OLD, "fail"),  # the worst of the known bars
        ({"worst_evidence": "E5"}, result(c=UNKNOWN, r=UNKNOWN, o=UNKNOWN), "not_decidable"),
        ({"oldest_data_year": 2025}, result(), "pass"),
        ({"oldest_data_year": 2024}, OLD, "fail"),  # the oldest of the known bars
        ({"oldest_data_year": 2024}, result(c=UNKNOWN, r=UNKNOWN, o=UNKNOWN), "not_decidable"),
    ],
)
def test_each_rule_of_gates_and_bars_passes_fails_or_is_not_decidable(rule: Any, candidacy: Any, expected: str) -> None:
    assert check(rule, candidacy).verdict == expected


def test_what_would_decide_a_rule_is_named_with_who_can_tell_it() -> None:
    waiting = result(gates=[gate("G1"), gate("G2", "not_decidable", who="fund")], r=UNKNOWN)
    gates, cleared = checks({"gates_passed_required": True, "min_cleared": 3}, waiting)[1:]
    assert gates.missing == ({"name": "G2", "who": "fund"},)
    assert cleared.missing == (GRANTS,)
    assert rules.Check.from_record(cleared.record()) == cleared


def test_a_score_under_another_sheet_decides_nothing_and_says_what_to_do() -> None:
    other = BarSheet(version="2", digest="2" * 64)
    found = checks({"min_cleared": 1, "worst_evidence": "E5", "oldest_data_year": 2000}, scored_by=other)
    assert {one.verdict.value for one in found} == {"not_decidable"}
    assert "Score again under 1" in found[0].text


@pytest.mark.parametrize("sheets", [{"sheet": None}, {"scored_by": None}])
def test_without_a_sheet_on_either_side_nothing_of_bars_is_decidable(sheets: dict[str, Any]) -> None:
    assert {one.verdict.value for one in checks({"min_cleared": 1}, **sheets)} == {"not_decidable"}


@pytest.mark.parametrize(
    ("amount", "size", "expected"),
    [("5", "100", "pass"), ("5.01", "100", "fail"), (None, "100", "not_decidable"), ("5", None, "not_decidable")],
)
def test_a_ticket_is_measured_against_the_size_of_the_fund(amount: Any, size: Any, expected: str) -> None:
    facts = {"amount_cny": amount and Decimal(amount), "size_cny": size and Decimal(size)}
    assert check({"max_ticket_share": 0.05}, **facts).verdict == expected


@pytest.mark.parametrize(("made_up", "expected"), [(False, "pass"), (True, "fail")])
def test_illustrative_companies_can_be_excluded(made_up: bool, expected: str) -> None:
    assert check({"exclude_illustrative": True}, is_illustrative=made_up).verdict == expected


def test_an_unconfirmed_track_is_not_decidable() -> None:
    rule = {"confirmed_track_required": True}
    unconfirmed, confirmed = CompanyTrack(track="power_decarbonisation"), CompanyTrack(track="power_decarbonisation")
    confirmed.confirmed_at = date(2025, 1, 1)  # type: ignore[assignment]
    other = CompanyTrack(track="energy_efficiency", confirmed_at=date(2025, 1, 1))
    assert check(rule, company_tracks=[unconfirmed]).verdict == "not_decidable"
    assert check(rule, company_tracks=[confirmed]).verdict == "pass"
    assert check(rule, company_tracks=[other]).verdict == "fail"


def test_a_blank_rule_is_not_set() -> None:
    assert [one.rule for one in checks({})] == ["sheet"]


@pytest.mark.parametrize(
    ("rule", "needed", "found", "shown"),
    [
        ("sheet", "1", "2", "2"),
        ("gates", "passed", "G2,G4", "G2, G4"),
        ("cleared", "3", "1/2", "1 unknown"),
        ("p", "0.8", "0.69", "69%"),
        ("evidence", "E2", "E4", "E4"),
        ("data_year", "2022", "2019", "2019"),
        ("ticket", "0.05", "0.0625", "6.25%"),
        ("band", "B", "C", "C"),
        ("coverage", "0.6", "0.5", "50%"),
        ("data_quality", "2", "4", "4"),
    ],
)
def test_every_check_is_a_sentence_with_its_figures(rule: str, needed: str, found: str, shown: str) -> None:
    text = rules.Check(rule, rules.Verdict.FAIL, needed, found).text
    assert shown in text
    assert rules.Check(rule, rules.Verdict.NOT_DECIDABLE, needed, "").text != text


def test_a_mandate_is_told_in_words_rule_by_rule() -> None:
    mandate = Mandate(min_cleared=2, min_p_cleared=0.8, max_ticket_share=0.05, gates_passed_required=True)
    told = "; ".join(words.rules_of(mandate))
    assert told == "all gates passed; at least 2 bars cleared; P at least 80%; at most 5% of the fund in one ticket"
    assert list(words.rules_of(Mandate())) == []


def test_rules_of_the_first_method_are_still_readable() -> None:
    mandate = Mandate(retired_rules='{"min_band": "C", "min_coverage_share": 0.6, "worst_data_quality": 3}')
    assert list(words.retired_rules(mandate)) == [
        "band C or better",
        "observed weight at least 60%",
        "data quality 3 or better",
    ]
    assert list(words.retired_rules(Mandate())) == []
