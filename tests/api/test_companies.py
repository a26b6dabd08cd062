from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portfolio.models import Scope
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def keys(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["company_key"] for row in response.json()["results"]]


def test_a_page_of_companies_has_count_neighbours_and_rows() -> None:
    for n in range(3):
        make.company(f"c{n}")
    page = Caller(make.carol()).read("/companies/?page_size=2").json()
    assert page["count"] == 3
    assert "page=2" in page["next"]
    assert page["previous"] is None
    assert [row["company_key"] for row in page["results"]] == ["c0", "c1"]


def test_one_company_by_its_key() -> None:
    make.company("demo-alpha", uscc="91110000600037341L")
    found = Caller(make.carol()).read("/companies/demo-alpha/").json()
    assert (found["uscc"], found["name"], found["latest_score"]) == ("91110000600037341L", "蜀光储能", None)


def test_a_strangers_company_looks_like_one_that_is_not_there() -> None:
    alice = Caller(make.alice(make.company("hers")))
    make.company("other")
    said = is_problem(alice.read("/companies/other/"), 404, "not_found")
    assert said == is_problem(alice.read("/companies/nobody/"), 404, "not_found")
    assert keys(alice.read("/companies/")) == ["hers"]
    assert keys(alice.read("/companies/?q=other")) == []


def test_companies_are_narrowed_and_ordered() -> None:
    make.company("a", sector="power", country="CHN")
    make.company("b", sector="food", country="USA")
    make.company("c", sector="metals", country="CHN")
    carol = Caller(make.carol())
    assert keys(carol.read("/companies/?sector=power&sector=food")) == ["a", "b"]
    assert keys(carol.read("/companies/?country=CHN&ordering=-company_key")) == ["c", "a"]
    assert keys(carol.read("/companies/?q=shuguang")) == ["a", "b", "c"]
    assert keys(carol.read("/companies/?track=power_decarbonisation")) == []


def test_the_fund_sees_how_a_company_stands_and_nobody_orders_by_it() -> None:
    company = make.scoreable("good")
    make.score(company)
    carol = Caller(make.carol())
    shown = carol.read("/companies/good/").json()["latest_score"]
    assert (shown["kind"], shown["group"], shown["p_cleared"], shown["data_year"]) == ("peer", "", None, 2024)
    assert shown["emissions"] == {"value": "1600", "unit": "tCO₂e"}  # 80 % of 1,200 + 800
    for ordering in ("score", "cleared", "p_cleared", "emissions_t"):
        is_problem(carol.read(f"/companies/?ordering={ordering}"), 400, "validation_error")
    narrow = Caller(make.user("second", "fund_manager"), [Scope.COMPANIES_READ])
    for other in (Caller(make.bob()), Caller(make.alice(company)), narrow):
        assert other.read("/companies/good/").json()["latest_score"] is None


def test_fields_leaves_only_those() -> None:
    make.company("a")
    carol = Caller(make.carol())
    assert carol.read("/companies/a/?fields=company_key,sector").json() == {"company_key": "a", "sector": "machinery"}
    assert carol.read("/companies/?fields=sector").json()["results"] == [{"sector": "machinery"}]
    said = is_problem(carol.read("/companies/?fields=search_text"), 400, "validation_error")
    assert said["errors"][0]["parameter"] == "fields"


WRONG = [
    "sector=",
    "q=",
    "page=",
    "fields=",
    "colour=red",
    "page_size=501",
    "page_size=0",
    "page=x",
    "sector=nonsense",
    "ordering=licence",
]
WRONG += ["score_min=1", "format=xml", "q=%00", "fields="]


@pytest.mark.parametrize("query", WRONG)
def test_what_is_unknown_or_wrong_in_a_query_is_named(query: str) -> None:
    make.company("a")
    said = is_problem(Caller(make.carol()).read(f"/companies/?{query}"), 400, "validation_error")
    assert said["errors"][0]["parameter"] == query.split("=")[0]


def test_a_page_beyond_the_last_is_not_found() -> None:
    is_problem(Caller(make.carol()).read("/companies/?page=2"), 404, "not_found")


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    carol = Caller(make.carol())

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert carol.read("/companies/?page_size=500").status_code == 200
        return len(seen)

    make.score(make.scoreable("c0"))
    carol.read("/companies/")  # the token's first use is noted
    few = queries()
    for n in range(1, 8):
        make.score(make.scoreable(f"c{n}"))
    assert queries() == few <= 5
