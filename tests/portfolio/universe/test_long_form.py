"""The long form: one figure a row, a dictionary that says what each is, and what ships in it."""

import csv
import hashlib
from pathlib import Path

import pytest
from django.db.models import Q
from django.test import TestCase
from django.utils import translation

from portfolio import DATA
from portfolio.models import (
    Company,
    CompanyTrack,
    Disclosure,
    Figure,
    Financials,
    Join,
    Quantity,
    Solution,
    Target,
    TechnologyFamily,
)
from portfolio.typed.tables import Fault
from portfolio.universe import words
from portfolio.universe.dictionary import dictionary, meaning_of
from portfolio.universe.flags import doubts, in_words
from portfolio.universe.read import NotLoadable
from tests.make import load_directory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

COMPANIES = "company_key,name,country,sector,sector_scheme,source,licence"
FIGURES = (
    "company_key,year,quantity,value,unit,boundary,source_title,source_ref,source_kind,evidence,confidence,licence"
)
# Fortune Electric, TECO, Kaori and Sunny Friend: their figures stand in a source whose terms nobody has checked.
WITHOUT_FIGURES = {"x-fortune-electric", "x-teco", "x-kaori", "x-sunny-friend"}
SCOPE_2 = ("scope2_location_t", "scope2_market_t", "scope2_unspecified_t")


def figure(quantity: str, value: str, unit: str, **cells: str) -> str:
    given = {
        "key": "a",
        "year": "2024",
        "boundary": "group",
        "title": "Annual report",
        "ref": "p. 7",
        "kind": "report",
        "evidence": "as printed",
        "confidence": "seen-in-source",
    } | cells
    names = ("boundary", "title", "ref", "kind", "evidence", "confidence")
    quoted = ",".join(f'"{given[name]}"' for name in names)
    return f'{given["key"]},{given["year"]},{quantity},{value},"{unit}",{quoted},facts'


def directory(folder: Path, *figures: str, family: str = "F01") -> Path:
    tables = {
        "companies": [COMPANIES, "a,Alpha Wind,DNK,C28,ISIC,made for a test,none"],
        "figures": [FIGURES, *figures],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if family:
        company, _new = Company.objects.get_or_create(
            company_key="a",
            defaults={
                "name_en": "Alpha Wind",
                "country": "DNK",
                "sector": "machinery",
                "isic": "C28",
                "source": "made for a test",
                "licence": "none",
            },
        )
        company.tracks.get_or_create(
            track="power_decarbonisation",
            defaults={
                "why": "turbines",
                "source": "made for a test",
                "licence": "none",
                "family": TechnologyFamily.objects.get(code=family),
            },
        )
    return folder


def faults_of(folder: Path) -> list[Fault]:
    with translation.override("en"), pytest.raises(NotLoadable) as refused:
        load_directory(folder)
    return refused.value.faults


def shipped(folder: Path) -> list[dict[str, str]]:
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- the dictionary ------------------------------------------------------------------------------------------
def test_every_word_that_ships_stands_in_the_dictionary_and_what_is_not_used_says_why_in_both_languages() -> None:
    for folder in (words.DEMO_CANDIDATES, words.DEMO_PEERS):
        rows = shipped(folder)
        assert [row for row in rows if not meaning_of(row["quantity"], row["unit"], row["boundary"])] == []
    unused = [one for meanings in dictionary().values() for one in meanings if one.goes_to == "not_used"]
    assert [one.quantity for one in unused if not (one.reason_zh and one.reason_en)] == []
    assert len(dictionary()) == len({row["quantity"] for row in shipped(words.DEMO_CANDIDATES)})


def test_an_unknown_word_and_an_unknown_unit_are_faults_with_their_rows(tmp_path: Path) -> None:
    directory(tmp_path, figure("scope_one", "1", "tCO2e"), figure("revenue", "1", "persons"))

    assert [(f.line, f.column) for f in faults_of(tmp_path) if f.file == "figures.csv"] == [
        (2, "quantity"),
        (3, "unit"),
    ]


@pytest.mark.parametrize("column", ["title", "ref"])
def test_a_figure_without_a_source_is_a_fault(tmp_path: Path, column: str) -> None:
    directory(tmp_path, figure("scope1_t", "1", "tCO2e", **{column: ""}))

    assert [f.column for f in faults_of(tmp_path)] == [{"title": "source_title", "ref": "source_ref"}[column]]


def test_a_share_above_all_of_it_is_refused(tmp_path: Path) -> None:
    directory(tmp_path, figure("theme_share_pct", "5740000000000", "%"))

    assert [f.column for f in faults_of(tmp_path)] == ["value"]


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ("revenue_9m", "CNY, nine months, PRC GAAP"),
        ("revenue_q4", "USD, quarter"),
        ("ebitda_h1", "HKD, half year"),
        ("output_sold_9m", "MW, nine months"),
        ("grant_45x_sold_face", "USD"),
        ("grants_asset_balance", "USD"),
    ],
)
def test_a_part_of_a_year_a_face_value_and_a_balance_are_no_figure_of_the_year(
    tmp_path: Path, quantity: str, unit: str
) -> None:
    report = load_directory(directory(tmp_path, figure(quantity, "5", unit)))

    assert not Financials.objects.exists() and not Solution.objects.exists()
    assert any(quantity in note for note in report.notes)


