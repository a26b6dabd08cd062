"""A worker sends what waits, one at a time: a server that is down, slow or refuses costs waiting and is seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email import message_from_bytes
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail as django_mail
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from portfolio.audit import AuditEvent
from portfolio.errors import NotAllowed
from portfolio.mail import delivery, outbox
from portfolio.models import Mail
from portfolio.models.desk.mail import LEASE, WAITS
from portfolio.tasks import deliver_mails
from tests import make
from tests.portfolio.mail.server import Postbox, closed_port, postbox

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    settings.EMAIL_BACKEND = "fund.project.bounds.mail.Backend"
    settings.EMAIL_HOST = "127.0.0.1"
    with postbox() as box:
        settings.EMAIL_PORT = box.port
        yield box


@pytest.fixture
def alice() -> User:
    return make.alice(make.company())


def written(user: User, *marks: str) -> list[Mail]:
    for mark in marks or ("a",):
        outbox.tell([user], Mail.Kind.TEST, "user:1", "/", once=mark)
    return list(Mail.objects.order_by("pk"))


def now(mail: Mail) -> Mail:
    """Its waiting is over."""
    Mail.objects.filter(pk=mail.pk).update(not_before=Now())
    mail.refresh_from_db()
    return mail


def test_what_waits_is_sent_once(box: Postbox, alice: User) -> None:
    [mail] = written(alice)
    deliver_mails()
    deliver_mails()
    [text] = box.taken
    message = message_from_bytes(text.encode())
    assert message["To"] == "alice@example.org" and message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "zh-hans" and message["Message-ID"].startswith(f"<{mail.pk}.")
    assert message.get_payload(decode=True).decode().split() == mail.body.split()  # type: ignore[union-attr]
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.leased_until) == ("sent", 1, None)
    assert mail.sent_at is not None


def test_a_server_that_is_down_costs_waiting_and_no_request_notices(alice: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "fund.project.bounds.mail.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port()
    carol, browser = make.carol(), Client()
    browser.force_login(carol)
    request = make.data_request(alice.memberships.get().company, carol)
    began = time.monotonic()
    assert browser.post(reverse("request_withdraw", args=[request.pk]), {"reason": "not needed"}).status_code == 302
    assert time.monotonic() - began < 2
    first, second = Mail.objects.get(kind="request_withdrawn"), written(alice)[-1]
    delivery.deliver()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempts, "refused" in first.last_error.lower()) == ("queued", 1, True)
    assert (second.state, second.attempts, second.last_error) == ("queued", 0, "")  # it was not this mail's fault
    assert second.not_before > second.written_at
    assert Mail.objects.waiting().count() == 1


def test_it_goes_when_the_server_is_back(box: Postbox, alice: User) -> None:
    [mail] = written(alice)
    box.data = "451 try later"
    delivery.deliver()
    box.data = "250 taken"
    delivery.deliver()
    assert not box.taken  # it is not time yet
    delivery.deliver() if now(mail) else None
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error, len(box.taken)) == ("sent", 2, "", 1)


def test_after_the_last_attempt_it_failed_and_is_seen(box: Postbox, alice: User) -> None:
    [mail] = written(alice)
    box.rcpt = "450 greylisted"
    for _attempt in range(len(WAITS)):
        delivery.deliver()
        assert now(mail).state == "queued"
    delivery.deliver()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("failed", len(WAITS) + 1)
    assert "greylisted" in mail.last_error


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_one_that_is_refused_for_good_fails_at_once_and_holds_up_no_other(box: Postbox, alice: User, step: str) -> None:
    first, second = written(alice, "a", "b")
    setattr(box, step, "550 nobody of that name")
    delivery.deliver()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("failed", "failed")
    assert "nobody of that name" in first.last_error


def test_a_slow_server_is_waited_for_longer_than_a_page_would(box: Postbox, alice: User, settings: Any) -> None:
    written(alice)
    box.wait_seconds = 3.0
    began = time.monotonic()
    assert delivery.deliver() == 1
    assert 3.0 <= time.monotonic() - began < delivery.TALK_SECONDS


def test_one_that_is_too_slow_is_put_off(box: Postbox, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    [mail] = written(alice)
    monkeypatch.setattr(delivery, "TALK_SECONDS", 1)
    box.wait_seconds = 3.0
    assert delivery.deliver() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("queued", 1)


def test_nothing_goes_to_an_account_that_is_off_or_without_address(alice: User) -> None:
    frank = make.user("frank")
    written(alice, "a")
    written(frank, "b")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    User.objects.filter(pk=frank.pk).update(email="")
    delivery.deliver()
    assert set(Mail.objects.values_list("state", "last_error")) == {
        ("failed", "the account is switched off"),
        ("failed", "the account has no e-mail address"),
    }
    assert not django_mail.outbox


def test_it_goes_to_the_address_of_today(alice: User) -> None:
    [mail] = written(alice)
    User.objects.filter(pk=alice.pk).update(email="alice@elsewhere.example")
    delivery.deliver()
    mail.refresh_from_db()
    assert (django_mail.outbox[0].to, mail.address) == (["alice@elsewhere.example"], "alice@elsewhere.example")


def test_administrators_send_again_and_cancel_and_the_log_says_so(alice: User) -> None:
    dan = make.dan()
    [mail] = written(alice)
    delivery.deliver()
    mail.send_again(by=dan)
    delivery.deliver()
    assert len(django_mail.outbox) == 2
    other = written(alice, "b")[-1]
    other.cancel(by=dan)
    delivery.deliver()
    assert len(django_mail.outbox) == 2
    with pytest.raises(NotAllowed):
        other.cancel(by=dan)
    verbs = AuditEvent.objects.filter(object__startswith="mail:").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["mail.sent_again", "mail.cancelled"]


def test_one_in_hand_is_neither_taken_twice_nor_cancelled_until_its_worker_is_lost(alice: User) -> None:
    dan, [mail] = make.dan(), written(alice)
    mine = Mail.objects.claim()
    assert mine is not None and Mail.objects.claim() is None
    assert delivery.deliver() == 0
    for verb in (mine.cancel, mine.send_again):
        with pytest.raises(NotAllowed):
            verb(by=dan)
    Mail.objects.filter(pk=mail.pk).update(leased_until=Now() - LEASE)  # its worker was lost
    assert delivery.deliver() == 1
    assert not mine.is_put_off("late")  # the first comes back, and changes nothing
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("sent", 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(box: Postbox) -> None:
    alice = make.user("alice")
    written(alice, *map(str, range(12)))
    box.wait_seconds = 0.05

    def work() -> None:
        try:
            for _time in range(12):
                delivery.deliver()
                time.sleep(0.02)
        finally:
            connection.close()

    workers = [Thread(target=work) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    delivery.deliver()
    assert len(box.taken) == 12
    assert set(Mail.objects.values_list("state", "attempts")) == {("sent", 1)}
