"""What the fund asks for is not available: a submitter says why, and the fund reads it everywhere."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio.models import Company, DataRequest, Mail
from tests import make

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def company() -> Company:
    return make.company()


def test_a_submitter_chooses_why_and_the_fund_reads_it_and_may_ask_again(company: Company) -> None:
    alice, carol = make.alice(company), make.carol()
    request = make.data_request(company, carol)
    page = reverse("portfolio:request_decline", args=[request.pk])
    desk = browser(alice)
    assert page in desk.get(reverse("disclosures")).content.decode()
    assert "EBIT" in desk.get(page).content.decode()
    refused = desk.post(page, {"because": "other", "reason": " "})
    assert refused.status_code == 409 and "write down the reason" in refused.content.decode()
    kept = desk.post(page, {"because": "", "reason": "audit is in May"})
    assert kept.status_code == 409 and "audit is in May" in kept.content.decode()
    assert desk.post(page, {"because": "not_yet", "reason": "audit is in May"}).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.because, request.closed_by) == ("declined", "not_yet", alice)
    shown = browser(carol).get(reverse("requests") + "?state=declined").content.decode()
    assert "Not available because it is not ready yet" in shown and "audit is in May" in shown
    exported = browser(carol).get(reverse("requests_csv") + "?state=declined")
    assert b"it is not ready yet" in b"".join(exported.streaming_content if exported.streaming else [exported.content])
    assert Mail.objects.get(kind=Mail.Kind.REQUEST_DECLINED).user == carol
    assert make.data_request(company, carol).is_open  # asked again
    assert "closed already" in desk.get(page).content.decode()


def test_nobody_else_declines(company: Company) -> None:
    request = make.data_request(company, make.carol())
    page = reverse("portfolio:request_decline", args=[request.pk])
    people = (make.frank(company), make.user("mallory", company=make.company("b")), User.objects.get(username="carol"))
    answers = [browser(one).post(page, {"because": "not_yet"}).status_code for one in people]
    assert answers == [403, 404, 403]
    assert DataRequest.objects.open().count() == 1