# --- emissions ---------------------------------------------------------------------------------------------------
def test_scope_2_of_an_unstated_method_is_neither_location_nor_market_based(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, figure("scope1_t", "3", "tCO2e"), figure("scope2_unstated_t", "5", "tCO2e")))

    assert Disclosure.objects.get().values() == {Quantity.SCOPE_1: 3.0, Quantity.SCOPE_2_UNSPECIFIED: 5.0}


def test_what_the_unit_says_besides_the_unit_is_kept_as_a_note_and_a_derived_figure_is_calculated(
    tmp_path: Path,
) -> None:
    rounded = figure("scope1_t", "69000", "tCO2, rounded", confidence="derived", evidence="5 % of 1.38 Mt")

    load_directory(directory(tmp_path, rounded))

    made = Figure.objects.get()
    assert (made.note, made.basis) == ("rounded · 5 % of 1.38 Mt", "calculated")


def test_of_two_sources_of_one_figure_the_filing_counts_and_the_other_is_told_beside_it(tmp_path: Path) -> None:
    press = figure("revenue", "12640000000", "USD (converted)", kind="news", title="Press")
    filing = figure("revenue", "92256302000", "CNY", kind="filing", title="Form 20-F")

    load_directory(directory(tmp_path, press, filing))

    row = Financials.objects.get()
    assert (row.currency, row.revenue, row.is_audited) == ("CNY", 92256302000.0, True)
    with translation.override("en"):
        assert in_words(row.quality_flag) == "Revenue: another source says 12,640,000,000 USD (Press)."


def test_a_wider_boundary_stands_beside_and_never_over_the_register(tmp_path: Path) -> None:
    register = figure("scope1_t", "4895", "tCO2e", boundary="register: facilities in Taiwan")
    report = figure("scope1_report_t", "4928", "tCO2e", boundary="company sustainability report; year taken as 2024")

    load_directory(directory(tmp_path, report, register))

    made = Disclosure.objects.get()
    assert (made.values(), made.revenue_boundary) == ({Quantity.SCOPE_1: 4895.0}, "mismatched")
    with translation.override("en"):
        assert in_words(made.figures.get().note) == (
            "Scope 1: 4,928 by another boundary (company sustainability report)."
        )


