"""Loading a directory: all of it or nothing, every fault at once, and the shipped one as it is."""

import csv
import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import TestCase
from django.utils import translation

from portfolio import DATA
from portfolio.audit import AuditEvent, verify
from portfolio.models import (
    City,
    Company,
    CompanyTrack,
    Disclosure,
    ExchangeRate,
    Figure,
    Financials,
    Quantity,
    Sector,
    Site,
    SiteYear,
    Target,
)
from portfolio.typed.tables import Fault
from portfolio.universe import words
from portfolio.universe.flags import WRONG_TOTAL, ZERO_SCOPE
from portfolio.universe.read import NotLoadable
from tests import make
from tests.make import load_directory

pytestmark = pytest.mark.postgres

# Data that we may use and may not ship lie beside the repository on a developer's machine.
SHARED = Path(
    os.environ.get("GREENLIGHT_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data" / "demo_universe")
)
HOME = "made for a test,none"
COMPANIES = "company_key,name,country,sector,sector_scheme,source,licence"
COMPANY = f"tw-1,蜀光,TWN,半導體業,carbon-watch sector,{HOME}"
DISCLOSURES = "company_key,year,scope1_t,scope2_t,scope1_2_total_t,boundary,source,licence"


def directory(folder: Path, **files: list[str]) -> Path:
    """A small universe of lines; `companies` is a sound one unless it is given."""
    for name, lines in ({"companies": [COMPANIES, COMPANY]} | files).items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[Fault]:
    with translation.override("en"), pytest.raises(NotLoadable) as refused:
        load_directory(folder)
    return refused.value.faults


def places_of(folder: Path) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.column) for fault in faults_of(folder)]


