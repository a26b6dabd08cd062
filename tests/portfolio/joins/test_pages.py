"""The page of joins, and where else a join shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from portfolio.joins.views import MOST
from portfolio.models import Company, Join, JoinDecision
from tests import make
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db

JOINS, DECIDE = "portfolio:joins", "portfolio:join_decide"


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def carol() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make.carol())
    return client


@pytest.fixture
def bank() -> Company:
    """Its group's revenue, and its subsidiary's tonnes."""
    made = make.company("gl-bank", name_zh="", name_en="Bank of Chongqing")
    make.disclosure(made, 2020, scope_1=282, scope_2=63_394)
    make.financials(made, 2020, 134e9, currency="USD")
    return made


def tick(client: Client, *joins: Join, outcome: str = "confirmed", **more: Any) -> Any:
    """What the second page sends."""
    body = {"outcome": outcome, "join": [f"{join.pk}:{join.mark}" for join in joins], "sure": "1", **more}
    return client.post(reverse(DECIDE), body, follow=True)


def test_both_sides_stand_beside_each_other(carol: Client, bank: Company) -> None:
    make.join(bank, entity_name="Chongqing Bank HK", entity_country="HKG", document_host="bochk.example.com")
    text = carol.get(reverse(JOINS)).content.decode()
    for words in (
        "Bank of Chongqing",
        "Chongqing Bank HK",
        "China",
        "Hong Kong",
        "bochk.example.com",
        "63,676",
        "134,000",
    ):
        assert words in text
    assert "0.475" in text  # t per million dollars


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["a", "b", "c"]),
        ("?state=not_confirmed", ["a"]),
        ("?state=rejected", ["c"]),
        ("?method=identifier", ["b"]),
        ("?differs=yes", ["c"]),
        ("?q=shuguang&state=confirmed", []),
        ("?q=蜀光儲能", ["a", "b", "c"]),
        ("?q=bank.example", ["b"]),
        ("?ordering=-company", ["c", "b", "a"]),
    ],
)
def test_the_list_is_narrowed_and_ordered(carol: Client, query: str, found: list[str]) -> None:
    make.join(make.company("a"))
    make.join(make.company("b"), "by_identifier", method="identifier", document_host="bank.example.org")
    make.join(make.company("c"), "rejected", method="other_entity", entity_country="HKG")
    rows = carol.get(reverse(JOINS) + query).context["list"].rows
    assert [row.join.company.company_key for row in rows] == found


def test_first_it_says_how_many_and_which(carol: Client, bank: Company) -> None:
    join, other = make.join(bank), make.join(make.company("other", name_en="Other"))
    answer = carol.post(reverse(DECIDE), {"outcome": "confirmed", "join": [join.pk, other.pk]})
    text = answer.content.decode()
    assert "Confirm 2 joins?" in text
    assert "Bank of Chongqing" in text and "Other" in text
    assert not JoinDecision.objects.exists()


def test_many_are_confirmed_at_once(carol: Client) -> None:
    joins = [make.join(make.company(f"c{n}")) for n in range(3)]
    text = tick(carol, *joins, note="read them side by side").content.decode()
    assert "3 joins are confirmed." in text
    assert set(Join.objects.values_list("state", flat=True)) == {"confirmed"}
    assert JoinDecision.objects.filter(note="read them side by side").count() == 3


def test_all_that_match_are_shown_and_no_other(carol: Client) -> None:
    for n in range(30):
        make.join(make.company(f"c{n}"))
    make.join(make.company("sure"), "by_identifier", method="identifier")
    answer = carol.post(reverse(DECIDE) + "?state=not_confirmed", {"outcome": "confirmed", "all": "1"})
    assert "Confirm 30 joins?" in answer.content.decode()


def test_more_than_a_person_can_read_are_refused(carol: Client) -> None:
    companies = [make.company(f"c{n}") for n in range(3)]
    rows = [
        Join(company=company, source=f"{n}", entity_name="E", method="name", state="not_confirmed", licence="none")
        for company in companies
        for n in range(MOST // 3 + 1)
    ]
    Join.objects.bulk_create(rows)
    answer = carol.post(reverse(DECIDE) + "?state=not_confirmed", {"outcome": "confirmed", "all": "1"}, follow=True)
    assert f"At most {MOST} at once" in answer.content.decode()


def test_a_rejection_without_a_reason_keeps_what_was_ticked(carol: Client, bank: Company) -> None:
    join = make.join(bank)
    answer = tick(carol, join, outcome="rejected")
    assert answer.status_code == 422
    assert "A rejection needs a reason." in answer.content.decode()
    assert f"{join.pk}:{join.mark}" in answer.content.decode()


def test_what_changed_since_it_was_seen_is_left_alone_and_said(carol: Client, bank: Company) -> None:
    join = make.join(bank)
    body = {"outcome": "confirmed", "join": f"{join.pk}:{join.mark}", "sure": "1"}
    Join.objects.update(entity_name="Another Bank")
    text = carol.post(reverse(DECIDE), body, follow=True).content.decode()
    assert "1 join has changed since you saw it" in text
    assert Join.objects.get().state == "not_confirmed"


@pytest.mark.parametrize(
    "body", [{}, {"outcome": "confirmed"}, {"outcome": "perhaps", "join": "1"}, {"outcome": "confirmed", "join": "x"}]
)
def test_nothing_ticked_or_chosen_is_said(carol: Client, bank: Company, body: dict[str, str]) -> None:
    make.join(bank)
    text = carol.post(reverse(DECIDE), body, follow=True).content.decode()
    assert "tick joins first" in text or "Please choose" in text


def test_the_committee_reads_and_is_told_who_confirms(bank: Company) -> None:
    make.join(bank)
    client = Client(headers={"accept-language": "en"})
    client.force_login(make.user("ivy", "committee_member"))
    text = client.get(reverse(JOINS)).content.decode()
    assert "Only fund managers and administrators confirm joins." in text
    assert 'name="join"' not in text


def test_empty_and_without_a_match_the_page_says_what_next(carol: Client, bank: Company) -> None:
    assert "There is no join" in carol.get(reverse(JOINS)).content.decode()
    make.join(bank)
    assert "No join matches" in carol.get(reverse(JOINS) + "?state=confirmed").content.decode()


def test_the_page_costs_as_many_queries_for_many_as_for_few(carol: Client) -> None:
    carol.get(reverse("help"))  # the first request of a session writes it down

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            carol.get(reverse(JOINS))
        return len(caught)

    for n in range(2):
        company = make.company(f"c{n}")
        make.disclosure(company)
        make.join(company)
    few = queries()
    for n in range(2, 12):
        company = make.company(f"c{n}")
        make.disclosure(company)
        make.join(company)
    assert queries() == few


# --- where else ----------------------------------------------------------------------------------------
def test_figures_that_wait_for_a_person_say_so_everywhere(carol: Client, bank: Company) -> None:
    make.join(bank)
    dossier = carol.get(reverse("dossier_tab", args=[bank.pk, "emissions"])).content.decode()
    assert dossier.count("Join not confirmed") == 3  # the head, the year, the revenue
    assert "Join not confirmed" in carol.get(reverse("scoring:peers")).content.decode()
    assert "Join not confirmed" in b"".join(carol.get(reverse("scoring:peers_csv"))).decode()  # type: ignore[arg-type]


def test_a_confirmed_join_leaves_no_chip(carol: Client, bank: Company) -> None:
    make.join(bank, "confirmed")
    assert "Join not confirmed" not in carol.get(bank.get_absolute_url()).content.decode()
    assert "Join not confirmed" not in carol.get(reverse("scoring:peers")).content.decode()


def test_what_is_set_aside_is_shown_apart_with_the_reason(carol: Client, bank: Company) -> None:
    tick(carol, make.join(bank, figures="emissions"), outcome="rejected", note="a subsidiary's report")
    text = carol.get(reverse("dossier_tab", args=[bank.pk, "emissions"])).content.decode()
    assert "No emissions on record that stand" in text
    apart = text[text.index('id="set-aside"') :]
    assert "63,394" in apart and "a subsidiary&#x27;s report" in apart
    assert "134,000,000,000" not in apart  # its revenue counts on
    assert "Figures set aside" in carol.get(reverse("scoring:peers")).content.decode()


@pytest.mark.parametrize(("asked", "found"), [("not_confirmed", ["waits"]), ("rejected", ["aside"])])
def test_the_list_is_narrowed_by_joins(asked: str, found: list[str]) -> None:
    make.join(make.company("waits"))
    make.join(make.company("aside"), "rejected")
    make.join(make.company("sure"), "confirmed")
    rows = Caller(make.carol()).read(f"/peers/?joins={asked}").json()["results"]
    assert [row["company_key"] for row in rows] == found


def test_the_api_tells_the_fund_side_of_joins_and_nobody_else(bank: Company) -> None:
    make.join(bank, document_host="bochk.example.com")
    [told] = Caller(make.carol()).read("/companies/gl-bank/").json()["joins"]
    assert (told["state"], told["entity_name"], told["document_host"]) == (
        "not_confirmed",
        "Shu Guang",
        "bochk.example.com",
    )
    assert Caller(make.alice(bank)).read("/companies/gl-bank/").json()["joins"] == []
