"""The quarterly form without an account: it shows and writes what came by its link, into one draft, and no more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portfolio.models import Activity, AuditEvent, Company, Disclosure, FormLink, Mail, Membership
from portfolio.quarters.forms import QuarterForm
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company, alice: User) -> Disclosure:
    return Disclosure.open_year(company, 2025, by=alice)


def browser(user: User | None = None) -> Client:
    client = Client(enforce_csrf_checks=user is None)  # the link alone opens it
    client.cookies["django_language"] = "en"
    if user:
        client.force_login(user)
    return client


def sent(alice: User, draft: Disclosure, quarter: int = 1) -> str:
    page = reverse("portfolio:form_links", args=[draft.pk])
    answer = browser(alice).post(page, {"address": "gate@example.org", "quarter": quarter})
    assert answer.status_code == 302
    found = re.search(r"https?://[^/]+(/f/[^/\s]+/)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def amounts(draft: Disclosure) -> dict[tuple[str, int | None], str]:
    return {(line.kind, line.month): line.typed for line in draft.activities.all()}


def test_what_is_typed_becomes_a_draft_marked_by_link(alice: User, draft: Disclosure) -> None:
    link, visitor = sent(alice, draft), browser()
    page = visitor.get(link)
    assert page.status_code == 200 and page.headers["Referrer-Policy"] == "no-referrer"
    assert len(page.context["form"].fields) <= 15
    saved = visitor.post(link, {"typed_by": "王五", "electricity_1": "12,340.5", "gas_2": "80", "diesel_3": "1.2万"})
    assert saved.status_code == 200 and "typed by 王五" in saved.content.decode()
    assert amounts(draft) == {
        ("electricity", 1): "12,340.5 kWh",
        ("fuel.natural_gas", 2): "80 m3@20C",
        ("fuel.diesel@road", 3): "1.2万 L",
    }
    draft.refresh_from_db()
    assert draft.state == "draft"
    step = draft.steps.latest("pk")
    assert (step.verb, step.typed_by, step.points) == ("saved", "王五", [])
    assert all("王五" in line.note for line in draft.activities.all())
    assert Mail.objects.get(kind=Mail.Kind.FORM_SAVED).user == alice
    assert "typed through a one-off link by: 王五" in browser(alice).get(draft.get_absolute_url()).content.decode()


def test_it_is_corrected_and_emptied_by_the_same_link(alice: User, draft: Disclosure) -> None:
    link, visitor = sent(alice, draft), browser()
    visitor.post(link, {"typed_by": "W", "electricity_1": "10", "electricity_2": "20"})
    assert 'value="10"' in visitor.get(link).content.decode()
    visitor.post(link, {"typed_by": "W", "electricity_1": "11", "electricity_2": ""})
    assert amounts(draft) == {("electricity", 1): "11 kWh"}
    before = draft.steps.count()
    visitor.post(link, {"typed_by": "W", "electricity_1": "11"})
    assert draft.steps.count() == before


def test_it_neither_shows_nor_touches_what_the_company_typed(alice: User, draft: Disclosure) -> None:
    link, visitor = sent(alice, draft), browser()
    visitor.post(link, {"typed_by": "W", "electricity_2": "20"})
    draft.refresh_from_db()
    own = {"kind": "electricity", "typed_amount": "98765", "typed_unit": "kWh", "amount": 98765.0, "unit": "kWh"}
    day = {"period_start": "2025-01-01", "period_end": "2025-01-31"}
    draft.write_activities(by=alice, edition=draft.edition, added=[Activity(disclosure=draft, **own, **day)])
    line = draft.activities.get(typed_amount="20")
    line.typed_amount, line.amount = "21", 21.0
    draft.write_activities(by=alice, edition=draft.edition, changed=[line])
    page = visitor.get(link).content.decode()
    assert "98765" not in page and "21" not in re.sub(r"20\d\d|[^>]*<", "", page.split("fieldset")[1])
    assert "has entered this already" in page and "has changed it since" in page
    visitor.post(link, {"typed_by": "W", "electricity_1": "5", "electricity_2": "5"})
    assert amounts(draft) == {("electricity", 1): "98765 kWh", ("electricity", 2): "21 kWh"}


@pytest.mark.parametrize(
    ("typed", "said"), [("12,34o", "number"), ("-5", ""), ("9" * 40, ""), ("5 MWh", ""), ("1e300", "")]
)
def test_what_cannot_be_read_is_said_at_its_field_and_kept(
    alice: User, draft: Disclosure, typed: str, said: str
) -> None:
    link = sent(alice, draft)
    answer = browser().post(link, {"typed_by": "W", "electricity_1": typed, "gas_1": "3"})
    assert answer.context["form"]["electricity_1"].errors and said in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode() and 'value="3"' in answer.content.decode()
    assert not draft.activities.exists()


def test_an_expired_link_asks_the_submitter_for_a_new_one_once(alice: User, draft: Disclosure) -> None:
    link = sent(alice, draft)
    FormLink.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    visitor = browser()
    late = visitor.post(link, {"typed_by": "W", "electricity_1": "4711"})
    assert late.status_code == 410 and "4711" in late.content.decode()  # shown, so that it is not lost
    for _time in range(2):
        assert "has been asked" in visitor.post(link, {"anew": "1"}).content.decode()
    assert Mail.objects.get(kind=Mail.Kind.FORM_LINK).user == alice
    page = browser(alice).get(reverse("portfolio:form_links", args=[draft.pk])).content.decode()
    assert "A new one is wanted" in page
    row = FormLink.objects.get()
    browser(alice).post(reverse("portfolio:form_links", args=[draft.pk]), {"action": "again", "link": row.pk})
    assert visitor.get(link).status_code == 404 and len(mail.outbox) == 2


def test_it_ends_with_the_draft_with_its_sender_and_when_taken_back(alice: User, draft: Disclosure) -> None:
    link, visitor = sent(alice, draft), browser()
    Membership.objects.update(kind="contributor")
    assert visitor.get(link).status_code == 410
    Membership.objects.update(kind="submitter")
    Disclosure.objects.update(state="withdrawn")
    assert visitor.post(link, {"typed_by": "W", "electricity_1": "1"}).status_code == 410
    Disclosure.objects.update(state="draft")
    browser(alice).post(
        reverse("portfolio:form_links", args=[draft.pk]), {"action": "revoke", "link": FormLink.objects.get().pk}
    )
    assert visitor.get(link).status_code == 410
    assert not draft.activities.exists()


def test_one_link_opens_one_quarter_of_one_draft(company: Company, alice: User, draft: Disclosure) -> None:
    link = sent(alice, draft, quarter=2)
    browser().post(link, {"typed_by": "W", "electricity_1": "1", "electricity_4": "4"})
    assert amounts(draft) == {("electricity", 4): "4 kWh"}
    assert browser().get(reverse("form_by_link", args=["no-such-token"])).status_code == 404


def test_only_submitters_send_it(company: Company, draft: Disclosure) -> None:
    frank, mallory = make.frank(company), make.user("mallory", company=make.company("demo-beta"))
    page, typed = reverse("portfolio:form_links", args=[draft.pk]), {"address": "g@example.org", "quarter": "1"}
    assert browser(frank).post(page, typed).status_code == 409
    assert browser(mallory).post(page, typed).status_code == 404
    assert not mail.outbox and not FormLink.objects.exists()


def test_saving_is_throttled_and_loses_nothing(alice: User, draft: Disclosure, settings: Any) -> None:
    settings.ENTRANCE_RATES = settings.ENTRANCE_RATES | {"form": "1/m/key"}
    link, visitor = sent(alice, draft), browser()
    visitor.post(link, {"typed_by": "W", "electricity_1": "1"})
    held = visitor.post(link, {"typed_by": "W", "electricity_1": "22222"})
    assert held.status_code == 429 and "22222" in held.content.decode()


def test_the_token_is_kept_nowhere(alice: User, draft: Disclosure) -> None:
    token = sent(alice, draft).split("/")[2]
    assert token not in str(FormLink.objects.values().get())
    assert not AuditEvent.objects.filter(detail__contains=token).exists()


def test_it_has_at_most_fifteen_fields(alice: User, draft: Disclosure) -> None:
    link, _token = FormLink.make(draft, 3, "g@example.org", by=alice)
    assert len(QuarterForm(None, link=link).fields) == 13
