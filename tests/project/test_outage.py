"""When the database does not answer, pages say so, without a word about how."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from fund import urls

SECRET = "connection to server at 10.0.0.7 failed"


def no_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError(SECRET)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


handler500 = urls.handler500
urlpatterns = [*urls.urlpatterns, path("no-database", no_database), path("broken", broken)]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(("address", "status"), [("/no-database", 503), ("/broken", 500)])
def test_a_fault_is_shown_without_its_reason(address: str, status: int) -> None:
    page = Client(raise_request_exception=False).get(address)
    assert page.status_code == status
    assert SECRET not in page.content.decode()
    assert page.headers.get("Retry-After") == ("5" if status == 503 else None)


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_session_that_cannot_be_read_is_the_database_and_not_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised in the middleware, before any view."""

    def unreadable(*_: Any) -> None:
        raise OperationalError(SECRET)

    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "a" * 32
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", unreadable)
    page = browser.get("/app/")
    assert page.status_code == 503
    assert SECRET not in page.content.decode()
