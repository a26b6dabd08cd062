"""Checks on a disclosure: kept by content, blocking in words and in the database, lifted by a reason."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.errors import Blocked, NotAllowed
from portfolio.models import AuditEvent, Check, CheckedVersion, Company, Disclosure, Figure, GivenReason, Quantity
from portfolio.models.check_words import sentence
from scoring.engine.screening.plausibility import RULES
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
def jumped(company: Company) -> Disclosure:
    """Scopes 1 and 2 are twenty times last year's."""
    make.disclosure(company, 2023, scope_1=60.0, scope_2=40.0)
    return make.disclosure(company, 2024, state=State.DRAFT)


def browser(person: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    return client


def submit_page(disclosure: Disclosure) -> str:
    return reverse("portfolio:submit", args=[disclosure.pk])


def signed(disclosure: Disclosure, **more: str) -> dict[str, str]:
    return {"edition": str(disclosure.edition), "declaration": "on", **more}


def codes(checks: QuerySet[Check]) -> list[str]:
    """Of the rules; what is open besides is told in tests/scoring/signing."""
    return [check.code for check in checks.order_by("number") if check.code in RULES]


# --- kept -------------------------------------------------------------------------------------------
def test_what_is_submitted_is_kept_with_its_checks(company: Company, alice: User) -> None:
    make.disclosure(company, 2023, scope_1=1200.0, scope_2=500.0)
    draft = make.disclosure(company, 2024, state=State.DRAFT)
    draft.submit(by=alice)
    kept = CheckedVersion.objects.get()
    assert (kept.disclosure, kept.digest, kept.rules) == (draft, draft.digest, "2")
    assert codes(kept.checks) == ["same_as_last_year"]
    assert (
        str(kept.checks.get(code="same_as_last_year").words)
        == "Scope 1 is exactly last year's figure: was it measured again?"
    )


def test_the_same_content_is_checked_once(jumped: Disclosure, alice: User) -> None:
    for _time in range(3):
        with pytest.raises(Blocked):
            jumped.submit(by=alice)
    assert CheckedVersion.objects.count() == 1
    assert codes(Check.objects.all()) == ["jump_tenfold"]


def test_another_year_before_is_another_question(jumped: Disclosure, alice: User) -> None:
    with pytest.raises(Blocked):
        jumped.submit(by=alice)
    make.disclosure(jumped.company, 2023, scope_1=1000.0, scope_2=700.0, version=2)
    jumped.submit(by=alice)
    assert CheckedVersion.objects.count() == 2


def test_a_sentence_is_made_in_the_readers_language(jumped: Disclosure, alice: User) -> None:
    with pytest.raises(Blocked):
        jumped.submit(by=alice)
    check = Check.objects.get(code="jump_tenfold")
    assert check.parameters == {"ratio": 20.0}
    assert check.words.startswith("Scopes 1 and 2 are about 20 times last year's")
    with translation.override("zh-hans"):
        assert "20" in Check.objects.get(code="jump_tenfold").words
        assert Check.objects.get(code="jump_tenfold").words != check.words


NUMBERS = {"ratio": 20.0, "share": 0.6, "reason": "boundary", "word": "TBD", "model": "ols", "value": 12.5} | {
    f"{name}_t": 12.5 for name in ("value", "total", "parts", "computed", "low", "high")
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("ratio", [20.0, 0.05])
@pytest.mark.parametrize("gap", [{}, {"last_year": 2019.0}])
def test_every_rule_has_a_sentence_in_each_language(language: str, ratio: float, gap: dict[str, float]) -> None:
    with translation.override(language):
        for code in RULES:
            words = sentence(code, "scope1_t", NUMBERS | {"ratio": ratio} | gap)
            assert "%" not in words.replace("60%", "")
            assert bool(re.search("[\u4e00-\u9fff]", words)) == (language != "en"), words


@pytest.mark.postgres
def test_checks_are_never_edited(jumped: Disclosure, alice: User) -> None:
    jumped.submit(by=alice, reason="acquisition", words="bought a smelter")
    for rows in (Check.objects.all(), CheckedVersion.objects.all(), GivenReason.objects.all()):
        assert rows.exists()
        for change in (lambda rows=rows: rows.update(id=77), lambda rows=rows: rows._raw_delete(rows.db)):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


# --- blocking ---------------------------------------------------------------------------------------
def test_a_block_stands_until_the_figure_is_corrected(jumped: Disclosure, alice: User) -> None:
    with pytest.raises(Blocked) as refusal:
        jumped.submit(by=alice)
    assert [check.code for check in refusal.value.checks] == ["jump_tenfold"]
    assert Disclosure.objects.get(pk=jumped.pk).state == State.DRAFT
    jumped.figures.update(value=70.0)
    jumped.submit(by=alice)
    assert jumped.state == State.SUBMITTED


def test_a_total_that_is_no_sum_blocks_and_no_reason_lifts_it(jumped: Disclosure, alice: User) -> None:
    Figure.objects.create(disclosure=jumped, quantity=Quantity.SCOPE_1_2_TOTAL, value=2500.0)
    with pytest.raises(Blocked) as refusal:
        jumped.submit(by=alice, reason="boundary", words="the smelter is in")
    assert [check.code for check in refusal.value.checks] == ["wrong_total"]
    assert not GivenReason.objects.exists()


def test_the_total_may_be_of_either_scope_2(company: Company, alice: User) -> None:
    draft = make.disclosure(company, state=State.DRAFT)
    Figure.objects.create(disclosure=draft, quantity=Quantity.SCOPE_2_MARKET, value=100.0)
    Figure.objects.create(disclosure=draft, quantity=Quantity.SCOPE_1_2_TOTAL, value=1300.0)
    draft.submit(by=alice)
    assert "wrong_total" not in codes(Check.objects.all())


@pytest.mark.postgres
def test_the_database_refuses_what_is_unchecked_or_blocked(jumped: Disclosure, alice: User) -> None:
    rows = Disclosure.objects.filter(pk=jumped.pk)
    digest = jumped.content_digest()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state=State.SUBMITTED, digest=digest)
    with pytest.raises(Blocked):
        jumped.submit(by=alice)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state=State.SUBMITTED, digest=digest)
    jumped.submit(by=alice, reason="boundary", words="the smelter is in")  # the control: checked and not blocked


