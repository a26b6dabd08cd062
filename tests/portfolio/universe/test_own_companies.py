"""Companies of one's own: a workbook, a list with another sector scheme, identifiers for keys, and the page."""

import io
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import AuditEvent, Company, Disclosure, Financials, Role, Target
from portfolio.typed.tables import Fault
from portfolio.universe import template
from portfolio.universe.columns import columns_of
from portfolio.universe.load import load, tried
from portfolio.universe.read import NotLoadable, read_tables
from portfolio.universe.sectors import standard_choice
from portfolio.universe.sources import Given, of_files, read
from portfolio.universe.tables import FORMS
from tests import make

pytestmark = pytest.mark.django_db

HEAD = "company_key,name,country,sector,sector_scheme,source,licence"
NOTHING, GIVEN = Given(), Given("our own list", "own data")


def book(**sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def faults(files: dict[str, bytes], given: Given = NOTHING) -> list[Fault]:
    with translation.override("en"), pytest.raises(NotLoadable) as refused:
        read_tables(of_files(files, given))
    return refused.value.faults


# --- sectors ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scheme", "word", "isic", "sector"),
    [
        ("ISIC", "C27", "C27", "machinery"),
        ("ISIC Rev. 4", "2711", "C27", "machinery"),
        ("isic", "D35", "D35", "power"),
        ("NACE", "28.13", "C28", "machinery"),
        ("NACE Rev. 2", "K64.19", "K64", "finance"),
        ("NACE", "1.11", "A01", "food"),  # a spreadsheet's 01.11
        ("GB/T 4754-2017", "C3825", "C27", "machinery"),
        ("GB/T 4754", "44", "D35", "power"),
        ("国民经济行业分类", "电力、热力生产和供应业", "D35", "power"),
        ("GB/T 4754", "C30 非金属矿物制品业", "C23", "minerals"),
        ("Greenlight", "metals", "", "metals"),
        ("Greenlight", "金属", "", "metals"),
    ],
)
def test_a_standard_scheme_needs_no_crosswalk(scheme: str, word: str, isic: str, sector: str) -> None:
    choice = standard_choice(scheme, word)

    assert choice is not None
    assert (choice.isic, choice.sector) == (isic, sector)


@pytest.mark.parametrize(
    ("scheme", "word"),
    [
        ("ISIC", "D27"),  # the letter of another scheme
        ("ISIC", "111"),  # group 111, or 0111 without its zero
        ("GB/T 4754", "99"),
        ("NACE", "Utilities"),
        ("GICS", "Utilities"),
        ("Greenlight", "C27"),
    ],
)
def test_what_a_scheme_does_not_say_surely_is_no_sector(scheme: str, word: str) -> None:
    assert standard_choice(scheme, word) is None


def test_every_division_of_gb_t_4754_stands_in_one_of_isic() -> None:
    rows = [row for number in range(1, 100) if (row := standard_choice("GB/T 4754", f"{number:02d}"))]

    assert len(rows) == 97
    assert all(standard_choice("ISIC", row.isic) == row for row in rows)


def test_a_list_in_a_scheme_of_its_own_is_one_fault_a_word_and_loads_with_its_crosswalk() -> None:
    companies = "\n".join(
        [HEAD]
        + [f"g-{n},Company {n},USA,{word},GICS,list,own" for n, word in enumerate(["Utilities"] * 3 + ["Banks"] * 2)]
    ).encode()

    found = faults({"companies.csv": companies})

    assert [(fault.line, fault.found) for fault in found] == [(2, "GICS: Utilities"), (5, "GICS: Banks")]
    assert found[0].expected.endswith("sector_crosswalk.csv (and 2 more rows)")

    crosswalk = b"sector_scheme,sector,isic,scoring_sector\nGICS,Utilities,D35,\nGICS,Banks,,finance\n"
    load(read_tables(of_files({"companies.csv": companies, "sector_crosswalk.csv": crosswalk})))
    assert set(Company.objects.values_list("sector", "isic")) == {("finance", ""), ("power", "D35")}


