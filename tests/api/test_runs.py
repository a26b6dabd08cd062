from datetime import date, timedelta

import pytest
from django.utils import timezone

from portfolio.models import Role, Scope
from scoring.engine import canonical_json, digest
from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_a_run_is_accepted_and_found_at_its_location() -> None:
    make.scoreable("a")
    carol = Caller(make.carol())
    answer = carol.send("/runs/", {"companies": ["a"], "as_of": "2025-06-30", "title": "one"})
    assert answer.status_code == 202
    run = carol.ask("GET", answer["Location"]).json()
    assert (run["state"], run["done"], run["total"], run["eta_s"], run["title"]) == ("queued", 0, 1, None, "one")
    runs.drain(run["id"])
    run = carol.ask("GET", answer["Location"]).json()
    assert (run["state"], run["done"], run["failed"]) == ("done", 1, 0)
    assert carol.ask("GET", run["errors_url"]).json()["results"] == []
    assert carol.ask("GET", run["scores_url"]).json()["results"][0]["company"] == "a"


def test_the_same_question_is_the_same_run() -> None:
    make.scoreable("a")
    carol = Caller(make.carol())
    first, second = (carol.send("/runs/", {"companies": ["a"]}) for _n in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    runs.drain(first.json()["id"])
    third = carol.send("/runs/", {"companies": ["a", "a"]})
    assert (third.status_code, third.json()["id"]) == (200, first.json()["id"])
    assert third["Location"] == first["Location"]


def test_without_companies_all_real_ones_are_meant() -> None:
    make.scoreable("a")
    make.scoreable("b", is_illustrative=True)
    assert Caller(make.carol()).send("/runs/", {}).json()["total"] == 1


def test_no_company_at_all_is_a_conflict() -> None:
    is_problem(Caller(make.carol()).send("/runs/", {}), 409, "conflict")


def test_what_is_wrong_with_a_question_is_named() -> None:
    make.scoreable("a")
    carol = Caller(make.carol())
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    for body, pointer in (
        ({"companies": ["a", "nobody"]}, "/companies"),
        ({"companies": []}, "/companies"),
        ({"as_of": tomorrow}, "/as_of"),
        ({"as_of": "1900-01-01"}, "/as_of"),
        ({"titel": "x"}, "/titel"),
        (["a"], ""),
    ):
        said = is_problem(carol.send("/runs/", body), 400, "validation_error")
        assert [error["pointer"] for error in said["errors"]] == [pointer]
    assert not ScoreRun.objects.exists()


def test_who_may_not_start_a_run() -> None:
    company = make.scoreable("a")
    for person in (make.alice(company), make.bob(), make.user("grace", Role.COMMITTEE_MEMBER)):
        is_problem(Caller(person).send("/runs/", {"companies": ["a"]}), 403, "permission_denied")
    is_problem(Caller(make.carol(), [Scope.SCORES_READ]).send("/runs/", {}), 403, "insufficient_scope")
    assert not ScoreRun.objects.exists()


def test_a_stranger_finds_no_run() -> None:
    company = make.scoreable("a")
    run = make.score(company).run
    for person in (make.alice(company), make.bob()):
        stranger = Caller(person)
        assert stranger.read("/runs/").json()["count"] == 0
        assert stranger.read("/scores/").json()["count"] == 0
        for path in (f"/runs/{run.pk}/", f"/runs/{run.pk}/errors/"):
            is_problem(stranger.read(path), 404, "not_found")
        for path in (f"/runs/{run.pk}/cancel/", f"/runs/{run.pk}/retry/"):
            is_problem(stranger.send(path), 404, "not_found")


def test_an_open_run_is_cancelled_once() -> None:
    make.scoreable("a")
    carol = Caller(make.carol())
    pk = carol.send("/runs/", {"companies": ["a"]}).json()["id"]
    assert carol.send(f"/runs/{pk}/cancel/").json()["state"] == "cancelled"
    is_problem(carol.send(f"/runs/{pk}/cancel/"), 409, "conflict")


def test_failed_companies_are_listed_and_tried_again() -> None:
    make.scoreable("a")
    carol = Caller(make.carol())
    pk = carol.send("/runs/", {"companies": ["a"]}).json()["id"]
    is_problem(carol.send(f"/runs/{pk}/retry/"), 409, "conflict")
    ScoreItem.objects.update(state="failed", error="UnknownWord: no", attempts=1)
    runs.settle(pk)
    failed = carol.read(f"/runs/{pk}/errors/").json()["results"]
    assert failed == [{"company": "a", "attempts": 1, "error": "UnknownWord: no"}]
    again = carol.send(f"/runs/{pk}/retry/")
    assert (again.status_code, again.json()["state"], again.json()["failed"]) == (202, "queued", 0)


def test_a_committee_member_reads_runs_and_handles_none() -> None:
    grace = Caller(make.user("grace", Role.COMMITTEE_MEMBER))
    pk = make.score(make.scoreable("a")).run_id
    assert grace.read(f"/runs/{pk}/").status_code == 200
    is_problem(grace.send(f"/runs/{pk}/cancel/"), 403, "permission_denied")


def test_starting_runs_is_throttled(settings) -> None:  # type: ignore[no-untyped-def]
    settings.API_RATES = {"run_start": "1/min"}
    carol = Caller(make.carol())
    assert carol.send("/runs/", {"x": 1}).status_code == 400
    is_problem(carol.send("/runs/", {"x": 1}), 429, "throttled")
    assert carol.read("/runs/").status_code == 200


def test_the_score_that_stands_and_all_of_a_run() -> None:
    company = make.scoreable("a")
    older, newer = make.score(company, date(2025, 1, 1)), make.score(company, date(2025, 6, 30))
    carol = Caller(make.carol())
    assert [row["id"] for row in carol.read("/scores/").json()["results"]] == [newer.pk]
    assert [row["id"] for row in carol.read(f"/scores/?run={older.run_id}").json()["results"]] == [older.pk]
    assert carol.read("/scores/?company=a&kind=candidate").json()["count"] == 0
    assert carol.read("/scores/?kind=peer&sector=machinery&ordering=-emissions").json()["count"] == 1


def test_a_score_comes_with_its_record_and_digest() -> None:
    score = make.score(make.scoreable("a"))
    carol = Caller(make.carol())
    answer = carol.read(f"/scores/{score.pk}/")
    said = answer.json()
    assert digest(canonical_json(said["record"])) == said["digest"] == score.digest
    assert said["emissions"] == {"value": "1600", "unit": "tCO₂e"}
    assert (said["kind"], said["reported"], said["assisted"], said["margins"]) == ("peer", None, None, None)
    assert carol.read(f"/scores/{score.pk}/", If_None_Match=answer["ETag"]).status_code == 304
    is_problem(carol.read(f"/scores/{score.pk + 1}/"), 404, "not_found")
