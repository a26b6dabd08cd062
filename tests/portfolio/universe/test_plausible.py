"""What needs no person to look wrong: rows of a directory are flagged as a submission is, kept, and said in words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import TestCase
from django.utils import translation

from portfolio.models import Disclosure, Financials, Target
from portfolio.typed.tables import Fault
from portfolio.universe import flags, words
from portfolio.universe.load import Report
from portfolio.universe.plausible import flag, step
from portfolio.universe.read import NotLoadable
from portfolio.universe.sources import read
from tests.make import load_directory
from tests.portfolio.universe.test_universe import HOME, directory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

COMPANIES = "company_key,name,country,sector,sector_scheme,source,licence"
EMISSIONS = "company_key,year,scope1_t,scope2_t,electricity_kwh,source,licence"
MONEY = "company_key,year,revenue,currency,employees,source,licence"
TARGETS = "company_key,target_id,horizon,target_type,percent_reduction,base_year,target_year,text,source,licence"


def loaded(
    folder: Path,
    *,
    country: str = "DEU",
    sector: str = "Manufacturing,Net Zero Tracker industry",
    **files: tuple[str, Sequence[str]],
) -> Report:
    """One company with these rows, each without its key, source and licence."""
    company = f"c-1,Test,{country},{sector},{HOME}"
    lines = {name: [header, *(f"c-1,{row},{HOME}" for row in rows)] for name, (header, rows) in files.items()}
    return load_directory(directory(folder, companies=[COMPANIES, company], **lines))


def refused(folder: Path, **files: tuple[str, Sequence[str]]) -> list[Fault]:
    with translation.override("en"), pytest.raises(NotLoadable) as refusal:
        loaded(folder, **files)
    return refusal.value.faults


def flags_of(year: int) -> str:
    return Disclosure.objects.get(year=year).quality_flag


# --- absolute bounds ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("row", "column", "most"),
    [
        ("2022,70457000000,306000000,", "scope1_t", "60,000,000,000 tCO₂e"),
        ("2022,1000,9e12,", "scope2_t", "60,000,000,000 tCO₂e"),
        ("2022,1000,10,5e13", "electricity_kwh", "40,000,000,000,000 kWh"),
        ("2022,1e308,10,", "scope1_t", "60,000,000,000 tCO₂e"),
    ],
)
def test_more_than_the_world_has_is_refused_with_its_bound(tmp_path: Path, row: str, column: str, most: str) -> None:
    [fault] = refused(tmp_path, disclosures=(EMISSIONS, [row]))
    assert (fault.file, fault.line, fault.column) == ("disclosures.csv", 2, column)
    assert f"at most {most}" in fault.expected


@pytest.mark.parametrize("cell", ["1e308", "1e300", "1e-320", "nan", "Infinity", "-1e308"])
def test_no_number_that_breaks_arithmetic_comes_in(tmp_path: Path, cell: str) -> None:
    faults = refused(
        tmp_path,
        disclosures=(EMISSIONS, [f"2022,{cell},{cell},{cell}"]),
        financials=(
            "company_key,year,revenue,currency,profit,equity,debt,evic,source,licence",
            [f"2022,{cell},USD,{cell},{cell},{cell},{cell}"],
        ),
        targets=(TARGETS, [f"t1,end,Absolute emissions target,{cell},2015,2040,x"]),
    )
    columns = {"scope1_t", "scope2_t", "electricity_kwh", "revenue", "profit", "equity", "debt", "evic"}
    assert {fault.column for fault in faults} == columns | {"percent_reduction"}
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept", "is_asked"),
    [("0.42", 0.0042, True), ("0.9", 0.009, True), ("1", 0.01, True), ("1.5", 0.015, False), ("42", 0.42, False)],
)
def test_a_share_beside_a_percentage_is_asked_about_and_never_read_in_silence(
    tmp_path: Path, typed: str, kept: float, *, is_asked: bool
) -> None:
    rows = [f"t1,interim,Absolute emissions target,{typed},2019,2030,cut 42 % by 2030"]
    loaded(tmp_path, targets=(TARGETS, rows))
    row = Target.objects.get()
    assert row.reduction_share == pytest.approx(kept)
    assert ("probably a share" in row.note) == is_asked


def test_what_is_larger_than_of_any_company_is_kept_and_flagged(tmp_path: Path) -> None:
    loaded(tmp_path, disclosures=(EMISSIONS, ["2022,1500000000,10,"]), financials=(MONEY, ["2022,2e12,USD,"]))
    assert flags_of(2022) == "scope1_t: larger than of any company. Is the unit right?"
    assert Financials.objects.get().quality_flag == "revenue: larger than of any company. Is the unit right?"


def test_a_revenue_in_a_weak_currency_is_no_unit_slip(tmp_path: Path) -> None:
    loaded(tmp_path, financials=(MONEY, ["2023,2e13,TWD,"]))  # 640 billion dollars, as Walmart's
    assert Financials.objects.get().quality_flag == ""


# --- from one year to another ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        (["2021,100000,1000,", "2022,1000000,10000,"], "Scopes 1 + 2 are about 10 times those of 2021."),
        (["2021,1000000,10000,", "2022,100000,1000,"], "Scopes 1 + 2 were about 10 times as much in 2021."),
        (["2021,0.3,0,", "2022,3,0,"], "Scopes 1 + 2 are about 10 times those of 2021."),
        (["2021,100000,1000,", "2022,250000,2000,"], "Scopes 1 + 2 are about 2.5 times those of 2021."),
        (["2019,100000,1000,", "2022,5000000,1000,"], "Scopes 1 + 2 are about 50 times those of 2019."),
        (["2015,500000,500,", "2022,500,0.5,"], "Scopes 1 + 2 were about 1,000 times as much in 2015."),
    ],
)
def test_a_jump_is_flagged_against_the_nearest_earlier_year(tmp_path: Path, rows: list[str], flag: str) -> None:
    loaded(tmp_path, disclosures=(EMISSIONS, rows))
    assert flag in flags_of(2022)


@pytest.mark.parametrize(
    "rows", [["2021,100000,1000,", "2022,150000,1000,"], ["2022,100000,1000,"], ["2021,100000,,", "2022,100000,9000,"]]
)
def test_what_does_not_jump_is_not_flagged(tmp_path: Path, rows: list[str]) -> None:
    loaded(tmp_path, disclosures=(EMISSIONS, rows))
    assert "times" not in flags_of(2022)


def test_ten_times_is_ten_times_in_any_floats() -> None:
    assert {step(10 * x, x) for x in (0.1, 0.3, 1.1, 7.0, 123456.789, 1e8 / 3)} == {1.0}
    assert (step(9.99, 1) or 0) < 1
    assert step(0, 1) is None


def test_a_single_figure_that_jumps_is_named(tmp_path: Path) -> None:
    loaded(tmp_path, disclosures=(EMISSIONS, ["2021,100,100,5000", "2023,100,100,5000000"]))
    assert flags_of(2023) == "electricity_kwh: about 1,000 times that of 2021. Is the unit right?"
    with translation.override("en"):
        assert flags.in_words(flags_of(2023)).startswith("Electricity: about 1,000 times that of 2021.")


def test_a_year_on_record_is_compared_as_one_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    loaded(tmp_path / "a", disclosures=(EMISSIONS, ["2021,100,100,"]), financials=(MONEY, ["2021,1e9,USD,1000"]))
    loaded(tmp_path / "b", disclosures=(EMISSIONS, ["2022,5000,5000,"]), financials=(MONEY, ["2022,1e6,USD,"]))
    assert "50 times those of 2021" in flags_of(2022)
    assert "1,000 times as much in 2021" in Financials.objects.get(year=2022).quality_flag


# --- money and staff ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        (["2022,5e9,USD,12000", "2023,5e6,USD,12000"], "Revenue was about 1,000 times as much in 2022 with the same"),
        (["2022,5e9,USD,12000", "2023,5e13,USD,12100"], "Revenue is about 10,000 times that of 2022 with the same"),
        (["2020,5e9,USD,12000", "2023,5e6,USD,"], "revenue: about 1,000 times as much in 2020."),
        (["2022,5e9,USD,12000", "2023,5e9,USD,120"], "employees: about 100 times as much in 2022."),
        (["2022,35e9,CNY,12000", "2023,5e11,USD,12000"], "Revenue is about 96 times that of 2022 with the same"),
    ],
)
def test_revenue_and_staff_that_jump_are_flagged(tmp_path: Path, rows: list[str], flag: str) -> None:
    loaded(tmp_path, financials=(MONEY, rows))
    assert flag in Financials.objects.get(year=2023).quality_flag
    assert flags.doubts(Financials.objects.get(year=2023).quality_flag) in (["revenue"], [])


def test_a_revenue_without_year_is_compared_with_the_last_dated_one(tmp_path: Path) -> None:
    loaded(tmp_path, financials=(MONEY, ["2020,5e9,USD,", ",5000,USD,"]))
    assert "1,000,000 times as much in 2020" in Financials.objects.get(year=None).quality_flag


@pytest.mark.parametrize(
    ("row", "flag"),
    [
        ("2023,12000000,USD,12000", "The median of revenue per head of 192 companies of its kind is about 370 times"),
        ("2023,12e9,USD,120", "Revenue per head is about 270 times the median of 192 companies of its kind."),
        ("2023,12e9,TWD,2000000", "The median of revenue per head of"),  # some 200 dollars a head
    ],
)
def test_revenue_per_head_is_held_against_companies_of_its_kind(tmp_path: Path, row: str, flag: str) -> None:
    loaded(tmp_path, financials=(MONEY, [row]))
    assert flag in Financials.objects.get().quality_flag


@pytest.mark.parametrize("row", ["2023,4e9,USD,12000", "2023,1e9,USD,12000", "2023,12e9,XOF,12000"])
def test_usual_revenue_per_head_is_not_flagged(tmp_path: Path, row: str) -> None:
    """Nor that in a currency of which nobody knows the worth."""
    loaded(tmp_path, financials=(MONEY, [row]))
    assert Financials.objects.get().quality_flag == ""


def test_a_sector_with_too_few_companies_is_silent(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        sector="Oil & Gas Operations,Carbon Gap industry; Net Zero Tracker: Fossil Fuels",
        financials=(MONEY, ["2023,12000000,USD,12000"]),
    )
    assert Financials.objects.get().quality_flag == ""


@pytest.mark.parametrize(
    ("country", "row", "home"),
    [
        ("CHN", "2023,82.582e9,USD,37853", "CNY"),
        ("TWN", "2023,4e11,USD,37853", "TWD"),
        ("CHN", ",9e10,USD,40000", "CNY"),
    ],
)
def test_money_in_another_currency_than_it_says_is_flagged(tmp_path: Path, country: str, row: str, home: str) -> None:
    loaded(tmp_path, country=country, financials=(MONEY, [row]))
    assert f"would be usual if the revenue were in {home}: is it?" in Financials.objects.get().quality_flag


@pytest.mark.parametrize(
    ("country", "row"),
    [("DEU", "2023,82.582e9,USD,37853"), ("CHN", "2023,82.582e9,CNY,37853"), ("CHN", "2023,16e9,USD,37853")],
)
def test_money_in_its_own_currency_is_not(tmp_path: Path, country: str, row: str) -> None:
    loaded(tmp_path, country=country, financials=(MONEY, [row]))
    assert "would be usual" not in Financials.objects.get().quality_flag


# --- targets -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("percent", "note"),
    [
        ("0.42", flags.SHARE),
        ("0.9", flags.SHARE),
        ("1", flags.SHARE),
        ("110", flags.BEYOND_ZERO),
        ("100.5", flags.BEYOND_ZERO),
        ("0", ""),
        ("1.5", ""),
        ("42", ""),
        ("100", ""),
    ],
)
def test_a_reduction_that_is_a_share_or_beyond_zero_is_kept_and_flagged(
    tmp_path: Path, percent: str, note: str
) -> None:
    loaded(tmp_path, targets=(TARGETS, [f"t1,end,Absolute emissions target,{percent},2015,2040,cut"]))
    target = Target.objects.get()
    assert target.note == note
    assert target.reduction_share == pytest.approx(float(percent) / 100)


def test_a_reduction_that_cannot_be_is_refused(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, targets=(TARGETS, ["t1,end,Absolute emissions target,4200,2015,2040,cut"]))
    assert "at most 1,000 %" in fault.expected


# --- how flags are kept and said ---------------------------------------------------------------------------
def test_flags_that_are_more_than_the_field_holds_say_how_many_are_left_out() -> None:
    many = [flags.TOO_LARGE % {"what": f"scope3_{i:02}_t"} for i in range(1, 10)]
    kept = flags.joined(many, 200)
    assert len(kept) <= 200
    assert kept == flags.SEPARATOR.join([*many[:3], "And 6 more."])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_flag_of_ours_is_said_in_the_readers_language(language: str) -> None:
    numbers = {"what": "scope1_t", "times": "12", "year": 2019, "count": 30, "currency": "CNY"}
    numbers |= {"said": "90% / 25%", "given": "56.6%"}
    numbers |= {"period": "May 2022-April 2023", "why": "the parts give more", "value": "7 CNY", "source": "Press"}
    numbers |= {"boundary": "the report"}
    stored = [template % {**numbers} if "%(" in template else template for template in flags.OWN]
    with translation.override(language):
        said = [flags.in_words(one) for one in stored]
    assert all(map(flags.is_own, stored))
    assert not any("scope1_t" in one for one in said)
    if language == "zh-hans":
        assert [one for one in said if one in stored] == []


def test_a_sources_own_words_stay_as_they_are() -> None:
    assert flags.in_words("their words: about 3 times") == "their words: about 3 times"
    assert not flags.is_own("their words: about 3 times")


@pytest.mark.parametrize(
    ("flag", "doubts"),
    [
        ("Scopes 1 + 2 are about 50 times those of 2019.", ["emissions"]),
        ("Scopes 1 + 2 are about 2.5 times those of 2019.", []),
        ("scope1_t: about 12 times that of 2019. Is the unit right?", ["emissions"]),
        ("electricity_kwh: about 12 times that of 2019. Is the unit right?", []),
        ("revenue: about 12 times that of 2019. Is the unit right?", ["revenue"]),
        (f"scope1_t: larger than of any company. Is the unit right? · {flags.OTHER_COMPANY}", ["emissions", "revenue"]),
        ("", []),
    ],
)
def test_what_a_flag_puts_in_doubt(flag: str, doubts: list[str]) -> None:
    assert flags.doubts(flag) == doubts


# --- the directory that ships ------------------------------------------------------------------------------
class DemoUniverse(TestCase):
    """What the rules find on 499 real companies: slips, and hardly anything else."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.universe = read(words.DEMO_UNIVERSE)

    def flagged(self, *sentences: str) -> set[str]:
        headings = {flags.heading(sentence) for sentence in sentences}
        return {
            key
            for (key, _year, _source), row in self.universe.financials.items()
            if headings & {flags.heading(part) for part in row["quality_flag"].split(flags.SEPARATOR)}
        }

    def test_longis_yuan_stored_as_dollars_would_be_found_and_nobody_elses_are(self) -> None:
        """The tracker has them in dollars; the file that ships was corrected."""
        assert self.flagged(flags.OTHER_CURRENCY % {"currency": "CNY"}) == set()
        longi = "nz-longi-green-energy-technology"
        rows = self.universe.financials
        [key] = [key for key in rows if key[0] == longi]
        corrected = rows[key]
        as_the_tracker_has_it = {"currency": "USD", "quality_flag": ""}
        one = replace(self.universe, financials={key: corrected | as_the_tracker_has_it}, disclosures={})

        flag(one)

        assert flags.OTHER_CURRENCY % {"currency": "CNY"} in one.financials[key]["quality_flag"]

    def test_signifys_revenue_and_staff_are_in_doubt_since_its_industry_is_anothers(self) -> None:
        found = self.flagged(flags.OTHER_COMPANY)
        assert found == {"nz-signify", "nz-delta-electronics", "nz-samsung-sdi-co"}

    def test_revenue_per_head_finds_the_slips_that_people_found_and_nobody_else(self) -> None:
        told = {"times": "9", "count": 9}
        found = self.flagged(flags.HEAD_HIGH % told, flags.HEAD_LOW % told)
        by_people = ("probably another unit", "employee number implausible")
        known = {
            key
            for (key, _year, _source), row in self.universe.financials.items()
            if any(words in row["quality_flag"] for words in by_people)
        }
        assert found == known
        assert len(found) == 16

    def test_the_counts_are_those_of_the_docs(self) -> None:
        numbers = {"what": "x", "times": "…", "year": "…"}
        count = {
            name: sum(self.universe.flags[flags.heading(one % numbers)] for one in sentences)
            for name, sentences in {
                "jump": (flags.JUMP_UP, flags.JUMP_DOWN),
                "figure": (flags.FIGURE_UP, flags.FIGURE_DOWN),
                "large": (flags.TOO_LARGE,),
            }.items()
        }
        assert count == {"jump": 13, "figure": 19, "large": 2}

    def test_few_rows_are_flagged(self) -> None:
        """A rule that flags a third of honest rows is worthless."""
        disclosures = [facts for facts in self.universe.disclosures.values() if own_flags(facts.quality_flag)]
        financials = [row for row in self.universe.financials.values() if own_flags(row["quality_flag"])]
        assert len(disclosures) < 0.05 * len(self.universe.disclosures)
        assert len(financials) < 0.03 * len(self.universe.financials)


def own_flags(stored: str) -> list[str]:
    return [part for part in stored.split(flags.SEPARATOR) if flags.is_own(part)]