def snapshot() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table the loader writes to."""
    models = (City, Company, CompanyTrack, Disclosure, ExchangeRate, Figure, Financials, Site, SiteYear, Target)
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models} | {
        "history": list(Company.history.order_by("history_id").values_list("history_id", "company_key")),
        "audit": list(AuditEvent.objects.order_by("seq").values_list("seq", "mac")),
    }


class DemoUniverse(TestCase):
    """The directory that ships, loaded once."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.report = load_directory(words.DEMO_UNIVERSE)

    def test_every_row_is_loaded(self) -> None:
        created = {kind: count.created for kind, count in self.report.counts.items()}

        assert created == {
            "places": 24,
            "exchange_rates": 1693,
            "companies": 499,
            "tracks": 0,
            "disclosures": 1040,
            "financials": 870,
            "targets": 548,
            "sites": 555,
            "site_years": 3208,
            "joins": 687,
            "gate_words": 0,
        }
        assert self.report.notes == []
        assert Company.history.count() == 499

    def test_every_disclosure_is_frozen_with_the_digest_that_its_rows_have(self) -> None:
        rows = Disclosure.objects.select_related("company").prefetch_related("figures")

        assert {row.state for row in rows} == {"recorded"}
        assert all(row.frozen_at for row in rows)
        assert [row for row in rows if row.digest != row.content_digest()] == []

    def test_a_loaded_disclosure_cannot_be_edited(self) -> None:
        figure = Figure.objects.filter(quantity=Quantity.SCOPE_1)[0]

        with pytest.raises(DatabaseError), transaction.atomic():
            Figure.objects.filter(pk=figure.pk).update(value=1)

    def test_loading_twice_changes_nothing(self) -> None:
        before = snapshot()

        again = load_directory(words.DEMO_UNIVERSE)

        assert not again.changed_anything
        assert again.counts["disclosures"].unchanged == 1040
        assert snapshot() == before
        assert AuditEvent.objects.filter(verb="universe.loaded").count() == 1
        assert verify().first_bad is None

    def test_figures_are_those_of_the_files(self) -> None:
        with (words.DEMO_UNIVERSE / "disclosures.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {"scope1_t": Quantity.SCOPE_1, "scope2_t": Quantity.SCOPE_2_UNSPECIFIED}
        columns |= {"scope3_t": Quantity.SCOPE_3_TOTAL, "electricity_kwh": Quantity.ELECTRICITY}
        for column, quantity in columns.items():
            stored = Figure.objects.filter(quantity=quantity)
            listed = {
                (key, year): value
                for key, year, value in stored.values_list(
                    "disclosure__company__company_key", "disclosure__year", "value"
                )
            }
            assert listed == {(r["company_key"], int(r["year"])): float(r[column]) for r in rows if r[column]}

    def test_what_the_sources_flagged_and_what_we_find_implausible_is_kept_and_counted(self) -> None:
        assert self.report.flags[ZERO_SCOPE] == 11  # as the README of the directory counts them
        assert Disclosure.objects.filter(quality_flag__contains="electricity looks").count() == 9
        assert Financials.objects.filter(quality_flag__contains="probably another unit").count() == 13
        assert Financials.objects.filter(quality_flag__contains="employee number implausible").count() == 3

    def test_source_words_become_ours(self) -> None:
        taiwanese = Disclosure.objects.filter(company__company_key__startswith="tw-")
        assert set(taiwanese.values_list("revenue_boundary", flat=True)) == {"mismatched"}
        assert Site.objects.filter(city=None).count() == 0
        assert Company.objects.get(company_key="tw-22099131").city is not None
        assert Target.objects.get(target_key="tw-30414175-end").kind == Target.Kind.WORDS_ONLY  # TRUE
        assert Target.objects.filter(text="無承諾").exclude(kind=Target.Kind.NONE).count() == 0
        assert Target.objects.filter(kind_source="No target").exclude(kind=Target.Kind.NONE).count() == 0

    def test_names_stand_under_their_own_language_and_none_is_translated(self) -> None:
        both = Company.objects.exclude(name_zh="").exclude(name_en="")
        with (words.DEMO_UNIVERSE / "names.csv").open(encoding="utf-8", newline="") as file:
            read = {row["company_key"]: row["name_zh"] for row in csv.DictReader(file)}
        assert dict(both.values_list("company_key", "name_zh")) == read
        assert Company.objects.get(company_key="tw-22099131").name_zh == "台積電"
        assert Company.objects.get(company_key="gl-apple").name_en == "Apple"

    def test_no_company_that_we_may_not_ship_is_named(self) -> None:
        keys = set(Company.objects.values_list("company_key", flat=True))
        for path in words.DEMO_UNIVERSE.glob("*.csv"):
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            assert {row["company_key"] for row in rows} <= keys, path.name
            assert all(row["source"] and row["licence"] for row in rows), path.name

    def test_a_second_directory_with_unshipped_companies_loads_too(self) -> None:
        local_only = SHARED / "local_only"
        if not local_only.is_dir():
            pytest.skip(f"NOT TESTED: there is no {local_only}; set GREENLIGHT_SHARED_DATA to the demo_universe folder")

        report = load_directory(local_only)

        assert (report.counts["companies"].created, report.counts["disclosures"].created) == (31, 68)
        assert {kind: count.gone for kind, count in report.counts.items() if count.gone} == {}
        assert not load_directory(local_only).changed_anything


def test_every_row_of_the_crosswalk_has_a_sector_we_know_and_an_isic_division() -> None:
    with (DATA / "sector_crosswalk.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["scoring_sector"] for row in rows} == set(Sector.values)
    assert [row for row in rows if not (row["isic"][0].isalpha() and len(row["isic"]) == 3)] == []
    keys = [(row["sector_scheme"], row["sector"], row["company_key"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_every_target_word_maps_to_a_value_the_model_knows() -> None:
    known = {
        "kind": Target.Kind.values,
        "horizon": Target.Horizon.values,
        "status": Target.Status.values,
        "validated": Target.Validated.values,
        "scope3": Target.Scope3.values,
        "turn": [Target.Kind.INTENSITY, Target.Kind.OTHER, Target.Kind.ABSOLUTE, "tonnes"],
    }
    with (DATA / "target_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["value"] in known[row["field"]], row


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "words_only"),
        ("TRUE", "words_only"),
        ("FALSE", "none"),
        ("X", "none"),
        ("無承諾", "none"),
        ("無明確承諾", "none"),
        ("2050年達成淨零排放", "net_zero"),
        ("aspirational goal of Net Zero emissions", "net_zero"),
        ("2050 年碳中和", "carbon_neutral"),
        ("無承諾淨零時間，只提到邁向公司2050年達成RE100的永續目標", "words_only"),
        ("以低碳轉型為方向", "words_only"),
    ],
)
def test_a_target_without_a_type_is_read_by_the_first_rule_that_fits(text: str, kind: str) -> None:
    assert words.target_kind("", text) == kind


REDUCTION, ABSOLUTE = "Emissions reduction target", "Absolute emissions target"


@pytest.mark.parametrize(
    ("text", "percent", "kind"),
    [
        ("Reduce scope 1 and 2 emissions by 42% by 2030 against 2019", 42.0, "unspecified_reduction"),
        ("Reduce scope 1 and 2 emissions 50% per million dollars of revenue by 2030", 50.0, "intensity"),
        ("Cut carbon intensity by 30 percent", 30.0, "intensity"),
        ("30% less CO2e per passenger-km", 30.0, "intensity"),
        ("Reduce financed emissions of the loan portfolio by 40% by 2030", 40.0, "other"),
        ("Absolute financed emissions down 40% by 2030", 40.0, "other"),
        ("2030 年單位產品溫室氣體排放量較 2014 年減少 15%", 15.0, "intensity"),
        ("到2030年单位营收碳排放下降40％", 40.0, "intensity"),
        ("碳排放強度較2015年下降 25%", 25.0, "intensity"),
        ("2030 年投融資組合排放減少 30%", 30.0, "other"),
        ("The Group intends to avoid30% more GHG emissions by 2027 compared to 2024", 30.0, "other"),
        ("2030 年避免排放增加 30%", 30.0, "other"),
        ("Cut scope 1 and 2 emissions 30% by 2030. Avoided emissions are told apart.", 30.0, "unspecified_reduction"),
        ("2030年碳排放量較2017年減少27%，每年檢討", 27.0, "unspecified_reduction"),
        ("Reduce emissions 4.2 per cent per year", 4.2, "unspecified_reduction"),
    ],
)
def test_a_reduction_per_something_or_of_emissions_of_others_is_none_of_own_tonnes(
    text: str, percent: float, kind: str
) -> None:
    assert words.target_kind(REDUCTION, text, percent) == kind
    if kind != "unspecified_reduction":
        assert words.target_kind(ABSOLUTE, text, percent) == kind  # whatever the source's type says


@pytest.mark.parametrize(
    ("percent", "kind"), [(42.0, "absolute"), (51.6, "intensity"), (30.0, "other"), (99.0, "other"), (None, "other")]
)
def test_of_several_targets_in_one_text_that_with_the_rows_percentage_counts(percent: float | None, kind: str) -> None:
    text = (
        "Alice commits to reduce absolute scope 1 and 2 GHG emissions 42% by 2030, to reduce scope 3 emissions 51.6% by"
        " 2030 per USD of value added; and financed emissions 30% by 2035."
    )
    assert words.target_kind(ABSOLUTE, text, percent) == kind


@pytest.mark.parametrize(
    ("text", "percent", "kind"),
    [
        ("70% less generation emission intensity by 2025, 82% by 2030, 94% by 2040", 82.0, "intensity"),
        (
            "-40% in Scope 1 & 2 emissions 42% reduction in emissions intensity for Scope 3",
            40.0,
            "unspecified_reduction",
        ),
        ("-40% in Scope 1 & 2 emissions 42% reduction in emissions intensity for Scope 3", 42.0, "intensity"),
        ("Scope 1 and 2 emissions down 40% by 2030. Energy intensity fell 3% in 2023.", 40.0, "unspecified_reduction"),
        (
            "Scope 1 and 2 down 40% by 2030. We also set emissions intensity targets for loans.",
            40.0,
            "unspecified_reduction",
        ),
        ("Scope 1 and 2 emissions down 40% by 2030. Measured per tonne of product.", 40.0, "intensity"),
        ("Ours is an intensity target. We cut emissions 40% by 2030.", 40.0, "intensity"),
        ("Scope 1 and 2 emissions 24.95% per ton of cement by 2030, in short: scope 1 & 2 -25%", 25.0, "intensity"),
    ],
)
def test_what_stands_with_another_percentage_does_not_count(text: str, percent: float, kind: str) -> None:
    assert words.target_kind(REDUCTION, text, percent) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Reduce absolute Scope 1 and 2 emissions by 42% by 2030", "absolute"),
        ("42% absolute reduction in Scope 1 and 2", "absolute"),
        ("-42% in Scope 1 & 2 emissions (tCO2e) and -30% (gCO2e/€) for Scope 3", "absolute"),
        ("Cut emissions by 5 million tonnes, that is 42%, by 2030", "unspecified_reduction"),
        ("Cut 5 million tonnes or 42% of our emissions by 2030", "absolute"),
        ("2030 年絕對減量 42%", "absolute"),
        ("2030 年排放总量较 2020 年减少 42%", "absolute"),
        ("Reduce emissions by 42% by 2030", "unspecified_reduction"),
        ("Absolute scope 3 emissions down 30% by 2030, scope 1 and 2 down 42%", "unspecified_reduction"),
        ("Reduce emissions by 42%. We treat 9 million metric tons of waste.", "unspecified_reduction"),
        ("Reduce emissions by 42% per tonnes of steel", "intensity"),
        ("Total emissions per million of revenue down 42%", "intensity"),
        ("单位产品排放总量下降 42%", "intensity"),
    ],
)
def test_a_reduction_is_absolute_where_its_own_words_speak_of_tonnes(text: str, kind: str) -> None:
    assert words.target_kind(REDUCTION, text, 42.0) == kind


def test_a_text_that_says_absolute_beside_an_intensity_keeps_the_sources_type() -> None:
    assert (
        words.target_kind(ABSOLUTE, "An absolute cut of 42%, which is more than our intensity target", 42.0)
        == "absolute"
    )


@pytest.mark.parametrize(
    ("target_type", "percent", "kind"),
    [
        ("Net zero", None, "net_zero"),
        ("Net zero", 100.0, "net_zero"),
        ("Net zero", 50.0, "intensity"),
        ("Other", 50.0, "other"),
    ],
)
def test_the_way_to_net_zero_is_read_likewise_and_net_zero_itself_is_not(
    target_type: str, percent: float | None, kind: str
) -> None:
    assert words.target_kind(target_type, "2030 年單位產品碳排減半，2050 淨零", percent) == kind


def test_both_spellings_of_tai_and_the_town_of_yilan_are_found() -> None:
    assert words.place_code("TWN", "台南市") == words.place_code("TWN", "臺南市") == "TW-TNN"
    assert words.place_code("TWN", "宜蘭市") == "TW-ILA"
    assert words.place_code("CHN", "台南市") is None


def test_a_city_of_any_province_is_found_by_name_or_code_and_one_of_several_is_not() -> None:
    assert words.place_code("CHN", "呼和浩特市") == words.place_code("CHN", "150100") == "150100"
    assert words.place_code("CHN", "Lhasa") == words.place_code("CHN", "拉萨") == "540100"
    assert words.place_code("CHN", "鼓楼区") is None and words.place_code("CHN", "510199") is None


@pytest.mark.django_db
def test_a_company_of_the_mainland_is_loaded_with_its_city(tmp_path: Path) -> None:
    directory(tmp_path, companies=[f"{COMPANIES},region", f"{COMPANY.replace('TWN', 'CHN')},宁德市"])
    load_directory(tmp_path)
    city = Company.objects.get().city
    assert city is not None and (city.code, city.country) == ("350900", "CHN")


@pytest.mark.django_db
def test_every_fault_is_named_at_once_and_nothing_is_loaded(tmp_path: Path) -> None:
    directory(
        tmp_path,
        companies=[
            f"{COMPANIES},isin,lei,uscc,region",
            f"{COMPANY},,,,新竹市",
            f'tw-2,"two\nlines",TWN,半導體業,carbon-watch sector,{HOME},,,,',  # lines 3 and 4
            f"tw-3,c,ZZZ,半導體業,carbon-watch sector,{HOME},,,,",
            f"tw-4,d,TWN,養蜂業,carbon-watch sector,{HOME},,,,",
            f"tw-5,e,TWN,半導體業,carbon-watch sector,{HOME},CNE100000297,,,",
            f"tw-6,f,TWN,半導體業,carbon-watch sector,{HOME},,5493001KJTIIGC8Y1R13,,",
            f"tw-7,g,TWN,半導體業,carbon-watch sector,{HOME},,,91350100M000100Y44,",
            f"tw-7,h,TWN,半導體業,carbon-watch sector,{HOME},,,,",
            f"tw-8,i,TWN,半導體業,carbon-watch sector,{HOME},,,,亞特蘭提斯",
            f"tw-9,,TWN,半導體業,carbon-watch sector,{HOME},,,,",
            "tw-10,ragged",
        ],
        disclosures=[
            DISCLOSURES,
            f"tw-1,2023,1,2,3,,{HOME}",
            f"tw-1,2023,1,2,3,,{HOME}",
            f"tw-1,2022,twelve,2,,,{HOME}",
            f"tw-1,2021,-5,2,,,{HOME}",
            f"tw-1,20,1,2,,,{HOME}",
            f"tw-unknown,2020,1,2,,,{HOME}",
            f"tw-10,2020,nan,2,,,{HOME}",
        ],
        financials=["company_key,revenue,currency,source,licence", f"tw-1,1,XYZ,{HOME}"],
        targets=[
            "company_key,target_id,horizon,target_type,target_year,text,source,licence,status,sbti_status",
            f"tw-1,a,end,Moon shot,2050,,{HOME},,",
            f"tw-1,b,soon,Net zero,2050,,{HOME},Hoped for,certainly",
        ],
        facilities=[
            "company_key,facility_id,facility,county,year,source,licence",
            f"tw-1,F1,plant,亞特蘭提斯,2020,{HOME}",
        ],
        tracks=["company_key,track,why,source,licence", f"tw-1,teleportation,because,{HOME}"],
    )

    assert places_of(tmp_path) == [
        ("companies.csv", 5, "country"),
        ("companies.csv", 6, "sector"),
        ("companies.csv", 7, "isin"),
        ("companies.csv", 8, "lei"),
        ("companies.csv", 9, "uscc"),
        ("companies.csv", 10, "company_key"),
        ("companies.csv", 11, "region"),
        ("companies.csv", 12, "name"),
        ("companies.csv", 13, ""),
        ("tracks.csv", 2, "track"),
        ("disclosures.csv", 3, "year"),
        ("disclosures.csv", 4, "scope1_t"),
        ("disclosures.csv", 5, "scope1_t"),
        ("disclosures.csv", 6, "year"),
        ("disclosures.csv", 7, "company_key"),
        ("disclosures.csv", 8, "scope1_t"),
        ("financials.csv", 1, "year"),
        ("financials.csv", 2, "currency"),
        ("targets.csv", 2, "target_type"),
        ("targets.csv", 3, "horizon"),
        ("targets.csv", 3, "sbti_status"),
        ("targets.csv", 3, "status"),
        ("facilities.csv", 2, "county"),
    ]
    assert all(not rows for rows in snapshot().values())


@pytest.mark.django_db
def test_currencies_and_years_without_an_exchange_rate_are_named_with_their_count(tmp_path: Path) -> None:
    rows = ["2023,5,VND", "2023,5,JPY", "2024,5,JPY", ",5,VND", ",5,CHF", "2002,5,EUR", "2024,,VND"]
    directory(
        tmp_path,
        companies=[COMPANIES, COMPANY],
        financials=[
            "company_key,year,revenue,currency,source,licence",
            *(f"tw-1,{row},source {n},l" for n, row in enumerate(rows)),
            "tw-1,2026,5,TWD,a,l",
            "tw-1,2026,5,TWD,b,l",
        ],
    )
    with translation.override("en"):
        notes = load_directory(tmp_path).notes
    assert notes == [
        "No exchange rate for EUR 2002 or before: revenue that cannot be converted: 1.",
        "No exchange rate for TWD 2026: revenue taken at the mean of 2024: 2.",
        "No exchange rate for VND: revenue without a year that cannot be converted: 1.",
        "No exchange rate for VND 2023 or before: revenue that cannot be converted: 1.",
    ]


@pytest.mark.django_db
def test_accounts_in_pence_are_divided_and_said(tmp_path: Path) -> None:
    head = "company_key,year,revenue,currency,profit,employees,source,licence"
    rows = ["2023,500,GBp,-200,7", "2022,500,gbp,-200,7", "2021,300,ZAc,,"]
    directory(tmp_path, companies=[COMPANIES, COMPANY], financials=[head, *(f"tw-1,{row},{HOME}" for row in rows)])
    with translation.override("en"):
        notes = load_directory(tmp_path).notes
    stored = Financials.objects.order_by("year").values_list("year", "currency", "revenue", "profit", "employees")
    assert list(stored) == [(2021, "ZAR", 3.0, None, None), (2022, "GBP", 500, -200, 7), (2023, "GBP", 5.0, -2.0, 7)]
    assert notes == [
        "financials.csv:2  revenue  GBp: 500 pence entered as 5 GBP",
        "financials.csv:2  profit  GBp: -200 pence entered as -2 GBP",
        "financials.csv:4  revenue  ZAc: 300 cents entered as 3 ZAR",
    ]


@pytest.mark.django_db
def test_what_follows_from_a_fault_is_counted_not_repeated(tmp_path: Path) -> None:
    directory(
        tmp_path,
        companies=[COMPANIES, COMPANY, f"tw-3,c,ZZZ,半導體業,carbon-watch sector,{HOME}"],
        disclosures=[DISCLOSURES, *(f"tw-unknown,{year},1,2,,,{HOME}" for year in (2020, 2021, 2022))],
        facilities=[
            "company_key,facility_id,facility,county,year,source,licence",
            f"tw-3,F1,plant,新竹市,2020,{HOME}",
            f"tw-3,F2,plant,新竹市,2020,{HOME}",
        ],
    )
    with translation.override("en"):
        faults = faults_of(tmp_path)
    assert [(fault.file, fault.line) for fault in faults] == [("companies.csv", 3), ("disclosures.csv", 2)]
    assert all("(and 2 rows that refer to it)" in fault.expected for fault in faults)


EITHER_COMMA = "a number without a comma: this one may stand for a decimal point or between thousands"


@pytest.mark.django_db
def test_a_fault_says_what_was_found_and_what_was_expected(tmp_path: Path) -> None:
    directory(tmp_path, disclosures=[DISCLOSURES, f'tw-1,2023,"1,200",2,,,{HOME}'])

    assert faults_of(tmp_path) == [Fault("disclosures.csv", 2, "scope1_t", "1,200", EITHER_COMMA)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"", 0, "an empty file"),
        (COMPANIES.encode() + b"\ntw-1,\xff\xfe", 2, "a text in no encoding that is known here"),
        (COMPANIES.encode() + b"\n\ntw-1,\0", 3, "a NUL character"),
        (COMPANIES.encode() + b'\ntw-1,"never closed', 2, "unexpected end of data"),
        ((COMPANIES + ",name\n" + COMPANY + ",b").encode(), 1, "the column twice"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, line: int, found: str) -> None:
    (tmp_path / "companies.csv").write_bytes(content)

    fault = faults_of(tmp_path)[0]

    assert (fault.file, fault.line, fault.found) == ("companies.csv", line, found)


@pytest.mark.django_db
def test_a_directory_without_companies_is_refused(tmp_path: Path) -> None:
    assert [(fault.file, fault.found) for fault in faults_of(tmp_path)] == [("companies.csv", "no such file")]


@pytest.mark.django_db
def test_a_byte_order_mark_blank_lines_and_unknown_columns_are_tolerated(tmp_path: Path) -> None:
    text = f"\ufeff{COMPANIES},mood\r\n\r\n{COMPANY},sunny\r\n"
    (tmp_path / "companies.csv").write_bytes(text.encode())

    with translation.override("en"):
        report = load_directory(tmp_path)

    assert Company.objects.get().name_zh == "蜀光"
    assert report.notes == ["companies.csv: column mood is not known and was not read"]


@pytest.mark.django_db
def test_implausible_figures_are_flagged_and_kept(tmp_path: Path) -> None:
    directory(
        tmp_path,
        disclosures=[
            DISCLOSURES,
            f"tw-1,2021,0,0,0,,{HOME}",
            f"tw-1,2022,10,10,30,,{HOME}",
            f"tw-1,2023,1000,10,1010,,{HOME}",
        ],
    )

    report = load_directory(tmp_path)

    flags = dict(Disclosure.objects.values_list("year", "quality_flag"))
    jump = "Scopes 1 + 2 are about 50 times those of 2022."
    assert flags == {2021: ZERO_SCOPE, 2022: WRONG_TOTAL, 2023: jump}
    assert report.flags == {ZERO_SCOPE: 1, WRONG_TOTAL: 1, "Scopes 1 + 2 are about … times those of ….": 1}


@pytest.mark.django_db
def test_a_changed_figure_becomes_the_next_version(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, disclosures=[DISCLOSURES, f"tw-1,2023,100,10,110,,{HOME}"]))

    report = load_directory(directory(tmp_path, disclosures=[DISCLOSURES, f"tw-1,2023,120,10,130,,{HOME}"]))

    assert (report.counts["disclosures"].created, report.counts["disclosures"].changed) == (0, 1)
    first, second = Disclosure.objects.order_by("version")
    assert (first.values()[Quantity.SCOPE_1], second.values()[Quantity.SCOPE_1]) == (100, 120)
    assert second.digest == second.content_digest()
    assert [row.pk for row in Disclosure.objects.standing()] == [second.pk]
    assert AuditEvent.objects.filter(verb="universe.loaded").count() == 2