# --- reasons ----------------------------------------------------------------------------------------
def test_a_reason_lifts_the_block_and_becomes_a_label(jumped: Disclosure, alice: User) -> None:
    jumped.submit(by=alice, reason="acquisition", words=" bought a smelter ")
    given = GivenReason.objects.get()
    assert (given.code, given.quantity, given.parameters["ratio"]) == ("jump_with_reason", "scope1_t", 20.0)
    assert (given.reason, given.words, given.by, given.digest) == (
        "acquisition",
        "bought a smelter",
        alice,
        jumped.digest,
    )
    assert AuditEvent.objects.filter(verb="disclosure.explained", object=f"disclosure:{jumped.pk}").exists()


def test_a_smaller_jump_may_be_explained_too(company: Company, alice: User) -> None:
    make.disclosure(company, 2023, scope_1=500.0, scope_2=300.0)
    make.disclosure(company, 2024, state=State.DRAFT).submit(by=alice, reason="boundary", words="two sites more")
    assert GivenReason.objects.get().code == "jump"


@pytest.mark.parametrize(
    ("reason", "words"),
    [("", "because I say so"), ("whim", "because"), ("boundary", "  "), ("boundary", "x" * 2001)],
)
def test_half_a_reason_is_refused(jumped: Disclosure, alice: User, reason: str, words: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        jumped.submit(by=alice, reason=reason, words=words)
    assert not isinstance(refusal.value, Blocked)
    assert Disclosure.objects.get(pk=jumped.pk).state == State.DRAFT


def test_a_reason_for_nothing_is_refused(company: Company, alice: User) -> None:
    draft = make.disclosure(company, state=State.DRAFT)
    with pytest.raises(NotAllowed, match="nothing to give a reason for"):
        draft.submit(by=alice, reason="boundary", words="the smelter is in")
    assert not GivenReason.objects.exists()


def test_labels_are_written_as_csv(jumped: Disclosure, alice: User) -> None:
    jumped.submit(by=alice, reason="acquisition", words="bought a smelter, twice")
    out = io.StringIO()
    call_command("given_reasons", stdout=out)
    [row] = csv.DictReader(io.StringIO(out.getvalue()))
    assert (row["company_key"], row["year"], row["ratio"], row["reason"], row["words"], row["state"]) == (
        "demo-alpha",
        "2024",
        "20.0",
        "acquisition",
        "bought a smelter, twice",
        "submitted",
    )


# --- the pages --------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_parts_what_blocks_from_questions_and_leads_to_the_fields(
    jumped: Disclosure, alice: User, language: str
) -> None:
    Figure.objects.create(disclosure=jumped, quantity=Quantity.SCOPE_1_2_TOTAL, value=2500.0)
    jumped.boundary = "TBD"
    jumped.save(update_fields=["boundary"])
    text = browser(alice, language).get(submit_page(jumped)).content.decode()
    blocks, _section, rest = text.partition("open-title")
    assert f'href="{jumped.get_absolute_url()}#id_scope1_t"' in blocks
    assert f'href="{jumped.get_absolute_url()}#id_scope1_2_total_t"' in blocks
    assert f'href="{jumped.get_absolute_url()}#id_boundary"' in rest
    assert '<button class="button button--primary" disabled>' in text  # no reason lifts the total


