"""Companies that may be on record twice are a question on the page of joins."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portfolio.joins.twice import perhaps_twice
from portfolio.models import Company, Join
from tests import make

pytestmark = pytest.mark.django_db


def pairs() -> list[tuple[str, str, bool]]:
    return [(pair.one.company_key, pair.other.company_key, pair.is_by_security) for pair in perhaps_twice()]


def tsmc(**facts: str) -> tuple[Company, Join]:
    make.company("tw-1", name_zh="台積電", country="TWN", ticker="2330")
    other = make.company("gl-1", name_zh="台积电", name_en="Taiwan Semiconductor", country="TWN", **facts)
    return other, make.join(other)


def test_one_name_in_two_spellings_is_asked_about_until_the_joins_are_settled() -> None:
    _other, join = tsmc()
    assert pairs() == [("tw-1", "gl-1", False)]
    join.reject(by=make.carol(), note="The register has it already.")
    assert pairs() == []


def test_one_security_is_asked_about_whatever_the_names() -> None:
    make.company("tw-34286449", name_zh="台半", country="TWN", ticker="5425")
    make.join(make.company("gl-2", name_zh="", name_en="Semiconductor", country="TWN", isin="TW0005425003"))
    assert pairs() == [("tw-34286449", "gl-2", True)]


@pytest.mark.parametrize("facts", [{"country": "KOR"}, {"is_illustrative": True}])
def test_another_country_or_an_invented_company_is_not_asked_about(facts: dict[str, str]) -> None:
    make.company("tw-3", name_zh="三星", country="TWN")
    make.join(make.company("x", **{"name_zh": "三星", "country": "TWN", **facts}))
    assert pairs() == []


def test_the_page_names_both_and_says_what_settles_it() -> None:
    tsmc()
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(make.carol())
    page = client.get(reverse("portfolio:joins")).content.decode()
    assert "Perhaps one company twice" in page and "?q=tw-1" in page and "?q=gl-1" in page
    assert "one name, one country" in page and "set the joins of one aside" in page
    assert "Perhaps one company twice" not in client.get(reverse("portfolio:joins") + "?q=tw-1").content.decode()


def test_a_company_is_found_by_the_site_of_its_documents_and_by_its_ticker() -> None:
    other, join = tsmc()
    Join.objects.filter(pk=join.pk).update(document_host="esg.tsmc.com web.archive.org")
    assert list(Company.objects.search("TSMC")) == [other]
    assert [company.company_key for company in Company.objects.search("2330")] == ["tw-1"]
    for nobody in ("esg", "com", "sm", "tsm"):
        assert list(Company.objects.search(nobody)) == []
    Join.objects.filter(pk=join.pk).update(state=Join.State.REJECTED)
    assert list(Company.objects.search("TSMC")) == []
