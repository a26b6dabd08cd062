"""A mail server that is down, or says nothing, is told to the person within three seconds."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client

from fund.project.bounds.mail import MailNotSent
from tests import make

FROM, TO = "greenlight@localhost", ["carol@localhost"]


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that lets everyone in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(params=["silent", "closed"])
def no_mail(request: pytest.FixtureRequest, settings: pytest.FixtureRequest) -> None:
    settings.EMAIL_BACKEND = "fund.project.bounds.mail.Backend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", request.getfixturevalue(request.param)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("no_mail")
def test_who_sends_hears_that_it_did_not_go() -> None:
    began = time.monotonic()
    with pytest.raises(MailNotSent):
        mail.send_mail("word", "text", FROM, TO)
    assert time.monotonic() - began < 3
    assert mail.send_mail("word", "text", FROM, TO, fail_silently=True) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("no_mail")
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "邮件未发送"), ("en", "The mail was not sent")])
def test_who_asks_for_a_new_password_is_told_so_and_sees_no_fault(
    monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr("fund.project.bounds.mail.ALTOGETHER_SECONDS", 0.2)  # at its length it is waited for above
    carol = make.carol()
    carol.email = "carol@localhost"
    carol.save(update_fields=["email"])
    browser = Client(raise_request_exception=False, headers={"accept-language": language})
    browser.get("/accounts/password/reset/")  # the first page of a process loads its templates
    began = time.monotonic()
    told = browser.post("/accounts/password/reset/", {"email": carol.email})
    assert time.monotonic() - began < 2
    assert told.status_code == 503
    assert words in told.content.decode()
