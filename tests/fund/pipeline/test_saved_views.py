"""A list under a name: one's own, shared, opened first, in page and API."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portfolio.models import SavedView
from portfolio.models.people import MOST_VIEWS
from tests import make
from tests.api.caller import Caller, is_problem
from tests.fund.pipeline.test_candidates import names, some
from tests.scoring.pages import signed_in, text

pytestmark = pytest.mark.django_db
LIST = "/app/candidates/"


def save(client: object, **words: str) -> str:
    given = {"list": "candidates", "name": "two", "query": "?cleared=2"} | words
    return text(client.post(reverse("portfolio:view_save"), given, follow=True))  # type: ignore[attr-defined]


def test_a_view_leads_to_the_same_question_by_its_name() -> None:
    some()
    carol = signed_in(make.carol())
    page = save(carol, query="?cleared=2&page=7&cols=c,p")
    assert "The view “two” is saved." in page
    answer = carol.get(LIST, {"view": "two"})
    assert answer["Location"] == f"{LIST}?cleared=2&cols=c%2Cp"
    shown = text(carol.get(answer["Location"]))
    assert names(shown) and "Resilience R</a><small>" not in shown and "Contribution C</a><small>" in shown


def test_the_api_is_asked_by_the_same_name_and_what_stands_beside_it_has_the_last_word() -> None:
    some()
    carol = make.carol()
    save(signed_in(carol), query="?cleared=2&ordering=name&cols=c")
    caller = Caller(carol)
    by_name = caller.read("/candidates/?view=two").json()
    assert by_name == caller.read("/candidates/?cleared=2&ordering=name&cols=c").json() | {
        "next": by_name["next"],
        "previous": by_name["previous"],
    }
    assert by_name["count"] and by_name["count"] != caller.read("/candidates/?view=two&cleared=3").json()["count"]
    assert caller.read("/candidates/?view=two&cleared=3").json()["count"]
    assert is_problem(caller.read("/candidates/?view=nothing"), 400, "validation_error")
    (told,) = caller.read("/saved-views/").json()["results"]
    assert (told["list"], told["name"], told["owner"]) == ("candidates", "two", "carol")


def test_a_file_is_asked_by_the_same_name_and_an_unknown_one_is_404() -> None:
    some()
    person = make.carol()
    carol = signed_in(person)
    save(carol, query="?cleared=2&ordering=name")
    answer = carol.get(f"{LIST}candidates.csv", {"view": "two", "meta": "0"})
    assert answer["Location"] == f"{LIST}candidates.csv?cleared=2&ordering=name&meta=0"
    rows = b"".join(carol.get(answer["Location"])).decode().splitlines()
    assert len(rows) - 1 == Caller(person).read("/candidates/?cleared=2").json()["count"] > 0
    assert carol.get(f"{LIST}candidates.csv", {"view": "nothing"}).status_code == 404


def test_another_sees_it_once_it_is_shared_and_never_changes_it() -> None:
    carol, dan = signed_in(make.carol()), signed_in(make.dan())
    save(carol)
    view = SavedView.objects.get()
    assert "There is no view named “two”." in text(dan.get(LIST, {"view": "two"}, follow=True))
    change = reverse("portfolio:view_change", args=[view.pk])
    carol.post(change, {"action": "share"})
    assert dan.get(LIST, {"view": "two"})["Location"] == f"{LIST}?cleared=2"
    assert dan.post(change, {"action": "drop"}).status_code == 404
    assert carol.post(change, {"action": "paint"}).status_code == 404
    carol.post(change, {"action": "unshare"})
    assert "There is no view named" in text(dan.get(LIST, {"view": "two"}, follow=True))


def test_ones_own_comes_before_a_shared_one_of_the_same_name() -> None:
    carol, dan = signed_in(make.carol()), signed_in(make.dan())
    save(carol, is_shared="on")
    save(dan, query="?cleared=1")
    assert dan.get(LIST, {"view": "two"})["Location"] == f"{LIST}?cleared=1"
    assert carol.get(LIST, {"view": "two"})["Location"] == f"{LIST}?cleared=2"


def test_the_default_opens_first_but_not_from_the_list_itself() -> None:
    some()
    carol = signed_in(make.carol())
    save(carol)
    save(carol, name="three", query="?cleared=3")
    for name in ("two", "three"):
        view = SavedView.objects.get(name=name)
        carol.post(reverse("portfolio:view_change", args=[view.pk]), {"action": "default"})
    assert carol.get(LIST)["Location"] == f"{LIST}?cleared=3"
    assert carol.get(LIST, headers={"referer": f"http://testserver{LIST}?cleared=3"}).status_code == 200
    assert carol.get(LIST, {"cleared": "2"}).status_code == 200
    carol.post(reverse("portfolio:view_change", args=[view.pk]), {"action": "no_default"})
    assert carol.get(LIST).status_code == 200


def test_saving_again_replaces_and_dropping_is_for_good() -> None:
    carol = signed_in(make.carol())
    save(carol)
    save(carol, query="?cleared=1")
    view = SavedView.objects.get()
    assert view.query == "cleared=1"
    assert "is dropped" in text(
        carol.post(reverse("portfolio:view_change", args=[view.pk]), {"action": "drop"}, follow=True)
    )
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": ""}, "The view was not saved."),
        ({"name": "x" * 61}, "The view was not saved."),
        ({"query": "?q=" + "é" * 900}, "This address is too long to be saved."),
        ({"list": "admin:index"}, "The view was not saved."),
    ],
)
def test_what_cannot_be_saved_is_said(words: dict[str, str], said: str) -> None:
    carol = signed_in(make.carol())
    assert said in save(carol, **words)
    assert not SavedView.objects.exists()


def test_there_is_an_end_to_how_many() -> None:
    carol = make.carol()
    SavedView.objects.bulk_create(SavedView(owner=carol, list="candidates", name=f"v{n}") for n in range(MOST_VIEWS))
    assert f"You have {MOST_VIEWS} views of this list" in save(signed_in(carol))
    assert SavedView.objects.count() == MOST_VIEWS


def test_the_data_checks_that_come_with_the_product_find_what_they_say() -> None:
    some()
    carol = signed_in(make.carol())
    assert names(text(carol.get(LIST, {"missing": "subsidies.grants"}))) == ["d-silent-on-grants"]
    assert "c-open" in names(text(carol.get(LIST, {"gates": "open"})))
    assert names(text(carol.get(LIST, {"year_max": "2000"}))) == []
    page = text(carol.get(LIST))
    for check in ("Scope 2 is missing", "Figures older than 12 months", "Own footprint only estimated"):
        assert check in page


def test_columns_are_left_out_and_a_wrong_one_is_dropped_in_words() -> None:
    some()
    carol = signed_in(make.carol())
    page = text(carol.get(LIST, {"cols": "p,range"}))
    assert "P of all three bars<small>" in page and "Next question<small>" not in page
    assert "“c,magic” is not possible for “Columns”" in text(carol.get(LIST, {"cols": "c,magic"}))
    peers = reverse("scoring:peers")
    page = text(carol.get(peers, {"cols": "intensity"}))
    assert "Intensity</a><small>" in page and "Behaviour</a><small>" not in page
