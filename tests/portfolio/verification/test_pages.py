"""The pages of findings: what each side sees, writes and is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio import beijing
from portfolio.models import Company, Disclosure, Evidence, Finding, Role
from tests import make
from tests.portfolio.verification.test_findings import SCOPE_1, SCOPE_2, handed_in, raised, returned

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def bob() -> User:
    return make.bob()


@pytest.fixture
def submitted(company: Company, alice: User) -> Disclosure:
    return handed_in(company, alice)


def browser(user: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def of(disclosure: Disclosure, name: str = "findings_of") -> str:
    package = "scoring" if name.startswith("case") else "portfolio"
    return reverse(f"{package}:{name}", args=[disclosure.pk])


def test_a_verifier_raises_a_finding_at_a_figure_and_returns_with_it(
    submitted: Disclosure, alice: User, bob: User
) -> None:
    client = browser(bob)
    assert f"{of(submitted)}?point={SCOPE_1}" in page(client, of(submitted, "case"))
    sent = {"kind": "misstatement", "point": SCOPE_1, "words": "the bill says less"}
    wrong = client.post(of(submitted), sent)
    assert wrong.status_code == 409
    assert "effect in tonnes" in wrong.content.decode() and "the bill says less" in wrong.content.decode()
    client.post(of(submitted), sent | {"effect_t": "−41"})
    finding = Finding.objects.get()
    assert (finding.effect_t, finding.raised_by) == (-41.0, bob)
    client.post(of(submitted, "case_decide"), {"action": "return", "digest": submitted.digest, "comment": "see there"})
    text = page(browser(alice), submitted.get_absolute_url())
    assert "Open for correction" in text and "the bill says less" in text
    assert text.count("Ask to open it") > 10


def test_a_return_without_findings_must_say_that_all_is_open(submitted: Disclosure, bob: User) -> None:
    sent = {"action": "return", "digest": submitted.digest, "comment": "see there"}
    refused = browser(bob).post(of(submitted, "case_decide"), sent)
    assert refused.status_code == 409
    assert "say that everything is open" in refused.content.decode() and "see there" in refused.content.decode()
    assert browser(bob).post(of(submitted, "case_decide"), sent | {"everything": "on"}).status_code == 302


def test_closed_fields_are_shown_and_not_written(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, SCOPE_1)
    client, address = browser(alice), submitted.get_absolute_url()
    sent = {"edition": submitted.edition, SCOPE_1: "1,100", SCOPE_2: "700", "boundary": "all sites"}
    sent |= {"revenue_boundary": "matched", "source_document": "report"}
    text = client.post(address, sent).content.decode()
    assert "The verifier has not opened this field" in text
    assert Disclosure.objects.get(pk=submitted.pk).values()[SCOPE_1] == 1200.0
    del sent[SCOPE_2]  # as a browser leaves out what is disabled
    assert client.post(address, sent).status_code == 302
    assert Disclosure.objects.get(pk=submitted.pk).values() == {SCOPE_1: 1100.0, SCOPE_2: 800.0}
    text = page(client, address)
    assert "submitted 1,200 tCO₂e → now 1,100 tCO₂e" in text and "Changed since it was returned" in text


def test_lines_that_are_closed_lead_back_to_the_ledger(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, "line:2")
    client = browser(alice)
    text = page(client, reverse("scoring:ledger", args=[submitted.pk]))
    lines = [reverse("scoring:ledger_line", args=[submitted.pk, number]) for number in (1, 2, 3)]
    assert f'href="{lines[1]}"' in text and f'href="{lines[0]}"' not in text
    assert client.get(lines[1]).status_code == 200
    answer = client.get(lines[0], follow=True)
    assert "has not opened this" in answer.content.decode()


def test_the_company_answers_with_evidence_and_sees_what_is_open(
    submitted: Disclosure, alice: User, bob: User, pdf: bytes = b"%PDF-1.7 a bill"
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    finding, client = raised(submitted, bob), browser(alice)
    assert finding.get_absolute_url() in page(client, reverse("portfolio:findings"))
    empty = client.post(finding.get_absolute_url(), {"action": "say", "words": " "})
    assert empty.status_code == 200 and Finding.objects.get().state == "open"
    sent = {"action": "say", "words": "it is on the bill", "evidence": SimpleUploadedFile("bill.pdf", pdf)}
    assert client.post(finding.get_absolute_url(), sent).status_code == 302
    assert Finding.objects.get().messages.get().evidence == Evidence.objects.get()
    assert "No open question" in page(client, reverse("portfolio:findings"))
    assert finding.get_absolute_url() in page(client, reverse("portfolio:findings") + "?state=answered")


def test_an_overdue_question_says_what_a_cautious_value_would_be(submitted: Disclosure, alice: User, bob: User) -> None:
    finding = raised(submitted, bob)
    Finding.objects.filter(pk=finding.pk).update(due=beijing.today() - timedelta(days=1))
    assert "high end of what is plausible" in page(browser(alice), finding.get_absolute_url())
    assert "按保守性原则取值" in page(browser(alice, "zh-hans"), finding.get_absolute_url())
    assert "1 answer is overdue" in page(browser(alice), reverse("portfolio:findings"))


def test_the_company_asks_for_another_field_and_the_verifier_opens_it(
    submitted: Disclosure, alice: User, bob: User
) -> None:
    [finding] = returned(submitted, bob, SCOPE_1)
    ask = f"{of(submitted, 'finding_ask')}?point={SCOPE_2}"
    assert "Ask to open: Scope 2" in page(browser(alice), ask)
    assert browser(alice).post(ask, {"words": "it follows from it"}).status_code == 302
    assert "Open for correction: Scope 2" in page(browser(bob), finding.get_absolute_url())
    browser(bob).post(finding.get_absolute_url(), {"action": "open", "point": SCOPE_2})
    text = page(browser(alice), submitted.get_absolute_url())
    assert "Opened" in page(browser(alice), finding.get_absolute_url())
    assert f"{of(submitted, 'finding_ask')}?point={SCOPE_2}" not in text


def test_a_verifier_closes_and_a_second_one_is_told(submitted: Disclosure, bob: User) -> None:
    finding, vera = raised(submitted, bob), make.user("vera", Role.VERIFIER)
    address = finding.get_absolute_url()
    assert "This field is required" in browser(bob).post(address, {"action": "close"}).content.decode()
    assert browser(bob).post(address, {"action": "close", "words": "seen"}).status_code == 302
    late = browser(vera).post(address, {"action": "close", "words": "my long words"})
    assert late.status_code == 409 and "bob closed it at" in late.content.decode()


def test_more_time_on_the_page_and_by_the_api(submitted: Disclosure, bob: User) -> None:
    made = Finding.raise_on(submitted, by=bob, kind="question", words="Why?", due=beijing.today())
    address_of_page = reverse("portfolio:finding", args=[made.pk])
    client = browser(bob)
    later, latest = (beijing.today() + timedelta(days=days) for days in (5, 9))
    told = {"action": "extend", "due": str(later), "words": "they move house"}
    shown = client.post(address_of_page, told, follow=True).content.decode()
    assert f"More time: answer due {later}" in shown and "they move house" in shown
    refused = client.post(address_of_page, told | {"words": "kept words"})
    assert refused.status_code == 409 and "kept words" in refused.content.decode()
    address = reverse("api:finding_extend", args=[made.pk])
    answer = client.post(address, {"due": str(latest), "words": "again"}, content_type="application/json")
    assert answer.status_code == 200 and answer.json()["due"] == answer.json()["messages"][-1]["due"] == str(latest)
    again = client.post(address, {"due": str(later), "words": "back"}, content_type="application/json")
    assert again.status_code == 409


def test_what_colleagues_say_is_nowhere_for_a_verifier(submitted: Disclosure, alice: User, bob: User) -> None:
    assert browser(alice).post(of(submitted), {"point": SCOPE_1, "words": "zqsecret"}).status_code == 302
    comment = Finding.objects.get()
    for address in (of(submitted), of(submitted, "case"), reverse("portfolio:findings")):
        assert "zqsecret" not in page(browser(bob), address)
    assert browser(bob).get(comment.get_absolute_url()).status_code == 404
    assert "zqsecret" in page(browser(alice), of(submitted))
    assert browser(alice).post(comment.get_absolute_url(), {"action": "close"}).status_code == 302
    assert "Resolved by alice" in page(browser(alice), comment.get_absolute_url())


def test_beside_a_page_the_thread_comes_alone(submitted: Disclosure, alice: User, bob: User) -> None:
    finding = raised(submitted, bob)
    for address in (finding.get_absolute_url(), f"{of(submitted)}?point={SCOPE_1}"):
        text = browser(alice).get(address, headers={"HX-Request": "true"}).content.decode()
        assert "Which meter is it?" in text and "<html" not in text


def test_words_are_escaped(submitted: Disclosure, alice: User, bob: User) -> None:
    finding = raised(submitted, bob)
    finding.say("<b>bold</b>", by=alice)
    assert "&lt;b&gt;bold" in page(browser(bob), finding.get_absolute_url())