def test_a_crosswalk_that_maps_to_nothing_is_refused() -> None:
    companies = f"{HEAD}\ng-1,Company,USA,Banks,GICS,list,own\n".encode()
    crosswalk = b"sector_scheme,sector,isic,scoring_sector\nGICS,Banks,Z99,\nGICS,Retail,,shops\nGICS,Steel,,\n"

    found = faults({"companies.csv": companies, "sector_crosswalk.csv": crosswalk})

    assert [(fault.file, fault.line, fault.column) for fault in found] == [
        ("companies.csv", 2, "sector"),
        ("sector_crosswalk.csv", 2, "isic"),
        ("sector_crosswalk.csv", 3, "scoring_sector"),
        ("sector_crosswalk.csv", 4, "scoring_sector"),
    ]


# --- sources ------------------------------------------------------------------------------------------------
def test_a_workbook_is_a_universe_whatever_its_sheets_are_called(tmp_path: Path) -> None:
    content = book(
        公司=[HEAD.split(","), ["w-1", "示例风机", "CHN", "C3415", "GB/T 4754", "年报", "own"]],
        Sheet2=[
            ["company_key", "year", "revenue", "currency", "source", "licence"],
            ["w-1", 2024, 8_600_000_000, "CNY", "年报", "own"],
        ],
        disclosures=[["company_key", "year", "scope1_t", "source", "licence"], ["w-1", 2024, 18500, "年报", "own"]],
    )
    (tmp_path / "mine.xlsx").write_bytes(content)

    report = load(read(tmp_path / "mine.xlsx"))

    assert {kind: report.counts[kind].created for kind in ("companies", "financials", "disclosures")} == {
        "companies": 1,
        "financials": 1,
        "disclosures": 1,
    }
    assert not load(read(tmp_path / "mine.xlsx")).changed_anything


def test_columns_may_stand_under_their_names_as_a_spreadsheet_pastes_them() -> None:
    pasted = "企业编号\t名称\t国家\t行业\t行业分类\nw-1\t示例风机\tCHN\tC3415\tGB/T 4754\n".encode()
    figures = "企业编号\t年份\t范围一\t用电量\nw-1\t2024\t18500\t76000000\n".encode()

    load(read_tables(of_files({"a.csv": pasted, "填报.csv": figures}, GIVEN)))

    assert Company.objects.get().name_zh == "示例风机"
    assert dict(Disclosure.objects.get().figures.values_list("quantity", "value")) == {
        "scope1_t": 18500,
        "electricity_kwh": 76000000,
    }


def test_a_sheet_that_is_none_of_the_tables_is_named() -> None:
    found = faults({"mine.xlsx": book(Notes=[["something"], ["else"]])})

    assert [(fault.file, fault.found) for fault in found] == [("mine.xlsx[Notes]", "Notes")]


@pytest.mark.parametrize("notes", [[["Bitte prüfen"], ["Stand 30.09.2026"]], [["name", "Telefon"]], [["Quelle"]]])
def test_a_sheet_of_notes_beside_the_companies_is_named_and_not_read(tmp_path: Path, notes: list[list[object]]) -> None:
    rows = [["Liste 2026"], [], HEAD.split(","), ["w-1", "Müller", "DEU", "C28", "NACE", "list", "own"]]
    (tmp_path / "mine.xlsx").write_bytes(book(companies=rows, Notizen=notes))

    with translation.override("en"):
        report = load(read(tmp_path / "mine.xlsx"))

    assert report.counts["companies"].created == 1
    assert "mine.xlsx[Notizen]: none of the tables, and not read" in report.notes


def test_a_sheet_with_columns_of_ours_is_never_left_out() -> None:
    rows = [HEAD.split(","), ["w-1", "Company", "USA", "C27", "ISIC", "list", "own"]]
    found = faults({"mine.xlsx": book(companies=rows, Zahlen=[["company_key", "year", "Umsatz"], ["w-1", 2024, 5]])})

    assert [(fault.file, fault.found) for fault in found] == [("mine.xlsx[Zahlen]", "Zahlen")]


def test_one_table_twice_is_a_fault_not_a_choice() -> None:
    rows = [HEAD.split(","), ["w-1", "Company", "USA", "C27", "ISIC", "list", "own"]]

    assert [fault.expected for fault in faults({"mine.xlsx": book(companies=rows, 公司=rows)})] == ["each table once"]


