"""F19: a hundred thousand rows, most of them wrong, each in a way of its own."""

from __future__ import annotations

import os
import re
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import AuditEvent, Company
from portfolio.universe.forms import LARGEST_TEXT
from portfolio.universe.views import FAULTS_SHOWN
from tests.faults.world import World

ROWS = 100_000
MOST_KIB = 900 << 10  # of the process that reads it, of which the product alone is a third
WRONG = ("ZZZ,C27", "CHN,Z99", "CHN,", ",C27", "CHN,C27")
HEAD = "company_key,name,country,sector,sector_scheme,source,licence\n"


def table(rows: int) -> bytes:
    """An unknown country or sector, a missing one; every fifth row is right, and every seventh key comes twice."""
    lines = (f"bulk-{n - (n % 7 == 6)},Company {n},{WRONG[n % 5]},ISIC,ours,own\n" for n in range(rows))
    return (HEAD + "".join(lines)).encode()


def counted() -> tuple[int, int]:
    return Company.objects.count(), AuditEvent.objects.count()


def sent(rows: int) -> tuple[int, str]:
    """By an administrator, to the page of own companies: what it answered."""
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(User.objects.get(username="dan"))
    file = SimpleUploadedFile("companies.csv", table(rows), "text/csv")
    answer = browser.post(reverse("portfolio:own_companies"), {"uploaded": file})
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)  # a table is refused before a database is asked
@pytest.mark.faults("F19", "100,000 rows, wrong in different ways: by the page, and by the command")
def test_a_large_bad_table_is_refused_whole_and_keeps_nobody_waiting(world: World) -> None:
    web, before = world.web(), counted()
    with translation.override("en"):
        status, page = sent(ROWS)
    assert (status, "too large for a page" in page) == (400, True)
    file = world.folder / "companies.csv"
    file.write_bytes(table(ROWS))
    loading = world.run("load", "manage", "load_universe", str(file), GREENLIGHT_MODE="demo")
    asked = 0
    while not (ended := os.wait4(loading.pid, os.WNOHANG))[0]:
        assert web.get("/app/runs/").status == 200
        asked += 1
        time.sleep(0.2)
    _pid, status, usage = ended
    assert os.waitstatus_to_exitcode(status) == 1
    named = set(re.findall(r"companies\.csv:(\d+)", loading.log.read_text("utf-8")))
    assert len(named) > ROWS / 2, "the faults of all rows at once"
    assert asked > 1, "nobody was served meanwhile"
    assert usage.ru_maxrss <= MOST_KIB
    assert counted() == before


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.faults("F19", "as many wrong rows as the page takes")
def test_of_very_many_faults_the_page_shows_the_first_and_how_many_there_are(world: World, settings: Any) -> None:
    settings.REQUEST_SECONDS = 300.0  # of what it costs on a busy machine another test asks
    before, rows = counted(), LARGEST_TEXT // 50
    with translation.override("en"):
        status, page = sent(rows)
    assert status == 400
    assert page.count('<th scope="row">companies.csv</th>') == FAULTS_SHOWN
    assert f"The first {FAULTS_SHOWN} are shown." in page
    assert counted() == before
