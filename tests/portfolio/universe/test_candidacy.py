"""What a candidate is judged by, from a directory: none and blank differ, solutions are signed, words are stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portfolio.models import Company, CompanyTrack, Disclosure, Financials, GateWord, Solution
from portfolio.universe.read import NotLoadable
from tests import make

pytestmark = pytest.mark.django_db
COMPANIES = "company_key,name,country,sector,sector_scheme,source,licence\nc1,Tailwind,CHN,machinery,Greenlight,s,l\n"
END = ",s,l\n"


def directory(folder: Path, **tables: str) -> Path:
    (folder / "companies.csv").write_text(COMPANIES, encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> set[str]:
    with pytest.raises(NotLoadable) as refusal:
        make.load_directory(folder)
    return {fault.column for fault in refusal.value.faults}


def earned(folder: Path, columns: str, cells: str) -> Financials:
    text = f"company_key,year,revenue,currency,{columns},source,licence\nc1,2024,1000000000,CNY,{cells}{END}"
    make.load_directory(directory(folder, financials=text))
    return Financials.objects.get()


@pytest.mark.parametrize("word", ["none", "无", "0"])
def test_no_subsidy_is_told_and_a_blank_cell_is_not(tmp_path: Path, word: str) -> None:
    row = earned(tmp_path, "ebit,grants,price_premium", f"-90000000,{word},")
    assert (row.ebit, row.grants, row.price_premium, row.theme_credits) == (-9e7, 0, None, None)


@pytest.mark.parametrize(("word", "code"), [("内", "inside"), ("outside", "outside"), ("不详", "unknown"), ("", "")])
def test_where_a_subsidy_stands_is_read_in_both_languages(tmp_path: Path, word: str, code: str) -> None:
    assert earned(tmp_path, "grants,grants_standing", f"40000000,{word}").grants_standing == code


def test_a_share_in_percent_is_stored_as_a_share(tmp_path: Path) -> None:
    row = earned(tmp_path, "theme_share_percent,theme_share_is_partial,runway_months,is_audited", "87.8,是,14,yes")
    assert (row.theme_share, row.theme_share_is_partial, row.runway_months, row.is_audited) == (0.878, True, 14, True)


def test_money_of_a_hundredth_is_divided_in_every_column(tmp_path: Path) -> None:
    text = "company_key,year,revenue,currency,ebit,grants,source,licence\nc1,2024,1000,GBX,500,100,s,l\n"
    make.load_directory(directory(tmp_path, financials=text))
    row = Financials.objects.get()
    assert (row.currency, row.revenue, row.ebit, row.grants) == ("GBP", 10, 5, 1)


def test_what_cannot_be_is_named_at_its_column(tmp_path: Path) -> None:
    columns = "grants,grants_standing,theme_share_percent,runway_months,is_audited"
    text = f"company_key,year,revenue,currency,{columns},source,licence\nc1,2024,1,CNY,-5,beside,120,99999,perhaps{END}"
    assert faults(directory(tmp_path, financials=text)) == set(columns.split(","))


# --- tracks ------------------------------------------------------------------------------------------------
def tracked(family: str = "F01", edition: str = "2025", code: str = "1.2.1", until: str = "2027-12-31") -> str:
    columns = "company_key,track,why,family,solutions,catalogue_edition,catalogue_code,catalogue_valid_until"
    row = f"c1,power_decarbonisation,makes turbines,{family},turbines,{edition},{code},{until}"
    return f"{columns},source,licence\n{row}{END}"


def test_a_track_has_its_family_and_code_and_a_person_still_confirms(tmp_path: Path) -> None:
    make.load_directory(directory(tmp_path, tracks=tracked()))
    row = CompanyTrack.objects.get()
    assert (row.family, row.catalogue, row.solutions) == (make.family(), "2025:1.2.1", "turbines")
    assert str(row.catalogue_valid_until) == "2027-12-31"
    assert not row.is_confirmed


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"family": "F99"}, "family"),
        ({"family": "F10"}, "family"),
        ({"edition": ""}, "catalogue_edition"),
        ({"edition": "1999"}, "catalogue_edition"),
        ({"until": "soon"}, "catalogue_valid_until"),
    ],
)
def test_a_family_of_another_track_and_half_a_code_are_faults(tmp_path: Path, wrong: Any, column: str) -> None:
    assert faults(directory(tmp_path, tracks=tracked(**wrong))) == {column}


# --- solutions ---------------------------------------------------------------------------------------------
SOLD = "company_key,year,family,country,units_sold,service_per_unit_year,lca_t_per_unit,is_component,source,licence\n"


def test_solutions_stand_in_the_disclosure_of_their_year_and_are_signed(tmp_path: Path) -> None:
    emissions = f"company_key,year,scope1_t,source,licence\nc1,2024,1200{END}"
    rows = f"c1,2024,F01,CHN,500,2200,308,no{END}c1,2024,F02,DEU,7,,-1.5,yes{END}"
    make.load_directory(directory(tmp_path, disclosures=emissions, solutions=SOLD + rows))
    stored = Disclosure.objects.get()
    sold = list(stored.solutions.order_by("number"))
    assert [(row.family.code, row.units_sold, row.service_per_unit_year) for row in sold] == [
        ("F01", 500, 2200),
        ("F02", 7, None),
    ]
    assert (sold[1].lca_t_per_unit, sold[1].is_component) == (-1.5, True)
    assert stored.digest == stored.content_digest()


def test_solutions_alone_make_the_disclosure_of_their_year(tmp_path: Path) -> None:
    make.load_directory(directory(tmp_path, solutions=SOLD + f"c1,2024,F01,CHN,500,2200,308,no{END}"))
    stored = Disclosure.objects.get()
    assert (stored.year, stored.figures.count(), stored.solutions.count()) == (2024, 0, 1)


def test_loading_twice_changes_nothing_and_another_number_is_another_version(tmp_path: Path) -> None:
    folder = directory(tmp_path, solutions=SOLD + f"c1,2024,F01,CHN,500,2200,308,no{END}")
    make.load_directory(folder)
    assert not make.load_directory(folder).changed_anything
    report = make.load_directory(directory(tmp_path, solutions=SOLD + f"c1,2024,F01,CHN,600,2200,308,no{END}"))
    assert report.counts["disclosures"].changed == 1
    assert [row.units_sold for row in Solution.objects.order_by("pk")] == [500, 600]


def test_a_solution_that_cannot_be_is_named_at_its_column(tmp_path: Path) -> None:
    rows = SOLD + f"c1,2024,F99,Atlantis,-1,1e300,x,perhaps{END}"
    wrong = {"family", "country", "units_sold", "service_per_unit_year", "lca_t_per_unit", "is_component"}
    assert faults(directory(tmp_path, solutions=rows)) == wrong


# --- words on gates ----------------------------------------------------------------------------------------
def said(answer: str) -> str:
    return f"company_key,question,answer,evidence,source\nc1,fossil_extraction,{answer},statutes article 2,s\n"


def test_a_source_states_and_never_confirms(tmp_path: Path) -> None:
    make.load_directory(directory(tmp_path, gate_words=said("no")))
    word = GateWord.objects.get()
    assert (word.company, word.answer, word.source, word.by) == (Company.objects.get(), "no", "s", None)
    assert GateWord.objects.confirmed() == {}


def test_a_word_is_added_once_and_another_answer_is_another_word(tmp_path: Path) -> None:
    folder = directory(tmp_path, gate_words=said("no"))
    make.load_directory(folder)
    assert not make.load_directory(folder).changed_anything
    make.load_directory(directory(tmp_path, gate_words=said("yes")))
    assert [word.answer for word in GateWord.objects.order_by("pk")] == ["no", "yes"]


def test_an_answer_that_is_none_is_a_fault(tmp_path: Path) -> None:
    assert faults(directory(tmp_path, gate_words=said("maybe"))) == {"answer"}


def test_subsidies_and_losses_are_figures_of_a_disclosure_too(tmp_path: Path) -> None:
    text = f"company_key,year,scope1_t,ebit_cny,grants_cny,source,licence\nc1,2024,1200,-5,无{END}"
    make.load_directory(directory(tmp_path, disclosures=text))
    values = Disclosure.objects.get().values()
    assert (values["ebit_cny"], values["grants_cny"]) == (-5, 0)
