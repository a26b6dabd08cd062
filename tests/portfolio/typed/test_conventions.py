"""What a file is written in, seen before it is read: encoding, separator, header, and one way of writing numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fund.models import Position
from portfolio.models import Company
from portfolio.typed.tables import whole_table
from tests import make
from tests.portfolio.typed.test_tables import as_csv, as_workbook, read, rows_of, saved


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


# --- any text ------------------------------------------------------------------------------------------
PLAIN = "公司,年份,用电量（千瓦时）\n宁德时代新能源科技股份有限公司,2024,12.5\n上海电力,2024,7\n"
TRADITIONAL = "公司,年份,用電量\n台灣積體電路製造股份有限公司,2024,12.5\n鴻海精密,2024,7\n"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (PLAIN, "utf-8", ""),
        (PLAIN, "utf-8-sig", ""),
        (PLAIN, "gb18030", "GB18030"),
        (TRADITIONAL, "gb18030", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
        (PLAIN, "utf-16", "UTF-16"),
        (PLAIN, "utf-16-le", "UTF-16"),
        (PLAIN, "utf-16-be", "UTF-16"),
        (PLAIN, "utf-32", "UTF-32"),
        ("公司,年度,電力使用量\nトヨタ自動車,2024,12.5\nソニーグループ,2024,7\n", "cp932", "Shift-JIS"),
        ("société,année,électricité\nSociété Générale,2024,12.5\nCrédit Agricole,2024,7\n", "cp1252", "Windows-1252"),
        ("firma,Jahr,Stärke\nMünchener Rück,2024,12.5\nSüdzucker – B,2024,7\n", "cp1252", "Windows-1252"),
    ],
)
def test_a_text_is_read_in_the_encoding_that_it_is_plausible_in_and_it_is_said(
    text: str, codec: str, name: str
) -> None:
    table, faults = read(text.encode(codec))
    assert table is not None and not faults
    assert [[*row.cells.values()] for row in table.rows] == [line.split(",") for line in text.splitlines()[1:]]
    assert table.notes == ([f"t: not in UTF-8; read as {name}"] if name else [])


@pytest.mark.parametrize(
    ("text", "codec"),
    [("甲钢", "gb18030"), ("蜀光", "gb18030"), ("삼성전자", "cp949"), ("联通", "gb18030"), ("三商", "big5")],
)
def test_a_text_that_reads_in_several_ways_is_asked_about_and_never_guessed(text: str, codec: str) -> None:
    table, faults = read(f"key,tonnes\n{text},1\n".encode(codec))
    assert table is None
    assert [(fault.line, "several ways" in fault.found) for fault in faults] == [(faults[0].line, True)]
    assert text in faults[0].found and "CSV UTF-8" in faults[0].expected


@pytest.mark.parametrize("content", ["счёт,кВт·ч\n1,2\n".encode("cp1251"), b"a,b\n\xff\xfe\xfd,1\n", b"a\0b,\xff\n"])
def test_a_text_in_no_known_encoding_says_the_remedy(content: bytes) -> None:
    table, faults = read(content)
    assert table is None and ["CSV UTF-8" in fault.expected for fault in faults] == [True]


@pytest.mark.parametrize(("separator", "said"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical lines")])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_the_separator_is_seen_in_the_header(separator: str, said: str, codec: str) -> None:
    text = 'key,tonnes,note\na,1,"x,y"\n'.replace(",", separator).replace(f"x{separator}y", "x,y")
    table, faults = read(text.encode(codec), "key", "tonnes")
    assert table is not None and not faults
    assert [row.cells for row in table.rows] == [{"key": "a", "tonnes": "1", "note": "x,y"}]
    assert table.notes[-1] == f"t: read with {said} between cells"
    assert whole_table(table.text.encode()).rows[0].cells == table.rows[0].cells


def test_a_comma_in_a_name_is_no_separator_and_a_semicolon_in_a_header_of_commas_neither() -> None:
    for content in (b"key;tonnes, all\na;1\n", b"key,tonnes;all\na,1\n"):
        table, _faults = read(content, "key")
        assert table is not None and [row.typed("key") for row in table.rows] == ["a"]


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("Holdings of the fund,,\n,,\n", 3),
        ("基金持仓\n截至 2026-09-30\n,t,\n", 4),
        ("sep=,\n# Greenlight\nTitle,,\n", 4),
    ],
)
def test_a_header_below_titles_and_units_is_found_and_its_line_is_said(above: str, line: int) -> None:
    table, faults = read(f"{above}key,tonnes,note\na,x,\n".encode(), "key", "tonnes")
    assert table is not None and not faults
    assert table.notes == [f"t: the header was found on line {line}; what stands above it is not read"]
    table.rows[0].number("tonnes")
    assert faults[0].line == line + 1


def test_a_header_is_looked_for_in_a_workbook_too_and_the_other_sheets_are_named() -> None:
    found, faults = read(as_workbook([["Holdings"], [], ["key", "tonnes"], ["a", 1]]), "key", "tonnes")
    assert found is not None and not faults and found.rows[0].line == 4
    book = openpyxl.Workbook()
    book.worksheets[0].append(["read me"])
    book.create_sheet("data").append(["key"])
    table, faults = read(saved(book), "key")
    assert table is not None and not table.is_usable
    assert ("further sheets: “data”", "the table on the first sheet") in [(f.found, f.expected) for f in faults]


@pytest.mark.parametrize("head", ["sep=;\n", "# made by Greenlight\n# for a test\n"])
def test_lines_about_the_file_are_no_rows_of_it(head: str) -> None:
    table, faults = read(f"{head}key;tonnes\na;1\n".encode(), "key")
    assert table is not None and not faults
    assert (table.header, table.notes) == (["key", "tonnes"], ["t: read with semicolons between cells"])


@pytest.mark.parametrize("around", ["\u200b%s", "%s\ufeff", "\u2060%s\u200d"])
def test_an_invisible_character_is_left_out_of_a_head_and_asked_about_in_a_key(around: str) -> None:
    table, _faults = read(f"{around % 'key'},\u00a0tonnes\n{around % 'a'},1\n\u00a0b,2\n".encode(), "key", "tonnes")
    assert table is not None and "invisible characters" in table.notes[0]
    assert [row.text("key") for row in table.rows] == ["", "b"]
    [fault] = table.faults
    assert "is “a” meant?" in fault.expected and "U+" in fault.expected


# --- one way of writing numbers --------------------------------------------------------------------------
def numbers(content: bytes, **how: Any) -> tuple[list[float | None], list[str], list[str]]:
    """What the column n says, what is expected of its cells, and the sentences."""
    table, faults = read(content, "n")
    assert table is not None
    return [row.number("n", **how) for row in table.rows], [f.expected for f in faults], table.gone_wrong()


def column(*cells: str) -> bytes:
    return as_csv([["key", "n"], *([str(at), cell] for at, cell in enumerate(cells))])


@pytest.mark.parametrize(
    ("shows", "asked"),
    [("1.000.000", "1.500"), ("1.234,56", "1.500"), ("12.345.678,9", "-2.125")],
)
def test_a_dot_before_three_digits_is_asked_about_where_the_file_groups_by_dots(shows: str, asked: str) -> None:
    values, expected, _ = numbers(column("7", shows, asked, "1.5"))
    assert values == [7.0, None, None, 1.5]
    meant = asked.replace(".", ",")
    assert expected[1] == f"one way of writing numbers; this file writes {shows}: is {meant} meant?"


def test_the_file_is_judged_whole_and_not_by_the_column_or_the_rows_before() -> None:
    table, faults = read(b"n,other\n1.500,x\n2.500,1.000.000\n", "n")
    assert table is not None
    assert [row.number("n") for row in table.rows] == [None, None] and len(faults) == 2


def test_a_dot_before_three_digits_is_a_decimal_point_elsewhere() -> None:
    assert numbers(column("1.234", "1.500", "7")) == ([1.234, 1.5, 7.0], [], [])


@pytest.mark.parametrize("cells", [("1,234", "2,500"), ("1,234", "7", "12,000"), ("-3,125", "1,000")])
def test_a_column_whose_commas_all_stand_before_three_digits_is_asked_about(cells: tuple[str, ...]) -> None:
    for how in ({}, {"may_group": True}):
        values, expected, _ = numbers(column(*cells), **how)
        assert values == [float(cell) if "," not in cell else None for cell in cells]
        assert all("may stand for a decimal point or between thousands" in each for each in expected)


@pytest.mark.parametrize("tell", ["1,234,567", "1,234.5", "0.5"])
def test_commas_group_where_the_column_says_so_and_the_door_takes_them(tell: str) -> None:
    plain = float(tell.replace(",", ""))
    assert numbers(column("2,500", tell), may_group=True)[0] == [2500.0, plain]
    values, expected, _ = numbers(column("2,500", tell))
    assert values[0] is None and expected[0] == "a number without grouping; is 2500 meant?"
    assert numbers(column("2,500", tell, "0,5"), may_group=True)[0] == [None, plain if "," not in tell else None, None]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read_where_commas_part_nothing_and_it_is_said(separator: str) -> None:
    cells = ("0,5", "1.234,56", "1.000.000", "7", "-2,25", "1,234")
    content = f"key{separator}n\n" + "".join(f"a{separator}{cell}\n" for cell in cells)
    table, faults = read(content.encode(), "n")
    assert table is not None
    assert [row.number("n") for row in table.rows] == [0.5, 1234.56, 1e6, 7.0, -2.25, 1.234] and not faults
    assert table.notes[-1].startswith("t: read with decimal commas, such as ")
    again = whole_table(table.text.encode())
    assert [row.number("n") for row in again.rows][:2] == [0.5, 1234.56]


@pytest.mark.parametrize("other", ["0.5", "1.500"])
def test_a_dot_among_decimal_commas_is_asked_about(other: str) -> None:
    values, expected, _ = numbers(f"key;n\na;0,5\nb;{other}\n".encode())
    assert values == [0.5, None] and "this file writes 0,5" in expected[0]


@pytest.mark.parametrize("cells", [("0,5", "1,000,000"), ("1,234", "2,500")])
def test_semicolons_alone_make_no_decimal_commas(cells: tuple[str, ...]) -> None:
    assert numbers("".join(["key;n\n", *(f"a;{cell}\n" for cell in cells)]).encode())[0] == [None, None]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("0,5", "0,6"), "t: n: 2 of 2 cells are decimal commas (0,5, 0,6)"),
        (("1,000,000", "2,500.5"), "t: n: 2 of 2 cells have commas between thousands (1,000,000, 2,500.5)"),
        (("1.000.000", "1.234,5"), "t: n: 2 of 2 cells have dots between thousands (1.000.000, 1.234,5)"),
        (("1,234", "2,500"), "t: n: 2 of 2 cells have a comma that may be"),
        (("NaN", "-", "无"), "t: n: 3 of 3 cells are words for nothing (NaN, -, 无)"),
        (("5%", "60 ％"), "t: n: 2 of 2 cells are percents (5%, 60 ％)"),
        (("5 t", "6 t"), "t: n: 2 of 2 cells are refused (5 t, 6 t); expected: a number such as 1234.5"),
        (("0,5",) * 9 + ("7",), "t: n: 9 of 10 cells are decimal commas (0,5)"),
    ],
)
def test_a_column_that_went_wrong_is_one_sentence(cells: tuple[str, ...], said: str) -> None:
    told = numbers(column(*cells, ""))[2]
    assert len(told) == 1 and told[0].startswith(said)


@pytest.mark.parametrize("cells", [("0,5",), ("0,5",) * 8 + ("7",) * 2, ("0,5", "5%")])
def test_one_cell_or_several_reasons_are_no_sentence(cells: tuple[str, ...]) -> None:
    assert numbers(column(*cells))[2] == []


@pytest.mark.parametrize(("cell", "meant"), [("50", "0.5"), ("60%", "0.6"), ("2", "0.02"), ("0.5 ％", "0.005")])
def test_a_share_that_can_only_be_a_percentage_is_asked_about(cell: str, meant: str) -> None:
    [row] = rows_of(column(cell))
    assert row.share("n") is None
    assert [fault.expected for fault in row.faults] == [f"a share from 0 to 1; is {meant} meant?"]


@pytest.mark.parametrize("cell", ["0", "0.5", "1", "1.1"])
def test_a_share_and_a_little_more_than_all_of_it_are_read(cell: str) -> None:
    [row] = rows_of(column(cell))
    assert row.share("n") == float(cell) and not row.faults


# --- every door ------------------------------------------------------------------------------------------
HOLDINGS = "holding_key,company_key,asset_class,instrument,currency,as_of,source,outstanding\n" + "".join(
    f"{key},demo-alpha,listed_equity,甲公司股份有限公司普通股,CNY,2025-06-30,托管行,{amount}\n"
    for key, amount in (("a", "1500.5"), ("b", "1234.56"))
)
EUROPEAN = HOLDINGS.replace(",", ";").replace("1500.5", "1500,5").replace("1234.56", "1.234,56")
IN_OTHER_FORMS = {
    "GB18030": HOLDINGS.encode("gb18030"),
    "UTF-16": HOLDINGS.encode("utf-16"),
    "decimal commas": EUROPEAN.encode(),
    "both": EUROPEAN.encode("gb18030"),
    "a title": f"基金持仓表\n\n{HOLDINGS}".encode(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("content", IN_OTHER_FORMS.values(), ids=IN_OTHER_FORMS)
def test_holdings_in_another_form_are_entered_as_they_are_meant_and_the_page_says_how_they_were_read(
    content: bytes,
) -> None:
    fund, client = make.fund(), Client()
    make.company()
    client.force_login(make.dan())
    given = {"kind": "positions", "fund": fund.pk, "file": SimpleUploadedFile("h.csv", content)}
    page = client.post(reverse("admin:fund_holding_import"), given, follow=True)
    assert sorted(Position.objects.values_list("outstanding", flat=True)) == [1234.56, 1500.5]
    assert {one.instrument for one in (each.holding for each in Position.objects.all())} == {"甲公司股份有限公司普通股"}
    assert "h.csv: " in " ".join(map(str, page.context["messages"]))


@pytest.mark.django_db
def test_a_column_of_holdings_that_went_wrong_is_said_first_by_page_and_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fund, client = make.fund(), Client()
    make.company()
    client.force_login(make.dan())
    content = HOLDINGS.replace("1500.5", '"1500,5"').replace("1234.56", '"34,5"').encode()
    given = {"kind": "positions", "fund": fund.pk, "file": SimpleUploadedFile("h.csv", content)}
    client.cookies["django_language"] = "en"
    said = "h.csv: outstanding: 2 of 2 cells are decimal commas (1500,5, 34,5)"
    assert said in client.post(reverse("admin:fund_holding_import"), given).content.decode()
    (tmp_path / "h.csv").write_bytes(content)
    with pytest.raises(SystemExit, match="^1$"):
        call_command("import_holdings", str(tmp_path / "h.csv"))
    assert capsys.readouterr().err.startswith(said)
    assert not Position.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_universe_in_another_encoding_is_loaded_and_a_column_that_went_wrong_is_said_first(
    tmp_path: Path, codec: str
) -> None:
    head = "company_key,name,country,sector,sector_scheme,source,licence\n"
    rows = [f"t-{at},{name}钢铁股份有限公司,XXX,metals,Greenlight,公司年报,none\n" for at, name in enumerate("甲乙丙")]
    (tmp_path / "companies.csv").write_bytes((head + "".join(rows)).encode(codec))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("load_universe", str(tmp_path), stdout=out)
    assert out.getvalue().startswith("companies.csv: country: 3 of 3 cells are refused (XXX)")
    table = (head + "".join(rows)).replace("XXX", "CHN")
    (tmp_path / "companies.csv").write_bytes(table.encode(codec))
    call_command("load_universe", str(tmp_path), stdout=out)
    assert set(Company.objects.values_list("name_zh", flat=True)) == {f"{name}钢铁股份有限公司" for name in "甲乙丙"}
