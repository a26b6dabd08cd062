"""What tests of pages share: a browser that is signed in, a page's text, a run that is worked on here and now."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from fund.project.sessions import IDLE
from portfolio.models import Company, Role
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make


def signed_in(person: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    session.set_expiry(session[IDLE])  # as the answer to the log-in page leaves it; else the first request would write
    session.save()
    client.cookies["django_language"] = language
    return client


def text(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def scored(*companies: Company, by: User | None = None) -> ScoreRun:
    run, _new = runs.start(companies or Company.objects.all(), title="all", by=by)
    runs.drain(run.pk)
    run.refresh_from_db()
    return run


def mei() -> User:
    return make.user("mei", Role.COMMITTEE_MEMBER)


def three() -> tuple[Company, Company, Company]:
    """Small emissions, large ones, and none told."""
    clean = make.scoreable(
        "demo-clean", scale=0.05, name_en="Clean Power", name_zh="清源电力", uscc="91110000600037341L"
    )
    dirty = make.scoreable(
        "demo-dirty", scale=300.0, name_en="Dirty Steel", name_zh="浊流钢铁", country="DEU", sector="metals"
    )
    silent = make.company("demo-silent", name_en="Silent Foods", name_zh="无声食品", sector="food")
    return clean, dirty, silent
