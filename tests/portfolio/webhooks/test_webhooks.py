"""Webhooks: signed, retried, off on 410, sent again by hand, and led nowhere but into the public net."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook as Checking

from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Company, Disclosure, Finding, Mail, Webhook, WebhookDelivery
from portfolio.models.desk.webhook import CHOOSABLE, GIVES_UP, KEPT, WAITS, Event
from portfolio.tasks import deliver_webhooks, prune
from portfolio.webhooks import addresses, sending
from portfolio.webhooks.addresses import WrongAddress, address_of, is_public, target_of
from tests import make
from tests.portfolio.webhooks.receiver import Receiver, receiver

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ALL = [event.value for event in CHOOSABLE]


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """And a net that ends at this machine."""
    real = socket.create_connection

    def near(address: tuple[str, int], *how: Any, **more: Any) -> socket.socket:
        assert address[0] in addresses.LOOPBACK, address
        return real(address, *how, **more)

    monkeypatch.setattr(socket, "create_connection", near)
    with receiver() as told:
        yield told


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


def registered(company: Company | None, erp: Receiver, by: User, events: list[str] = ALL) -> tuple[Webhook, str]:
    return Webhook.register(company, erp.url, events, by=by)


def due(delivery: WebhookDelivery) -> WebhookDelivery:
    """Its waiting is over."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    delivery.refresh_from_db()
    return delivery


# --- what is told ----------------------------------------------------------------------------------------
def test_a_message_is_signed_says_what_happened_and_where_and_no_figure(
    company: Company, alice: User, erp: Receiver
) -> None:
    _made, secret = registered(company, erp, alice)
    draft = make.disclosure(company, state="draft")
    draft.submit(by=alice)
    deliver_webhooks()
    deliver_webhooks()
    [came] = erp.taken
    told = Checking(secret).verify(came.body, came.headers)
    assert told["type"] == "disclosure.submitted"
    assert told["data"] == {
        "company": "demo-alpha",
        "disclosure": draft.pk,
        "year": 2024,
        "version": 1,
        "url": f"http://127.0.0.1:8000/api/v1/disclosures/{draft.pk}/",
    }
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status_code, delivery.attempts) == ("delivered", 204, 1)
    assert came.headers["webhook-id"] == delivery.message_id
    with pytest.raises(Exception, match="No matching signature"):
        Checking("whsec_" + "A" * 44).verify(came.body, came.headers)


