"""The pages of runs: started, followed, stopped and tried again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from portfolio.models import Company
from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from scoring.runs.queue import GAVE_UP
from tests import make, make_candidates
from tests.api.caller import Caller
from tests.scoring.pages import mei, scored, signed_in, text, three

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


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
    assert re.search(r'Peer</dt><dd class="figure-big">3<', page)
    assert re.search(r'Failed</dt><dd class="figure-big">0<', page)


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
def test_a_run_names_the_candidates_that_moved_since_the_one_before() -> None:
    fund, dan = make.fund(), make.dan()
    moved = make_candidates.candidate(fund, "moves", dan, name_en="Moving Turbines")
    make_candidates.candidate(fund, "stays", dan, name_en="Steady Turbines")
    make.scoreable("peer", name_en="Some Peer")
    before = scored()
    make_candidates.say(moved, "exclusion", "yes", by=dan)
    run = scored()
    client = signed_in(make.carol())
    page = text(client.get(run.get_absolute_url()))
    assert re.search(r'Not admitted</dt><dd class="figure-big">1<', page)
    moves = page[page.index("Difference to what stood before") :]
    assert "Moving Turbines" in moves
    assert "Clears three bars" in moves and "Not admitted" in moves
    assert "Steady Turbines" not in moves and "Some Peer" not in moves
    assert ">data: facts of the gates</td>" in moves
    file = b"".join(client.get(reverse("scoring:run_moves_csv", args=[run.pk]))).decode("utf-8-sig")  # type: ignore[arg-type]
    (row,) = [line for line in file.splitlines() if "Moving Turbines" in line]
    assert f",{before.pk},Clears three bars,All gates passed," in row and row.endswith(",data: facts of the gates")


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
