"""The pages of disclosing and verifying: each works, refuses strangers, and fails in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from portfolio.models import Company, Disclosure, Figure, Membership, Quantity, Role
from portfolio.models.quantity import SUBSIDIES
from tests import make

State = Disclosure.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


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
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=State.DRAFT)


@pytest.fixture
def submitted(draft: Disclosure, alice: User) -> Disclosure:
    draft.submit(by=alice)
    return draft


def browser(person: User | None = None, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if person:
        client.force_login(person)
    return client


def url(name: str, disclosure: Disclosure | None = None) -> str:
    if name == "disclosures":  # a page of the fund's, which knows scores and decisions
        return reverse(name)
    package = "scoring" if name.startswith("case") else "portfolio"  # the desk knows tonnes
    return reverse(f"{package}:{name}", args=[disclosure.pk] if disclosure else [])


def page(response: Any) -> str:
    text: str = response.content.decode()
    return text


def typed(disclosure: Disclosure, **changes: str) -> dict[str, str]:
    """What the browser sends for the editor as it stands, with these fields typed over."""
    figures = {f.quantity: f for f in disclosure.figures.all()}
    data = {
        "edition": str(disclosure.edition),
        "boundary": disclosure.boundary,
        "revenue_boundary": disclosure.revenue_boundary,
        "source_document": disclosure.source_document,
    }
    for quantity in Quantity.values:
        data[quantity] = figures[quantity].typed if quantity in figures else ""
        data[f"{quantity}-basis"] = figures[quantity].basis if quantity in figures else "reported"
    for subsidy in SUBSIDIES:
        data[f"{subsidy}-standing"] = figures[subsidy].ebit_standing if subsidy in figures else "unknown"
    return data | changes


def fresh(disclosure: Disclosure) -> Disclosure:
    return Disclosure.objects.get(pk=disclosure.pk)


# --- every page --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["disclosures", "new", "disclosure", "submit", "correct", "withdraw", "cases", "case"])
def test_without_a_login_every_page_leads_to_it(draft: Disclosure, name: str) -> None:
    address = url(name, draft if name not in {"disclosures", "new", "cases"} else None)
    for response in (browser().get(address), browser().post(address)):
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["disclosure", "submit", "correct", "withdraw", "case"])
def test_what_belongs_to_others_does_not_exist(submitted: Disclosure, name: str) -> None:
    stranger = make.user("stranger", company=make.company("other", name_zh="别家"))
    carol = make.carol()
    for person in (stranger, carol):  # the fund's side sees what stands, not open cases
        assert browser(person).post(url(name, submitted)).status_code == 404
        if name not in {"correct", "withdraw"}:
            assert browser(person).get(url(name, submitted)).status_code == 404


@pytest.mark.parametrize("name", ["disclosure", "submit"])
def test_a_draft_does_not_exist_for_a_verifier(draft: Disclosure, bob: User, name: str) -> None:
    assert browser(bob).get(url(name, draft)).status_code == 404


@pytest.mark.parametrize("name", ["new", "disclosure", "submit", "correct", "withdraw", "case_decide"])
def test_a_post_without_its_token_is_refused(submitted: Disclosure, alice: User, bob: User, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob if name == "case_decide" else alice)
    response = client.post(url(name, None if name == "new" else submitted), {"action": "verify"})
    assert response.status_code == 403
    assert fresh(submitted).state == State.SUBMITTED


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_renders_in_both_languages(company: Company, alice: User, bob: User, language: str) -> None:
    draft = make.disclosure(company, 2025, state=State.DRAFT)
    waiting = make.disclosure(company, 2024, state=State.DRAFT)
    waiting.submit(by=alice)
    recorded = make.disclosure(company, 2023)
    visits = [
        (alice, url("disclosures")),
        (alice, url("new")),
        (alice, url("disclosure", draft)),
        (alice, url("submit", draft)),
        (alice, url("disclosure", waiting)),
        (alice, url("disclosure", recorded)),
        (bob, url("cases")),
        (bob, url("case", waiting)),
        (bob, url("disclosure", waiting)),
    ]
    for person, address in visits:
        response = browser(person, language).get(address)
        assert response.status_code == 200, address
        assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in page(response)
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page(response)), address
        assert not re.search(r"\b2,02\d\b", page(response)), address  # years are not grouped


# --- A1 ----------------------------------------------------------------------------------------------
def test_the_list_says_where_each_year_stands(company: Company, alice: User) -> None:
    make.disclosure(company, 2025, scope_2=None, state=State.DRAFT)
    make.disclosure(company, 2024)
    text = page(browser(alice).get(url("disclosures")))
    assert "Scope 2 emissions (location- or market-based)" in text
    assert "Fill in: Scope 2 emissions" in text
    assert "Recorded from a public source, not verified" in text


def test_the_list_is_for_applicants(bob: User) -> None:
    response = browser(bob).get(url("disclosures"))
    assert response.status_code == 403
    assert "This page is for people of companies that apply" in page(response)


def test_an_empty_list_says_what_to_do(company: Company, alice: User) -> None:
    assert "What you will need" in page(browser(alice).get(url("disclosures")))
    assert "You belong to no company yet" in page(browser(make.user("new")).get(url("disclosures")))


def test_the_lists_ask_the_same_number_of_queries_for_any_number_of_rows(alice: User, bob: User) -> None:
    def queries(person: User, address: str) -> int:
        client = browser(person)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def add(numbers: range) -> None:
        for number in numbers:
            company = make.company(f"c{number}")
            Membership.objects.create(user=alice, company=company, kind="submitter")
            make.disclosure(company, 2025, state=State.DRAFT)
            make.disclosure(company, 2024, state=State.DRAFT).submit(by=alice)

    add(range(2))
    before = queries(alice, url("disclosures")), queries(bob, url("cases"))
    add(range(2, 12))
    assert (queries(alice, url("disclosures")), queries(bob, url("cases"))) == before


# --- start a year ------------------------------------------------------------------------------------
def test_a_year_is_started(company: Company, alice: User) -> None:
    response = browser(alice).post(url("new"), {"company": company.pk, "year": "2023"})
    opened = Disclosure.objects.get()
    assert (opened.year, opened.version, opened.created_by) == (2023, 1, alice)
    assert response.headers["Location"] == opened.get_absolute_url()


@pytest.mark.parametrize("year", ["", "soon", "1066", "-5", "99999999999999999999"])
def test_a_year_that_cannot_be_is_refused_in_words(company: Company, alice: User, year: str) -> None:
    response = browser(alice).post(url("new"), {"company": company.pk, "year": year})
    assert response.status_code == 200
    assert "The year could not be started" in page(response)
    assert not Disclosure.objects.exists()


def test_a_future_year_is_refused(company: Company, alice: User) -> None:
    year = timezone.localdate().year + 1
    response = browser(alice).post(url("new"), {"company": company.pk, "year": year})
    assert f"{year} is not a year to disclose" in page(response)


def test_a_year_that_exists_is_named_and_linked(draft: Disclosure, alice: User) -> None:
    response = browser(alice).post(url("new"), {"company": draft.company_id, "year": draft.year})
    assert "2024 exists already: version 1, Draft." in page(response)
    assert f'href="{draft.get_absolute_url()}"' in page(response)


@pytest.mark.parametrize("other", ["other", "99999999999999999999", "x"])
def test_another_company_cannot_be_chosen(alice: User, other: str) -> None:
    pk = make.company("other").pk if other == "other" else other
    response = browser(alice).post(url("new"), {"company": pk, "year": "2024"})
    assert response.status_code == 200
    assert not Disclosure.objects.exists()


# --- A2 ----------------------------------------------------------------------------------------------
def test_what_is_typed_is_kept_read_and_echoed(draft: Disclosure, alice: User) -> None:
    client = browser(alice)
    data = typed(draft, scope1_t=" 1.2万 ", coal_t="０", **{"scope1_t-basis": "calculated"})
    response = client.post(draft.get_absolute_url(), data, follow=True)
    figures = {f.quantity: f for f in fresh(draft).figures.all()}
    assert (figures["scope1_t"].value, figures["scope1_t"].typed) == (12_000, "1.2万")
    assert figures["scope1_t"].basis == "calculated"
    assert figures["coal_t"].value == 0  # a printed zero is a figure
    assert "water_t" not in figures  # an empty field is not
    assert "read as 12,000 tCO₂e" in page(response)
    assert 'value="1.2万"' in page(response)


def test_an_emptied_field_is_not_reported_any_more(draft: Disclosure, alice: User) -> None:
    browser(alice).post(draft.get_absolute_url(), typed(draft, scope1_t=""))
    assert Quantity.SCOPE_1 not in fresh(draft).values()


def test_a_figure_keeps_its_note_and_source_when_its_value_changes(draft: Disclosure, alice: User) -> None:
    draft.figures.filter(quantity=Quantity.SCOPE_1).update(note="restated", source="p. 4")
    browser(alice).post(draft.get_absolute_url(), typed(draft, scope1_t="9"))
    figure = fresh(draft).figures.get(quantity=Quantity.SCOPE_1)
    assert (figure.value, figure.note, figure.source) == (9, "restated", "p. 4")


def test_a_fault_is_shown_at_the_field_and_on_top_and_nothing_typed_is_lost(draft: Disclosure, alice: User) -> None:
    data = typed(draft, scope1_t="12,34o", water_t="-5", coal_t="77", boundary="new <b>words</b>")
    response = browser(alice).post(draft.get_absolute_url(), data)
    text = page(response)
    assert text.count("Is 12,340 meant?") == 2
    assert '<a href="#id_scope1_t">' in text
    assert all(f'value="{value}"' in text for value in ("12,34o", "-5", "77"))
    assert "new &lt;b&gt;words&lt;/b&gt;" in text
    assert fresh(draft).edition == 1


def test_figures_too_large_to_be_added_up_are_refused_at_their_fields(draft: Disclosure, alice: User) -> None:
    changes = dict.fromkeys([Quantity.SCOPE_1, Quantity.SCOPE_2_LOCATION, Quantity.SCOPE_3_TOTAL], "1e308")
    response = browser(alice).post(url("disclosure", draft), typed(draft, **changes))
    assert response.status_code == 200
    assert page(response).count('value="1e308"') == len(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"scope1_t": "9" * 61},
        {"boundary": "x" * 301},
        {"revenue_boundary": "sideways"},
        {"scope1_t-basis": "guessed"},
        {"edition": ""},
        {"edition": "99999999999999999999999"},
    ],
)
def test_what_the_form_does_not_offer_is_refused(draft: Disclosure, alice: User, changes: dict[str, str]) -> None:
    response = browser(alice).post(draft.get_absolute_url(), typed(draft, **changes))
    assert response.status_code == 200
    assert "form-errors" in page(response)
    assert fresh(draft).edition == 1


def test_saving_without_a_change_counts_nothing(draft: Disclosure, alice: User) -> None:
    response = browser(alice).post(draft.get_absolute_url(), typed(draft), follow=True)
    assert "Everything is saved." in page(response)
    assert fresh(draft).edition == 1


def test_questions_never_keep_one_from_saving(draft: Disclosure, alice: User) -> None:
    make.disclosure(draft.company, 2023, scope_1=1.2, scope_2=0.8)
    data = typed(draft, scope1_t="1200", scope2_location_t="0", scope1_2_total_t="2000")
    text = page(browser(alice).post(draft.get_absolute_url(), data, follow=True))
    assert "Scopes 1 and 2 are about 600 times last year&#x27;s. Correct the unit" in text
    assert "Zero emissions: is it truly none?" in text
    assert "The total 2,000 is not scope 1 plus scope 2 (1,200)." in text
    assert "(+99,900.0%)" in text
    assert fresh(draft).edition == 2


def test_a_stale_save_shows_both_values_and_loses_nothing(draft: Disclosure, alice: User) -> None:
    frank = make.frank(draft.company)
    mine = typed(draft, scope1_t="111", coal_t="5")
    browser(frank).post(draft.get_absolute_url(), typed(draft, scope1_t="222"))
    response = browser(alice).post(draft.get_absolute_url(), mine)
    text = page(response)
    assert response.status_code == 409
    assert "frank saved this disclosure meanwhile" in text
    assert re.search(r"<td[^>]*>111</td><td[^>]*>222</td>", text)
    assert 'value="111"' in text
    assert fresh(draft).values()[Quantity.SCOPE_1] == 222
    assert 'name="edition" value="2"' in text


def test_after_a_stale_save_one_keeps_ones_own_or_takes_the_other(draft: Disclosure, alice: User) -> None:
    frank = make.frank(draft.company)
    browser(frank).post(draft.get_absolute_url(), typed(draft, scope1_t="222", coal_t="6"))
    mine = typed(draft, scope1_t="111", coal_t="5", edition="2") | {"theirs-scope1_t": "on"}
    assert browser(alice).post(draft.get_absolute_url(), mine).status_code == 302
    values = fresh(draft).values()
    assert (values[Quantity.SCOPE_1], values[Quantity.COAL]) == (222, 5)


def test_typing_into_what_was_submitted_meanwhile_loses_nothing(draft: Disclosure, alice: User) -> None:
    mine = typed(draft, coal_t="777")
    draft.submit(by=alice)
    response = browser(alice).post(draft.get_absolute_url(), mine)
    assert response.status_code == 409
    assert "777" in page(response)
    assert Quantity.COAL not in fresh(draft).values()


def test_a_contributor_is_told_who_can_submit(draft: Disclosure, alice: User) -> None:
    client = browser(make.frank(draft.company))
    for name in ("disclosure", "submit"):
        assert "Only a submitter can submit: alice" in page(client.get(url(name, draft)))


def test_a_frozen_version_is_read_not_edited(company: Company, alice: User) -> None:
    recorded = make.disclosure(company)
    text = page(browser(alice).get(recorded.get_absolute_url()))
    assert "Correct: open a new version" in text
    assert recorded.digest in text
    assert 'name="scope1_t"' not in text


def test_the_fund_reads_what_stands(company: Company) -> None:
    recorded = make.disclosure(company)
    response = browser(make.carol()).get(recorded.get_absolute_url())
    assert response.status_code == 200
    assert "Correct: open a new version" not in page(response)
    assert browser(User.objects.get(username="carol")).post(recorded.get_absolute_url()).status_code == 403


# --- A4 ----------------------------------------------------------------------------------------------
def test_the_button_waits_until_nothing_is_missing(draft: Disclosure, alice: User) -> None:
    draft.figures.filter(quantity=Quantity.SCOPE_1).delete()
    text = page(browser(alice).get(url("submit", draft)))
    assert f'href="{draft.get_absolute_url()}#id_scope1_t"' in text
    assert '<button class="button button--primary" disabled>' in text
    response = browser(alice).post(url("submit", draft), {"edition": "1", "declaration": "on"}, follow=True)
    assert "Still missing: Scope 1 emissions" in page(response)


def test_submitting_gives_a_receipt(draft: Disclosure, alice: User) -> None:
    response = browser(alice).post(url("submit", draft), {"edition": "1", "declaration": "on"}, follow=True)
    stored = fresh(draft)
    assert stored.state == State.SUBMITTED
    receipt = stored.steps.get(verb="submitted")
    assert response.redirect_chain == [(reverse("portfolio:receipt", args=[receipt.pk]), 302)]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+08:00 \(Asia/Shanghai\)", page(response))
    assert stored.digest in page(response)


def test_without_the_declaration_nothing_is_submitted(draft: Disclosure, alice: User) -> None:
    response = browser(alice).post(url("submit", draft), {"edition": "1"})
    assert "Please tick the declaration" in page(response)
    assert fresh(draft).state == State.DRAFT


def test_a_contributor_cannot_submit(draft: Disclosure, alice: User) -> None:
    client = browser(make.frank(draft.company))
    response = client.post(url("submit", draft), {"edition": "1", "declaration": "on"}, follow=True)
    assert "Only a submitter of the company can submit" in page(response)
    assert fresh(draft).state == State.DRAFT


def test_figures_that_changed_since_the_page_was_opened_are_not_signed(draft: Disclosure, alice: User) -> None:
    browser(alice).post(draft.get_absolute_url(), typed(draft, scope1_t="3"))
    response = browser(alice).post(url("submit", draft), {"edition": "1", "declaration": "on"}, follow=True)
    assert "The disclosure changed since you opened this page" in page(response)
    assert fresh(draft).state == State.DRAFT


@pytest.mark.postgres
def test_submitting_twice_is_one_submission(draft: Disclosure, alice: User) -> None:
    data = {"edition": "1", "declaration": "on"}
    browser(alice).post(url("submit", draft), data)
    response = browser(alice).post(url("submit", draft), data, follow=True)
    assert "there is nothing to submit" in page(response)
    assert draft.steps.filter(verb="submitted").count() == 1


# --- correct -----------------------------------------------------------------------------------------
def test_a_correction_opens_a_version_by_post_only(company: Company, alice: User) -> None:
    recorded = make.disclosure(company)
    assert browser(alice).get(url("correct", recorded)).status_code == 405
    response = browser(alice).post(url("correct", recorded), follow=True)
    assert "Version 2 is open, with all figures copied." in page(response)
    again = browser(alice).post(url("correct", recorded), follow=True)
    assert "There is an open version of this year already." in page(again)
    assert Disclosure.objects.count() == 2


def test_a_verifier_cannot_open_a_correction(company: Company, bob: User) -> None:
    recorded = make.disclosure(company)
    response = browser(bob).post(url("correct", recorded), follow=True)
    assert "Only people of the company can correct its disclosure." in page(response)
    assert Disclosure.objects.count() == 1


# --- V1 ----------------------------------------------------------------------------------------------
@pytest.mark.postgres
def test_the_queue_shows_what_waits(submitted: Disclosure, bob: User) -> None:
    text = page(browser(bob).get(url("cases")))
    assert submitted.company.name_en in text
    assert "2,000" in text
    assert f'href="{url("case", submitted)}"' in text


def test_the_queue_says_why_one_may_not_verify(submitted: Disclosure, bob: User) -> None:
    Membership.objects.create(user=bob, company=submitted.company, kind="contributor")
    assert "You are a member of this company." in page(browser(bob).get(url("cases")))
    Membership.objects.filter(user=bob).delete()
    Disclosure.objects.filter(pk=submitted.pk).update(created_by=bob)
    assert "You prepared this disclosure." in page(browser(bob).get(url("cases")))


def test_the_queue_is_for_the_verification_side(alice: User) -> None:
    assert browser(alice).get(url("cases")).status_code == 404
    for person in (make.carol(), make.dan()):
        response = browser(person).get(url("cases"))
        assert response.status_code == 403
        assert "This page is for verifiers and independent reviewers." in page(response)


def test_an_independent_reviewer_reads_only(submitted: Disclosure) -> None:
    client = browser(make.user("rita", Role.INDEPENDENT_REVIEWER))
    assert "You issue opinions here as an independent reviewer" in page(client.get(url("cases")))
    assert url("case_decide", submitted) not in page(client.get(url("case", submitted)))
    response = client.post(url("case_decide", submitted), {"action": "return", "digest": submitted.digest})
    assert response.status_code == 403
    assert fresh(submitted).state == State.SUBMITTED


def test_an_empty_queue_and_a_page_that_is_not_there(bob: User) -> None:
    assert "All done" in page(browser(bob).get(url("cases"), {"page": "77x"}))


# --- V2 ----------------------------------------------------------------------------------------------
def test_the_figures_stand_beside_last_year(submitted: Disclosure, bob: User) -> None:
    make.disclosure(submitted.company, 2023, scope_1=1000.0, scope_2=1000.0)
    text = page(browser(bob).get(url("case", submitted)))
    assert "+20.0" in text and "−20.0" in text and "1,000" in text


def test_returning_needs_a_reason_and_gives_it_to_the_company(submitted: Disclosure, alice: User, bob: User) -> None:
    client, data = browser(bob), {"action": "return", "digest": submitted.digest}
    assert "A return needs a reason." in page(client.post(url("case_decide", submitted), data))
    client.post(url("case_decide", submitted), data | {"comment": "kWh or <MWh>?", "everything": "on"})
    text = page(browser(alice).get(submitted.get_absolute_url()))
    assert "bob returned this disclosure" in text
    assert "kWh or &lt;MWh&gt;?" in text
    assert 'name="scope1_t"' in text


@pytest.mark.parametrize("action", ["return"])
def test_a_stale_digest_does_nothing_and_keeps_the_words(submitted: Disclosure, bob: User, action: str) -> None:
    data = {"action": action, "digest": "0" * 64, "comment": "my long reason"}
    response = browser(bob).post(url("case_decide", submitted), data)
    assert response.status_code == 409
    assert "The disclosure changed since you opened it" in page(response)
    assert "my long reason" in page(response)
    assert fresh(submitted).state == State.SUBMITTED


def test_a_verifier_who_is_late_sees_who_did_it(submitted: Disclosure, bob: User) -> None:
    make.verify(submitted, bob)
    late = browser(make.user("late", Role.VERIFIER))
    data = {"action": "return", "digest": submitted.digest, "comment": "my long reason"}
    response = late.post(url("case_decide", submitted), data)
    assert "rita issued an opinion at" in page(response)
    assert "my long reason" in page(response)
    assert fresh(submitted).state == State.VERIFIED


def test_a_company_cannot_open_the_verifier_page_of_its_own(submitted: Disclosure, alice: User) -> None:
    assert browser(alice).get(url("case", submitted)).status_code == 404


def test_an_action_nobody_offered_does_nothing(submitted: Disclosure, bob: User) -> None:
    response = browser(bob).post(
        url("case_decide", submitted), {"action": "delete", "digest": submitted.digest, "comment": "x"}
    )
    assert response.status_code == 409
    assert "Please choose" in page(response)
    assert fresh(submitted).state == State.SUBMITTED


def test_figures_typed_by_a_source_show_as_a_number_in_the_editor(draft: Disclosure, alice: User) -> None:
    Figure.objects.filter(disclosure=draft, quantity=Quantity.SCOPE_1).update(typed="some 1.2 kt", value=1200.0)
    assert 'value="1,200"' in page(browser(alice).get(draft.get_absolute_url()))


@pytest.mark.parametrize(
    ("field", "told", "value", "echo"),
    [
        ("scope1_t", "3,450 kt", 3_450_000, "read as 3,450,000 tCO₂e"),
        ("scope1_t", "3.45 百万吨", 3_450_000, "read as 3,450,000 tCO₂e"),
        ("scope1_t", "1.2万tCO2e", 12_000, "read as 12,000 tCO₂e"),
        ("electricity_kwh", "560 MWh", 560_000, "read as 560,000 kWh"),
        ("revenue_cny", "1.2 亿元", 120_000_000, "read as 120,000,000 CNY"),
    ],
)
def test_a_unit_behind_the_number_is_read_echoed_and_kept_as_typed(
    draft: Disclosure, alice: User, field: str, told: str, value: float, echo: str
) -> None:
    client = browser(alice)
    found = page(client.post(draft.get_absolute_url(), typed(draft, **{field: told}), follow=True))
    figure = fresh(draft).figures.get(quantity=field)
    assert (figure.value, figure.typed) == (value, told)
    assert echo in found and f'value="{told}"' in found


def test_a_unit_of_something_else_is_refused_at_the_figure(draft: Disclosure, alice: User) -> None:
    found = page(browser(alice).post(draft.get_absolute_url(), typed(draft, scope1_t="3,450 MWh")))
    assert "“MWh” is a unit of energy" in found and 'value="3,450 MWh"' in found
    assert "MWh" not in fresh(draft).figures.get(quantity="scope1_t").typed


# --- a draft opened by mistake -----------------------------------------------------------------------
def test_a_mistaken_draft_is_withdrawn_with_a_reason(draft: Disclosure, alice: User, bob: User) -> None:
    client = browser(alice)
    assert url("withdraw", draft) in page(client.get(draft.get_absolute_url()))
    client.post(url("withdraw", draft), {"edition": draft.edition, "reason": " "})
    assert fresh(draft).state == State.DRAFT
    client.post(url("withdraw", draft), {"edition": draft.edition, "reason": "wrong year"})
    assert fresh(draft).state == State.WITHDRAWN
    assert "wrong year" in page(client.get(draft.get_absolute_url()))
    assert "Withdrawn before submission" in page(client.get(url("disclosures")))
    assert browser(bob).get(draft.get_absolute_url()).status_code == 404


def test_a_withdrawn_year_is_started_again_as_the_next_version(draft: Disclosure, alice: User) -> None:
    draft.withdraw(by=alice, reason="wrong figures")
    client = browser(alice)
    client.post(url("new"), {"company": draft.company_id, "year": draft.year})
    again = Disclosure.objects.get(state=State.DRAFT)
    assert (again.year, again.version) == (draft.year, 2)
    client.post(draft.get_absolute_url(), typed(draft, scope1_t="1"))
    assert fresh(draft).values()["scope1_t"] == 1200


def test_what_was_submitted_once_is_not_withdrawn(submitted: Disclosure, alice: User, bob: User) -> None:
    submitted.return_for_correction(by=bob, reason="unit", everything=True)
    browser(alice).post(url("withdraw", submitted), {"edition": fresh(submitted).edition, "reason": "gone"})
    assert fresh(submitted).state == State.RETURNED


def test_the_year_that_runs_is_named_as_unfinished(company: Company, alice: User) -> None:
    year = timezone.localdate().year
    assert f"{year} is not over yet" in page(browser(alice).get(url("new")))
    draft = Disclosure.open_year(company, year, by=alice)
    assert f"{year} is not over yet" in page(browser(alice).get(draft.get_absolute_url()))
