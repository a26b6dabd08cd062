"""A ledger is held against the approved monitoring plan: what differs is asked about, and nothing of it blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.activities.grid import period_of
from portfolio.models import Activity, Check, PlannedSource, Site
from scoring.plausibility.checks import checks_of
from tests import make
from tests.portfolio.monitoring_plans.plans import approved, draft, source
from tests.scoring.signing.desk import Desk, line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def planned(*sources: PlannedSource, lines: tuple[Activity, ...] = ()) -> Desk:
    """A ledger of 2022 under an approved plan of these rows."""
    desk = Desk(*lines)
    approved(desk.company, desk.alice, desk.bob, *sources, valid_from=2022)
    return desk


def of_plan(desk: Desk) -> dict[str, dict[str, Any]]:
    return {row.code: row.parameters for row in checks_of(desk.disclosure) if row.code.startswith("plan_")}


def said(desk: Desk) -> list[str]:
    return [row.words for row in checks_of(desk.disclosure) if row.code.startswith("plan_")]


def month(number: int, **facts: Any) -> Activity:
    first, last = period_of(number, 2022)
    return line(period_start=first, period_end=last, **facts)


def year(**facts: Any) -> Activity:
    return line(period_start=date(2022, 1, 1), period_end=date(2022, 12, 31), **facts)


ANY = {"often": "year", "evidence": ""}  # what the line of `year` fits without a question


def test_without_an_approved_plan_there_is_one_note_and_no_question() -> None:
    desk = Desk()
    draft(desk.company, desk.alice, valid_from=2022)  # a draft is no plan yet
    notes = [row for row in checks_of(desk.disclosure) if row.code.startswith("plan_")]
    assert [(row.code, row.severity) for row in notes] == [("plan_none", Check.Severity.INFO)]


def test_a_plan_from_a_later_year_is_none_of_this_one() -> None:
    desk = Desk()
    approved(desk.company, desk.alice, desk.bob, valid_from=2023)
    assert list(of_plan(desk)) == ["plan_none"]


def test_a_ledger_that_keeps_to_the_plan_is_asked_nothing() -> None:
    desk = planned(source(evidence=""), lines=tuple(month(number) for number in range(1, 13)))
    assert of_plan(desk) == {}


def test_a_planned_source_without_a_line_is_named() -> None:
    desk = planned(source(**ANY), source("fuel.diesel@road", unit="t", **ANY), lines=(year(),))
    assert of_plan(desk)["plan_source_silent"]["source"] == 2
    assert "told by no line" in said(desk)[0]
    desk.put(year(), Activity(kind="fuel.diesel@road", notation="NO"))
    assert of_plan(desk) == {}


def test_a_site_that_was_not_in_use_that_year_has_nothing_to_tell() -> None:
    desk = Desk(year())
    closed = Site.objects.create(
        company=desk.company, site_key="old", name="Old plant", closed_on=date(2021, 6, 1), **make.SOURCE
    )
    approved(desk.company, desk.alice, desk.bob, source(**ANY), source(site=closed, **ANY), valid_from=2022)
    assert of_plan(desk) == {}


def test_months_without_a_line_are_named() -> None:
    desk = planned(source(evidence=""), lines=tuple(month(number) for number in range(1, 13) if number not in (3, 7)))
    assert of_plan(desk)["plan_months_missing"]["months"] == [3, 7]
    assert "no line tells of March, July" in said(desk)[0]


def test_a_year_in_one_line_where_months_are_planned() -> None:
    desk = planned(source(evidence=""), lines=(year(),))
    assert list(of_plan(desk)) == ["plan_period_too_long"]
    assert "planned every month" in said(desk)[0]


def test_a_quarter_may_be_told_by_its_months() -> None:
    desk = planned(source(evidence="", often="quarter"), lines=tuple(month(number) for number in range(1, 12)))
    assert of_plan(desk)["plan_months_missing"]["months"] == [12]


def test_a_line_of_nothing_that_is_planned() -> None:
    desk = planned(source(**ANY), lines=(year(), year(kind="fuel.diesel@road", unit="t", typed_unit="t", amount=3.0)))
    assert of_plan(desk) == {"plan_line_unplanned": {"lines": [2]}}


def test_a_meter_that_is_not_planned_or_not_named() -> None:
    meters = (source(meter="A-1", **ANY), source(meter="A-2", **ANY))
    desk = planned(*meters, lines=(year(meter="a-1"), year(meter="A-2"), year(meter="A-3"), year()))
    assert of_plan(desk) == {"plan_meter_unplanned": {"lines": [3]}, "plan_meter_unnamed": {"lines": [4]}}


def test_the_only_meter_is_meant_by_a_line_that_names_none_and_by_one_that_came_by_a_link() -> None:
    desk = planned(source(meter="A-1", **ANY), lines=(year(), year(meter="Q2-17")))
    assert of_plan(desk) == {"plan_meter_unnamed": {"lines": [1, 2]}}


def test_another_unit_than_planned() -> None:
    desk = planned(source("fuel.natural_gas", unit="m3@20C", **ANY), lines=(year(kind="fuel.natural_gas", unit="GJ"),))
    assert of_plan(desk)["plan_unit_differs"]["lines"] == [1]
    assert "planned in m³ (20 °C)" in said(desk)[0]


def test_evidence_that_the_plan_expects_is_asked_for_once() -> None:
    desk = planned(source(often="year", evidence="monthly bills"), lines=(year(), year(amount=2.0)))
    codes = [row.code for row in checks_of(desk.disclosure)]
    assert of_plan(desk)["plan_evidence_missing"]["lines"] == [1, 2]
    assert "line_without_evidence" not in codes
    assert "“monthly bills”" in said(desk)[0]


def test_no_question_of_the_plan_blocks_and_the_verifier_reads_what_the_company_read() -> None:
    desk = planned(source("fuel.diesel@road", unit="t", **ANY), lines=(year(),))
    make.financials(desk.company, 2022)
    desk.disclosure.figures.create(quantity="scope1_t", value=3.0, typed="3")
    desk.take()
    before = said(desk)
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.alice)
    page = client.get(reverse("portfolio:submit", args=[desk.disclosure.pk])).content.decode()
    assert all(words in page for words in before)
    desk.disclosure.submit(by=desk.alice)
    kept = [row.words for row in desk.disclosure.open_items() if row.code.startswith("plan_")]
    assert kept == before and len(kept) == 2


def test_a_later_version_of_the_plan_is_another_basis() -> None:
    desk = planned(source(**ANY), lines=(year(),))
    assert of_plan(desk) == {}
    approved(desk.company, desk.alice, desk.bob, source(meter="A-1", **ANY), valid_from=2023)
    assert of_plan(desk) == {}
    approved(desk.company, desk.alice, desk.bob, source(meter="A-2", **ANY), valid_from=2022)
    assert list(of_plan(desk)) == ["plan_meter_unnamed"]
