"""The list of data requests: what is late stands first, how much has been told, and what is written where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portfolio.models import Company, DataRequest, Person, Quantity
from tests import make
from tests.fund.test_exports import alike
from tests.scoring.pages import mei, signed_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
EBIT, GRANTS = (2024, Quantity.EBIT.value), (2024, Quantity.GRANTS.value)


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def made(carol: User) -> dict[str, DataRequest]:
    """One of each state, and one that is late."""
    requests = {
        name: make.data_request(make.company(name, name_en=f"Firm {name}"), carol, EBIT, GRANTS)
        for name in ("open", "late", "answered", "declined", "withdrawn")
    }
    make.overdue(requests["late"], 3)
    make.financials(requests["late"].company, ebit=1.0)
    make.financials(requests["answered"].company, ebit=1.0, grants=2.0)
    submitter = make.user("sub", company=requests["declined"].company)
    requests["declined"].decline(by=submitter, reason="It is not computed.")
    requests["withdrawn"].withdraw(by=carol, reason="Asked twice.")
    return requests


def shown(person: User, query: str = "", language: str = "en") -> str:
    return text(signed_in(person, language).get(f"{reverse('requests')}?{query}"))


def firms(page: str) -> list[str]:
    return [line.split("<")[0] for line in page.split(">Firm ")[1:]]


def test_what_is_open_stands_first_and_what_is_late_before(made: dict[str, DataRequest], carol: User) -> None:
    page = shown(carol)
    assert firms(page)[:2] == ["late", "open"] and len(firms(page)) == 5
    assert "1 of 2 told" in page and "3 days late" in page and "14 days left" in page
    assert "It is not computed." in page and "1 overdue</a>" in page


@pytest.mark.parametrize("state", ["answered", "declined", "withdrawn"])
def test_each_state_is_asked_for(made: dict[str, DataRequest], carol: User, state: str) -> None:
    assert firms(shown(carol, f"state={state}")) == [state]


def test_filters_narrow_and_a_wrong_one_is_dropped_in_words(made: dict[str, DataRequest], carol: User) -> None:
    assert firms(shown(carol, "state=overdue")) == ["late"]
    assert firms(shown(carol, "state=open")) == ["late", "open"]
    assert firms(shown(carol, f"due_by={timezone.localdate().isoformat()}")) == ["late"]
    assert firms(shown(carol, "company=answered")) == ["answered"]
    page = shown(carol, "due_by=soon&state=lost")
    assert "“soon” is not possible" in page and "“lost” is not possible" in page
    assert "No request matches" in shown(carol, "q=nobody+at+all")


def test_the_empty_list_says_where_to_begin(carol: User) -> None:
    assert "Nothing has been asked for yet" in shown(carol)
    assert "还没有补充数据请求" in shown(carol, language="zh-hans")


def test_a_request_is_withdrawn_for_a_reason(made: dict[str, DataRequest], carol: User) -> None:
    client, pk = signed_in(carol), made["open"].pk
    there = f"{reverse('requests')}?state=open"
    said = text(client.post(reverse("request_withdraw", args=[pk]), {"reason": " ", "next": there}, follow=True))
    assert "Please write down the reason." in said
    given = {"reason": "Found it.", "next": there}
    said = text(client.post(reverse("request_withdraw", args=[pk]), given, follow=True))
    assert "The request to Firm open is withdrawn." in said
    said = text(client.post(reverse("request_withdraw", args=[pk]), given, follow=True))
    assert "This request is closed already." in said


def test_who_only_reads_has_no_button_and_others_find_nothing(made: dict[str, DataRequest]) -> None:
    ivy = mei()
    assert "Withdraw the request" not in shown(ivy)
    assert signed_in(ivy).post(reverse("request_withdraw", args=[made["open"].pk])).status_code == 403
    for person in (make.alice(made["open"].company), make.bob()):
        for name in ("requests", "requests_csv", "requests_xlsx"):
            assert signed_in(person).get(reverse(name)).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_file_has_the_same_rows_either_way(made: dict[str, DataRequest], carol: User, language: str) -> None:
    rows = alike(signed_in(carol, language), "requests", "state=open")
    assert len(rows) == 3 and rows[1][0] == "late" and rows[1][3:5] == ["2", "1"]


def test_the_page_costs_the_same_queries_whatever_the_rows(carol: User) -> None:
    client = signed_in(carol)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            text(client.get(reverse("requests")))
        return len(seen)

    make.data_request(make.company("first"), carol)
    few = queries()
    for n in range(5):
        make.data_request(make.company(f"c{n}"), carol)
    assert queries() == few <= 10


def test_home_counts_what_is_late_and_what_came_in(made: dict[str, DataRequest], carol: User) -> None:
    client = signed_in(carol)
    Person.objects.filter(user=carol).update(seen_before_at=timezone.now() - timedelta(days=1))
    page = text(client.get(reverse("home")))
    for words in ("data request is overdue", "data request was answered", "data request was declined"):
        assert f"<b>1</b> <span>{words}</span>" in page
    assert "data request" not in text(signed_in(mei()).get(reverse("home")))


def test_the_company_reads_what_it_is_asked_and_by_when(made: dict[str, DataRequest], carol: User) -> None:
    def told(company: Company, **who: Any) -> str:
        return text(signed_in(make.user(**who, company=company)).get(reverse("disclosures")))

    page = told(made["late"].company, username="ann")
    assert "The fund asks for 1 thing" in page and "2024</a>: EBIT, Subsidies: grants" in page and "Overdue" in page
    assert "The fund asks" not in told(made["withdrawn"].company, username="ben")
