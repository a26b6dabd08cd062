"""The list of peers: who is in it, by which facts it is narrowed and ordered, and what is never there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.models import Company, Sector
from scoring.models import LatestScore
from scoring.peers.listing import _range
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller, is_problem
from tests.make_candidates import candidate
from tests.scoring.pages import scored, signed_in, text, three

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row" class="sticky"><a href="[^"]*">([^<]*)</a>', page)


def shown(query: str = "", language: str = "en") -> str:
    carol = User.objects.filter(username="carol").first() or make.carol()
    return text(signed_in(carol, language).get(f"{reverse('scoring:peers')}?{query}"))


def know_both(*companies: Company) -> None:
    LatestScore.objects.filter(company__in=companies).update(temperature_c=2.1, pathway_c=1.7)


@pytest.mark.postgres
def test_peers_stand_by_sector_with_what_is_measured_of_them() -> None:
    three()
    scored()
    page = shown()
    assert names(page) == ["Silent Foods", "Clean Power", "Dirty Steel"]
    sectors = re.findall(r'scope="rowgroup"><div>([^<]*?) <span>', page)
    assert sectors == [str(Sector(code).label) for code in ("food", "machinery", "metals")]
    # 100, 90, 80 % over three years: −10.6 % a year by the slope of the logarithms
    assert re.search(r"−10.6 <small>\((20\d\d)–(20\d\d)\)</small>", page)


@pytest.mark.postgres
def test_no_candidate_is_among_the_peers_and_no_peer_has_a_letter_or_p() -> None:
    three()
    candidate(make.fund(), "turbines", make.dan(), name_en="Turbines")
    scored()
    page = shown()
    assert "Turbines" not in page
    assert "cleared" not in page and "band" not in page and "Score" not in page
    rows = Caller(make.user("second", "fund_manager")).read("/peers/").json()["results"]
    assert [row["company_key"] for row in rows] == ["demo-silent", "demo-clean", "demo-dirty"]
    assert not {"p_cleared", "cleared", "score", "group"} & rows[0].keys()


def test_they_are_never_ordered_by_a_score() -> None:
    caller = Caller(make.carol())
    for ordering in ("score", "p_cleared", "cleared", "assisted_p", "margin_o"):
        is_problem(caller.read(f"/peers/?ordering={ordering}"), 400, "validation_error")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sector=metals", ["Dirty Steel"]),
        ("country=DEU", ["Dirty Steel"]),
        ("years_min=3", ["Clean Power", "Dirty Steel"]),
        ("falls=faster", ["Clean Power", "Dirty Steel"]),
        ("known=both", ["Clean Power", "Dirty Steel"]),
        ("q=qingyuan", ["Clean Power"]),
        ("q=清源", ["Clean Power"]),
        ("q=steel", ["Dirty Steel"]),
        ("ordering=intensity", ["Clean Power", "Dirty Steel", "Silent Foods"]),
        ("ordering=-emissions_t", ["Dirty Steel", "Clean Power", "Silent Foods"]),
        ("ordering=-name", ["Silent Foods", "Dirty Steel", "Clean Power"]),
    ],
)
def test_page_file_and_api_narrow_and_order_alike(query: str, expected: list[str]) -> None:
    clean, dirty, _silent = three()
    scored()
    know_both(clean, dirty)
    page = shown(query)
    assert names(page) == expected
    keys = dict(Company.objects.values_list("name_en", "company_key"))
    second = Caller(make.user("second", "fund_manager"))
    api = second.read(f"/peers/?{query}", Accept_Language="en").json()["results"]
    assert [row["company_key"] for row in api] == [keys[name] for name in expected]
    client = signed_in(make.user("third", "fund_manager"))
    file = b"".join(client.get(f"{reverse('scoring:peers_csv')}?{query}&meta=0")).decode()  # type: ignore[arg-type]
    assert [line.split(",")[1] for line in file.splitlines()[1:]] == expected


@pytest.mark.postgres
def test_emissions_that_fall_slower_than_revenue_are_left_out_by_the_switch() -> None:
    clean, *_ = three()
    scored()
    LatestScore.objects.filter(company=clean).update(revenue_change_per_year=-0.5)
    assert names(shown("falls=faster")) == ["Dirty Steel"]


# --- what is a question, and what is not compared ---
def stepping(**facts: Any) -> Company:
    """2,000 t, 1,800 t, then 90 t: another company, another unit, or nobody knows what."""
    made = make.company("demo-step", name_en="Step Chemicals", sector="chemicals", **facts)
    for year, tonnes in ((2022, 2000.0), (2023, 1800.0), (2024, 90.0)):
        make.disclosure(made, year, scope_1=tonnes, scope_2=0.0)
        make.financials(made, year, 1e9)
    return made


@pytest.mark.postgres
def test_a_step_is_asked_about_and_is_no_change_on_page_file_and_api() -> None:
    three()
    stepping()
    scored()
    page = shown("sector=chemicals")
    assert "step down 20× in 2024<small>asked: boundary or unit?" in page
    (row,) = Caller(make.user("second", "fund_manager")).read("/peers/?sector=chemicals").json()["results"]
    assert row["step"] == {"year": 2024, "times": "0.05"}
    assert row["change"] is row["intensity_change"] is row["pathway"] is None
    client = signed_in(make.user("third", "fund_manager"))
    file = b"".join(client.get(f"{reverse('scoring:peers_csv')}?sector=chemicals&meta=0")).decode()  # type: ignore[arg-type]
    assert "step down 20× in 2024" in file
    assert "2024 年骤降为 1/20" in text(signed_in(make.user("fourth", "fund_manager"), "zh-hans").get("/app/peers/"))


@pytest.mark.postgres
def test_a_step_is_in_no_order_and_no_filter_of_changes() -> None:
    three()
    stepping()
    scored()
    for ordering in ("change", "-change", "intensity_change"):
        assert names(shown(f"ordering={ordering}"))[-1] in ("Step Chemicals", "Silent Foods")
        assert names(shown(f"ordering={ordering}"))[0] in ("Clean Power", "Dirty Steel")
    assert "Step Chemicals" not in names(shown("falls=faster")) + names(shown("known=both"))


@pytest.mark.postgres
def test_a_fall_is_not_compared_with_revenue_of_another_boundary() -> None:
    made = make.company("demo-parent", name_en="Parent Alone")
    for year, tonnes, boundary in ((2022, 100.0, "matched"), (2023, 90.0, "mismatched"), (2024, 80.0, "matched")):
        make.disclosure(made, year, scope_1=tonnes, scope_2=0.0, revenue_boundary=boundary)
        make.financials(made, year, 1e9)
    scored()
    assert names(shown("falls=faster")) == []
    rows = Caller(make.user("second", "fund_manager")).read("/peers/").json()["results"]
    assert rows[0]["change"] and rows[0]["revenue_change"] is rows[0]["intensity_change"] is None


@pytest.mark.postgres
def test_the_head_says_how_many_have_both_and_each_switch_how_many_it_leaves() -> None:
    _clean, dirty, _silent = three()
    scored()
    know_both(dirty)
    page = shown()
    assert "1 of 3 have both a promise and a behaviour" in page
    assert switches(page) == [("≥ 3 years observed", 2), ("falls faster than revenue", 2), (BOTH, 1)]
    assert switches(shown("q=qingyuan")) == [("≥ 3 years observed", 1), ("falls faster than revenue", 1), (BOTH, 0)]


BOTH = "promise and behaviour both known"


def switches(page: str) -> list[tuple[str, int]]:
    found = re.findall(r'<a class="chip[^>]*>([^<]*) <span class="chip__count">(\d+)</span>', page)
    return [(words, int(count)) for words, count in found]


@pytest.mark.postgres
def test_a_filter_that_is_on_is_shown_once() -> None:
    _clean, dirty, _silent = three()
    scored()
    know_both(dirty)
    page = shown("sector=metals&years_min=3&falls=faster&known=both&q=steel")
    tools = page[page.index('<div class="list-tools">') : page.index('class="table-box')]
    assert tools.count("chip--on") == 4  # the word stands in its box
    words = re.sub(r"<[^>]*>", "", tools)
    assert words.count("Sector") == words.count("faster") == words.count("both known") == 1
    assert shown("years_min=2").count("Years observed, at least") == 1


def test_a_range_needs_five_and_nobody_with_most_of_the_tonnes() -> None:
    even = [(float(n), 10.0) for n in range(1, 6)]
    found = _range(even)
    assert found and (found.lower, found.median, found.upper, found.n) == (2.0, 3.0, 4.0, 5)
    assert _range(even[:4]) is None
    assert _range([*even[:4], (5.0, 61.0)]) is None  # 61 of 101
    assert _range([*even[:4], (5.0, 60.0)])  # 60 of 100


@pytest.mark.postgres
def test_a_sector_of_few_shows_no_range_and_one_of_five_does() -> None:
    for n in range(5):
        make.scoreable(f"m{n}", scale=1.0 + n, sector="metals")
    make.scoreable("f0", sector="food")
    scored()
    page = shown()
    assert "intensity of 5 companies" in page
    assert "no range: fewer than five companies" in page


def test_joins_are_marked() -> None:
    make.join(make.company(name_en="Doubtful"))
    assert "Join not confirmed" in shown()


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_applicants_and_verifiers_find_nothing(person: str) -> None:
    made: Any = make.alice(make.company()) if person == "alice" else make.bob()
    for name in ("scoring:peers", "scoring:peers_csv"):
        assert signed_in(made).get(reverse(name)).status_code == 404
    is_problem(Caller(made).read("/peers/"), 404, "not_found")


def test_an_empty_list_and_one_that_is_filtered_to_nothing_say_so() -> None:
    client = signed_in(make.carol())
    assert "There is no peer yet" in text(client.get(reverse("scoring:peers")))
    make.company()
    assert "No company matches" in text(client.get(reverse("scoring:peers"), {"q": "nobody"}))


@pytest.mark.postgres
def test_a_page_costs_the_same_queries_whatever_the_rows() -> None:
    make.scoreable("a")
    scored()
    client = signed_in(make.carol())

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("scoring:peers")).status_code == 200
        return len(seen)

    few = queries()
    for n in range(4):
        make.scoreable(f"b{n}")
    scored()
    assert queries() == few <= 8
