"""The fund's pages: what they show, to whom, and in which words they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.models import Company, CompanyTrack, Financials, Role
from scoring.models import Methodology, ModelVersion, Score, ScoreRun
from scoring.runs import queue as runs
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def signed_in(person: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(person)
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


def names(page: str) -> list[str]:
    """Companies of the list, in the order of its rows."""
    return re.findall(r'class="company-cell"><a href="[^"]*">([^<]*)</a>', page)


def mei() -> User:
    return make.user("mei", Role.COMMITTEE_MEMBER)


def three() -> tuple[Company, Company, Company]:
    """Scored high, scored low, and without emissions; a fourth is never scored."""
    clean = make.scoreable(
        "demo-clean", scale=0.05, name_en="Clean Power", name_zh="清源电力", uscc="91110000600037341L"
    )
    dirty = make.scoreable(
        "demo-dirty", scale=300.0, name_en="Dirty Steel", name_zh="浊流钢铁", country="DEU", sector="metals"
    )
    silent = make.company("demo-silent", name_en="Silent Foods", name_zh="无声食品", sector="food")
    return clean, dirty, silent


# --- screen and rank -----------------------------------------------------------------------------------
@pytest.mark.postgres
def test_the_list_ranks_the_scored_and_names_what_the_others_lack(language: str) -> None:
    clean, dirty, silent = three()
    run = scored()
    later = make.company("demo-later", name_en="Later Ltd", name_zh="后来公司", is_illustrative=True)
    page = text(signed_in(make.carol(), language).get(reverse("scoring:companies")))
    order = [clean, dirty, silent, later]
    assert names(page) == [c.name_en if language == "en" else c.name_zh for c in order]
    assert f'href="{run.get_absolute_url()}"' in page
    assert ("Nobody has reported their emissions" if language == "en" else "这些企业未报告排放") in page
    if language == "en":
        assert "illustrative" in page
        assert page.index("Estimated: not ranked") < page.index("Silent Foods") < page.index("Later Ltd")


@pytest.mark.parametrize("address", ["companies", "runs"])
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_people_outside_the_fund_find_no_list(address: str, who: str) -> None:
    company = make.scoreable()
    person = make.alice(company) if who == "alice" else make.bob()
    assert signed_in(person).get(reverse(f"scoring:{address}")).status_code == 404


def test_a_visitor_is_sent_to_log_in() -> None:
    response = Client().get(reverse("scoring:companies"))
    assert response.status_code == 302
    assert "login" in response["Location"]


@pytest.mark.parametrize(
    "words", ["清源", "qingyuan", "qydl", "91110000600037341L", "clean", "demo-clean", "power clean"]
)
@pytest.mark.postgres
def test_a_company_is_found_by_any_of_its_names(words: str) -> None:
    three()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), {"q": words}))
    assert names(page) == ["Clean Power"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"sector": "metals"}, ["Dirty Steel"]),
        ({"country": "DEU"}, ["Dirty Steel"]),
        ({"status": "estimated"}, ["Silent Foods"]),
        ({"status": "insufficient"}, []),
        ({"status": "scored"}, ["Clean Power", "Dirty Steel"]),
        ({"status": "unscored"}, []),
        ({"track": "energy_efficiency"}, ["Dirty Steel"]),
        ({"quality": "2"}, ["Clean Power", "Dirty Steel"]),
        ({"quality": "1"}, []),
        ({"year": "2024"}, ["Clean Power", "Dirty Steel"]),
    ],
)
@pytest.mark.postgres
def test_each_filter_of_the_url_narrows_the_list(asked: dict[str, str], found: list[str]) -> None:
    _clean, dirty, _silent = three()
    CompanyTrack.objects.create(company=dirty, track="energy_efficiency", why="furnaces", **make.SOURCE)
    scored()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), asked))
    assert names(page) == found


@pytest.mark.postgres
def test_the_band_filters_too() -> None:
    clean, *_ = three()
    scored()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), {"band": clean.scores.get().band}))
    assert "Clean Power" in names(page)
    assert "Silent Foods" not in names(page)


def test_an_empty_answer_offers_to_drop_a_filter() -> None:
    three()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), {"q": "nobody", "sector": "metals"}))
    assert "No company matches" in page
    assert 'href="?q=nobody"' in page
    assert 'href="?sector=metals"' in page


def test_a_bad_filter_is_named_and_dropped() -> None:
    three()
    asked = {"sector": "<b>magic</b>", "colour": "red", "band": "Z", "page_size": "0", "country": "DEU"}
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), asked))
    assert "“&lt;b&gt;magic&lt;/b&gt;” is not possible for “Sector”, so it was dropped." in page
    assert "There is no filter named “colour”" in page
    assert "“Z” is not possible for “Band”" in page
    assert "“0” is not possible for “Rows”" in page
    assert names(page) == ["Dirty Steel"]


def test_a_page_beyond_the_last_is_named() -> None:
    three()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), {"page": "9"}))
    assert "There is no page 9; this is the last one, 1." in page
    assert len(names(page)) == 3


@pytest.mark.parametrize(
    ("ordering", "first"),
    [
        ("score", "Dirty Steel"),
        ("-score", "Clean Power"),
        ("name", "Clean Power"),
        ("-name", "Dirty Steel"),
        ("intensity", "Clean Power"),
        ("-intensity", "Dirty Steel"),
        ("-emissions_t", "Dirty Steel"),
        ("change", "Clean Power"),
        ("-coverage", "Clean Power"),
        ("quality", "Clean Power"),
        ("-year", "Clean Power"),
    ],
)
@pytest.mark.postgres
def test_the_list_sorts_and_the_unscored_stay_below(ordering: str, first: str) -> None:
    three()
    scored()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), {"ordering": ordering}))
    assert names(page)[0] == first
    assert names(page)[-1] == "Silent Foods"
    assert f'aria-sort="{"descending" if ordering.startswith("-") else "ascending"}"' in page


@pytest.mark.postgres
def test_the_list_shows_the_change_against_the_score_before() -> None:
    clean, _dirty, _silent = three()
    scored()
    make.disclosure(clean, 2025, scope_1=9000.0, scope_2=9000.0)
    make.financials(clean, 2025)
    scored()
    page = text(signed_in(make.carol()).get(reverse("scoring:companies"), {"ordering": "change"}))
    assert names(page)[0] == "Clean Power"
    assert re.search(r'change--down">−\d+\.\d<', page)
    assert 'title="no change">=</span>' in page


def test_an_unconfirmed_track_says_so() -> None:
    company = make.scoreable()
    CompanyTrack.objects.create(company=company, track="energy_efficiency", why="storage", **make.SOURCE)
    page = text(signed_in(make.carol()).get(reverse("scoring:companies")))
    assert "chip--track-energy_efficiency" in page
    assert "not confirmed" in page


@pytest.mark.postgres
def test_pages_hold_as_many_rows_as_asked_and_keep_the_filters() -> None:
    for n in range(30):
        make.company(f"demo-{n:02}", name_en=f"Company {n:02}", name_zh="")
    client = signed_in(make.carol())
    first = text(client.get(reverse("scoring:companies"), {"sector": "machinery"}))
    assert len(names(first)) == 25
    assert 'rel="next" href="?sector=machinery&amp;page=2"' in first
    assert len(names(text(client.get(reverse("scoring:companies"), {"sector": "machinery", "page": "2"})))) == 5
    assert len(names(text(client.get(reverse("scoring:companies"), {"page_size": "50"})))) == 30


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    client = signed_in(make.carol())
    counts = []
    for size in (10, 60):
        for n in range(Company.objects.count(), size):
            company = make.scoreable(f"demo-{n:02}", scale=1.0 + n)
            CompanyTrack.objects.create(company=company, track="energy_efficiency", why="storage", **make.SOURCE)
        scored()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = text(client.get(reverse("scoring:companies"), {"page_size": "100"}))
        assert len(names(page)) == size
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


# --- dossier ---------------------------------------------------------------------------------------------
def test_the_dossier_explains_the_score(language: str) -> None:
    clean, _dirty, _silent = three()
    run = scored()
    page = text(signed_in(make.carol(), language).get(clean.get_absolute_url()))
    assert ("Carbon efficiency" if language == "en" else "碳效率") in page
    assert ("location-based" if language == "en" else "÷") in page
    assert 'role="img"' in page
    assert "<details>" in page
    assert "91110000600037341L" in page
    score = clean.scores.get()
    assert score.inputs_sha256 in page
    assert score.digest in page
    assert f'href="{run.get_absolute_url()}"' in page
    assert "made for a test" in page


def test_the_assisted_score_of_a_version_without_one_has_its_place_and_no_number() -> None:
    clean, *_ = three()
    Methodology.objects.filter(state=Methodology.State.ACTIVE).update(state=Methodology.State.RETIRED)
    Methodology.objects.filter(version="demo-0").update(state=Methodology.State.ACTIVE)
    scored()
    page = text(signed_in(make.carol()).get(clean.get_absolute_url()))
    assert "ML-assisted score" in page
    assert 'Not computed in methodology version <span class="nowrap">demo-0</span>' in page


def test_the_assisted_score_stands_beside_the_emissions_score_with_its_range_and_the_difference() -> None:
    clean, *_ = three()
    scored()
    score = Score.objects.get(company=clean)
    assert score.assisted_score is not None
    page = text(signed_in(make.carol()).get(clean.get_absolute_url()))
    assert f"{score.assisted_score:.1f}" in page
    assert f"5–95 %: {score.assisted_p05:.1f} to {score.assisted_p95:.1f}" in page
    assert "points against the emissions score" in page
    assert "Status of the plan" in page


def test_a_company_without_emissions_stands_apart_with_a_range_and_its_model() -> None:
    *_, silent = three()
    make.financials(silent, 2024, 5e9)
    scored()
    score = Score.objects.get(company=silent)
    assert (score.status, score.emissions_rung, score.assisted_score) == ("insufficient", 6, None)
    client = signed_in(make.carol())
    listed = text(client.get(reverse("scoring:companies"), {"status": "estimated", "ordering": "-assisted"}))
    assert "Request activity data" in listed
    model = ModelVersion.champion()
    assert model is not None
    assert f'href="{model.get_absolute_url()}">{model}</a>' in listed
    assert f"{score.assisted_p05:.0f}–{score.assisted_p95:.0f}" in listed
    dossier = text(client.get(silent.get_absolute_url()))
    assert f'href="{model.get_absolute_url()}"' in dossier
    assert "6 · model of size, sector and text" in dossier
    assert silent.name in text(client.get(model.get_absolute_url()))  # which scores rest on this model?


def test_the_page_sets_no_inline_style_and_no_inline_script() -> None:
    clean, *_ = three()
    run = scored()
    client = signed_in(make.carol())
    for address in (
        reverse("scoring:companies"),
        clean.get_absolute_url(),
        run.get_absolute_url(),
        reverse("scoring:runs"),
    ):
        page = text(client.get(address))
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", page), address


@pytest.mark.slow
def test_the_printed_bars_of_every_dossier_add_up() -> None:
    for n in range(12):
        company = make.scoreable(f"demo-{n}", scale=0.1 * 3**n)
        if n % 3 == 0:
            company.targets.all().delete()
    scored()
    client = signed_in(make.carol())
    for company in Company.objects.all():
        page = text(client.get(company.get_absolute_url()))
        values = re.findall(r"waterfall__value[^>]*>([^<]*)</text>", page)
        start, *bars, total = [
            Decimal(value.strip().replace("−", "-")) for value in values if "not observed" not in value
        ]
        assert start == 50
        assert start + sum(bars) == total
        assert total == round(Decimal(str(company.scores.get().emissions_score)), 1)


def test_an_insufficient_company_gets_reasons_and_no_number() -> None:
    _clean, _dirty, silent = three()
    scored()
    page = text(signed_in(make.carol()).get(silent.get_absolute_url()))
    assert "Not scored, because:" in page
    assert "no emissions reported" in page
    assert "waterfall" not in page


def test_a_company_that_waits_for_its_first_score_names_the_run() -> None:
    company = make.scoreable()
    client = signed_in(make.carol())
    assert "No run has covered this company so far." in text(client.get(company.get_absolute_url()))
    run, _new = runs.start([company], title="one", by=None)
    page = text(client.get(company.get_absolute_url()))
    assert "A run with this company is queued." in page
    assert f'href="{run.get_absolute_url()}"' in page


@pytest.mark.postgres
def test_changed_facts_make_the_score_stale_until_it_is_computed_again() -> None:
    company = make.scoreable()
    scored()
    client = signed_in(make.carol())
    assert "The facts have changed" not in text(client.get(company.get_absolute_url()))
    Financials.objects.filter(company=company, year=2024).update(revenue=2e9)
    assert "The facts have changed" in text(client.get(company.get_absolute_url()))
    response = client.post(reverse("scoring:score_company", args=[company.pk]))
    run = ScoreRun.objects.latest("pk")
    assert response["Location"] == run.get_absolute_url()
    assert run.requested_by is not None
    assert run.requested_by.username == "carol"
    runs.drain(run.pk)
    assert "The facts have changed" not in text(client.get(company.get_absolute_url()))


def test_an_earlier_score_stays_readable_and_says_that_it_is_earlier() -> None:
    company = make.scoreable()
    first = scored()
    Financials.objects.filter(company=company).update(revenue=5e9)
    scored()
    client = signed_in(make.carol())
    page = text(client.get(reverse("scoring:dossier_of_run", args=[company.pk, first.pk])))
    assert "This is an earlier score." in page
    assert len(re.findall(r"/runs/\d+/\">", page)) >= 2
    assert "This is an earlier score." not in text(client.get(company.get_absolute_url()))
    assert client.get(reverse("scoring:dossier_of_run", args=[company.pk, 999])).status_code == 404


def test_the_dossier_is_the_funds_alone() -> None:
    company = make.scoreable()
    run = scored()
    for person in (make.alice(company), make.bob()):
        client = signed_in(person)
        assert client.get(company.get_absolute_url()).status_code == 404
        assert client.get(reverse("scoring:dossier_of_run", args=[company.pk, run.pk])).status_code == 404
        assert client.post(reverse("scoring:score_company", args=[company.pk])).status_code == 404
        assert client.get(run.get_absolute_url()).status_code == 404


def test_only_an_administrator_is_offered_to_propose() -> None:
    company = make.scoreable()
    scored()
    score = company.scores.get()
    link = f"{reverse('admin:fund_proposal_add')}?score={score.pk}"
    assert link in text(signed_in(make.dan()).get(company.get_absolute_url()))
    assert link not in text(signed_in(make.carol()).get(company.get_absolute_url()))


def test_hostile_words_of_a_source_stay_words() -> None:
    company = make.scoreable()
    make.target(company, "t2", text="<script>alert(1)</script>", source_url="javascript:alert(1)")
    scored()
    page = text(signed_in(make.carol()).get(company.get_absolute_url()))
    assert "<script>alert" not in page
    assert "javascript:" not in page
