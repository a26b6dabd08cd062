"""Two to five candidates side by side: one bar sheet, unknown rows first, and in words whatever cannot be compared."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portfolio.models import Company, Quantity
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller
from tests.make_candidates import candidate, score
from tests.scoring.bar_sheets import make as sheets
from tests.scoring.pages import mei, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


def made(**how: dict[str, Any]) -> dict[str, Company]:
    """Scored candidates of one fund by name; each with what is told otherwise of it."""
    fund, dan = make.fund(), make.dan()
    found = {
        name: candidate(fund, name, dan, **({"name_en": name, "name_zh": f"企业{name}"} | told))
        for name, told in how.items()
    }
    score(*found.values())
    return found


def address(companies: Iterable[Company | str], name: str = "compare") -> str:
    asked = [str(one.pk) if isinstance(one, Company) else one for one in companies]
    return reverse(name) + "?" + "&".join(f"c={one}" for one in asked)


def shown(*companies: Company | str, language: str = "en") -> str:
    return unescape(text(signed_in(make.carol(), language).get(address(companies))))


def heads(page: str) -> list[str]:
    return re.findall(r'class="compare__name"[^>]*>([^<]*)<', page)


def row_names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*>([^<]*)<', page)


def test_five_stand_side_by_side_with_bars_first_and_their_inputs_below() -> None:
    found = made(a={}, b={}, c={}, d={}, e={})
    page = shown(*found.values())
    assert heads(page) == list("abcde")
    names = row_names(page)
    assert names[:3] == ["Contribution", "Resilience", "Own footprint"]
    assert names.index("EBIT") < names.index("One legal entity")
    assert page.count("600 M CNY") == 5


def test_a_bar_and_an_input_that_somebody_has_not_told_stand_first_with_who_can_fill_it() -> None:
    found = made(a={}, silent={"figures": {Quantity.THEME_CREDITS: None}})
    names = row_names(shown(*found.values()))
    assert names[0] == "Resilience"
    assert names[names.index("Next question") + 1] == "Theme credits and refunds"
    page = shown_again(*found.values())
    cell = page[page.index("Theme credits and refunds</th>") :].split("</tr>")[0]
    assert "? not told" in cell and "the company" in cell


def shown_again(*companies: Company) -> str:
    return unescape(text(signed_in(mei()).get(address(companies))))


def test_two_are_distinguishable_only_where_all_is_known_and_p_differs_by_a_fifth() -> None:
    # EBIT 140 M: (140 − 40 − 0.2) / 5,000 = 2 % margin, half a standard deviation of 4 points: P near 0.69
    found = made(sure={}, line={"figures": {Quantity.EBIT: 140e6}}, silent={"figures": {Quantity.GRANTS: None}}, two={})
    page = shown(*found.values())
    assert "sure is surer to clear all three bars than line" in page
    assert "sure and silent: not distinguishable, since not all bars of silent are known." in page
    assert "sure and two: not distinguishable, since their P differ by 0.0 points and 20.0 are asked." in page
    assert "2 of 6 pairs are distinguishable" in page  # sure and line, two and line


def test_open_gates_are_a_reason_not_to_tell_two_apart() -> None:
    found = made(sure={}, open={"words": {}, "figures": {Quantity.EBIT: 140e6}})
    page = shown(*found.values())
    assert "since not all gates of open are passed" in page
    assert "No two of these are distinguishable" in page


def test_marks_of_a_bar_stand_on_one_axis_and_say_what_they_show() -> None:
    found = made(a={}, missing={"sold": {"service_per_unit_year": 1500.0}})
    page = shown(*found.values())
    marks = re.findall(r'aria-label="(Contribution: [^"]*)"', page)
    assert marks == ["Contribution: cleared", "Contribution: missed"]
    starts = re.findall(r'class="mark__(?:cleared|missed)" x="([0-9.]+)%"', page)
    assert float(starts[0]) == 50.0 and float(starts[1]) < 50.0


def test_whoever_another_sheet_judged_stands_without_figures_until_scored_again() -> None:
    found = made(old={}, new={})
    carol, dan = make.carol(), make.user("ada", "admin")
    sheets.approved(dan, sheets.erin()).activate(by=dan, day=timezone.localdate())
    page = text(signed_in(carol).get(address(found.values())))
    assert "Bar sheet 2 is in force and has judged none of them yet" in page
    score(found["new"], as_of=timezone.localdate())
    page = text(signed_in(carol).get(address(found.values())))
    assert "old was scored under bar sheet 1, the others under 2" in page
    assert page.count("600 M CNY") == 1
    assert "distinguishable" not in page
    again = reverse("scoring:score_company", args=[found["old"].pk])
    assert f'action="{again}"' in page
    assert signed_in(carol).post(again).status_code == 302
    run = ScoreRun.objects.latest("pk")
    assert (run.state, run.bar_sheet.version) == ("queued", "2")  # type: ignore[union-attr]
    runs.drain(run.pk)
    assert text(signed_in(carol).get(address(found.values()))).count("600 M CNY") == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["a", "b", "abc"], "“abc” is no number of a company; it was left out."),
        (["a", "b", "-1"], "“-1” is no number of a company"),
        (["a", "b", "9" * 30], "is no number of a company"),
        (["a", "b", "4000000"], "There is no company with the number 4000000"),
        (["a", "b", "peer"], "Peer is no candidate of your funds"),
        (["a", "b", "waits"], "Waiting has no result by the bars yet"),
        (["a", "b", "c", "d", "e", "f"], "At most 5 candidates stand side by side; left out: f."),
        (["a"], "What shall a be held against?"),
        ([], "Which candidates?"),
        (["a", "a"], "What shall a be held against?"),
    ],
)
def test_what_cannot_be_compared_is_said_in_words(asked: list[str], said: str) -> None:
    found = made(**{name: {} for name in "abcdef"})
    found["peer"] = make.company("peer", name_en="Peer", name_zh="")
    waits = candidate(found["a"].candidacies.get().fund, "waits", make.erin(), name_en="Waiting", name_zh="")
    ids = [found.get(one, waits if one == "waits" else one) for one in asked]
    answer = signed_in(make.carol()).get(address(ids))
    assert said in unescape(text(answer))
    assert signed_in(mei()).get(address(ids, "compare_csv")).status_code == 404


def test_a_comparison_of_nobody_leads_back_to_the_list() -> None:
    assert "There is nobody to compare with" in shown()


def test_a_candidate_is_added_from_its_dossier_the_list_and_the_comparison() -> None:
    found = made(a={}, b={})
    carol = signed_in(make.carol())
    assert f"{reverse('compare')}?c={found['a'].pk}" in text(carol.get(found["a"].get_absolute_url()))
    listed = text(carol.get(reverse("candidates")))
    form = listed[listed.index(f'method="get" action="{reverse("compare")}"') :].split("</form>")[0]
    assert re.findall(r'name="c" value="(\d+)" aria-label="Choose ([^"]*)"', form) == [
        (str(company.pk), name) for name, company in found.items()
    ]
    one = text(carol.get(address([found["a"]])))
    assert f'<option value="{found["b"].pk}">b</option>' in one
    both = text(carol.get(address(found.values())))
    assert f'href="?c={found["b"].pk}"' in both  # leave a out


def test_those_compared_are_shortlisted_assigned_and_asked_with_the_verbs_of_the_list() -> None:
    found = made(a={}, b={})
    page = text(signed_in(make.carol()).get(address(found.values())))
    form = page[page.index('aria-label="With all of them"') :].split("</form>")[0]
    assert re.findall(r'name="c" value="(\d+)"', form) == [str(one.pk) for one in found.values()]
    assert re.findall(r'formaction="([^"]*)"', form) == [
        reverse(f"chosen_{verb}") for verb in ("shortlist", "assign", "ask")
    ]
    assert "With all of them" not in text(signed_in(mei()).get(address(found.values())))  # the committee looks


def test_with_nobody_chosen_two_are_chosen_at_once() -> None:
    found = made(a={}, b={})
    nobody = shown()
    assert nobody.count('<select name="c"') == 2 and "First candidate" in nobody and "One more" not in nobody
    one = shown_again(found["a"])
    assert one.count('<select name="c"') == 1 and "Second candidate" in one


def test_the_file_has_the_figures_of_the_page_and_numbers_stay_numbers() -> None:
    found = made(a={}, b={"name_en": "=cmd()"})
    answer = signed_in(make.carol()).get(address(found.values(), "compare_csv"))
    lines = b"".join(answer).decode().lstrip("\ufeff").splitlines()  # type: ignore[arg-type]
    about = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    assert about["Made by"] == "carol" and about["Bar sheet"].startswith("1 ")
    rows = {row[0]: row[1:] for row in csv.reader(line for line in lines if not line.startswith("# "))}
    assert rows["Figure"] == ["a", "'=cmd()"]
    # (600 − 40 − 200 × 2,000 × 0.5 / 10⁶) / 5,000
    assert float(rows["Resilience: value"][0]) == pytest.approx((600 - 40 - 0.2) / 5000)
    assert rows["Resilience: EBIT"] == ["600 M CNY", "600 M CNY"]


def test_the_api_gives_the_same_candidates_by_their_keys() -> None:
    made(a={}, b={}, c={})
    found = Caller(make.carol()).read("/candidates/?company=a,c,nobody").json()["results"]
    assert [row["company"] for row in found] == ["a", "c"]


def test_in_chinese_the_words_are_chinese() -> None:
    found = made(a={}, b={"figures": {Quantity.GRANTS: None}})
    assert "差异不显著" in shown(*found.values(), language="zh-hans")


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_applicants_and_verifiers_find_nothing(person: str) -> None:
    found = make.alice(make.company()) if person == "alice" else make.bob()
    for name in ("compare", "compare_csv"):
        assert signed_in(found).get(reverse(name)).status_code == 404
