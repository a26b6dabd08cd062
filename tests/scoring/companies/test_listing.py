"""One list: its page, the API and the export answer the same words with the same rows in the same order."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio.models import Company, CompanyTrack, Scope
from scoring.companies.listing import CompanyList
from scoring.models import LatestScore, ListStatus
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def world() -> None:
    """Of every status two, in sectors, countries and names whose orders differ."""
    for n, (sector, country, scale) in enumerate(
        [("metals", "DEU", 300.0), ("power", "CHN", 0.05), ("metals", "CHN", 4.0), ("food", "TWN", 40.0)]
    ):
        company = make.scoreable(f"s{n}", scale=scale, sector=sector, country=country, name_en=f"Zeta {9 - n}")
        CompanyTrack.objects.create(company=company, track="energy_efficiency", why="storage", **make.SOURCE)
    for n in range(2):  # nobody reported their emissions: a model says a range
        make.company(f"e{n}", sector="food", name_en=f"Mute {n}", name_zh=f"无声{n}")
        short = make.company(f"i{n}", sector="power", name_en=f"Short {n}", name_zh=f"不足{n}", country="DEU")
        make.disclosure(short)  # emissions of one year, and nothing else
    run, _new = runs.start(Company.objects.all(), title="all", by=None)
    runs.drain(run.pk)
    for n in range(2):
        make.company(f"u{n}", sector="metals", name_en=f"New {n}", name_zh=f"新{n}", is_illustrative=True)


def on_page(query: str, language: str = "en") -> list[str]:
    client = Client()
    client.force_login(carol())
    client.cookies["django_language"] = language
    response = client.get(f"{reverse('scoring:companies')}?{query}")
    assert response.status_code == 200
    keys = re.findall(r'company-cell__key">([^<]*)<', response.content.decode())
    return keys


def in_api(query: str, language: str = "en") -> list[str]:
    said = Caller(carol()).read(f"/companies/?{query}", Accept_Language=language)
    assert said.status_code == 200, said.content
    return [row["company_key"] for row in said.json()["results"]]


def in_file(query: str, language: str = "en") -> list[dict[str, str]]:
    client = Client()
    client.force_login(carol())
    client.cookies["django_language"] = language
    response = client.get(f"{reverse('scoring:companies_csv')}?{query}")
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text[1:])))


def carol() -> User:
    return User.objects.filter(username="carol").first() or make.carol()


QUERIES = [
    *("", "q=zeta", "q=m", "sector=metals", "sector=metals&sector=food", "country=CHN", "country=XXX"),
    *(
        "track=energy_efficiency",
        "track=energy_efficiency&track=emission_greening",
        "band=A&band=B&band=E",
        "quality=2",
    ),
    *("quality=1", "year=2024", "year=1999", "score_min=40", "sector=metals&country=CHN&status=scored"),
    *(f"status={status}" for status in ListStatus.values),
    *("page_size=3", "page_size=3&page=2", "page_size=3&page=4", "ordering=sector,-country", "ordering=-coverage,name"),
]
ORDERS = [code for code, _label in CompanyList.base_filters["ordering"].extra["choices"]]


def test_the_same_words_find_the_same_rows_in_the_same_order_everywhere(language: str) -> None:
    world()
    for query in [*QUERIES, *(f"ordering={order}" for order in ORDERS)]:
        shown = on_page(query, language)
        assert shown == in_api(query, language), query
        if "page" not in query:
            assert shown == [list(row.values())[0] for row in in_file(query, language)], query


def test_the_scored_are_ranked_and_the_others_stand_below_by_name() -> None:
    world()
    scores = {row.company.company_key: row.emissions_score for row in LatestScore.objects.filter(status="scored")}
    ranked = sorted(scores, key=lambda key: -(scores[key] or 0))
    assert len(set(scores.values())) == 4
    assert on_page("") == [*ranked, "e0", "e1", "i0", "i1", "u0", "u1"]
    assert on_page("ordering=emissions_t") == ["s1", "s2", "s3", "s0", "e0", "e1", "i0", "i1", "u0", "u1"]
    assert on_page("ordering=name") == ["s3", "s2", "s1", "s0", "e0", "e1", "i0", "i1", "u0", "u1"]
    assert on_page("ordering=-name") == ["s0", "s1", "s2", "s3", "e1", "e0", "i1", "i0", "u1", "u0"]


def test_every_company_has_one_status_and_page_and_api_agree_on_it() -> None:
    world()
    estimated = LatestScore.objects.filter(emissions_rung__gte=5)
    assert set(estimated.values_list("status", flat=True)) == {"insufficient"}  # as their records say
    found = {status: on_page(f"status={status}") for status in ListStatus.values}
    assert found["estimated"] == sorted(estimated.values_list("company__company_key", flat=True)) == ["e0", "e1"]
    assert sum(map(len, found.values())) == Company.objects.count()
    said = Caller(carol()).read("/companies/").json()["results"]
    assert {row["company_key"]: row["status"] for row in said} == {
        key: status for status, keys in found.items() for key in keys
    }
    run = LatestScore.objects.latest("pk").score.run
    client = Client()
    client.force_login(carol())
    outcome = client.get(run.get_absolute_url()).context["report"].outcome
    assert outcome == {status: len(keys) for status, keys in found.items()} | {"unscored": 0}


def test_who_may_not_see_scores_gets_no_order_by_them() -> None:
    world()
    carol()
    narrow = Caller(User.objects.get(username="carol"), [Scope.COMPANIES_READ])
    for caller in (Caller(make.bob()), narrow):
        rows = caller.read("/companies/").json()["results"]
        assert [row["company_key"] for row in rows] == sorted(row["company_key"] for row in rows)
        assert {row["status"] for row in rows} == {None}
        for query in ("ordering=-emissions_t", "ordering=name,year", "quality=2", "year=2024", "status=estimated"):
            assert caller.read(f"/companies/?{query}").status_code == 403, query


@pytest.mark.parametrize(
    "query", ["sector=magic", "status=good", "band=Z", "quality=9", "year=soon", "country=GERMANY", "page_size=501"]
)
def test_what_is_not_possible_is_named_by_the_api_and_the_page_and_no_file_pretends(query: str) -> None:
    make.company("a")
    name, _equals, value = query.partition("=")
    said = is_problem(Caller(carol()).read(f"/companies/?{query}"), 400, "validation_error")
    assert said["errors"][0]["parameter"] == name
    client = Client()
    client.force_login(carol())
    client.cookies["django_language"] = "en"
    page = client.get(f"{reverse('scoring:companies')}?{query}").content.decode()
    assert f"“{value}” is not possible for" in page
    assert client.get(f"{reverse('scoring:companies_csv')}?{query}").status_code == 404


@pytest.mark.parametrize(("query", "same_as"), [("ordering=name,", "ordering=name"), ("ordering=,", "")])
def test_an_order_with_an_empty_part_is_the_order_without_it(query: str, same_as: str) -> None:
    world()
    assert on_page(query) == on_page(same_as)
    assert in_api(query) == in_api(same_as)
    assert in_file(query) == in_file(same_as) != []


def test_blanks_round_a_word_leave_the_address() -> None:
    client = Client()
    client.force_login(carol())
    assert client.get("/app/companies/?band=A%20&sector=power").headers["Location"].endswith("?band=A&sector=power")


def test_what_a_form_left_empty_leaves_the_address() -> None:
    client = Client()
    client.force_login(carol())
    answer = client.get(f"{reverse('scoring:companies')}?q=&sector=metals&track=&band=%20")
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('scoring:companies')}?sector=metals")


def test_the_form_carries_along_what_it_does_not_show() -> None:
    make.company("a")
    client = Client()
    client.force_login(carol())
    query = "sector=power&sector=food&score_min=40&ordering=name&page_size=50"
    page = client.get(f"{reverse('scoring:companies')}?{query}").content.decode()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    assert [pair for pair in hidden if pair[0] not in ("csrfmiddlewaretoken", "next")] == [
        ("sector", "food"),
        ("score_min", "40"),
        ("ordering", "name"),
        ("page_size", "50"),
    ]
    assert '<option value="power" selected>' in page


def test_the_file_reads_in_the_readers_language_and_runs_no_formula(language: str) -> None:
    company = make.scoreable("a", name_en='=HYPERLINK("x")', name_zh="+1", sector="power")
    make.score(company)
    [row] = in_file("", language)
    name, sector, status, score = (
        ("Company", "Sector", "Status", "Score") if language == "en" else ("企业", "行业", "状态", "评分")
    )
    assert row[name] == ('\'=HYPERLINK("x")' if language == "en" else "'+1")
    assert row[sector] == ("Power and utilities" if language == "en" else "电力与公用事业")
    assert row[status] == ("Scored" if language == "en" else "已评分")
    assert float(row[score]) == LatestScore.objects.get().emissions_score


def test_a_list_without_companies_says_so(language: str) -> None:
    client = Client()
    client.force_login(carol())
    client.cookies["django_language"] = language
    page = client.get(reverse("scoring:companies")).content.decode()
    assert ("There is no company yet" if language == "en" else "暂无企业") in page
    assert in_file("", language) == []