def test_source_and_licence_may_be_given_once_for_all_rows() -> None:
    companies = (
        b"company_key,name,country,sector,sector_scheme,source\nw-1,A,USA,C27,ISIC,\nw-2,B,USA,C27,ISIC,own page\n"
    )

    load(read_tables(of_files({"companies.csv": companies}, GIVEN)))

    assert list(Company.objects.order_by("company_key").values_list("source", "licence")) == [
        ("our own list", "own data"),
        ("own page", "own data"),
    ]
    assert {fault.column for fault in faults({"companies.csv": companies})} == {"source", "licence"}


# --- identifiers --------------------------------------------------------------------------------------------
def test_a_company_without_a_key_is_the_one_with_its_identifier() -> None:
    known = make.company("gl-apple", isin="US0378331005")
    companies = (
        b"name,country,sector,sector_scheme,isin,lei\n"
        b"Apple,USA,C26,ISIC,US0378331005,\nNew one,DEU,C28,NACE,,5493001KJTIIGC8Y1R12\n"
    )
    financials = (
        b"company_key,year,revenue,currency\nUS0378331005,2024,391000000000,USD\n5493001KJTIIGC8Y1R12,2024,5,EUR\n"
    )

    load(read_tables(of_files({"companies.csv": companies, "financials.csv": financials}, GIVEN)))

    assert list(Company.objects.order_by("company_key").values_list("company_key", flat=True)) == [
        "gl-apple",
        "own-5493001kjtiigc8y1r12",
    ]
    known.refresh_from_db()
    assert known.isic == "C26"
    assert set(Financials.objects.values_list("company__company_key", flat=True)) == {
        "gl-apple",
        "own-5493001kjtiigc8y1r12",
    }


@pytest.mark.parametrize(
    ("column", "identifier"),
    [("isin", "US0378331005"), ("lei", "HWUPKR0MPOU8FGXBT394"), ("isin", "us0378331005")],
)
def test_an_identifier_in_place_of_the_key_updates_the_company_on_record(column: str, identifier: str) -> None:
    make.company("gl-apple", **{column: identifier.upper()})

    report = load(read_tables(of_files({"companies.csv": f"{HEAD}\n{identifier},Apple,USA,C26,ISIC,l,o\n".encode()})))

    assert (report.counts["companies"].created, report.counts["companies"].changed) == (0, 1)
    assert Company.objects.get().company_key == "gl-apple"


def test_an_identifier_of_two_companies_asks_which_is_meant() -> None:
    make.company("gl-one", isin="US0378331005")
    make.company("gl-two", isin="US0378331005")
    financials = b"company_key,year,revenue,currency\nUS0378331005,2024,391,USD\n"

    found = faults({"financials.csv": financials}, GIVEN)

    assert ("company_key", "one of: gl-one, gl-two") in [(fault.column, fault.expected) for fault in found]


def test_a_company_without_key_and_identifier_is_asked_for_one() -> None:
    found = faults({"companies.csv": b"name,country,sector,sector_scheme\nNobody,USA,C27,ISIC\n"}, GIVEN)

    assert [fault.column for fault in found] == ["company_key"]


# --- before and after ---------------------------------------------------------------------------------------
def test_trying_tells_what_would_change_and_writes_nothing() -> None:
    companies = f"{HEAD}\nw-1,Wind One,USA,C28,ISIC,list,own\n".encode()
    load(read_tables(of_files({"companies.csv": companies})))
    events = AuditEvent.objects.count()

    with translation.override("en"):
        report = tried(read_tables(of_files({"companies.csv": companies.replace(b"Wind One", b"Wind 1")})))

    assert [(change.field, change.before, change.now) for change in report.changes] == [
        ("English name", "Wind One", "Wind 1")
    ]
    assert Company.objects.get().name_en == "Wind One"
    assert AuditEvent.objects.count() == events


# --- the template -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_example_loads_as_it_stands(language: str) -> None:
    with translation.override(language):
        content = template.workbook(with_examples=True)

    load(read_tables(of_files({"example.xlsx": content})))

    assert Company.objects.count() == 2
    assert (Disclosure.objects.count(), Financials.objects.count(), Target.objects.count()) == (1, 2, 1)


def test_the_empty_template_says_that_it_is_empty() -> None:
    assert faults({"template.xlsx": template.workbook(with_examples=False)})


