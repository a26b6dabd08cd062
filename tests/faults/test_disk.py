"""F13, F14: the disk of the database, where evidence lies too, is full: for an upload, and in the middle of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from portfolio import audit
from portfolio.models import Company, Evidence, EvidenceContent, GateWord
from tests import make
from tests.conftest import wait_until
from tests.faults.disks import Disk
from tests.faults.world import SLOW, World, Worlds, stays_open

SAID = {"question": "exclusion", "answer": "no", "evidence": "The plant's permit of 2024, page 3."}


@pytest.fixture(params=["sqlite", "postgresql"])
def small(
    request: pytest.FixtureRequest, worlds: Worlds, django_db_blocker: DjangoDbBlocker, run_times: None
) -> Iterator[tuple[World, Disk]]:
    with django_db_blocker.unblock(), worlds.on_a_small_disk(request.param) as made:
        yield made


def upload(browser: Client, company: Company) -> int:
    document = SimpleUploadedFile("permit.pdf", b"%PDF-1.7\n" + b"x" * 3_000_000)
    return browser.post(reverse("portfolio:statements", args=[company.pk]), SAID | {"document": document}).status_code


@pytest.mark.faults("F13", "the disk is full when a file is sent")
def test_a_file_that_finds_no_room_is_a_503_leaves_nothing_and_is_kept_later(small: tuple[World, Disk]) -> None:
    _world, disk = small
    company = Company.objects.get(company_key="demo-00")
    browser = Client(raise_request_exception=False)
    browser.force_login(make.alice(company))
    disk.fill()
    try:
        assert upload(browser, company) == 503
    finally:
        disk.make_room()
    assert (Evidence.objects.count(), EvidenceContent.objects.count(), GateWord.objects.count()) == (0, 0, 0)
    assert audit.verify().first_bad is None
    assert upload(browser, company) == 302
    assert (Evidence.objects.count(), EvidenceContent.objects.count(), GateWord.objects.count()) == (1, 1, 1)
    assert audit.verify().first_bad is None


@pytest.mark.faults("F14", "the disk is full in the middle of a run")
def test_a_run_pauses_while_there_is_no_room_and_goes_on_when_there_is(small: tuple[World, Disk]) -> None:
    world, disk = small
    world.beat()
    worker = world.worker(seconds=SLOW)
    run = world.start_run()
    world.wait_for_journal("finish")
    connection.close()
    disk.fill()
    try:
        wait_until(lambda: worker.has_said("OperationalError"), what="a refusal")
        assert stays_open(run)
    finally:
        disk.make_room()
    world.wait_for_end(run)
    world.check(run)
