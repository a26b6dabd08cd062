"""What if: in memory, from what stands; the whole of it is an address; what is wrong is said at its field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from fund.models import Scenario
from fund.pipeline.what_if import WhatIf
from portfolio.audit import AuditEvent
from portfolio.models import Company, Quantity
from scoring.models import GateVerdict, LatestScore, Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.make_candidates import candidate, score
from tests.scoring.bar_sheets import make as sheets
from tests.scoring.pages import mei, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def some() -> dict[str, Company]:
    """FIGURES of the maker: EBIT 600, grants 40 of 5,000 M revenue, 2,000 t; and some that differ."""
    fund, dan = make.fund(), make.dan()
    told: dict[str, dict[str, Any]] = {
        "three": {},
        "line": {"figures": {Quantity.EBIT: 50e6}},  # (50 − 40 − 0.2) / 5,000: 0.2 % of margin
        "silent": {"figures": {Quantity.GRANTS: None}},
        "misses": {"sold": {"service_per_unit_year": 1500.0}},
        "motor": {"family": "F16"},
        "excluded": {"words": {"exclusion": "yes", "fossil_extraction": "no", "direct_and_significant": "yes"}},
    }
    made = {key: candidate(fund, key, dan, name_en=key, name_zh=f"企业{key}", **how) for key, how in told.items()}
    made["peer"] = make.scoreable("peer", name_en="A peer", name_zh="同业")
    score(*made.values())
    return made


def asked(**query: Any) -> WhatIf:
    """The page's answer, without its HTML."""
    return WhatIf(make.user(f"reader-{len(query)}-{abs(hash(str(query)))}", "fund_manager"), _dict(query))


def _dict(query: dict[str, Any]) -> QueryDict:
    return QueryDict(urlencode({name.replace("__", "-"): value for name, value in query.items()}, doseq=True))


def groups(page: WhatIf) -> dict[str, list[str]]:
    return {group.code: [row.standing.company_key for row in group.rows] for group in page.groups}


def moves(page: WhatIf) -> dict[str, list[tuple[str, str]]]:
    return {row.standing.company_key: [tuple(move) for move in row.moves] for row in page.rows if row.moves}  # type: ignore[misc]


def stored() -> str:
    """SHA-256 of every row that a score is made of."""
    tables = (ScoreRun, ScoreItem, Score, LatestScore, GateVerdict, AuditEvent)
    rows = [sorted(map(repr, table.objects.values_list())) for table in tables]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


# --- nothing is written, and nothing moves by itself -------------------------------------------------------------
@pytest.mark.postgres
def test_official_scores_are_the_same_to_the_last_bit_afterwards() -> None:
    made = some()
    carol = signed_in(make.carol())
    before = stored()
    silent, peer = made["silent"].pk, made["peer"].pk
    questions: list[dict[str, Any]] = [
        {"bar_share": "0.95"},
        {"carbon_price": "5000", "pass_through": "0"},
        {"footprint_multiple": "0.2"},
        {"family": "F01", "family_bar": "0.0001"},
        {"company": silent, f"told-{silent}-2025-subsidies_grants": "3亿"},
        {"company": silent, f"verified-{silent}-2025-ebit": "on", f"verified-{silent}-2025-0-service": "on"},
        {"out": made["three"].pk, "in": peer},
        {"add": "peer"},
    ]
    for query in questions:
        answer = carol.get(reverse("what_if"), query, follow=True)
        assert answer.status_code == 200
    assert carol.post(reverse("scenario_save"), {"name": "a", "query": "bar_share=0.9"}).status_code == 302
    assert stored() == before


@pytest.mark.postgres
def test_without_a_change_everything_is_as_it_stands() -> None:
    some()
    page = asked()
    assert not page.is_changed and page.summary == "Nobody moves." and moves(page) == {}
    latest = {row.company.company_key: row for row in LatestScore.objects.select_related("company")}
    for row in page.rows:
        headline = latest[row.standing.company_key]
        assert (row.would["cleared"], row.would["known"], row.would["group"]) == (
            headline.cleared,
            headline.known,
            headline.group_code,
        )
        assert row.would["p_cleared"] == (
            None if headline.p_cleared is None else pytest.approx(headline.p_cleared, rel=1e-11)
        )


