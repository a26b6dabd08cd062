"""What a mandate says to a score, and which of its versions stands on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fund.models import Mandate, ThemeFund
from fund.models import mandate_rules as rules
from portfolio.models import Company, CompanyTrack, Track
from scoring.models import Score
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


def test_a_new_fund_has_all_tracks(fund: ThemeFund) -> None:
    assert sorted(fund.track_codes()) == sorted(Track.values)
    fund.save()
    assert fund.tracks.count() == 4


def test_the_mandate_in_force_is_the_one_that_began_last(fund: ThemeFund) -> None:
    first, second, later = (
        Mandate.objects.create(fund=fund, valid_from=day) for day in ("2024-01-01", "2025-01-01", "2026-01-01")
    )
    assert [m.version for m in (first, second, later)] == [1, 2, 3]
    assert fund.mandate_on(date(2025, 7, 1)) == second
    assert fund.mandate_on(date(2023, 7, 1)) is None


A_SCORE: dict[str, Any] = {"band": "B", "coverage": 0.8, "data_quality": 2, "data_year": 2023}
OURS = [Track.POWER.value]


def verdict(rule: dict[str, Any], *, tracks: list[CompanyTrack] | None = None, **facts: Any) -> list[tuple[str, str]]:
    company = Company(company_key="demo-alpha", is_illustrative=facts.pop("is_illustrative", False))
    checks = rules.checks(Mandate(**rule), Score(company=company, **(A_SCORE | facts)), tracks or [], OURS)
    return [(check.rule, check.verdict.value) for check in checks]


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ({"min_band": "B"}, {}, "pass"),
        ({"min_band": "A"}, {}, "fail"),
        ({"min_band": "B"}, {"band": ""}, "not_decidable"),
        ({"min_band": "B"}, {"band": "A–B"}, "pass"),
        ({"min_band": "B"}, {"band": "B–C"}, "not_decidable"),
        ({"min_coverage_share": 0.8}, {}, "pass"),
        ({"min_coverage_share": 0.81}, {}, "fail"),
        ({"min_coverage_share": 0.8}, {"coverage": None}, "not_decidable"),
        ({"worst_data_quality": 2}, {}, "pass"),
        ({"worst_data_quality": 1}, {}, "fail"),
        ({"worst_data_quality": 2}, {"data_quality": None}, "not_decidable"),
        ({"oldest_data_year": 2023}, {}, "pass"),
        ({"oldest_data_year": 2024}, {}, "fail"),
        ({"oldest_data_year": 2023}, {"data_year": None}, "not_decidable"),
        ({"exclude_illustrative": True}, {}, "pass"),
        ({"exclude_illustrative": True}, {"is_illustrative": True}, "fail"),
    ],
)
def test_each_rule_passes_fails_or_is_not_decidable(rule: Any, facts: Any, expected: str) -> None:
    assert [found for _rule, found in verdict(rule, **facts)] == [expected]


def test_an_unconfirmed_track_is_not_decidable() -> None:
    rule = {"confirmed_track_required": True}
    unconfirmed, confirmed = CompanyTrack(track="power_decarbonisation"), CompanyTrack(track="power_decarbonisation")
    confirmed.confirmed_at = confirmed.confirmed_at or date(2025, 1, 1)  # type: ignore[assignment]
    other = CompanyTrack(track="energy_efficiency", confirmed_at=date(2025, 1, 1))
    assert verdict(rule, tracks=[unconfirmed]) == [("track", "not_decidable")]
    assert verdict(rule, tracks=[confirmed]) == [("track", "pass")]
    assert verdict(rule, tracks=[other]) == [("track", "fail")]


def test_a_blank_rule_is_not_set() -> None:
    assert verdict({}) == []


def test_every_check_is_a_sentence_with_its_figures() -> None:
    for rule, found in (("band", "C"), ("coverage", "0.5"), ("data_quality", "4"), ("data_year", "2019")):
        needed = {"band": "B", "coverage": "0.6", "data_quality": "2", "data_year": "2022"}[rule]
        text = rules.Check(rule, rules.Verdict.FAIL, needed, found).text
        shown = "50.0%" if rule == "coverage" else found
        assert shown in text
        assert rules.Check(rule, rules.Verdict.NOT_DECIDABLE, needed, "").text != text
