"""joins.csv and names.csv: whose figures are whose, and what a company is called in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import TestCase
from django.utils import translation

from portfolio.models import Company, Disclosure, Financials, Join, JoinDecision, Target
from portfolio.universe import words
from tests import make
from tests.make import load_directory
from tests.portfolio.universe.test_universe import COMPANIES, COMPANY, directory, faults_of

JOINS = "company_key,source,entity_name,entity_country,document_host,method,licence"
JOIN = "tw-1,register,Shu Guang,TWN,shuguang.example.com,name,none"
NAMES = "company_key,name_zh,source,licence"
ENGLISH = COMPANY.replace("蜀光", "Shuguang")


def loaded(folder: Path, joins: list[str]) -> Join:
    load_directory(directory(folder, joins=[JOINS, *joins]))
    return Join.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "state"),
    [
        ("identifier", "by_identifier"),
        ("by_hand", "by_hand"),
        ("name", "not_confirmed"),
        ("other_entity", "rejected"),
    ],
)
def test_how_it_was_joined_decides_how_it_begins(tmp_path: Path, method: str, state: str) -> None:
    assert loaded(tmp_path, [JOIN.replace("name,none", f"{method},none")]).state == state


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["confirmed", "rejected"])
def test_a_persons_word_outlives_the_same_row(tmp_path: Path, outcome: str) -> None:
    join = loaded(tmp_path, [JOIN])
    (join.confirm if outcome == "confirmed" else join.reject)(by=make.carol(), note="read it")
    report = load_directory(directory(tmp_path, joins=[JOINS, JOIN]))
    assert (Join.objects.get().state, report.counts["joins"].unchanged) == (outcome, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        JOIN.replace("shuguang.example.com", "hk.shuguang.example.com"),
        JOIN.replace("Shu Guang", "Shu Guang (Hong Kong)"),
        JOIN.replace("TWN", "HKG"),
    ],
)
def test_another_entity_or_document_waits_for_a_person_again(tmp_path: Path, row: str) -> None:
    loaded(tmp_path, [JOIN]).confirm(by=make.carol())
    load_directory(directory(tmp_path, joins=[JOINS, row]))
    assert Join.objects.get().state == "not_confirmed"
    assert JoinDecision.objects.get().entity_name == "Shu Guang"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "column"),
    [
        (JOIN.replace("name,none", "perhaps,none"), "method"),
        (JOIN.replace("TWN", "Taiwan"), "entity_country"),
        (JOIN.replace("Shu Guang", ""), "entity_name"),
        (JOIN.replace("tw-1", "tw-2"), "company_key"),
    ],
)
def test_a_wrong_join_is_a_fault(tmp_path: Path, row: str, column: str) -> None:
    directory(tmp_path, joins=[JOINS, row])
    assert [(fault.file, fault.line, fault.column) for fault in faults_of(tmp_path)] == [("joins.csv", 2, column)]


@pytest.mark.django_db
def test_a_chinese_name_stands_beside_the_english_one_with_its_source(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, companies=[COMPANIES, ENGLISH], names=[NAMES, "tw-1,蜀光,exchange list,none"]))
    company = Company.objects.get()
    assert (company.name_zh, company.name_en, company.name_zh_source) == ("蜀光", "Shuguang", "exchange list")
    with translation.override("zh-hans"):
        assert company.name == "蜀光"
    assert [found.pk for found in Company.objects.search("shug")] == [company.pk]
    assert [found.pk for found in Company.objects.search("蜀光")] == [company.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("company", "rows", "place"),
    [
        (COMPANY, ["tw-1,蜀光集团,list,none"], (2, "name_zh")),  # it is Chinese already
        (ENGLISH, ["tw-1,蜀光,list,none", "tw-1,曙光,list,none"], (3, "name_zh")),
        (ENGLISH, ["tw-1,蜀光,,none"], (2, "source")),
    ],
)
def test_a_name_twice_or_without_its_source_is_a_fault(
    tmp_path: Path, company: str, rows: list[str], place: tuple[int, str]
) -> None:
    directory(tmp_path, companies=[COMPANIES, company], names=[NAMES, *rows])
    assert [(fault.line, fault.column) for fault in faults_of(tmp_path)] == [place]


class DemoUniverse(TestCase):
    """The directory that ships."""

    @classmethod
    def setUpTestData(cls) -> None:
        load_directory(words.DEMO_UNIVERSE)

    def test_every_figure_of_the_directory_has_its_join(self) -> None:
        joined = set(Join.objects.filter(figures="").values_list("company", "source"))
        for model in (Disclosure, Financials, Target):
            assert set(model.objects.order_by().values_list("company", "source")) <= joined

    def test_what_rests_on_a_name_alone_waits_for_a_person(self) -> None:
        assert Join.objects.filter(figures="").not_confirmed().count() == 164

    def test_tonnes_of_other_entities_do_not_count(self) -> None:
        keys = {
            "gl-mitsubishi",
            "gl-bank-of-china",
            "gl-china-state-construction-engineering",
            "gl-china-everbright-bank",
            "gl-coca-cola",
            "gl-hdfc",
        }
        told = Company.objects.filter(company_key__in=keys)
        assert told.count() == len(keys)
        assert not Disclosure.objects.standing().filter(company__in=told).exists()
        assert Disclosure.objects.standing().count() == 1040 - len(keys)

    def test_their_groups_revenue_counts_on(self) -> None:
        [revenue] = Financials.objects.counting().filter(company__company_key="gl-bank-of-china", year=2020)
        assert revenue.revenue == 134e9

    def test_targets_and_staff_of_other_entities_do_not_count(self) -> None:
        for key in ("gl-mitsubishi", "gl-hdfc"):
            assert not Target.objects.counting().filter(company__company_key=key).exists()
        assert not Financials.objects.counting().filter(company__company_key="nz-signify").exists()
        assert Target.objects.counting().filter(company__company_key="nz-signify").exists()

    def test_longis_revenue_is_in_yuan(self) -> None:
        [row] = Financials.objects.filter(company__company_key="nz-longi-green-energy-technology")
        assert (row.currency, row.revenue) == ("CNY", 82_582_000_000)

    def test_the_chinese_find_their_companies(self) -> None:
        wanted = {
            "中国银行": "gl-bank-of-china",
            "宁德时代": "nz-contemporary-amperex-technology",
            "寧德時代": "nz-contemporary-amperex-technology",
            "西门子": "gl-siemens",
            "西門子": "gl-siemens",
            "苹果": "gl-apple",
            "中联资源": "tw-86119908",
            "中聯資源": "tw-86119908",
            "nestle": "gl-nestle",
        }
        found = {typed: [company.company_key for company in Company.objects.search(typed)] for typed in wanted}
        assert {typed: key for typed, key in wanted.items() if key not in found[typed]} == {}

    def test_tsmc_is_found_in_both_spellings_in_both_registers(self) -> None:
        for typed in ("台積電", "台积电", "臺積電"):
            keys = {company.company_key for company in Company.objects.search(typed)}
            assert keys == {"tw-22099131", "gl-taiwan-semiconductor"}

    def test_every_chinese_name_that_was_added_says_where_it_was_read(self) -> None:
        added = Company.objects.exclude(name_zh="").exclude(name_en="")
        assert added.count() == 73
        assert not added.filter(name_zh_source="").exists()