# --- bars and prices ---------------------------------------------------------------------------------------------
def test_a_higher_bar_moves_the_contribution_of_those_between_and_says_so() -> None:
    some()
    # F01's reference has 2,000 MWh and 612 t: at 2,600 MWh and 308 t a candidate stands far above 1.0 of it
    page = asked(bar_share="0.5")
    assert "misses" in groups(page)["3"]
    assert moves(page)["misses"] == [("up", "Contribution would be cleared")]
    assert "1 clear more bars, 0 fewer" in page.summary


def test_a_carbon_price_moves_the_margin_into_the_red() -> None:
    some()
    # (50 − 40 − 20,000 × 2,000 × 0.5 / 10⁶) / 5,000 < 0; at 600 − 40 − 20 it is not
    page = asked(carbon_price="20000")
    assert moves(page)["line"] == [("down", "Resilience would be missed")]
    assert "line" in groups(page)["2"] and "three" in groups(page)["3"]
    # with all of it passed on none is left: (50 − 40) / 5,000, as good as it stands
    assert moves(asked(carbon_price="20000", pass_through="100 %")) == {}


def test_a_family_s_own_bar_moves_that_family_alone() -> None:
    some()
    bar = asked(family="F01").defaults["family_bar"]
    page = asked(family="F01", family_bar="0.001")
    assert bar > 0.001
    assert ("down", "Own footprint would be missed") in moves(page)["three"]
    assert "motor" not in moves(page)
    assert moves(asked(family="F01", family_bar=str(bar))) == {}


def test_groups_are_by_bars_cleared_with_how_many_stood_there() -> None:
    some()
    page = asked(bar_share="0.5")
    three = next(group for group in page.groups if group.code == "3")
    assert (three.count, three.was) == (3, 2)
    assert all("excluded" not in rows for rows in groups(page).values())
    assert page.not_grouped == ["Not admitted 1"]


# --- told and verified -------------------------------------------------------------------------------------------
def test_an_unknown_figure_gets_a_value_and_ends_the_unknown() -> None:
    made = some()
    pk = made["silent"].pk
    page = asked(company=pk, **{f"told__{pk}__2025__subsidies_grants": "4,000万"})
    assert moves(page) == {"silent": [("up", "Resilience would be known, and cleared")]}
    assert groups(page)["3"].count("silent") == 1
    page = asked(company=pk, **{f"told__{pk}__2025__subsidies_grants": "10亿"})
    assert moves(page) == {"silent": [("down", "Resilience would be known, and missed")]}


def test_a_told_figure_becomes_verified_and_the_doubt_shrinks() -> None:
    made = some()
    pk = made["three"].pk
    page = asked(
        company=pk, **{f"verified__{pk}__2025__{n}": "on" for n in ("scope1", "scope2_location", "0__service")}
    )
    (row,) = [row for row in page.rows if row.standing.pk == pk]
    assert row.would["p_cleared"] > row.stands["p_cleared"]  # type: ignore[operator]
    assert row.would["cleared"] == row.stands["cleared"] == 3
    assert [one for one in page.rows if one is not row and one.moves] == []


def test_what_was_typed_of_one_company_is_never_taken_for_another_s() -> None:
    made = some()
    pk, other = made["silent"].pk, made["line"].pk
    page = asked(company=other, **{f"told__{pk}__2025__subsidies_grants": "40000000"})
    assert moves(page) == {}
    assert f"told-{pk}" not in page.query()


def test_a_company_that_is_no_candidate_or_no_company_is_not_chosen() -> None:
    made = some()
    for pk in (made["peer"].pk, 999_999, "abc", "-1"):
        assert asked(company=pk).chosen is None


# --- in and out --------------------------------------------------------------------------------------------------
@pytest.mark.postgres
def test_a_peer_looked_at_as_a_candidate_moves_no_other_and_leaving_one_out_neither() -> None:
    made = some()
    before = {row.standing.company_key: row.would for row in asked().rows}
    page = asked(**{"in": made["peer"].pk, "out": made["three"].pk})
    after = {row.standing.company_key: row.would for row in page.rows}
    assert after.keys() == before.keys() - {"three"} | {"peer"}
    assert {key: after[key] for key in after if key != "peer"} == {key: before[key] for key in before if key != "three"}
    assert [one.name for one in page.left_out] == ["three"] and [one.name for one in page.added] == ["A peer"]
    assert not LatestScore.objects.filter(company=made["peer"], kind="candidate").exists()