def test_reading_the_page_keeps_nothing(jumped: Disclosure, alice: User) -> None:
    assert browser(alice).get(submit_page(jumped)).status_code == 200
    assert not CheckedVersion.objects.exists()


def test_a_blocked_submission_says_why_and_loses_nothing(jumped: Disclosure, alice: User) -> None:
    Figure.objects.create(disclosure=jumped, quantity=Quantity.SCOPE_1_2_TOTAL, value=2500.0)
    more = {"reason": "acquisition", "reason_words": "bought a <smelter>"}
    response = browser(alice).post(submit_page(jumped), signed(jumped, **more))
    text = response.content.decode()
    assert response.status_code == 409
    assert "something has to be corrected or explained first" in text
    assert "bought a &lt;smelter&gt;</textarea>" in text
    assert '<option value="acquisition" selected>' in text
    assert Disclosure.objects.get(pk=jumped.pk).state == State.DRAFT


def test_what_was_typed_outlives_a_stale_page(jumped: Disclosure, alice: User) -> None:
    more = {"reason": "acquisition", "reason_words": "bought a smelter", "edition": "77"}
    response = browser(alice).post(submit_page(jumped), signed(jumped) | more)
    assert response.status_code == 409
    assert "bought a smelter</textarea>" in response.content.decode()


def test_the_verifier_reads_questions_and_reasons(jumped: Disclosure, alice: User) -> None:
    more = {"reason": "acquisition", "reason_words": "bought a smelter"}
    assert browser(alice).post(submit_page(jumped), signed(jumped, **more)).status_code == 302
    bob = browser(make.bob())
    text = bob.get(reverse("scoring:case", args=[jumped.pk])).content.decode()
    assert "Scopes 1 and 2 are about 20 times last year&#x27;s. Reason given: an acquisition or divestment." in text
    assert "bought a smelter" in text
    assert "explained: an acquisition or divestment" in bob.get(reverse("scoring:cases")).content.decode()


def test_what_was_submitted_keeps_the_checks_of_then(company: Company, alice: User) -> None:
    draft = make.disclosure(company, 2024, state=State.DRAFT)
    draft.submit(by=alice)
    make.disclosure(company, 2023, scope_1=1200.0, scope_2=500.0)
    text = browser(make.bob()).get(reverse("scoring:case", args=[draft.pk])).content.decode()
    assert "exactly last year" not in text


# --- what the company does -----------------------------------------------------------------------------
def test_a_submitter_says_what_the_company_does(company: Company, alice: User) -> None:
    address = reverse("portfolio:company", args=[company.pk])
    assert browser(alice).post(address, {"description": " makes\r\npumps "}).status_code == 302
    company.refresh_from_db()
    assert company.description == "makes\npumps"
    assert company.history.first().description == "makes\npumps"
    assert "makes\npumps</textarea>" in browser(alice).get(address).content.decode()


def test_a_contributor_reads_it_and_strangers_find_nothing(company: Company, alice: User) -> None:
    address = reverse("portfolio:company", args=[company.pk])
    frank = browser(make.frank(company))
    assert "Only a submitter can write it: alice" in frank.get(address).content.decode()
    assert frank.post(address, {"description": "x"}).status_code == 403
    stranger = make.user("stranger", company=make.company("other"))
    assert browser(stranger).get(address).status_code == 404


def test_a_description_that_is_too_long_is_shown_again(company: Company, alice: User) -> None:
    response = browser(alice).post(reverse("portfolio:company", args=[company.pk]), {"description": "x" * 2001})
    assert response.status_code == 409
    assert "x" * 2001 in response.content.decode()
    company.refresh_from_db()
    assert company.description == ""


def test_what_energy_comes_to_is_told_in_three_digits() -> None:
    with translation.override("en"):
        told = sentence("energy_mismatch", "scope1_t", {"ratio": 1075.4, "computed_t": 3208.24252349})
    assert "1,100 times what the reported energy comes to (3,210 t)" in told