def test_a_financial_year_and_a_doubt_of_the_source_are_flags(tmp_path: Path) -> None:
    doubtful = "group; DOUBTFUL: parts give 2,080,744; FINANCIAL YEAR May 2022-April 2023"

    load_directory(directory(tmp_path, figure("scope1_t", "361144", "tCO2e", boundary=doubtful)))

    flag = Disclosure.objects.get().quality_flag
    with translation.override("en"):
        assert in_words(flag) == (
            "Scope 1: doubtful in the source: parts give 2,080,744"
            " · The figures are of the financial year May 2022-April 2023."
        )
    assert doubts(flag) == ["emissions"]


# --- accounts ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("boundary", "standing"),
    [
        ("group; printed below operations: NOT inside operating_profit", "outside"),
        ("group; booked as a cut in cost of sales (inside operating_profit and ebitda)", "inside"),
        ("group", "unknown"),
    ],
)
def test_the_boundary_says_whether_a_grant_stands_inside_ebit(tmp_path: Path, boundary: str, standing: str) -> None:
    profit = figure("operating_profit", "-3344708000", "CNY, before subsidies")

    load_directory(directory(tmp_path, figure("grants_pl", "2449000000", "CNY", boundary=boundary), profit))

    row = Financials.objects.get()
    assert (row.grants, row.grants_standing, row.ebit) == (2449000000.0, standing, -3344708000.0)
    assert "ebit: before subsidies" in row.basis


def test_a_share_of_some_of_the_business_is_a_lower_bound(tmp_path: Path) -> None:
    share = figure("theme_share_pct", "41.6", "% (two of five businesses)", boundary="lower bound; parts left out")

    load_directory(directory(tmp_path, share))

    row = Financials.objects.get()
    assert (row.theme_share, row.theme_share_is_partial) == (0.416, True)


def test_theme_revenue_over_revenue_is_a_lower_bound_where_no_share_is_stated(tmp_path: Path) -> None:
    parts = [figure("theme_revenue", "30", "CNY"), figure("theme_revenue_2", "15", "CNY")]

    load_directory(directory(tmp_path, figure("revenue", "60", "CNY"), *parts))

    row = Financials.objects.get()
    assert (row.theme_share, row.theme_share_is_partial) == (0.75, True)  # (30 + 15) / 60


def test_theme_revenue_in_another_currency_gives_no_share(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, figure("revenue", "60", "CNY"), figure("theme_revenue", "30", "USD")))

    assert Financials.objects.get().theme_share is None


# --- what was sold -------------------------------------------------------------------------------------------------
def test_what_was_sold_is_in_the_unit_of_the_family_or_in_words(tmp_path: Path) -> None:
    sold = [figure("output_sold", "16050", "MW wind turbines"), figure("output_sold", "642", "locomotives")]

    load_directory(directory(tmp_path, *sold))

    rows = Solution.objects.values_list("family__code", "name", "units_sold", "note")
    assert list(rows) == [("F01", "", 16050.0, "MW wind turbines"), ("F01", "locomotives", None, "642 locomotives")]
    made = Disclosure.objects.get()
    assert made.digest == made.content_digest()


def test_without_a_family_nothing_is_sold(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, figure("output_sold", "16050", "MW"), family=""))

    assert not Solution.objects.exists()


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("tCO2e a year by the whole installed fleet (not per units sold)", "year_of_fleet"),
        ("tCO2e, use phase of the fleet sold so far, cumulative (method not seen)", "cumulative"),
        ("tCO2e over the life of insulation sold in the year", "life_of_units_sold"),
        ("tCO2e/yr, company method not stated here", "unstated"),
    ],
)
def test_avoided_tonnes_of_three_kinds_are_never_one_column(tmp_path: Path, unit: str, kind: str) -> None:
    load_directory(directory(tmp_path, figure("avoided_stated_t", "186000000", unit)))

    row = Solution.objects.get()
    assert (row.stated_avoided_t, row.stated_avoided_kind, row.units_sold) == (186000000.0, kind, None)