@pytest.mark.django_db
def test_a_public_source_never_goes_on_top_of_the_companys_own_version(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, disclosures=[DISCLOSURES, f"tw-1,2023,100,10,110,,{HOME}"]))
    company = Company.objects.get()
    draft = Disclosure.objects.get().new_version(by=make.alice(company))

    report = load_directory(directory(tmp_path, disclosures=[DISCLOSURES, f"tw-1,2023,120,10,130,,{HOME}"]))

    assert report.counts["disclosures"].kept == 1
    assert Disclosure.objects.order_by("-version")[0] == draft


@pytest.mark.django_db
def test_a_changed_company_keeps_its_history_and_a_lost_row_stays(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, companies=[COMPANIES, COMPANY, COMPANY.replace("tw-1", "tw-2")]))

    report = load_directory(directory(tmp_path, companies=[COMPANIES, COMPANY.replace("蜀光", "蜀光新")]))

    counts = report.counts["companies"]
    assert (counts.created, counts.changed, counts.gone) == (0, 1, 1)
    renamed = Company.objects.get(company_key="tw-1")
    assert "shuguangxin" in renamed.search_text
    assert [past.name_zh for past in renamed.history.all()] == ["蜀光新", "蜀光"]
    assert Company.objects.filter(company_key="tw-2").exists()


@pytest.mark.django_db
def test_the_command_prints_counts_or_faults(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_universe", str(directory(tmp_path)), json=True, stdout=out)
    assert json.loads(out.getvalue())["counts"]["companies"]["created"] == 1

    out = StringIO()
    broken = directory(tmp_path, companies=[COMPANIES, COMPANY.replace("TWN", "Taiwan")])
    with translation.override("en"), pytest.raises(CommandError, match="1 fault;"):
        call_command("load_universe", str(broken), stdout=out)
    assert "companies.csv:2  country  Taiwan" in out.getvalue()
