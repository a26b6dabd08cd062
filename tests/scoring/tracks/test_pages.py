"""The tracks of a company: suggested with reasons, decided by a person, followed by the mandate."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fund.models import Mandate
from fund.models import mandate_rules as rules
from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Company, CompanyTrack, Track, TrackDecision
from scoring.tracks import suggestion as tracks
from tests import make
from tests.make import load_directory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company(description="海上风电场开发。builds offshore wind farms")


def manager(language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(make.carol())
    return client


def decide(client: Client, company: Company, track: str, outcome: str, reason: str = "read its report") -> Any:
    address = reverse("scoring:track_decide", args=[company.pk, track])
    return client.post(address, {"outcome": outcome, "reason": reason}, follow=True)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_shows_suggestions_with_their_pieces_of_text(company: Company, language: str) -> None:
    text = manager(language).get(reverse("scoring:tracks", args=[company.pk])).content.decode()
    [suggested] = [one for one in tracks.read(company).opinions() if one.is_suggested]
    assert suggested.track == "power_decarbonisation"
    for piece in suggested.because:
        assert f'<span class="chip">{piece}</span>' in text


def test_a_text_that_speaks_of_no_track_gets_an_abstention() -> None:
    bank = make.company(description="商业银行业务 retail banking")
    text = manager().get(reverse("scoring:tracks", args=[bank.pk])).content.decode()
    assert "The classifier abstains" in text


def test_without_a_description_nothing_is_asked() -> None:
    company = make.company(sector_source="風力發電業")
    text = manager().get(reverse("scoring:tracks", args=[company.pk])).content.decode()
    assert "there is no description" in text
    assert "風力發電業" in text
    assert "not asked" in text
    assert tracks.read(company).record("power_decarbonisation") == {}


def test_a_manager_confirms_with_a_reason_and_the_mandate_follows(company: Company) -> None:
    demanded = Mandate(valid_from="2025-01-01", confirmed_track_required=True)
    score = make.score(company)

    def verdict() -> str:
        found = rules.checks(demanded, score, sheet=None, company_tracks=company.tracks.all(), fund_tracks=Track.values)
        [of_tracks] = [check.verdict for check in found if check.rule == "track"]
        return of_tracks

    assert verdict() == "fail"
    client = manager()
    assert "is confirmed" in decide(client, company, "power_decarbonisation", "confirmed").content.decode()
    assert verdict() == "pass"
    row = company.tracks.get()
    assert (row.is_confirmed, row.why, row.source) == (True, "read its report", "Greenlight: decided by a person")
    decision = TrackDecision.objects.get()
    assert decision.suggestion["suggested"] == ["power_decarbonisation"]
    assert decision.suggestion["probability"] > 0.5
    assert AuditEvent.objects.filter(verb="track.confirmed", object=f"company:{company.pk}").exists()
    decide(client, company, "power_decarbonisation", "rejected", "the wind farms are sold")
    assert verdict() == "fail"
    assert [d.outcome for d in company.track_decisions.all()] == ["rejected", "confirmed"]


@pytest.mark.postgres
def test_confirming_twice_is_one_decision(company: Company) -> None:
    client = manager()
    decide(client, company, "power_decarbonisation", "confirmed")
    text = decide(client, company, "power_decarbonisation", "confirmed").content.decode()
    assert "Somebody has confirmed this track already." in text
    assert TrackDecision.objects.count() == 1


@pytest.mark.parametrize(("outcome", "reason"), [("confirmed", "  "), ("perhaps", "why not"), ("rejected", "x" * 2001)])
def test_half_a_decision_changes_nothing(company: Company, outcome: str, reason: str) -> None:
    decide(manager(), company, "power_decarbonisation", outcome, reason)
    assert not TrackDecision.objects.exists()
    assert not CompanyTrack.objects.exists()


def test_a_track_that_is_none_is_not_found(company: Company) -> None:
    assert decide(manager(), company, "magic", "confirmed").status_code == 404


def test_a_committee_member_reads_and_decides_nothing(company: Company) -> None:
    client = Client()
    client.force_login(make.user("ivy", "committee_member"))
    assert client.get(reverse("scoring:tracks", args=[company.pk])).status_code == 200
    assert decide(client, company, "power_decarbonisation", "confirmed").status_code == 403


@pytest.mark.postgres
def test_a_rejection_needs_a_reason_and_decisions_are_never_edited(company: Company) -> None:
    dan = make.dan()
    row = company.tracks.create(track="energy_efficiency", why="pumps", **make.SOURCE)
    with pytest.raises(NotAllowed):
        row.reject(by=dan, reason=" ")
    assert row.reject(by=dan, reason="makes none")
    assert not CompanyTrack.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        TrackDecision.objects.update(reason="I never said so")
    with pytest.raises(DatabaseError), transaction.atomic():
        TrackDecision.objects.all().delete()


def test_a_load_does_not_bring_back_what_a_person_rejected(tmp_path: Path) -> None:
    (tmp_path / "companies.csv").write_text(
        "company_key,name,country,sector,sector_scheme,source,licence,business\n"
        "tw-1,元晶,TWN,水泥業,carbon-watch sector,s,l,太陽能電池\n",
        encoding="utf-8",
    )
    (tmp_path / "tracks.csv").write_text(
        "company_key,track,why,source,licence\ntw-1,power_decarbonisation,makes cells,s,l\n", encoding="utf-8"
    )
    load_directory(tmp_path)
    company = Company.objects.get()
    assert company.description == "太陽能電池"
    company.tracks.get().reject(by=make.dan(), reason="cells for calculators")
    report = load_directory(tmp_path)
    assert not company.tracks.exists()
    assert report.counts["tracks"].kept == 1
    assert not report.changed_anything


def test_the_report_counts_agreement_and_says_how_few(tmp_path: Path) -> None:
    (tmp_path / "tracks.csv").write_text(
        "company_key,track,why\na,power_decarbonisation,wind turbines\nb,energy_efficiency,life insurance\n",
        encoding="utf-8",
    )
    (tmp_path / "companies.csv").write_text("company_key,business\na,風力發電機\n", encoding="utf-8")
    out = StringIO()
    files = ("--tracks", str(tmp_path / "tracks.csv"), "--companies", str(tmp_path / "companies.csv"))
    call_command("track_report", *files, "--json", stdout=out)
    report = json.loads(out.getvalue().splitlines()[-1])
    assert {name: report["reasons"][name] for name in ("n", "answered", "right")} == {"n": 2, "answered": 1, "right": 1}
    assert report["descriptions"]["n"] == report["descriptions"]["right"] == 1
    with pytest.raises(CommandError):
        call_command("track_report", "--tracks", str(tmp_path / "absent.csv"))


def test_track_and_family_are_confirmed_in_one_step() -> None:
    company = make.company(description="海上风电机组的制造")
    address = reverse("scoring:track_decide", args=[company.pk, "power_decarbonisation"])
    client = manager()
    [suggested] = [one for one in tracks.read(company).opinions() if one.is_suggested]
    assert suggested.family == make.family("F02")
    assert '<option value="F02" selected>' in client.get(reverse("scoring:tracks", args=[company.pk])).content.decode()
    client.post(address, {"outcome": "confirmed", "reason": "read its report", "family": "F02"})
    row = company.tracks.get()
    assert (row.family, row.is_confirmed) == (make.family("F02"), True)
    kept = TrackDecision.objects.get(outcome="confirmed")
    assert (kept.family, kept.suggestion["families"]) == ("F02", ["F02"])


def test_a_family_of_another_track_confirms_nothing(company: Company) -> None:
    address = reverse("scoring:track_decide", args=[company.pk, "power_decarbonisation"])
    text = manager().post(address, {"outcome": "confirmed", "reason": "r", "family": "F10"}, follow=True)
    assert "This family is of another track." in text.content.decode()
    assert not company.tracks.exists()


def test_without_a_family_a_track_is_confirmed_all_the_same(company: Company) -> None:
    decide(manager(), company, "power_decarbonisation", "confirmed")
    assert company.tracks.get().family is None