def test_a_target_has_its_base_year_and_its_scopes_from_the_unit(tmp_path: Path) -> None:
    load_directory(directory(tmp_path, figure("target_abs_pct", "42", "% S1+S2, base 2021", year="2031")))

    row = Target.objects.get()
    assert (row.kind, row.reduction_share, row.base_year, row.target_year) == ("absolute", 0.42, 2021, 2031)
    assert (row.covers_scope_1, row.covers_scope_2, row.scope3) == ("yes", "yes", "unspecified")


# --- two sources of one year ---------------------------------------------------------------------------------------
def second(folder: Path, *figures: str) -> Path:
    folder.mkdir()
    return directory(folder, *figures)


def test_a_second_source_adds_to_what_the_first_one_said_and_its_own_figure_counts(tmp_path: Path) -> None:
    first = second(tmp_path / "1", figure("scope1_t", "10", "tCO2e"), figure("electricity_kwh", "9", "kWh"))
    other = {"title": "Register", "kind": "compiled"}
    then = second(
        tmp_path / "2",
        figure("scope1_t", "12", "tCO2e", **other),
        figure("scope2_market_t", "3", "tCO2e", **other),
    )
    load_directory(first)
    load_directory(then)

    made = Disclosure.objects.standing().get()
    assert (made.version, made.values()) == (
        2,
        {Quantity.SCOPE_1: 12.0, Quantity.SCOPE_2_MARKET: 3.0, Quantity.ELECTRICITY: 9.0},
    )
    assert "another source says 10 (Annual report)" in made.quality_flag
    assert made.digest == made.content_digest()
    assert not load_directory(first).changed_anything
    assert not load_directory(then).changed_anything


def test_a_source_that_adds_nothing_makes_no_version(tmp_path: Path) -> None:
    load_directory(second(tmp_path / "1", figure("scope1_t", "10", "tCO2e")))
    report = load_directory(second(tmp_path / "2", figure("scope1_t", "10.001", "tCO2e", title="Copy")))

    assert (report.counts["disclosures"].unchanged, Disclosure.objects.count()) == (1, 1)


def test_the_first_source_may_correct_itself_on_top(tmp_path: Path) -> None:
    load_directory(second(tmp_path / "1", figure("scope1_t", "10", "tCO2e")))
    load_directory(second(tmp_path / "2", figure("scope3_t", "7", "tCO2e", title="Other")))
    corrected = second(tmp_path / "3", figure("scope1_t", "11", "tCO2e"))

    load_directory(corrected)

    made = Disclosure.objects.standing().get()
    assert (made.version, made.values()) == (3, {Quantity.SCOPE_1: 11.0, Quantity.SCOPE_3_TOTAL: 7.0})
    assert not load_directory(corrected).changed_anything


def test_a_source_that_speaks_of_another_entity_goes_on_top_of_nobody(tmp_path: Path) -> None:
    load_directory(second(tmp_path / "1", figure("scope1_t", "10", "tCO2e")))
    then = second(tmp_path / "2", figure("scope1_t", "99", "tCO2e", title="Other"))
    (then / "joins.csv").write_text(
        "company_key,source,entity_name,method,licence\na,Other · p. 7,Beta,other_entity,facts\n", encoding="utf-8"
    )

    load_directory(then)

    assert Disclosure.objects.standing().get().values() == {Quantity.SCOPE_1: 10.0}