def test_a_peer_is_found_by_its_name_and_then_stands_in_the_address() -> None:
    made = some()
    carol = signed_in(make.carol())
    answer = carol.get(reverse("what_if"), {"add": "A peer"})
    assert answer.status_code == 302 and f"in={made['peer'].pk}" in answer["Location"]
    assert "Added: A peer" in unescape(text(carol.get(answer["Location"])))
    for n in range(3):
        make.company(f"twin-{n}", name_en=f"Twin {n}", name_zh="")
    for query, said in (
        ({"add": "nobody"}, "No company besides the candidates matches “nobody”"),
        ({"add": "Twin"}, "Several companies match “Twin”: Twin 0, Twin 1, Twin 2."),
        ({"in": "999999"}, "There is no company with the number 999999"),
    ):
        assert said in text(carol.get(reverse("what_if"), query))


# --- what is wrong -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["-1", "1e308", "text", "NaN", "Infinity", "1e-320", "--", "1;2"])
def test_a_number_that_cannot_be_is_an_error_at_its_field_and_does_not_count(typed: str) -> None:
    made = some()
    pk = made["silent"].pk
    told = f"told-{pk}-2025-subsidies_grants"
    names = ("bar_share", "footprint_multiple", "carbon_price", "pass_through", "family_bar", told)
    query = dict.fromkeys(names, typed) | {"family": "F01", "company": pk}
    page = unescape(text(signed_in(make.carol()).get(reverse("what_if"), query)))
    for name in names:
        said = page[page.index(f'id="id_{name}_error"') :].split("</div>")[0]
        assert "field__error" in said, name
        assert f'<a href="#id_{name}">' in page
    assert "What is wrong does not count" in page
    assert "change--" not in page


@pytest.mark.parametrize(
    ("name", "typed"),
    [("bar_share", "0"), ("bar_share", "1.2"), ("pass_through", "101 %"), ("footprint_multiple", "0")],
)
def test_what_no_bar_sheet_can_have_is_refused_in_words(name: str, typed: str) -> None:
    some()
    assert asked(**{name: typed}).bars_form.errors.keys() == {name}


def test_numbers_are_read_as_people_type_them() -> None:
    some()
    assert asked(bar_share="90%").moved.bar_share == pytest.approx(0.9)
    assert asked(carbon_price="１，０００").moved.carbon_price_cny_per_t == 1000.0
    assert asked(carbon_price=" 0.1万 ").moved.carbon_price_cny_per_t == 1000.0


# --- the address, and scenarios ----------------------------------------------------------------------------------
def test_the_address_carries_the_whole_state_and_reproduces_it() -> None:
    made = some()
    pk = made["silent"].pk
    query = {
        "bar_share": "0.9",
        "footprint_multiple": "1.5",  # as the sheet has it: not in the address
        "carbon_price": "300",
        "family": "F01",
        "family_bar": "0.02",
        "company": pk,
        f"told-{pk}-2025-subsidies_grants": "10亿",
        "out": made["three"].pk,
        "in": made["peer"].pk,
        "track": "power_decarbonisation",
    }
    carol = signed_in(make.carol())
    answer = carol.get(reverse("what_if"), query)
    address = answer["HX-Replace-Url"]
    found = parse_qs(urlsplit(address).query)
    assert found == {name: [str(value)] for name, value in query.items() if name != "footprint_multiple"}
    again = carol.get(address)
    assert said_by(text(answer)) == said_by(text(again))
    assert f'href="{address}"' in unescape(text(again))


