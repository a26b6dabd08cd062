"""The page of a case: a point beside its evidence, one press a point, and fresh eyes find what was planted."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typst
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from portfolio.audit import AuditEvent
from portfolio.models import Case, Company, Disclosure, Finding, Look, Quantity, Role
from portfolio.models.case.case import declare_conflict
from tests import make
from tests.scoring.cases.made import browser, cited, diesel, draft, evidence, month, site, submitted, text

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
def waiting(company: Company, alice: User) -> Disclosure:
    bills = evidence(company, alice)
    return submitted(company, alice, cited(month(1), bills, "p. 3"), diesel())


def url(name: str, made: Disclosure, *more: int) -> str:
    return reverse(f"scoring:{name}", args=[made.pk, *more])


def opened(bob: User, made: Disclosure, point: str = "", **more: str) -> str:
    answer = browser(bob).get(url("case", made), {"point": point} | more)
    assert answer.status_code == 200
    return text(answer)


# --- reading ---------------------------------------------------------------------------------------------
def test_a_line_stands_beside_its_evidence_factor_and_the_factors_that_lost(waiting: Disclosure, bob: User) -> None:
    page = opened(bob, waiting, "line:1")
    assert "bills.csv" in page and "p. 3" in page
    assert "Why this factor?" in page and "others were not chosen" in page
    assert "tCO₂e" in page and "400.0 MWh" in page


def test_a_figure_stands_beside_last_year_the_ledger_peers_and_the_model(waiting: Disclosure, bob: User) -> None:
    make.disclosure(waiting.company, 2023, scope_1=1000.0)
    page = opened(bob, waiting, "scope1_t")
    assert "1,000 tCO₂e" in page and "+20.0%" in page
    for told in ("By the ledger", "Peers p10–p90", "Model, 98 in 100"):
        assert told in page


def test_without_evidence_the_page_offers_to_ask(waiting: Disclosure, bob: User) -> None:
    page = opened(bob, waiting, "line:2")
    assert "None attached." in page and "Ask for it" in page
    asked = opened(bob, waiting, "line:2", **{"raise": "question", "item": "line_without_evidence"})
    assert "No evidence for line 2." in asked


@pytest.mark.parametrize("point", ["", "nonsense", "line:99", "line:1' OR 1", "scope1_t"])
def test_any_point_in_the_address_opens_some_point(waiting: Disclosure, bob: User, point: str) -> None:
    assert "0 of 4 points checked" in opened(bob, waiting, point)


def test_without_a_point_the_first_with_a_question_is_open(company: Company, alice: User, bob: User) -> None:
    bills = evidence(company, alice)
    made = submitted(company, alice, cited(month(1), bills), cited(month(2), bills), diesel())
    for point in ("scope1_t", "scope2_location_t"):
        Look.note(made, point, Look.Verdict.AGREED, by=bob, digest=made.digest)
    page = opened(bob, made)
    [current] = re.findall(r'<a href="[^"]*" aria-current="true">.*?</a>', page[page.index("casework__list") :])
    assert "casework__asked" in current and "line%3A3#" in current
    assert '<details class="card caselist" id="items" open>' in page
    assert '<details class="card caselist" id="items">' in opened(bob, made, "line:1")


def test_the_bar_tells_what_is_misstated_against_the_threshold(waiting: Disclosure, bob: User) -> None:
    assert re.search(r"Net 0, sum 0 of [\d,.]+ t", opened(bob, waiting))
    told = {"kind": "misstatement", "point": "line:2", "words": "a copy", "effect_t": "-900"}
    page = text(browser(bob).post(url("case", waiting), told, follow=True))
    assert re.search(r"Net −900, sum 900 of [\d,.]+ t</a> <span class=\"chip chip--warn\"", page)
    assert page.index("casebar__material") < page.index("casework")
    assert page.count(reverse("portfolio:opinion_write", args=[waiting.pk])) == 2


def test_a_finding_about_no_point_of_the_list_says_what_it_is_about(waiting: Disclosure, bob: User) -> None:
    page = opened(bob, waiting, "lines", **{"raise": "misstatement"})
    assert "<h2>The activity ledger: all its lines</h2>" in page and 'data-press="a"' not in page
    assert "<h2>The activity ledger" not in opened(bob, waiting, "line:2", **{"raise": "misstatement"})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_speaks_both_languages_and_keeps_the_policy(waiting: Disclosure, bob: User, language: str) -> None:
    for point in ("scope1_t", "line:1", "line:2"):
        for opens in ("", "misstatement", "sampled_out"):
            page = text(browser(bob, language).get(url("case", waiting), {"point": point, "raise": opens}))
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page)


def test_as_many_questions_to_the_database_for_any_number_of_lines(company: Company, alice: User, bob: User) -> None:
    def count(made: Disclosure) -> int:
        client = browser(bob)
        client.get(url("case", made))
        with CaptureQueriesContext(connection) as captured:
            client.get(url("case", made), {"point": "line:1"})
        return len(captured)

    few = submitted(company, alice, month(1), month(2))
    other = make.company("other")
    many = submitted(other, make.user("anna", company=other), *(month(n) for n in range(1, 13)), diesel())
    assert count(many) <= count(few)


def test_whoever_verified_it_or_reviews_it_reads_along(waiting: Disclosure, bob: User) -> None:
    rita = make.user("rita", Role.INDEPENDENT_REVIEWER)
    assert url("case_look", waiting) not in opened(rita, waiting)
    assert browser(rita).post(url("case_look", waiting), {"verdict": "agreed"}).status_code == 403


# --- the history is folded ---------------------------------------------------------------------------------------
def test_savings_by_one_person_are_one_line(company: Company, alice: User, bob: User) -> None:
    made = draft(company, alice)
    for number in range(1, 5):
        made.write_activities(by=alice, edition=made.edition, added=[month(number)])
    made.submit(by=alice)
    assert "4 times saved by alice" in opened(bob, made)


# --- looking -----------------------------------------------------------------------------------------------------
def test_agreeing_leads_to_the_next_point_until_none_is_left(waiting: Disclosure, bob: User) -> None:
    client, points = browser(bob), ["scope1_t", "scope2_location_t", "line:1", "line:2"]
    for n, point in enumerate(points):
        told = {"point": point, "verdict": "agreed", "digest": waiting.digest}
        answer = client.post(url("case_look", waiting), told)
        following = points[min(n + 1, 3)]
        assert answer.headers["Location"] == f"{url('case', waiting)}?point={following.replace(':', '%3A')}#work"
    page = opened(bob, waiting)
    assert "4 of 4 points checked" in page and 'data-press="n"' not in page
    assert Case.of(waiting).assignee == bob


def test_leaving_out_needs_words_and_keeps_them(waiting: Disclosure, bob: User) -> None:
    told = {"point": "line:2", "verdict": "sampled_out", "digest": waiting.digest, "words": ""}
    answer = browser(bob).post(url("case_look", waiting), told)
    assert answer.status_code == 409 and "Please say why" in text(answer)
    browser(bob).post(url("case_look", waiting), told | {"words": "0.1 % of the tonnes"})
    assert "0.1 % of the tonnes" in opened(bob, waiting)


def test_a_look_at_a_page_that_is_old_loses_no_word(waiting: Disclosure, bob: User) -> None:
    told = {"point": "line:2", "verdict": "sampled_out", "digest": "0" * 64, "words": "my long reason"}
    answer = browser(bob).post(url("case_look", waiting), told)
    assert answer.status_code == 409 and "my long reason" in text(answer)


def test_a_finding_is_raised_at_the_point_and_counts_as_looked_at(waiting: Disclosure, bob: User) -> None:
    told = {"kind": "misstatement", "point": "line:2", "words": "a copy", "effect_t": "12.5"}
    answer = browser(bob).post(url("case", waiting), told, follow=True)
    assert "1 of 4 points checked" in text(answer) and "1 finding open" in text(answer)
    assert Finding.objects.get().effect_t == 12.5


def test_a_misstatement_without_tonnes_is_refused_and_keeps_the_words(waiting: Disclosure, bob: User) -> None:
    told = {"kind": "misstatement", "point": "line:2", "words": "a <copy>"}
    answer = browser(bob).post(url("case", waiting), told)
    assert answer.status_code == 409
    assert "A misstatement needs its effect in tonnes" in text(answer) and "a &lt;copy&gt;" in text(answer)


def test_while_another_has_the_case_one_reads_along(waiting: Disclosure, bob: User) -> None:
    Case.claim(waiting, by=make.user("vera", Role.VERIFIER))
    page = opened(bob, waiting, "line:1")
    assert "vera has had this case since" in page and 'data-press="a"' not in page
    told = {"action": "verify", "digest": waiting.digest, "comment": "my words"}
    answer = browser(bob).post(url("case_decide", waiting), told)
    assert answer.status_code == 409 and "my words" in text(answer)
    waiting.refresh_from_db()
    assert waiting.state == Disclosure.State.SUBMITTED


def test_how_it_is_sampled_is_written_down(waiting: Disclosure, bob: User) -> None:
    browser(bob).post(url("case_sample", waiting), {"sampling": "all above 5 %"})
    assert "all above 5 %</textarea>" in opened(bob, waiting)
    assert browser(bob).post(url("case_sample", waiting), {"sampling": "x" * 2001}).status_code == 409


# --- the submission before ---------------------------------------------------------------------------------------
def test_a_new_submission_shows_what_changed_and_agrees_again_by_one_press(
    waiting: Disclosure, alice: User, bob: User
) -> None:
    for point in ("line:1", "line:2"):
        Look.note(waiting, point, Look.Verdict.AGREED, by=bob, digest=waiting.digest)
    waiting.return_for_correction(by=bob, reason="the diesel?", everything=True)
    line = waiting.activities.get(number=2)
    line.typed_amount, line.amount = "21", 21.0
    waiting.refresh_from_db()
    waiting.write_activities(by=alice, edition=waiting.edition, changed=[line])
    waiting.submit(by=alice)
    page = opened(bob, waiting, "line:2")
    assert "20.0 t" in page and "21 t" in page and "Agree again to 1 unchanged point" in page
    told = {"verdict": "again", "digest": waiting.digest}
    assert "1 of 4 points checked" in text(browser(bob).post(url("case_look", waiting), told, follow=True))


# --- evidence ----------------------------------------------------------------------------------------------------
def shown(bob: User, made: Disclosure, file: Any, page: str = "1") -> str:
    return text(browser(bob).post(url("case_preview", made, file.pk), {"page": page}))


def test_a_table_is_shown_and_the_reading_is_written_down(waiting: Disclosure, bob: User) -> None:
    file = waiting.company.evidence.get()
    assert "<td>month</td>" in shown(bob, waiting, file)
    assert AuditEvent.objects.filter(verb="evidence.read").count() == 1
    assert browser(bob).get(url("case_preview", waiting, file.pk)).status_code == 405


def test_a_page_of_a_pdf_is_shown_as_a_picture(company: Company, alice: User, bob: User) -> None:
    pdf = typst.compile(b"= One\n#pagebreak()\n= Two", format="pdf")
    file = evidence(company, alice, "bill.pdf", pdf)
    made = submitted(company, alice, cited(month(1), file, "page 2"))
    assert 'name="page" value="2"' in opened(bob, made, "line:1")
    assert "data:image/png;base64," in shown(bob, made, file, "2")
    assert "There is no page 9" in shown(bob, made, file, "9")


def test_a_file_that_cannot_be_shown_is_downloaded_and_the_case_goes_on(
    company: Company, alice: User, bob: User
) -> None:
    file = evidence(company, alice, "bill.pdf", b"%PDF-1.7 broken")
    made = submitted(company, alice, cited(month(1), file))
    page = shown(bob, made, file)
    assert "The file cannot be drawn here." in page and "Download" in page and file.sha256[:16] in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "٣", ""])
def test_a_page_that_is_none_is_the_first(waiting: Disclosure, bob: User, page: str) -> None:
    assert "<td>month</td>" in shown(bob, waiting, waiting.company.evidence.get(), page)


def test_a_file_of_another_case_is_not_there(waiting: Disclosure, bob: User) -> None:
    other = make.company("other")
    anna = make.user("anna", company=other)
    file = evidence(other, anna, content=b"a,b\n")
    submitted(other, anna, cited(month(1), file))
    assert browser(bob).post(url("case_preview", waiting, file.pk)).status_code == 404


def test_a_conflict_of_interest_closes_file_ledger_and_figures_too(waiting: Disclosure, bob: User) -> None:
    file = waiting.company.evidence.get()
    declare_conflict(waiting.company, "my sister", by=bob)
    client = browser(bob)
    for address in (waiting.get_absolute_url(), reverse("scoring:ledger", args=[waiting.pk]), url("case", waiting)):
        assert client.get(address).status_code == 403
    assert client.post(file.get_absolute_url()).status_code == 404
    assert client.post(url("case_preview", waiting, file.pk)).status_code == 403


def test_a_conflict_of_interest_closes_threads_opinions_and_the_api_too(waiting: Disclosure, bob: User) -> None:
    colleague = make.user("bella", Role.VERIFIER)
    found = Finding.raise_on(waiting, by=colleague, kind="question", words="which meter is it?")
    client, one, of_it = browser(bob), [found.pk], [waiting.pk]
    pages = (reverse("portfolio:finding", args=one), reverse("portfolio:findings_of", args=of_it))
    told = (
        *(reverse("api:finding", args=one), reverse("api:disclosure", args=of_it)),
        *(reverse(f"api:{name}", args=of_it) for name in ("activities", "checks", "submissions", "disclosure_history")),
    )
    assert {client.get(address).status_code for address in (*pages, *told)} == {200}
    declare_conflict(waiting.company, "my sister", by=bob)
    assert [client.get(address).status_code for address in pages] == [404, 403]
    assert {client.get(address).status_code for address in told} == {404}
    answer = client.post(reverse("api:finding_close", args=one), {"words": "seen"}, content_type="application/json")
    assert answer.status_code == 404
    for name in ("findings", "disclosures"):
        assert client.get(reverse(f"api:{name}")).json()["count"] == 0
        assert browser(colleague).get(reverse(f"api:{name}")).json()["count"] == 1
    assert "which meter is it?" not in text(client.get(reverse("portfolio:findings")))


def test_declaring_a_conflict_leads_back_to_the_queue(waiting: Disclosure, bob: User) -> None:
    answer = browser(bob).post(url("case_conflict", waiting), {"conflict": ""})
    assert answer.status_code == 409 and "what ties you to the company" in text(answer)
    answer = browser(bob).post(url("case_conflict", waiting), {"conflict": "shares"}, follow=True)
    assert "are closed to you from now on" in text(answer)


# --- fresh eyes --------------------------------------------------------------------------------------------------
def test_fresh_eyes_find_a_tenfold_line_a_missing_site_and_a_copy(company: Company, alice: User, bob: User) -> None:
    """Each stands in the list with its points and a finding that is filled in."""
    plant, depot = site(company, alice), site(company, alice, "depot")
    lines = [month(n, 4000.0 if n == 7 else 400.0, site=plant) for n in range(1, 13)]
    made = submitted(company, alice, *lines, diesel(site=plant), diesel(site=plant))
    page = opened(bob, made)
    assert "Line 7 is about 10 times its other months: a digit or a unit?" in page
    assert f"No line of the site {depot.name}, which the company keeps: was it left out?" in page
    assert "Lines 13, 14 say the same" in page
    tenfold = opened(bob, made, "line:7", **{"raise": "misstatement", "item": "line_tenfold"})
    assert re.search(r'name="effect_t"[^>]*value="[0-9.]+"', tenfold)
    assert "Line 7 is about 10 times its other months: a digit or a unit?</textarea>" in tenfold


def test_a_line_far_from_last_years_and_figures_as_last_year_are_asked(
    company: Company, alice: User, bob: User
) -> None:
    before = make.disclosure(company, 2023, state="draft")
    before.figures.create(quantity=Quantity.ELECTRICITY, value=400_000.0)
    line = diesel(2.0)
    line.disclosure = before
    before.write_activities(by=alice, edition=before.edition, added=[line])
    before.submit(by=alice)
    make.verify(before, bob)
    made = draft(company, alice, diesel(20.0))
    made.figures.create(quantity=Quantity.ELECTRICITY, value=400_000.0)
    made.submit(by=alice)
    page = opened(bob, made)
    assert "Line 1 is about 10 times last year&#x27;s of the same meter" in page
    assert "Exactly last year&#x27;s figure: Electricity" in page


def test_a_finding_that_is_raised_is_not_offered_again(company: Company, alice: User, bob: User) -> None:
    made = submitted(company, alice, diesel(), diesel())
    Finding.raise_on(made, by=bob, kind="misstatement", point="line:2", words="a copy", effect_t=3.0)
    assert "finding raised" in opened(bob, made)
