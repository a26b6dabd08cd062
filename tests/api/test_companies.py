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
    assert keys(carol.read("/companies/?status=unscored&track=power_decarbonisation")) == []


def test_companies_are_asked_for_by_score() -> None:
    good = make.scoreable("good")
    make.company("unscored")
    value = make.score(good).emissions_score
    carol = Caller(make.carol())
    assert value
    assert keys(carol.read(f"/companies/?score_min={value - 1:.1f}")) == ["good"]
    assert keys(carol.read(f"/companies/?score_min={value + 1:.1f}")) == []
    assert keys(carol.read("/companies/?status=unscored")) == ["unscored"]
    shown = carol.read("/companies/good/").json()["latest_score"]
    assert float(shown["emissions_score"]["value"]) == value
    assert shown["emissions_score"]["unit"] == "points"


def test_who_may_not_see_scores_cannot_ask_by_them() -> None:
    company = make.scoreable("good")
    make.score(company)
    bob, alice = Caller(make.bob()), Caller(make.alice(company))
    assert bob.read("/companies/good/").json()["latest_score"] is None
    for query in ("score_min=1", "band=A", "status=scored", "ordering=-score", "ordering=company_key,score"):
        is_problem(bob.read(f"/companies/?{query}"), 403, "permission_denied")
        is_problem(alice.read(f"/companies/?{query}"), 403, "permission_denied")
    narrow = Caller(make.carol(), [Scope.COMPANIES_READ])
    is_problem(narrow.read("/companies/?score_min=1"), 403, "insufficient_scope")
    assert narrow.read("/companies/good/").json()["latest_score"] is None


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
WRONG += ["score_min=high", "format=xml", "q=%00", "fields="]


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
    assert queries() == few <= 8
