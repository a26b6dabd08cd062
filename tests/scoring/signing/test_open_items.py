"""What is open between figures, ledger and evidence is named, each item with where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.errors import NotAllowed, ReasonNeeded
from portfolio.models import Activity, AuditEvent, Check, Disclosure, Figure, Quantity
from portfolio.models.check_words import sentence
from scoring.ledgers import ledger
from scoring.plausibility.checks import checks_of
from scoring.signing.open_items import CODES
from tests import make
from tests.api.caller import Caller, is_problem
from tests.portfolio.monitoring_plans.plans import approved, source
from tests.scoring.signing.desk import Desk, line

pytestmark = pytest.mark.django_db
Q = Quantity
REVENUE = {"revenue_cny": 1e9}


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def items(disclosure: Disclosure) -> list[tuple[str, str]]:
    return [(check.code, check.quantity) for check in checks_of(disclosure) if check.code in CODES]


def lines_of(disclosure: Disclosure, code: str) -> list[list[int]]:
    return [check.parameters["lines"] for check in checks_of(disclosure) if check.code == code]


def settled() -> Desk:
    """A disclosure of which nothing is open: lines with their bills, figures from them, scope 3 told, revenue."""
    desk = Desk()
    notes = [
        Activity(kind="fuel.diesel@road", notation="NO"),
        Activity(kind="spend.purchased_goods", notation="NE"),
    ]
    desk.put(make.citing(line(), desk.bill()), *notes)
    approved(desk.company, desk.alice, desk.bob, source(often="year"), valid_from=2022)
    desk.take()
    Figure.objects.create(disclosure=desk.disclosure, quantity=Q.SCOPE_1, value=3.0, typed="3")
    Figure.objects.create(disclosure=desk.disclosure, quantity=Q.REVENUE, value=1.2345e7, typed="12,345,000")
    return desk


def test_nothing_open_says_so_and_verifies_without_a_reason() -> None:
    desk = settled()
    assert [check.words for check in checks_of(desk.disclosure)] == []
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.alice)
    page = client.get(reverse("portfolio:submit", args=[desk.disclosure.pk])).content.decode()
    assert "Nothing is open" in page
    desk.disclosure.submit(by=desk.alice)
    with pytest.raises(NotAllowed):
        make.opinion(desk.disclosure, desk.bob, despite="just so")
    make.verify(desk.disclosure, desk.bob)
    assert desk.disclosure.verified_despite == ""


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"kind": "travel.flight_short_economy", "unit": "pkm", "amount": 10.0}, "other"),
        ({"kind": "spend.purchased_goods", "unit": "CNY", "amount": 10.0}, "factor"),
        ({"kind": "electricity", "unit": "t"}, "unit"),
    ],
)
def test_a_line_that_is_not_computed_is_named(facts: dict[str, Any], cause: str) -> None:
    desk = Desk(line(), line(**facts))
    [check] = [each for each in checks_of(desk.disclosure) if each.code == "line_not_computed"]
    assert check.parameters["lines"] == [2]
    assert "2" in check.words and "counts in no total" in check.words
    if facts["kind"] != "travel.flight_short_economy":
        assert check.parameters["cause"] == cause


def test_lines_without_evidence_are_named_and_keys_are_not() -> None:
    desk = Desk()
    desk.put(make.citing(line(), desk.bill()), line(amount=2e6), Activity(kind="fuel.diesel@road", notation="NO"))
    assert lines_of(desk.disclosure, "line_without_evidence") == [[2]]


@pytest.mark.parametrize(("language", "listed"), [("en", " 1, 2, 3."), ("zh-hans", "第 1、2、3 条")])
def test_lines_are_listed_as_the_language_lists(language: str, listed: str) -> None:
    desk = Desk(line(), line(amount=2e6), line(amount=3e6))
    with translation.override(language):
        words = [check.words for check in checks_of(desk.disclosure) if check.code == "line_without_evidence"]
    assert len(words) == 1 and listed in words[0]


@pytest.mark.parametrize("field", ["amount", "place", "period_end", "kind"])
def test_a_line_twice_is_the_same_in_everything(field: str) -> None:
    period = {"period_start": date(2022, 1, 1), "period_end": date(2022, 1, 31)}
    others = {"amount": 2e6, "place": "CN-SC", "period_end": date(2022, 2, 28), "kind": "heat"}
    desk = Desk(line(**period), line(**period), line(**(period | {field: others[field]})))
    assert lines_of(desk.disclosure, "line_twice") == [[1, 2]]


def test_rows_of_what_was_sold_that_are_alike_are_named() -> None:
    desk = Desk(line())
    make.solution(desk.disclosure)
    make.solution(desk.disclosure, number=2, units_sold=7.0)
    make.solution(desk.disclosure, number=3, name="Model 8")
    [check] = [each for each in checks_of(desk.disclosure) if each.code == "solution_twice"]
    assert check.parameters["rows"] == [1, 2]
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.alice)
    page = client.get(reverse("portfolio:submit", args=[desk.disclosure.pk])).content.decode()
    assert reverse("portfolio:solutions", args=[desk.disclosure.pk]) in page
    assert "Rows 1, 2 of what was sold or ran" in page


@pytest.mark.parametrize(("amount", "found"), [(1e6, [[1]]), (1.01e6, [])])
def test_a_line_with_last_years_amount_is_asked_about(amount: float, found: list[list[int]]) -> None:
    desk = Desk()
    before = make.disclosure(desk.company, 2021, state=Disclosure.State.DRAFT)
    Activity.objects.create(**{"disclosure": before, "number": 1} | _facts(line(amount=amount)))
    Disclosure.objects.filter(pk=before.pk).update(state="recorded", frozen_at="2022-05-01T00:00Z")
    assert lines_of(desk.disclosure, "line_as_last_year") == found


def _facts(activity: Activity) -> dict[str, Any]:
    return {name: getattr(activity, name) for name in ("kind", "amount", "unit", "place")}


def test_a_figure_without_a_line_or_evidence_is_named_by_its_field() -> None:
    desk = Desk(scope_1=1200.0)
    assert ("figure_without_support", Q.SCOPE_1) in items(desk.disclosure)
    assert ("figure_without_support", Q.SCOPE_2_LOCATION) not in items(desk.disclosure)
    desk.put(Activity(kind="fuel.diesel@road", notation="C"))
    assert ("figure_without_support", Q.SCOPE_1) not in items(desk.disclosure)


@pytest.mark.parametrize(("scope_2", "differs"), [(527.0, False), (700.0, True), (300.0, True)])
def test_a_figure_that_differs_from_its_ledger_is_named(scope_2: float, differs: bool) -> None:
    desk = Desk(scope_2=scope_2)
    assert (("differs_from_ledger", Q.SCOPE_2_LOCATION) in items(desk.disclosure)) is differs


def test_a_figure_that_is_older_than_its_lines_is_named() -> None:
    desk = settled()
    desk.put(make.citing(line(amount=1.5e6), desk.bill()), *list(desk.disclosure.activities.filter(amount=None)))
    assert items(desk.disclosure) == [("older_than_lines", Q.SCOPE_2_LOCATION)]
    desk.take()
    assert items(desk.disclosure) == []


def test_revenue_may_stand_in_the_accounts_instead() -> None:
    desk = Desk()
    assert ("missing_revenue", Q.REVENUE) in items(desk.disclosure)
    make.financials(desk.company, 2022)
    assert ("missing_revenue", Q.REVENUE) not in items(desk.disclosure)


def test_words_that_a_scope_lacks_are_asked_for() -> None:
    desk = Desk(revenue_boundary="unstated")
    Figure.objects.create(disclosure=desk.disclosure, quantity=Q.SCOPE_2_UNSPECIFIED, value=522.7)
    found = items(desk.disclosure)
    assert ("revenue_boundary_unstated", "revenue_boundary") in found
    assert ("scope_2_method_unstated", Q.SCOPE_2_UNSPECIFIED) in found
    assert ("scope_3_not_mentioned", Q.SCOPE_3_TOTAL) in found


TOLD = {"cause": "factor", "lines": [*range(1, 40)], "rows": [1, 2], "value": 2.0, "computed": 1.0, "percent": 100.0}
OF_PLAN = {"source": 1, "kind_zh": "外购电力", "kind_en": "purchased electricity", "site": "Plant A", "meter": "12"}
OF_PLAN |= {"months": [3, 7], "often": "month", "unit": "kWh", "evidence": "bills"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_item_has_a_sentence_in_each_language(language: str) -> None:
    with translation.override(language):
        for code in CODES:
            words = sentence(code, "scope1_t", TOLD | OF_PLAN | {"day": "2026-01-01"})
            assert words and "%(" not in words
            assert words.isascii() is False or language == "en"


# --- the page, and verifying ---------------------------------------------------------------------------------
def page_for(person: Any, name: str, disclosure: Disclosure) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client.get(reverse(f"portfolio:{name}", args=[disclosure.pk])).content.decode()


def test_each_item_leads_to_its_field_or_line() -> None:
    desk = Desk(scope_1=1200.0, scope_2=700.0)
    page = page_for(desk.alice, "submit", desk.disclosure)
    assert f'href="{desk.disclosure.get_absolute_url()}#id_revenue_cny"' in page
    assert f'href="{reverse("scoring:ledger_line", args=[desk.disclosure.pk, 1])}"' in page
    assert "522.7" in page and "+33.9" in page


def test_verifying_with_open_items_takes_a_reason_that_is_kept_and_shown() -> None:
    desk = Desk(scope_1=1200.0, scope_2=700.0)
    desk.disclosure.submit(by=desk.alice)
    digest = desk.disclosure.digest
    with pytest.raises(ReasonNeeded) as refused:
        make.opinion(desk.disclosure, desk.bob, despite="  ")
    assert {check.code for check in refused.value.checks} >= {"missing_revenue", "line_without_evidence"}
    assert "Why it may stand" in page_for(desk.bob, "opinion_write", desk.disclosure)
    make.verify(desk.disclosure, desk.bob, despite="Saw the meter <b>myself</b>.")
    assert Disclosure.objects.get().verified_despite == "Saw the meter <b>myself</b>."
    event = AuditEvent.objects.get(verb="disclosure.verified_despite")
    assert (event.actor, event.digest) == ("rita", digest)
    for name, person in (("disclosure", desk.alice), ("disclosure", make.carol())):
        assert "Saw the meter &lt;b&gt;" in page_for(person, name, desk.disclosure)
    client = Client(headers={"accept-language": "en"})
    client.force_login(make.user("ivy", "committee_member"))
    assert (
        "Saw the meter &lt;b&gt;"
        in client.get(reverse("dossier_tab", args=[desk.company.pk, "findings"])).content.decode()
    )


def test_a_refused_verification_loses_no_word() -> None:
    desk = Desk(scope_1=1200.0, scope_2=700.0)
    desk.disclosure.submit(by=desk.alice)
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.bob)
    body = {
        "action": "draft",
        "digest": desk.disclosure.digest,
        "kind": "unmodified",
        "level": "limited",
        "despite": "",
    }
    body |= {
        "criteria": "iso_14064_1",
        "scope": "all",
        "sampling": "all",
        "statement": "thank you",
        "has_no_conflict": "on",
    }
    answer = client.post(reverse("portfolio:opinion_write", args=[desk.disclosure.pk]), body)
    assert answer.status_code == 409
    assert "Items are open" in answer.content.decode() and "thank you</textarea>" in answer.content.decode()


def test_the_api_names_what_is_open_and_asks_for_the_reason() -> None:
    desk = Desk(scope_1=1200.0, scope_2=700.0)
    alice, bob, address = Caller(desk.alice), Caller(desk.bob), f"/disclosures/{desk.disclosure.pk}/"
    submitted = alice.send(f"{address}submit/", If_Match=alice.read(address)["ETag"])
    named = [check["code"] for check in submitted.json()["open"]]
    assert "line_without_evidence" in named
    said = {"digest": submitted.json()["digest"], "kind": "unmodified", "level": "limited", "criteria": "iso_14064_1"}
    said |= {"scope": "all", "sampling": "all", "statement": "fine", "has_no_conflict": True}
    refused = is_problem(bob.send(f"{address}opinion/", said), 400, "reason_needed")
    assert [error["code"] for error in refused["errors"]] == named
    made = bob.send(f"{address}opinion/", {**said, "despite": "saw the meter"})
    Caller(make.rita()).send(f"/opinions/{made.json()['id']}/issue/")
    done = alice.read(address).json()
    assert (done["state"], done["verified_despite"]) == ("verified", "saw the meter")


def test_what_was_open_is_kept_as_it_stood_when_it_was_submitted() -> None:
    desk = Desk(scope_1=1200.0)
    Figure.objects.create(disclosure=desk.disclosure, quantity=Q.SCOPE_2_MARKET, value=522.7)
    desk.disclosure.submit(by=desk.alice)
    make.financials(desk.company, 2022)
    assert "missing_revenue" in [check.code for check in desk.disclosure.open_items()]
    assert Check.objects.filter(code="missing_revenue").count() == 1


# --- a return and its answer -----------------------------------------------------------------------------------
def returned() -> Desk:
    desk = Desk(scope_1=1200.0, scope_2=700.0)
    desk.disclosure.submit(by=desk.alice)
    desk.disclosure.return_for_correction(
        by=desk.bob, reason="Which meter?", everything=True, digest=desk.disclosure.digest
    )
    return desk


def test_what_comes_back_unchanged_needs_an_answer_that_the_verifier_reads() -> None:
    desk = returned()
    address = reverse("portfolio:submit", args=[desk.disclosure.pk])
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.alice)
    body = {"edition": desk.disclosure.edition, "declaration": "on"}
    assert "please answer" in client.post(address, body).content.decode()
    assert Disclosure.objects.get().state == Disclosure.State.RETURNED
    client.post(address, body | {"answer": "That of hall 3."})
    assert Disclosure.objects.get().state == Disclosure.State.SUBMITTED
    assert "That of hall 3." in page_for(desk.bob, "verify", desk.disclosure)


@pytest.mark.parametrize("answer", ["", "One line was missing."])
def test_what_comes_back_changed_may_have_an_answer(answer: str) -> None:
    desk = returned()
    desk.put(line(), line(amount=5.0))
    desk.disclosure.submit(by=desk.alice, answer=answer)
    assert desk.disclosure.steps.latest("pk").comment == answer


def test_changed_and_changed_back_is_unchanged() -> None:
    desk = returned()
    desk.put(line(amount=5.0))
    desk.put(line())
    assert desk.disclosure.needs_answer()


def test_there_is_nothing_to_answer_before_a_return() -> None:
    desk = Desk(scope_1=1200.0, scope_2=700.0)
    with pytest.raises(NotAllowed):
        desk.disclosure.submit(by=desk.alice, answer="Hello")


def test_the_api_asks_for_the_answer_too() -> None:
    desk = returned()
    alice, address = Caller(desk.alice), f"/disclosures/{desk.disclosure.pk}/"
    tag = alice.read(address)["ETag"]
    is_problem(alice.send(f"{address}submit/", If_Match=tag), 400, "answer_needed")
    assert alice.send(f"{address}submit/", {"answer": "That of hall 3."}, If_Match=tag).status_code == 200


def test_the_ledger_of_the_desk_is_as_printed() -> None:
    found = ledger.account_disclosure(Desk().disclosure).amount_of(Q.SCOPE_2_LOCATION)
    assert found is not None and found.tonnes == pytest.approx(1e6 * 0.5227 / 1000)


def months(*megawatt_hours: float) -> list[Activity]:
    first = [date(2022, month, 1) for month in range(1, len(megawatt_hours) + 1)]
    told = zip(first, megawatt_hours, strict=True)
    return [line(amount=mwh * 1000, period_start=day, period_end=day.replace(day=28)) for day, mwh in told]


def test_an_amount_far_from_the_others_of_its_kind_is_asked_about() -> None:
    assert lines_of(Desk(*months(80, 82, 79_000, 85)).disclosure, "line_unlike_others") == [[3]]


@pytest.mark.parametrize("amounts", [(80, 82, 79, 85), (80, 82, 790, 85), (80, 79_000, 85)])
def test_seasons_and_few_lines_are_not(amounts: tuple[float, ...]) -> None:
    assert lines_of(Desk(*months(*amounts)).disclosure, "line_unlike_others") == []


def test_notes_that_are_trial_entries_are_asked_about() -> None:
    desk = Desk(line(note="测试"), line(note="stack test of May"), line(note="asdf 123"))
    Figure.objects.create(disclosure=desk.disclosure, quantity=Q.SCOPE_1, value=3.0, typed="3", note="test")
    assert lines_of(desk.disclosure, "line_trial_entry") == [[1, 3]]
    assert ("figure_trial_entry", "scope1_t") in items(desk.disclosure)


@pytest.mark.parametrize(("ratio", "says"), [(1000.0, True), (0.0011, True), (300.0, False), (12.0, False)])
def test_a_thousandfold_step_names_the_units_it_is_between(ratio: float, says: bool) -> None:
    assert ("MWh for kWh" in sentence("figure_jump", "electricity_kwh", {"ratio": ratio})) is says


def test_the_page_before_signing_groups_what_is_open() -> None:
    desk = Desk(*months(80, 82, 79_000, 85))
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.alice)
    page = client.get(reverse("portfolio:submit", args=[desk.disclosure.pk])).content.decode()
    heads = [page.index(f">{name}</h3>") for name in ("Completeness", "Plausibility", "Evidence")]
    assert heads == sorted(heads)
    assert page.index("a hundred times") > heads[1]
    assert "do not claim to detect greenwashing" in page