def said_by(page: str) -> str:
    """What it says, without what each request has of its own."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page[page.index("<main") :])


def test_a_scenario_is_saved_shared_opened_and_deleted_by_its_owner() -> None:
    some()
    carol, dan = make.carol(), make.erin()
    client = signed_in(carol)
    saved = client.post(
        reverse("scenario_save"), {"name": "Dear carbon", "query": "carbon_price=300&x=1", "is_shared": "on"}
    )
    assert saved["Location"] == reverse("what_if") + "?carbon_price=300"
    client.post(reverse("scenario_save"), {"name": "Mine", "query": "bar_share=0.9"})
    shared, own = Scenario.objects.get(name="Dear carbon"), Scenario.objects.get(name="Mine")
    assert (shared.query, shared.is_shared, own.is_shared) == ("carbon_price=300", True, False)
    page = text(signed_in(dan).get(shared.get_absolute_url()))
    assert "Dear carbon" in page and "Mine" not in page
    assert 'value="300"' in page
    assert ">not saved<" not in page and ">not saved<" in text(
        signed_in(dan).get(reverse("what_if"), {"carbon_price": "301"})
    )
    assert signed_in(dan).post(reverse("scenario_delete", args=[shared.pk])).status_code == 404
    assert signed_in(dan).post(reverse("scenario_delete", args=[own.pk])).status_code == 404
    assert client.post(reverse("scenario_delete", args=[own.pk])).status_code == 302
    assert list(Scenario.objects.all()) == [shared]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "twice", "query": "bar_share=0.9"}, "You have a scenario named “twice” already"),
        ({"name": "", "query": "bar_share=0.9"}, "a scenario needs a name"),
        ({"name": "a" * 81, "query": "bar_share=0.9"}, "a scenario needs a name"),
        ({"name": "bad", "query": "bar_share=-1"}, "a number that does not count is still there"),
    ],
)
def test_what_cannot_be_saved_is_said_and_the_state_stays(sent: dict[str, str], said: str) -> None:
    some()
    carol = make.carol()
    Scenario.keep("twice", "", by=carol, is_shared=False)
    answer = signed_in(carol).post(reverse("scenario_save"), sent, follow=True)
    assert said in unescape(text(answer))
    assert answer.redirect_chain[0][0].endswith(sent["query"])
    assert Scenario.objects.count() == 1


def test_committee_members_look_and_save_nothing() -> None:
    some()
    client = signed_in(mei())
    page = text(client.get(reverse("what_if"), {"bar_share": "0.9"}))
    assert "not saved" in page and reverse("scenario_save") not in page
    assert client.post(reverse("scenario_save"), {"name": "a", "query": ""}).status_code == 403
    assert not Scenario.objects.exists()


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_applicants_and_verifiers_find_nothing(person: str) -> None:
    client = signed_in(make.alice(make.company()) if person == "alice" else make.bob())
    assert client.get(reverse("what_if")).status_code == 404
    assert client.post(reverse("scenario_save"), {"name": "a"}).status_code == 404
    assert client.post(reverse("scenario_delete", args=[1])).status_code == 404


# --- the page ----------------------------------------------------------------------------------------------------
def test_the_page_works_without_a_script() -> None:
    some()
    page = text(signed_in(make.carol()).get(reverse("what_if"), {"bar_share": "0.5"}))
    form = page[page.index('<form id="ask"') :].split("</form>")[0]
    assert 'method="get"' in form and '<button class="button button--primary" type="submit">' in form
    assert "Contribution would be cleared" in page and "not saved" in page


def test_without_candidates_it_says_so() -> None:
    assert "There is no candidate with a result yet" in text(signed_in(make.carol()).get(reverse("what_if")))


def test_a_candidate_of_an_earlier_sheet_is_moved_from_its_own() -> None:
    made = some()
    ada = make.user("ada", "admin")
    sheets.approved(ada, sheets.erin()).activate(by=ada, day=timezone.localdate())
    score(made["line"], as_of=timezone.localdate())
    page = asked()
    assert {row.standing.sheet.version for row in page.rows} == {"1", "2"}
    assert moves(page) == {}
    assert moves(asked(bar_share="0.5")).keys() == {"misses"}


@pytest.mark.postgres
def test_a_page_costs_the_same_queries_whatever_the_rows() -> None:
    fund, dan = make.fund(), make.dan()
    score(candidate(fund, "a", dan))
    client = signed_in(make.carol())

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("what_if"), {"bar_share": "0.9"}).status_code == 200
        return len(seen)

    few = queries()
    score(*(candidate(fund, f"b{n}", dan) for n in range(5)))
    assert queries() == few <= 9


def test_in_chinese_the_moves_are_chinese() -> None:
    some()
    page = text(signed_in(make.carol(), "zh-hans").get(reverse("what_if"), {"bar_share": "0.5"}))
    assert "减排贡献将达标" in page
