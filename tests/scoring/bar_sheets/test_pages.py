"""The pages of bar sheets: what they print, and what administrators do on them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from portfolio.models import Role
from scoring.engine.columns import digest
from scoring.models import BarSheet, ScoreRun, SheetFamily, SheetUncertainty
from scoring.runs import queue as runs
from tests import make as people
from tests.scoring.bar_sheets import make

pytestmark = pytest.mark.django_db


def client_of(user: User, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    client.force_login(user)
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def carol() -> User:
    return people.user("carol", Role.FUND_MANAGER)


def test_the_page_prints_bars_with_their_formula_and_who_may_claim() -> None:
    words = page(client_of(carol()), make.shipped().get_absolute_url())
    assert "2,225 × Σ(EF(2026 … 2050)) − 611.875 = 16,937.4 t/MW" in words
    for said in ("陆上风电机组", "13,549.9", "单位年服务量", "0.0303", "12 家"):
        assert said in words
    assert "整机企业按整机计入" in words
    assert "随产品提供，未经个人批准" in words
    assert '"bar_share"' not in words  # never the JSON as the page


def test_the_page_speaks_english_too() -> None:
    words = page(client_of(carol(), "en"), make.shipped().get_absolute_url())
    for said in (
        "Onshore wind turbines",
        "Compared with its bar",
        "the fund’s task",
        "The fund’s judgements",
        "of revenue",
    ):
        assert said in words


def test_a_manager_sees_no_buttons() -> None:
    words = page(client_of(carol()), make.draft(make.dan()).get_absolute_url())
    assert "propose/" not in words
    assert "clone/" not in words


def test_two_administrators_bring_a_sheet_in_force_on_its_page() -> None:
    dan, erin = make.dan(), make.erin()
    theirs, hers = client_of(dan), client_of(erin)
    theirs.post(reverse("scoring:bar_sheet_clone", args=["1"]), {"version": "2", "title": "Next"})
    BarSheet.objects.filter(version="2").update(theme_share=0.6)
    theirs.post(reverse("scoring:bar_sheet_propose", args=["2"]))
    made = BarSheet.objects.get(version="2")
    assert "提交人不能批准自己提交的达标标准。" in page(theirs, made.get_absolute_url())
    hers.post(reverse("scoring:bar_sheet_answer", args=["2"]), {"answer": "approve", "digest": made.digest})
    day = timezone.localdate() + timedelta(days=30)
    hers.post(reverse("scoring:bar_sheet_activate", args=["2"]), {"day": day.isoformat()})
    assert BarSheet.in_force(day) == made


def test_a_sheet_that_holds_from_today_is_asked_by_at_once(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    company = people.scoreable()
    monkeypatch.setattr(runs, "candidates", lambda: {company.pk})
    monkeypatch.setattr(runs, "wake", lambda run_id: None)
    dan, erin = make.dan(), make.erin()
    made = make.approved(dan, erin)
    sent = {"day": timezone.localdate().isoformat()}
    with django_capture_on_commit_callbacks(execute=True):
        client_of(dan).post(reverse("scoring:bar_sheet_activate", args=["2"]), sent)
    assert made.runs.get().state == ScoreRun.State.QUEUED


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("activate", {"day": "soon"}),
        ("answer", {"answer": "perhaps"}),
    ],
)
def test_what_is_sent_wrong_changes_nothing_and_is_told(verb: str, sent: dict[str, str]) -> None:
    before = list(BarSheet.objects.values())
    answer = client_of(make.dan()).post(reverse(f"scoring:bar_sheet_{verb}", args=["1"]), sent, follow=True)
    assert "circle-alert" in answer.content.decode()
    assert list(BarSheet.objects.values()) == before


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"version": "2027", "title": ""}, "title"),
        ({"version": "no spaces", "title": "Next"}, "version"),
        ({"version": "1", "title": "Again"}, "version"),
    ],
)
def test_a_clone_asked_for_wrongly_keeps_what_was_typed(sent: dict[str, str], wrong: str) -> None:
    answer = client_of(make.dan()).post(reverse("scoring:bar_sheet_clone", args=["1"]), sent)
    words = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{wrong}-wrong"' in words
    assert all(f'name="{name}" value="{value}"' in words for name, value in sent.items())
    assert BarSheet.objects.count() == 1


def test_a_draft_that_cannot_be_computed_says_so_and_cannot_be_proposed() -> None:
    dan = make.dan()
    made = make.draft(dan)
    SheetFamily.objects.filter(sheet=made, code="F01").update(own_inputs="")
    words = page(client_of(dan), made.get_absolute_url())
    assert "草稿尚不能用于计算" in words
    assert "propose/" not in words


def test_the_difference_stands_on_the_page() -> None:
    made = make.draft(make.dan(), carbon_price_cny_per_t=300)
    words = page(client_of(carol()), f"{made.get_absolute_url()}?compare=1")
    assert "达标线所用碳价（元/吨）</b>：200 → 300" in words
    same = page(
        client_of(people.user("ivy", Role.COMMITTEE_MEMBER)), f"{make.shipped().get_absolute_url()}?compare=none"
    )
    assert "→" not in same


# --- the method, for anybody ----------------------------------------------------------------------------------
def test_a_stranger_reads_the_method_and_the_sheet_in_force() -> None:
    client = Client()
    words = page(client, "/method/")
    assert "陆上风电机组" in words
    address = reverse("api:bar_sheet", args=["1"])
    assert address in words
    told = client.get(address).json()
    assert digest(told["content"]) == told["digest"] == make.shipped().digest
    client.cookies["django_language"] = "en"
    assert "Would it still earn its costs" in page(client, "/method/")


def test_a_stranger_knows_nothing_of_what_is_prepared() -> None:
    dan = make.dan()
    made = make.changed(dan)
    made.propose(by=dan)
    for address in (reverse("api:bar_sheet", args=["2"]), reverse("scoring:bar_sheet", args=["2"])):
        assert Client().get(address).status_code in (302, 404)
    assert "2" not in json.dumps([sheet.version for sheet in BarSheet.objects.visible_to(people.bob())])


def test_the_method_is_there_before_any_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BarSheet, "in_force", classmethod(lambda _cls, _day: None))
    assert "今日没有现行的达标标准。" in page(Client(), "/method/")


# --- the administration ---------------------------------------------------------------------------------------
def test_a_draft_is_edited_as_tables() -> None:
    dan = make.dan()
    made, client = make.draft(dan), client_of(dan)
    family = made.families.get(code="F01")
    address = reverse("admin:scoring_sheetfamily_change", args=[family.pk])
    form = client.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    client.post(address, sent | {"service_per_unit_year": "2,300", "own_inputs": ["service", "lca"]})
    family.refresh_from_db()
    assert (family.service_per_unit_year, family.own_inputs) == (2300, "service, lca")
    refused = client.post(address, sent | {"own_inputs": "luck"})
    assert "luck" in str(refused.context["adminform"].form.errors["own_inputs"])


def test_a_half_width_of_a_draft_is_edited_beside_its_judgements() -> None:
    dan = make.dan()
    made, client = make.draft(dan), client_of(dan)
    address = reverse("admin:scoring_barsheet_change", args=[made.pk])
    shown = client.get(address).context
    form = shown["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    for inline in shown["inline_admin_formsets"]:
        formset = inline.formset
        for bound in (formset.management_form, *formset.forms):
            sent |= {bound.add_prefix(name): bound[name].value() for name in bound.fields}
    sent = {name: "" if value is None else value for name, value in sent.items()}
    sent["uncertainties-0-half_width"] = "0.03"
    sent["bar_share"] = "0.85"
    assert client.post(address, sent).status_code == 302
    made.refresh_from_db()
    assert made.bar_share == 0.85
    refused = client.post(address, sent | {"bar_share": "7"})
    assert list(refused.context["adminform"].form.errors) == ["bar_share"]
    assert SheetUncertainty.objects.filter(sheet=made).order_by("pk")[0].half_width == 0.03


def test_what_is_proposed_is_only_looked_at() -> None:
    dan = make.dan()
    made = make.changed(dan)
    made.propose(by=dan)
    client = client_of(dan)
    family = made.families.all()[0]
    for kind, pk in (("barsheet", made.pk), ("sheetfamily", family.pk)):
        address = reverse(f"admin:scoring_{kind}_change", args=[pk])
        assert 'name="_save"' not in page(client, address)
        assert client.post(address, {}).status_code == 403


def test_the_title_of_the_shipped_sheet_is_in_the_readers_language() -> None:
    with override("en"):
        assert make.shipped().shown_title == "Bar sheet 1"
    with override("zh-hans"):
        assert make.shipped().shown_title == "达标标准（第 1 版）"
