"""However a name is spelt, it is found: on the page, in the API and in the admin."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.folding import fold
from portfolio.models import Company
from tests import make
from tests.api.caller import Caller

# As it stands on record, and as people type it.
SPELLINGS = [
    ("中聯資源", "中联资源"),
    ("臺積電", "台积电"),
    ("台積電", "臺積電"),
    ("寧德時代", "宁德时代"),
    ("宁德时代", "寧德時代"),
    ("中国银行", "中國銀行"),
    ("西门子", "西門子"),
    ("聯電", "ＵＭＣ"),
    ("能元科技", "能元　科技"),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *SPELLINGS[:7],
        ("Nestlé", "nestle"),
        ("Itaú Unibanco", "ITAU UNIBANCO"),
        ("Møller-Mærsk", "moller-maersk"),
        ("ＴＳＭＣ　２３３０", "tsmc 2330"),
        ("STRASSE", "straße"),
    ],
)
def test_two_spellings_of_one_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("中联", "中银"), ("台积电", "台达电"), ("nestle", "nestor")])
def test_other_names_stay_others(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.django_db
@pytest.mark.parametrize(("stored", "typed"), SPELLINGS)
def test_the_api_and_the_list_find_it(stored: str, typed: str) -> None:
    made = make.company("wanted", name_zh=stored, name_en="UMC")
    make.company("other", name_zh="蜀光", name_en="Shuguang")
    assert list(Company.objects.search(typed)) == [made]
    found = Caller(make.carol()).read(f"/companies/?q={typed}")
    assert [row["company_key"] for row in found.json()["results"]] == ["wanted"]


@pytest.mark.django_db
@pytest.mark.parametrize(("stored", "typed"), SPELLINGS[:3])
def test_the_page_and_the_admin_find_it(stored: str, typed: str) -> None:
    made = make.company("wanted", name_zh=stored, name_en="")
    make.company("other", name_zh="蜀光", name_en="")
    make.target(made)
    client = Client()
    client.force_login(make.dan())
    page = client.get(reverse("scoring:peers"), {"q": typed}).content.decode()
    assert (made.get_absolute_url() in page, "蜀光" in page) == (True, False)
    field = {"app_label": "fund", "model_name": "holding", "field_name": "company", "term": typed}
    offered = client.get(reverse("admin:autocomplete"), field)
    assert [int(row["id"]) for row in offered.json()["results"]] == [made.pk]
    rows = client.get(reverse("admin:portfolio_target_changelist"), {"q": typed}).context["cl"].result_list
    assert [row.company_id for row in rows] == [made.pk]


@pytest.mark.django_db
def test_an_accent_is_not_needed_and_a_plain_letter_finds_it() -> None:
    made = make.company("gl-nestle", name_zh="", name_en="Nestlé")
    assert list(Company.objects.search("nestle")) == [made]
    assert list(Company.objects.search("NESTLÉ")) == [made]


@pytest.mark.django_db
def test_what_was_stored_before_is_folded_by_the_migration() -> None:
    made = make.company("tw-1", name_zh="中聯資源", name_en="")
    Company.objects.filter(pk=made.pk).update(search_text="中聯資源 tw-1 zhonglianziyuan zlzy")
    assert not Company.objects.search("中联资源").exists()
    migration: Any = importlib.import_module("portfolio.migrations.0013_joins")
    migration.fold_search_text(apps, None)
    assert list(Company.objects.search("中联资源")) == [made]


@pytest.mark.django_db
def test_a_search_of_a_thousand_words_finds_nothing_and_asks_the_database_for_nothing() -> None:
    client = Client()
    client.force_login(make.dan())
    make.company()
    words = " ".join(f"abc{n}" for n in range(600))
    for page in ("company", "auditevent", "disclosure"):
        address = reverse(f"admin:portfolio_{page}_changelist")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address, {"q": words}).status_code == 200
        assert not [query for query in asked.captured_queries if "abc500" in query["sql"]]
    assert not Company.objects.search(words).exists()
