"""The fund's pages: what they show, to whom, and in which words they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.models import Company, CompanyTrack, Financials, Role
from scoring.models import Methodology, ModelVersion, Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs
from scoring.runs.queue import GAVE_UP
from tests import make
from tests.api.caller import Caller

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


# --- runs ------------------------------------------------------------------------------------------------
def test_the_first_run_starts_from_the_empty_list_and_leaves_out_illustrations() -> None:
    three()
    made_up = make.scoreable("demo-made-up", is_illustrative=True)
    client = signed_in(make.carol())
    assert "Nothing has been scored yet" in text(client.get(reverse("scoring:runs")))
    response = client.post(reverse("scoring:run_new"))
    run = ScoreRun.objects.get()
    assert response["Location"] == run.get_absolute_url()
    assert not run.items.filter(company=made_up).exists()
    assert run.items.count() == 3


def test_the_same_question_leads_to_the_same_run() -> None:
    three()
    client = signed_in(make.carol())
    client.post(reverse("scoring:run_new"))
    page = client.post(reverse("scoring:run_new"), follow=True)
    assert "This run exists" in text(page)
    assert ScoreRun.objects.count() == 1


def test_a_universe_without_companies_is_refused_in_words() -> None:
    page = signed_in(make.carol()).post(reverse("scoring:run_new"), follow=True)
    assert "There is no company to score." in text(page)


@pytest.mark.parametrize("name", ["run_new", "run_cancel", "run_retry", "score_company"])
def test_what_changes_a_run_is_post_only_and_not_for_committee_members(name: str) -> None:
    company = make.scoreable()
    run = scored()
    arguments = {"run_new": [], "score_company": [company.pk]}.get(name, [run.pk])
    address = reverse(f"scoring:{name}", args=arguments)
    assert signed_in(make.carol()).get(address).status_code == 405
    before = ScoreRun.objects.count()
    assert signed_in(mei()).post(address).status_code == 403
    assert ScoreRun.objects.count() == before


def test_committee_members_read_runs_without_buttons() -> None:
    make.scoreable()
    run, _new = runs.start(Company.objects.all(), title="all", by=None)
    client = signed_in(mei())
    for address in (reverse("scoring:runs"), run.get_absolute_url()):
        page = text(client.get(address))
        assert "Score the whole universe" not in page
        assert "Cancel the run" not in page


def test_an_open_run_is_polled_and_also_works_by_reloading(language: str) -> None:
    three()
    run, _new = runs.start(Company.objects.all(), title="all", by=None)
    client = signed_in(make.carol(), language)
    page = text(client.get(run.get_absolute_url()))
    progress = reverse("scoring:run_progress", args=[run.pk])
    assert f'hx-get="{progress}" hx-trigger="every 2s"' in page
    assert 'role="status"' in page
    assert f'<a href="{run.get_absolute_url()}">' in page
    fragment = text(client.get(progress))
    assert '<progress class="bar" max="3" value="0"' in fragment
    assert "<html" not in fragment
    if language == "en":
        assert "waiting for a worker" in fragment
        assert "0 of 3 companies" in text(client.get(progress, {"say": "1"}))


def test_a_running_run_counts_and_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    three()
    run, _new = runs.start(Company.objects.all(), title="all", by=None)
    shard = runs.claim(run.pk, batch=2)
    assert shard is not None
    runs.finish(shard, runs.compute(shard))
    assert runs.claim(run.pk, batch=1) is not None
    fragment = text(signed_in(make.carol()).get(reverse("scoring:run_progress", args=[run.pk])))
    assert 'value="2"' in fragment
    assert "2 of 3 companies (66 %)" in fragment
    assert "computing and writing scores" in fragment
    assert re.search(r"about \d+ seconds? left", fragment)


def test_a_closed_run_stops_the_polling_and_shows_its_outcome() -> None:
    three()
    run = scored()
    client = signed_in(make.carol())
    response = client.get(reverse("scoring:run_progress", args=[run.pk]))
    assert response.status_code == 286
    assert response["HX-Refresh"] == "true"
    assert client.get(reverse("scoring:run_progress", args=[run.pk]), {"say": "1"}).status_code == 286
    page = text(client.get(run.get_absolute_url()))
    assert "hx-get" not in page
    assert re.search(r'Scored</dt><dd class="figure-big">2<', page)
    assert re.search(r'Estimated</dt><dd class="figure-big">1<', page)
    assert re.search(r'Insufficient data</dt><dd class="figure-big">0<', page)


def failed_run(*errors: str) -> ScoreRun:
    """A run that ended with one failed company for each error."""
    for n, _error in enumerate(errors):
        make.scoreable(f"demo-fails-{n}", name_en=f"Fails {n}")
    run, _new = runs.start(Company.objects.all(), title="all", by=None)
    for item, error in zip(run.items.order_by("pk"), errors, strict=True):
        ScoreItem.objects.filter(pk=item.pk).update(state=ScoreItem.State.FAILED, error=error)
    runs.settle(run.pk)
    run.refresh_from_db()
    assert run.state == ScoreRun.State.PARTIAL
    return run


@pytest.mark.postgres
def test_failures_are_grouped_by_reason_with_their_text() -> None:
    run = failed_run("NotFinite: no JSON (value=inf)", "NotFinite: no JSON (value=nan)", GAVE_UP)
    page = text(signed_in(make.carol()).get(run.get_absolute_url()))
    assert page.index(">NotFinite <") < page.index(">The worker was lost")
    assert "no JSON (value=inf)" in page
    assert "Fails 2" in page
    assert "Retry all" in page


def test_one_failed_company_can_be_retried_and_then_all() -> None:
    run = failed_run("NotFinite: a", "NotFinite: b")
    client = signed_in(make.carol())
    address = reverse("scoring:run_retry", args=[run.pk])
    item = run.items.order_by("pk")[0]
    assert client.post(address, {"item": item.pk})["Location"] == run.get_absolute_url()
    assert list(run.items.order_by("pk").values_list("state", flat=True)) == ["todo", "failed"]
    runs.drain(run.pk)
    client.post(address)
    runs.drain(run.pk)
    run.refresh_from_db()
    assert run.state == ScoreRun.State.DONE


@pytest.mark.parametrize("item", ["abc", "-1", "²", "999999"])
def test_retrying_something_else_finds_nothing(item: str) -> None:
    run = failed_run("NotFinite: a")
    response = signed_in(make.carol()).post(reverse("scoring:run_retry", args=[run.pk]), {"item": item})
    assert response.status_code == 404


def test_a_run_is_cancelled_once() -> None:
    make.scoreable()
    run, _new = runs.start(Company.objects.all(), title="all", by=None)
    client = signed_in(make.carol())
    address = reverse("scoring:run_cancel", args=[run.pk])
    assert "What was scored before stays." in text(client.post(address, follow=True))
    again = text(client.post(address, follow=True))
    assert "there is nothing to cancel" in again
    assert "Cancelled" in again


def test_retrying_a_run_that_went_well_is_refused_in_words() -> None:
    make.scoreable()
    run = scored()
    page = signed_in(make.carol()).post(reverse("scoring:run_retry", args=[run.pk]), follow=True)
    assert "Only a run that ended with failed companies can be retried." in text(page)


@pytest.mark.postgres
def test_a_run_names_the_companies_that_moved_since_the_one_before() -> None:
    clean, _dirty, _silent = three()
    before = scored()
    Financials.objects.filter(company=clean).update(revenue=1e7)
    run = scored()
    page = text(signed_in(make.carol()).get(run.get_absolute_url()))
    moves = page[page.index(f"Difference to run {before.pk}") :]
    assert "Clean Power" in moves
    assert "Dirty Steel" not in moves
    assert ">data</td>" in moves


def test_the_list_of_runs_is_narrowed_and_ordered_as_in_the_api() -> None:
    make.scoreable()
    before = scored()
    waiting, _new = runs.start(Company.objects.all(), title="again", by=None, as_of=before.as_of - timedelta(days=1))
    client, caller = signed_in(make.carol()), Caller(User.objects.get(username="carol"))
    for query in ("", "state=queued", "state=queued&state=done", "ordering=id", "ordering=-as_of", "state=cancelled"):
        shown = client.get(f"{reverse('scoring:runs')}?{query}").context["rows"]
        said = caller.read(f"/runs/?{query}").json()["results"]
        assert [row.run.pk for row in shown] == [row["id"] for row in said], query
    assert "No run matches" in text(client.get(reverse("scoring:runs"), {"state": "cancelled"}))
    assert "“magic” is not possible for “State”" in text(client.get(reverse("scoring:runs"), {"state": "magic"}))


def test_the_list_of_runs_names_the_company_of_a_single_run() -> None:
    clean, *_ = three()
    scored()
    make.disclosure(clean, 2025)
    scored(clean)
    page = text(signed_in(make.carol()).get(reverse("scoring:runs")))
    assert ">Clean Power</td>" in page
    assert ">3</td>" in page
