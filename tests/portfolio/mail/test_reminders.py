"""Deadlines are reminded of at 14, 7 and 1 days, each once, and not when the year has been told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from portfolio import beijing
from portfolio.mail import reminders
from portfolio.models import Company, Deadline, Disclosure, Mail
from portfolio.tasks import remind
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DUE = date(2026, 12, 10)
Clock = Callable[[int], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """So many days before it is due."""

    def set_to(days: int) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *_args, **_how: DUE - timedelta(days=days))

    set_to(30)
    return set_to


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture(autouse=True)
def _due(company: Company) -> None:
    Deadline.objects.create(year=2025, due=DUE)


def sent() -> list[tuple[str, str]]:
    """(days before, state) of what was written so far."""
    rows = Mail.objects.filter(kind=Mail.Kind.REMINDER).order_by("pk")
    return [(key.split(":")[-3], state) for key, state in rows.values_list("key", "state")]


def test_one_mail_each_at_fourteen_seven_and_one(clock: Clock, alice: User) -> None:
    for days in range(20, -3, -1):
        clock(days)
        remind()
        Mail.objects.queued().update(state="sent", sent_at=timezone.now())
        remind()  # beat calls more than once a day
    assert sent() == [("14", "sent"), ("7", "sent"), ("1", "sent")]
    with translation.override("zh-hans"):
        assert "2026-12-10 23:59（北京时间）" in Mail.objects.order_by("pk")[0].subject


def test_after_days_of_silence_only_the_newest(clock: Clock, alice: User) -> None:
    clock(5)
    remind()
    assert sent() == [("7", "queued")]


def test_a_newer_one_takes_the_place_of_one_that_still_waits(clock: Clock, alice: User) -> None:
    clock(14)
    remind()
    clock(7)
    remind()
    assert sent() == [("14", "cancelled"), ("7", "queued")]
    clock(-1)
    remind()
    assert sent() == [("14", "cancelled"), ("7", "cancelled")]


def test_none_after_it_was_submitted(clock: Clock, company: Company, alice: User) -> None:
    clock(14)
    remind()
    draft = make.disclosure(company, 2025, state=Disclosure.State.DRAFT, created_by=alice)
    draft.submit(by=alice)
    assert sent() == [("14", "cancelled")]
    clock(7)
    remind()
    draft.return_for_correction(by=make.bob(), reason="page 3 says otherwise", everything=True)  # told by its own mail
    clock(1)
    remind()
    assert sent() == [("14", "cancelled")]


@pytest.mark.parametrize(("state", "is_reminded"), [("draft", True), ("withdrawn", False), ("recorded", False)])
def test_who_is_reminded(clock: Clock, company: Company, alice: User, state: str, is_reminded: bool) -> None:
    make.disclosure(company, 2025, state=state)
    make.company("nobody-here")
    clock(14)
    remind()
    assert bool(sent()) is is_reminded


def test_a_year_begun_anew_after_a_withdrawal_is_reminded_of(clock: Clock, company: Company, alice: User) -> None:
    make.disclosure(company, 2025, state="withdrawn")
    draft = make.disclosure(company, 2025, state="draft", version=2)
    clock(14)
    remind()
    assert draft.get_absolute_url() in Mail.objects.get().body


def test_a_companys_own_deadline_goes_before_that_of_all(clock: Clock, company: Company, alice: User) -> None:
    Deadline.objects.create(year=2025, company=company, due=DUE + timedelta(days=10))
    clock(7)
    remind()
    assert not sent()
    clock(-3)
    remind()
    assert sent() == [("7", "queued")]


def test_a_day_that_is_moved_takes_back_what_waits_and_is_reminded_of_anew(clock: Clock, alice: User) -> None:
    clock(7)
    remind()
    Deadline.objects.update(due=DUE + timedelta(days=30))
    remind()
    assert sent() == [("7", "cancelled")]
    clock(-16)
    remind()
    assert sent() == [("7", "cancelled"), ("14", "queued")]


def test_nobody_is_woken_by_it(clock: Clock, alice: User) -> None:
    clock(14)
    remind()
    waits_until = Mail.objects.get().not_before.astimezone(beijing.ZONE)
    assert waits_until >= beijing.at(beijing.today(), reminders.FROM_CLOCK)


def test_an_overdue_request_is_told_once(company: Company, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request = make.data_request(company, make.carol())
    monkeypatch.setattr(timezone, "localdate", lambda *_args, **_how: request.due)
    remind()
    assert not Mail.objects.filter(kind="request_overdue").exists()
    monkeypatch.setattr(timezone, "localdate", lambda *_args, **_how: request.due + timedelta(days=3))
    remind()
    remind()
    assert Mail.objects.filter(kind="request_overdue").count() == 1


def test_days_left_are_counted_in_beijing(clock: Clock, company: Company) -> None:
    [deadline] = Deadline.open_of([company.pk])[company.pk]
    assert (deadline.year, deadline.days_left) == (2025, 30)
    assert f"{deadline.due_at:%Y-%m-%d %H:%M %z}" == "2026-12-10 23:59 +0800"
    with translation.override("en"):
        assert deadline.words == "30 days left: 2026-12-10 23:59 (Beijing time)"
        clock(0)
        assert deadline.words.startswith("Due today")
        clock(-1)
        assert deadline.words.startswith("Was due") and Deadline.open_of([company.pk]) == {company.pk: [deadline]}


@pytest.mark.parametrize(
    ("start", "days", "end", "is_by_calendar"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14), True),  # a Saturday that is worked before the Spring Festival
        (date(2026, 2, 14), 1, date(2026, 2, 24), True),  # nine days of it
        (date(2026, 9, 30), 10, date(2026, 10, 20), True),  # Saturday the 10th is worked, too
        (date(2026, 12, 30), 3, date(2027, 1, 4), False),  # 1 January counts where no notice is known
    ],
)
def test_working_days(start: date, days: int, end: date, is_by_calendar: bool) -> None:
    assert beijing.add_working_days(start, days) == (end, is_by_calendar)