def test_every_column_of_every_table_is_explained_in_both_languages() -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for table, form in FORMS.items():
                columns = columns_of(table)
                assert {column.name for column in columns} == {*form.required, *form.optional}
                assert all(column.label for column in columns)


# --- the page -----------------------------------------------------------------------------------------------
PAGE = "/app/companies/load/"


def signed_in(role: str | None) -> Client:
    client = Client()
    client.force_login(make.user(f"somebody-{role}", role=role))
    return client


def test_the_page_checks_then_loads_what_was_checked() -> None:
    client = signed_in(Role.ADMIN)
    text = f"{HEAD}\nw-1,Wind One,USA,C28,ISIC,list,own\n"

    checked = client.post(PAGE, {"text_companies": text})

    assert checked.status_code == 200
    assert not Company.objects.exists()
    digest = checked.context["report"].digest
    loaded = client.post(PAGE, {"text_companies": text, "checked": digest})
    assert (loaded.status_code, loaded["Location"]) == (302, reverse("scoring:peers"))
    assert Company.objects.get().company_key == "w-1"
    assert AuditEvent.objects.get(verb="universe.loaded").actor == "somebody-admin"


def test_what_was_changed_after_the_check_is_checked_again() -> None:
    client = signed_in(Role.ADMIN)
    text = f"{HEAD}\nw-1,Wind One,USA,C28,ISIC,list,own\n"
    digest = client.post(PAGE, {"text_companies": text}).context["report"].digest

    again = client.post(PAGE, {"text_companies": text.replace("One", "Two"), "checked": digest})

    assert again.status_code == 200
    assert not Company.objects.exists()


def test_the_page_says_how_a_file_was_read() -> None:
    client = signed_in(Role.ADMIN)
    rows = [HEAD.split(","), ["w-1", "Müller", "DEU", "C28", "NACE", "list", "own"]]
    figures = [
        "company_key;year;revenue;currency;source;licence",
        "w-1;2024;123456789,25;EUR;Größe (für Öl);own",
    ]
    files = [
        SimpleUploadedFile("mine.xlsx", book(companies=rows, Notizen=[["Bitte prüfen"]])),
        SimpleUploadedFile("financials.csv", "\n".join(figures).encode("cp1252")),
    ]

    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.post(PAGE, {"uploaded": files})

    for note in (
        "mine.xlsx[Notizen]: none of the tables, and not read",
        "financials.csv: not in UTF-8; read as Windows-1252",
        "financials.csv: read with decimal commas, such as 123456789,25",
    ):
        assert answer.context["report"].notes.count(note) == 1
        assert note in answer.content.decode()


def test_rows_of_a_workbook_stand_in_the_boxes_with_all_their_faults() -> None:
    client = signed_in(Role.ADMIN)
    rows = [
        HEAD.split(","),
        ["w-1", "A", "USA", "Utilities", "GICS", "list", "own"],
        ["w-2", "B", "XXX", "C27", "ISIC"],
    ]
    file = io.BytesIO(book(companies=rows))
    file.name = "mine.xlsx"

    answer = client.post(PAGE, {"uploaded": file})

    assert answer.status_code == 400
    assert {fault.column for fault in answer.context["faults"]} == {"sector", "country", "source", "licence"}
    page = answer.content.decode()
    assert "w-1,A,USA,Utilities,GICS,list,own" in page
    assert "GICS,Utilities,,," in page  # the crosswalk to fill in


@pytest.mark.parametrize(("role", "status"), [(Role.FUND_MANAGER, 403), (Role.VERIFIER, 404), (None, 404)])
def test_only_administrators_load_companies(role: str | None, status: int) -> None:
    client = signed_in(role)

    assert client.get(PAGE).status_code == status
    assert client.get(f"{PAGE}template/").status_code == status


def test_a_box_with_nothing_in_it_says_what_to_do() -> None:
    answer = signed_in(Role.ADMIN).post(PAGE, {})

    assert answer.status_code == 400
    assert answer.context["form"].non_field_errors()


def test_the_template_is_a_workbook() -> None:
    answer = signed_in(Role.ADMIN).get(f"{PAGE}template/?example=1")

    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[:2] == ["companies", "sector_crosswalk"]
