"""Whatever goes wrong under /api/ is told the same way, in the caller's language, without a word about our inside."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import get_resolver

from portfolio.models import Company
from portfolio.rest.problems import KINDS
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db


def test_nobody_gets_in_unsigned() -> None:
    for path in ("companies/", "companies/x/", "disclosures/", "runs/", "runs/1/", "runs/1/errors/", "scores/"):
        answer = Client().get(f"/api/v1/{path}")
        is_problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    is_problem(Client().post("/api/v1/runs/", {}, "application/json"), 401, "not_authenticated")
    is_problem(Client().get("/api/schema/"), 401, "not_authenticated")
    assert Client().get("/api/docs/").status_code == 302


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/companies/", "/api/v1/runs/x/", "/api/v1/companies"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address_is_a_problem_too(path: str, method: str) -> None:
    is_problem(getattr(Client(enforce_csrf_checks=True), method)(path), 404, "not_found")


def test_each_refusal_of_http_is_a_problem() -> None:
    carol = Caller(make.carol())
    answer = carol.ask("DELETE", "/api/v1/companies/")
    is_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]
    is_problem(carol.read("/companies/", Accept="text/csv"), 406, "not_acceptable")
    bearing = {"Authorization": f"Bearer {carol.token}"}
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = carol.generic("POST", "/api/v1/runs/", "a=b", content_type=content_type, headers=bearing)
        is_problem(answer, 415, "unsupported_media_type")
    for body in (b"{", b"\xff\xfe", b'{"as_of": NaN}', b"[" * 100_000):
        answer = carol.generic("POST", "/api/v1/runs/", body, content_type="application/json", headers=bearing)
        is_problem(answer, 400, "parse_error")


def test_a_body_that_is_too_large_is_refused(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    is_problem(Caller(make.carol()).send("/runs/", {"title": "x" * 200}), 413, "too_large")


def test_details_are_in_the_callers_language() -> None:
    carol = Caller(make.carol())

    def said(**headers: str) -> dict[str, Any]:
        return is_problem(carol.read("/companies/?colour=red", **headers), 400, "validation_error")

    english, chinese = said(Accept_Language="en"), said(Accept_Language="zh-CN,zh;q=0.9")
    assert english["title"] == "The request is not valid"
    assert english["errors"][0]["detail"] == "There is nothing of this name here."
    assert said() == chinese  # Chinese unless the caller says otherwise
    carol.cookies["django_language"] = "en"
    assert said(Accept_Language="zh") == english  # what the person chose wins


def test_a_bug_says_nothing_but_its_number(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    carol = Caller(make.carol(), raise_request_exception=False)

    def bug(*_args: Any) -> None:
        raise ValueError("SELECT secret FROM inside")

    monkeypatch.setattr(type(Company.objects.all()), "visible_to", bug)
    for path in ("/companies/", "/companies/x/"):
        answer = carol.read(path)
        said = is_problem(answer, 500, "server_error")
        assert b"SELECT" not in answer.content
        assert b"Traceback" not in answer.content
        assert said["request_id"] in caplog.text


@pytest.mark.postgres
def test_a_database_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    carol = Caller(make.carol(), raise_request_exception=False)

    def down(*_args: Any) -> None:
        raise OperationalError("could not connect to 10.0.0.1")

    monkeypatch.setattr(type(Company.objects.all()), "visible_to", down)
    answer = carol.read("/companies/")
    is_problem(answer, 503, "unavailable")
    assert b"10.0.0.1" not in answer.content
    assert int(answer["Retry-After"]) >= 1


@pytest.mark.parametrize("code", KINDS)
def test_every_type_has_its_page(code: str) -> None:
    page = Client().get(f"/problems/{code}")
    assert page.status_code == 200
    assert f"/problems/{code}" in page.content.decode()


def test_a_type_that_we_do_not_use_has_none() -> None:
    assert Client().get("/problems/nonsense").status_code == 404


def test_an_address_with_a_line_break_is_a_problem_document_too() -> None:
    is_problem(Caller(make.carol()).read("/disclosures/a%0Ab/"), 404, "not_found")


def test_pages_outside_the_api_stay_pages() -> None:
    answer = Client().get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_what_a_signed_in_caller_gets_is_not_cached() -> None:
    assert "no-store" in Caller(make.carol()).read("/companies/")["Cache-Control"]


def test_every_post_of_the_api_may_be_repeated() -> None:
    from portfolio.rest.views import Posting

    views = [
        pattern.callback.view_class
        for pattern in get_resolver("fund.api.urls").url_patterns
        if hasattr(pattern.callback, "view_class")
    ]
    posting = [view for view in views if hasattr(view, "post")]
    assert len(posting) >= 5
    assert all(issubclass(view, Posting) for view in posting)