def test_the_signature_is_that_of_the_standard() -> None:
    """Numbers of the examples that the standard's own libraries are tested with."""
    delivery = WebhookDelivery(message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", body='{"test": 2432232314}')
    signing = Checking("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, tz=UTC)
    heads = sending.headers_of(delivery, [signing._whsecret], moment)
    assert heads["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert heads["webhook-timestamp"] == "1614265330"


def test_each_is_told_of_what_it_chose_of_its_company_and_the_house_of_all(
    company: Company, alice: User, erp: Receiver
) -> None:
    dan, bob, carol = make.dan(), make.bob(), make.carol()
    other = make.company("demo-beta")
    mallory = make.user("mallory", company=other)
    mine, theirs = registered(company, erp, alice, ["disclosure.returned"])[0], registered(other, erp, mallory)[0]
    house = registered(None, erp, dan)[0]
    draft = make.disclosure(company, state="draft")
    draft.submit(by=alice)
    finding = Finding.raise_on(draft, by=bob, kind="question", point="scope1_t", words="which page?")
    finding.say("page 3", by=alice)
    finding.close("seen", by=bob)
    draft.return_for_correction(by=bob, reason="see page 3", everything=True)
    make.data_request(company, carol)
    assert list(mine.deliveries.values_list("event", flat=True)) == ["disclosure.returned"]
    assert not theirs.deliveries.exists()
    events = list(house.deliveries.order_by("pk").values_list("event", flat=True))
    assert events == [
        "disclosure.submitted",
        "finding.raised",
        "finding.closed",
        "disclosure.returned",
        "request.asked",
    ]
    assert all("page 3" not in body for body in house.deliveries.values_list("body", flat=True))


def test_what_is_said_among_colleagues_is_told_nobody(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    draft = make.disclosure(company, state="draft")
    Finding.raise_on(draft, by=alice, kind="comment", point="scope1_t", words="who knows?")
    assert not hook.deliveries.exists()


# --- when it does not arrive -----------------------------------------------------------------------------
def test_what_fails_is_tried_again_as_the_standard_has_it_and_then_given_up(
    company: Company, alice: User, erp: Receiver
) -> None:
    hook = registered(company, erp, alice)[0]
    delivery = hook.tell(Event.TEST, "{}")
    erp.status = 500
    for wait in WAITS:
        before = timezone.now()
        deliver_webhooks()
        delivery.refresh_from_db()
        assert delivery.state == "queued" and delivery.status_code == 500
        assert timedelta(0) <= delivery.not_before - before - wait < timedelta(seconds=30)
        due(delivery)
    deliver_webhooks()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", len(WAITS) + 1)
    assert len({came.headers["webhook-id"] for came in erp.taken}) == 1
    erp.status = 200
    delivery.send_again(by=alice)
    deliver_webhooks()
    delivery.refresh_from_db()
    hook.refresh_from_db()
    assert (delivery.state, hook.failing_since) == ("delivered", None)
    assert erp.taken[-1].headers["webhook-id"] == delivery.message_id
    assert AuditEvent.objects.filter(verb="webhook.sent_again").exists()


def test_410_switches_it_off_and_its_keepers_are_told(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    first, second = hook.tell(Event.TEST, "{}"), hook.tell(Event.TEST, "{}")
    erp.status = 410
    deliver_webhooks()
    deliver_webhooks()
    for one in (hook, first, second):
        one.refresh_from_db()
    assert (hook.is_on, hook.off_why, first.state, second.state) == (False, "gone", "cancelled", "cancelled")
    assert (len(erp.taken), first.status_code) == (1, 410)
    mail = Mail.objects.get(kind="webhook_off")
    assert mail.user == alice and reverse("portfolio:webhook", args=[hook.pk]) in mail.body
    make.disclosure(company, state="draft").submit(by=alice)
    assert hook.deliveries.count() == 2
    with pytest.raises(NotAllowed):
        first.send_again(by=alice)


def test_ten_days_of_failures_switch_it_off(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    erp.status = 503
    hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    hook.refresh_from_db()
    assert hook.is_on and hook.failing_since is not None
    Webhook.objects.filter(pk=hook.pk).update(failing_since=timezone.now() - GIVES_UP)
    hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    hook.refresh_from_db()
    assert hook.off_why == "failing" and Mail.objects.filter(kind="webhook_off", user=alice).count() == 1


def test_a_redirect_is_not_followed(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    erp.status, erp.location = 302, erp.url
    delivery = hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status_code, len(erp.taken)) == ("queued", 302, 1)


def test_one_that_does_not_answer_makes_the_others_of_it_wait(company: Company, alice: User, erp: Receiver) -> None:
    slow, quick = Webhook.register(company, "http://127.0.0.1:9/", ALL, by=alice)[0], registered(company, erp, alice)[0]
    for hook in (slow, slow, quick):
        hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    assert sorted(slow.deliveries.values_list("attempts", flat=True)) == [0, 1]
    assert len(erp.taken) == 1
    assert "Refused" in slow.deliveries.get(attempts=1).last_error


def test_two_workers_send_nothing_twice(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    hook.tell(Event.TEST, "{}")
    assert WebhookDelivery.objects.claim() is not None
    assert WebhookDelivery.objects.claim() is None


# --- secrets ---------------------------------------------------------------------------------------------
def test_a_new_secret_and_the_one_before_both_sign_for_a_day(company: Company, alice: User, erp: Receiver) -> None:
    hook, old = registered(company, erp, alice)
    new = hook.rotate(by=alice)
    hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    for secret in (old, new):
        Checking(secret).verify(erp.taken[-1].body, erp.taken[-1].headers)
    Webhook.objects.filter(pk=hook.pk).update(before_until=timezone.now())
    hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    Checking(new).verify(erp.taken[-1].body, erp.taken[-1].headers)
    with pytest.raises(Exception, match="No matching signature"):
        Checking(old).verify(erp.taken[-1].body, erp.taken[-1].headers)


def test_the_secret_is_stored_nowhere_and_ends_with_the_key_of_the_server(
    company: Company, alice: User, erp: Receiver, settings: Any
) -> None:
    hook, secret = registered(company, erp, alice)
    row = " ".join(map(str, Webhook.objects.values_list().get(pk=hook.pk)))
    assert secret not in row and secret.removeprefix("whsec_") not in row
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    Checking(secret).verify(erp.taken[0].body, erp.taken[0].headers)
    settings.SECRET_KEY_FALLBACKS = []
    hook.tell(Event.TEST, "{}")
    deliver_webhooks()
    hook.refresh_from_db()
    assert (hook.off_why, len(erp.taken)) == ("key", 1)


# --- where to --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example.com/",
        "ftp://erp.example.com/",
        "https://user:word@erp.example.com/",
        "https://erp.example.com/#part",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://localhost/",
        "https://intranet/",
        "https://erp.example.org/",
        "https://example.com.evil.org/",
        "https://erp.example.com:port/",
        "https://erp.example.com/ x",
        "https://erp.example.com/\nHost: x",
        "https:///path",
        "nonsense",
        "https://erp.example.com/" + "x" * 500,
    ],
)
def test_in_production_only_https_to_hosts_that_are_listed(url: str, settings: Any) -> None:
    settings.WEBHOOK_LOCAL, settings.WEBHOOK_HOSTS = False, [".example.com"]
    with pytest.raises(WrongAddress):
        target_of(url)


def test_a_listed_host_may_be_told(settings: Any) -> None:
    settings.WEBHOOK_LOCAL, settings.WEBHOOK_HOSTS = False, ["hooks.example.org", ".example.com"]
    assert target_of("https://erp.example.com:8443/a?b=c") == ("https", "erp.example.com", 8443, "/a?b=c")
    assert target_of("https://HOOKS.example.org").host == "hooks.example.org"


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104  addresses that are refused
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "198.18.0.1"),
    ],
)
def test_a_host_that_is_not_in_the_public_net_is_not_called(
    number: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_LOCAL, settings.WEBHOOK_HOSTS = False, [".example.com"]
    assert not is_public(number)
    found = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (number, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **how: found)
    with pytest.raises(WrongAddress):
        address_of(target_of("https://erp.example.com/"))


def test_the_number_that_was_looked_at_is_the_one_that_is_called(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that says something else the second time is not asked a second time."""
    settings.WEBHOOK_LOCAL, settings.WEBHOOK_HOSTS = False, [".example.com"]
    asked, called = [], []
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def look_up(host: str, *how: Any, **more: Any) -> Any:
        asked.append(host)
        return [(0, 0, 0, "", (next(answers), 443))]

    def call(address: Any, *how: Any, **more: Any) -> socket.socket:
        called.append(address)
        raise OSError("no net in tests")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", call)
    with pytest.raises(OSError, match="no net in tests"):
        sending.post("https://erp.example.com/", "{}", {})
    assert (asked, called) == (["erp.example.com"], [("93.184.216.34", 443)])


# --- pages -----------------------------------------------------------------------------------------------
def browser(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def test_a_submitter_registers_tests_and_looks_what_was_delivered(company: Company, alice: User, erp: Receiver) -> None:
    client, path = browser(alice), reverse("portfolio:webhooks", args=[company.pk])
    assert "No webhook yet" in client.get(path).content.decode()
    wrong = client.post(path, {"url": "http://example.com/", "events": ["disclosure.returned"]})
    assert wrong.status_code == 400 and "Only https" in wrong.content.decode()
    assert 'value="http://example.com/"' in wrong.content.decode()
    assert client.post(path, {"url": erp.url}).status_code == 400
    made = client.post(path, {"url": erp.url, "events": ["disclosure.returned"]})
    hook = Webhook.objects.get()
    assert "whsec_" in made.content.decode() and "whsec_" not in client.get(path).content.decode()
    page = reverse("portfolio:webhook", args=[hook.pk])
    assert client.post(page, {"action": "test"}).status_code == 302
    deliver_webhooks()
    assert json.loads(erp.taken[0].body)["type"] == "webhook.test"
    assert "Delivered" in client.get(page).content.decode()
    again = {"action": "again", "delivery": hook.deliveries.get().pk}
    assert client.post(page, again).status_code == 302
    deliver_webhooks()
    assert erp.taken[0].headers["webhook-id"] == erp.taken[1].headers["webhook-id"]
    assert "whsec_" in client.post(page, {"action": "rotate"}).content.decode()
    client.post(page, {"action": "off"})
    assert client.post(page, {"action": "test"}).status_code == 409
    client.post(page, {"action": "on"})
    hook.refresh_from_db()
    assert hook.is_on
    assert client.post(page, {"action": "again", "delivery": "9" * 40}).status_code == 404


def test_a_company_has_few_that_are_on(company: Company, alice: User, erp: Receiver) -> None:
    hooks = [registered(company, erp, alice)[0] for _n in range(5)]
    with pytest.raises(NotAllowed):
        registered(company, erp, alice)
    refused = browser(alice).post(
        reverse("portfolio:webhooks", args=[company.pk]), {"url": erp.url, "events": ["disclosure.returned"]}
    )
    assert refused.status_code == 409
    hooks[0].switch(on=False, by=alice)
    registered(company, erp, alice)
    with pytest.raises(NotAllowed):
        hooks[0].switch(on=True, by=alice)


def test_others_neither_see_nor_keep_it(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    page, listed = reverse("portfolio:webhook", args=[hook.pk]), reverse("portfolio:webhooks", args=[company.pk])
    frank, mallory = make.frank(company), make.user("mallory", company=make.company("demo-beta"))
    assert [browser(frank).get(path).status_code for path in (page, listed)] == [404, 403]
    assert [browser(mallory).get(path).status_code for path in (page, listed)] == [404, 404]
    dan = make.dan()
    assert browser(dan).get(page).status_code == 200
    assert browser(dan).post(page, {"action": "off"}).status_code == 409
    house = reverse("portfolio:webhooks_of_house")
    assert [browser(user).get(house).status_code for user in (alice, make.carol(), dan)] == [404, 404, 200]
    with pytest.raises(NotAllowed):
        Webhook.register(None, erp.url, ALL, by=alice)
    with pytest.raises(NotAllowed):
        Webhook.register(company, erp.url, ALL, by=dan)


def test_what_ended_long_ago_is_forgotten(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    old, waiting = hook.tell(Event.TEST, "{}"), hook.tell(Event.TEST, "{}")
    long_ago = timezone.now() - KEPT - timedelta(days=1)
    WebhookDelivery.objects.update(written_at=long_ago)
    WebhookDelivery.objects.filter(pk=old.pk).update(state="delivered")
    prune()
    assert list(hook.deliveries.all()) == [waiting]


def test_nothing_is_told_of_what_is_undone(company: Company, alice: User, erp: Receiver) -> None:
    hook = registered(company, erp, alice)[0]
    draft = make.disclosure(company, state=Disclosure.State.DRAFT, boundary="")
    with pytest.raises(NotAllowed):
        draft.submit(by=alice)
    assert not hook.deliveries.exists()