# --- what ships ----------------------------------------------------------------------------------------------------
class Shipped(TestCase):
    """The universe, the peers and the candidates, loaded one after the other."""

    @classmethod
    def setUpTestData(cls) -> None:
        for folder in words.DEMO:
            load_directory(folder)
        listed = (words.DEMO_CANDIDATES / "companies.csv").read_text(encoding="utf-8").splitlines()[1:]
        cls.keys = {line.partition(",")[0] for line in listed}

    def of_candidates(self, **facts: object) -> set[str]:
        found = Company.objects.filter(company_key__in=self.keys).filter(**facts)
        return set(found.values_list("company_key", flat=True))

    def test_loading_them_again_in_any_order_changes_nothing(self) -> None:
        for folder in (words.DEMO_CANDIDATES, words.DEMO_UNIVERSE, words.DEMO_PEERS):
            assert not load_directory(folder).changed_anything

    def test_47_candidates_of_which_four_have_no_figures_yet(self) -> None:
        told = {row["company_key"] for row in shipped(words.DEMO_CANDIDATES)}

        assert (len(self.keys), self.keys - told) == (47, WITHOUT_FIGURES)
        assert self.of_candidates(tracks__isnull=False) == self.keys
        assert set(Company.objects.filter(note="No figures yet.").values_list("company_key", flat=True)) == (
            WITHOUT_FIGURES
        )

    def test_each_has_the_family_of_the_list_and_six_have_none_yet(self) -> None:
        tracks = CompanyTrack.objects.filter(company__company_key__in=self.keys).select_related("family")

        assert tracks.count() == 47
        assert [track for track in tracks if track.family and track.family.track != track.track] == []
        assert {track.company.company_key for track in tracks if track.family is None} == {
            "x-ox2",
            "tw-35878589",
            "nz-alfa-laval-ab",
            "x-kaori",
            "nz-stora-enso",
            "x-sunny-friend",
        }

    def test_the_readmes_counts_hold_but_for_what_is_named(self) -> None:
        both = {}
        with_revenue = set(Financials.objects.exclude(revenue=None).values_list("company__company_key", "year"))
        for made in Disclosure.objects.standing().filter(company__company_key__in=self.keys).select_related("company"):
            told = made.values()
            key, has_both = made.company.company_key, Quantity.SCOPE_1 in told and any(kind in told for kind in SCOPE_2)
            if has_both and (key, made.year) in with_revenue:
                both[key] = max(made.year, both.get(key, 0))
        # 22 and 21 in the source, where Delta's tonnes are of the figures that may not be shipped.
        assert (len(both), sum(year >= 2023 for year in both.values())) == (21, 20)

        accounts = Financials.objects.filter(company__company_key__in=self.keys)
        profit = set(accounts.exclude(ebit=None, ebitda=None).values_list("company__company_key", flat=True))
        # 14 in the source, less Alfa Laval's adjusted EBITA, and three of the filings that are about subsidies.
        assert len(profit) == 14 - 1 + len({"x-first-solar", "x-enphase", "nz-tesla-motors"})
        subsidised = accounts.filter(Q(grants__isnull=False) | Q(theme_credits__isnull=False))
        assert set(subsidised.values_list("company__company_key", flat=True)) == {
            "x-jinkosolar",
            "x-first-solar",
            "nz-contemporary-amperex-technology",
            "nz-byd-company",
            "nz-tesla-motors",
        }
        shares = set(accounts.exclude(theme_share=None).values_list("company__company_key", flat=True))
        assert len(shares) == 10 - 1  # Signify's is of a quarter
        counted = Q(units_sold__isnull=False) | Q(units_made__isnull=False) | ~Q(name="")
        made_by = Solution.objects.filter(counted).values_list("disclosure__company__company_key", flat=True)
        assert len(set(made_by)) == 8

    def test_subsidies_of_the_filings_stand_where_these_say(self) -> None:
        rows = Financials.objects.filter(year=2023)
        standing = {
            (row.company.company_key, name): getattr(row, f"{name}_standing")
            for row in rows.select_related("company")
            for name in ("grants", "theme_credits")
            if getattr(row, name) is not None
        }
        assert standing == {
            ("x-jinkosolar", "grants"): "outside",
            ("x-first-solar", "grants"): "inside",
            ("nz-tesla-motors", "theme_credits"): "inside",
            ("nz-contemporary-amperex-technology", "grants"): "unknown",
            ("nz-byd-company", "grants"): "unknown",
        }

    def test_tonnes_of_a_sector_of_the_parent_wait_for_a_person(self) -> None:
        joins = Join.objects.filter(company__company_key="x-ceb-greentech")

        assert {join.state for join in joins} == {"not_confirmed"}
        sources = set(
            Disclosure.objects.filter(company__company_key="x-ceb-greentech").values_list("source", flat=True)
        )
        assert {join.source for join in joins} == sources

    def test_a_doubtful_year_and_two_financial_years_are_flagged(self) -> None:
        flagged = Disclosure.objects.filter(company__company_key__in=self.keys).exclude(quality_flag="")
        found = {(row.company.company_key, row.year): row.quality_flag for row in flagged.select_related("company")}

        assert "doubtful" in found["nz-crrc", 2023]
        assert "April 2020-March 2021" in found["nz-daikin-industries", 2020]
        assert "May 2022-April 2023" in found["x-systemair", 2023]

    def test_output_that_was_worked_back_says_so(self) -> None:
        row = Solution.objects.get(disclosure__company__company_key="x-calb")

        assert (row.units_made, row.units_sold, row.basis) == (41508900.0, None, "calculated")

    def test_what_the_universe_said_of_a_company_stays(self) -> None:
        company = Company.objects.get(company_key="tw-28997300")

        assert (company.name_zh, company.name_en) == ("元晶", "TSEC Corporation")
        assert company.source.startswith("Taiwan Ministry of Environment")
        standing = Disclosure.objects.standing().get(company=company, year=2024)
        assert standing.values()[Quantity.SCOPE_1] == 4895.0
        assert standing.values()[Quantity.ENERGY] == 349256700.0
        assert standing.revenue_boundary == "mismatched"

    def test_46_theme_shares_are_third_party_extractions(self) -> None:
        rows = Financials.objects.filter(theme_share__isnull=False, source__startswith="GCAA carbon-watch")

        assert rows.count() == 46
        assert all("third-party extraction" in row.source and (row.theme_share or 0) <= 1 for row in rows)

    def test_peers_have_scope_2_both_ways_and_the_doubtful_rows_are_not_among_them(self) -> None:
        peers = Disclosure.objects.filter(company__company_key__startswith="kk-")
        figures = Figure.objects.filter(disclosure__in=peers)
        kinds = set(figures.filter(quantity__in=SCOPE_2).values_list("quantity", flat=True))
        names = set(Company.objects.filter(company_key__startswith="kk-").values_list("name_en", flat=True))

        assert kinds == {Quantity.SCOPE_2_LOCATION, Quantity.SCOPE_2_MARKET}
        left_out = ["Autoliv", "H&M", "Fenix", "Dometic", "Diös", "Ratos", "Peab", "Södra", "Svevia", "Bravida"]
        assert [name for name in names for word in left_out if name.startswith(word)] == []
        assert not peers.filter(company__company_key="kk-holmen", year=2022).exists()
        assert not Disclosure.objects.filter(
            company__company_key__in=["gl-abb", "nz-alfa-laval-ab"], year=2022, figures__quantity=SCOPE_2[0]
        ).exists()


def test_every_row_that_ships_has_a_source_and_terms() -> None:
    for folder in (words.DEMO_CANDIDATES, words.DEMO_PEERS):
        for row in shipped(folder):
            assert row["source_title"] and row["source_ref"] and row["licence"], row
            assert row["source_title"] != "same" and row["source_ref"] != "same"


def test_nothing_of_the_figures_that_may_not_be_shipped_is_shipped() -> None:
    """By their sources and by digests of company, year, quantity and value of those that have no other source."""
    told = [
        (row["company_key"], row["year"], row["quantity"], row["value"], row["source_title"])
        for row in shipped(words.DEMO_CANDIDATES)
    ]
    assert [row for row in told if "TWSE" in row[4] or "SimFin" in row[4] or "Tushare" in row[4]] == []
    digests = {hashlib.sha256("|".join(row[:4]).encode()).hexdigest()[:16] for row in told}
    listed = (DATA.parents[1] / "tests/portfolio/universe/not_to_ship.txt").read_text(encoding="ascii").split()
    assert len(listed) > 100 and not digests.intersection(listed)
