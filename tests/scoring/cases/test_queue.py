"""The queue: the riskiest first with its reasons, and nothing decided by them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from portfolio.models import Case, Disclosure, Membership, Role
from portfolio.models.case.case import declare_conflict, due_of
from scoring.cases.queue import open_cases, rows_of
from tests import make
from tests.portfolio.monitoring_plans import plans
from tests.scoring.cases.made import browser, diesel, month, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def bob() -> User:
    return make.bob()


@pytest.fixture
def alice() -> User:
    return make.user("alice")


def waiting(key: str, alice: User, *lines: Any, before: bool = True, **facts: Any) -> Disclosure:
    company = make.company(key, name_en=f"{key} Ltd")
    Membership.objects.create(user=alice, company=company, kind="submitter")
    if before:
        make.disclosure(company, 2023)
    made = make.disclosure(company, 2024, state="draft", **facts)
    if lines:
        made.write_activities(by=alice, edition=made.edition, added=list(lines))
    return made


def rows(bob: User) -> list[Any]:
    return rows_of(open_cases(bob), bob, Disclosure.ties_of(bob))


def test_a_planted_thousandfold_is_first_and_says_why(alice: User, bob: User) -> None:
    waiting("usual", alice, scope_1=1250.0).submit(by=alice)
    waiting("first", alice, before=False).submit(by=alice)
    planted = waiting("planted", alice, scope_1=1_200_000.0, scope_2=800_000.0)
    planted.submit(by=alice, reason="boundary", words="we count grams now")
    first, *_others = rows(bob)
    assert first.disclosure == planted
    assert first.reasons[0].words == "about 1,000 times the year before, explained: the boundary changed"
    page = text(browser(bob).get(reverse("scoring:cases")))
    assert page.index("planted Ltd") < page.index("usual Ltd")
    assert "about 1,000 times the year before" in page


def test_risk_never_decides(alice: User, bob: User) -> None:
    planted = waiting("planted", alice, scope_1=1_200_000.0, scope_2=800_000.0)
    planted.submit(by=alice, reason="boundary", words="we count grams now")
    make.verify(planted, bob)
    planted.refresh_from_db()
    assert planted.state == Disclosure.State.VERIFIED


def test_each_reason_in_words(alice: User, bob: User) -> None:
    made = waiting("large", alice, month(1), month(2, 4100.0), month(3), month(4), diesel(), diesel(), before=False)
    Disclosure.objects.filter(pk=made.pk).update(state="draft")
    made.figures.filter(quantity="scope1_t").update(value=700_000.0)
    made.submit(by=alice)
    [row] = rows(bob)
    words = [reason.words for reason in row.reasons]
    assert "a line about 10 times its other months or last year" in words
    assert "a line that stands twice" in words
    assert "over 500 kt" in words and "first report" in words
    assert "6 of 6 lines without evidence" in words


def test_a_version_without_lines_says_so(alice: User, bob: User) -> None:
    waiting("plain", alice).submit(by=alice)
    assert "totals only, no ledger" in [reason.words for reason in rows(bob)[0].reasons]


def test_the_tabs_count_and_hold_what_they_say(alice: User, bob: User) -> None:
    mine, free, theirs, back = (waiting(key, alice) for key in ("mine", "free", "theirs", "back"))
    for one in (mine, free, theirs, back):
        one.submit(by=alice)
    Case.claim(mine, by=bob)
    Case.claim(theirs, by=make.user("vera", Role.VERIFIER))
    back.return_for_correction(by=bob, reason="which?", everything=True)
    for tab, name in {"mine": "mine", "unassigned": "free", "others": "theirs", "returned": "back"}.items():
        page = text(browser(bob).get(reverse("scoring:cases"), {"tab": tab}))
        shown = {key for key in ("mine", "free", "theirs", "back") if f"{key} Ltd" in page}
        assert shown == {name}
    assert 'aria-current="page">Mine 1' in text(browser(bob).get(reverse("scoring:cases")))


def test_the_deadline_is_twenty_working_days_of_beijing(alice: User, bob: User) -> None:
    made = waiting("plain", alice)
    made.submit(by=alice)
    # Wednesday evening in London, Thursday in Beijing; New Year's Day and its bridge are no working days.
    made.submitted_at = datetime(2025, 12, 3, 20, 0, tzinfo=UTC)
    due = due_of(made)
    assert due is not None and due.day.isoformat() == "2026-01-04"


def test_a_conflict_is_shown_and_cannot_be_opened(alice: User, bob: User) -> None:
    made = waiting("plain", alice)
    made.submit(by=alice)
    declare_conflict(made.company, "shares", by=bob)
    page = text(browser(bob).get(reverse("scoring:cases")))
    assert "You declared a conflict of interest with this company." in page
    assert reverse("scoring:case", args=[made.pk]) not in page
    answer = browser(bob).get(reverse("scoring:case", args=[made.pk]))
    assert answer.status_code == 403 and "This case is closed to you" in text(answer)


def test_an_empty_queue_says_what_is_due_next(alice: User, bob: User) -> None:
    assert "All done" in text(browser(bob).get(reverse("scoring:cases")))
    made = waiting("plain", alice)
    made.submit(by=alice)
    Case.claim(made, by=make.user("vera", Role.VERIFIER))
    due = due_of(made)
    assert f"Next due: {due}" in text(browser(bob).get(reverse("scoring:cases")))


def test_as_many_questions_to_the_database_for_any_number_of_cases(alice: User, bob: User) -> None:
    def count() -> int:
        client = browser(bob)
        client.get(reverse("scoring:cases"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("scoring:cases"))
        return len(captured)

    for n in range(2):
        waiting(f"c{n}", alice, month(1)).submit(by=alice)
    before = count()
    for n in range(2, 8):
        waiting(f"c{n}", alice, month(1), month(2)).submit(by=alice)
    assert count() == before


def test_a_case_is_claimed_from_the_queue(alice: User, bob: User) -> None:
    made = waiting("plain", alice)
    made.submit(by=alice)
    answer = browser(bob).post(reverse("scoring:case_claim", args=[made.pk]), {"action": "claim"}, follow=True)
    assert "You have this case now." in text(answer)
    vera = browser(make.user("vera", Role.VERIFIER))
    answer = vera.post(reverse("scoring:case_claim", args=[made.pk]), {"action": "claim"}, follow=True)
    assert "bob has had this case since" in text(answer)


def test_the_head_counts_the_plans_and_factors_that_wait(alice: User, bob: User) -> None:
    assert "1 waiting" not in browser(bob).get(reverse("scoring:cases")).content.decode()
    company = make.company("planned")
    Membership.objects.create(user=alice, company=company, kind=Membership.Kind.SUBMITTER)
    plan = plans.draft(company, alice)
    plan.submit(by=alice)
    assert "1 waiting" in text(browser(bob).get(reverse("scoring:cases")))
