"""Every list that offers CSV offers a workbook of the same rows."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from fund.pipeline.requests.report import RequestList
from portfolio.lists import FilterSet
from scoring.candidates.listing import CandidateList
from scoring.peers.listing import PeerList
from scoring.runs import queue as runs
from tests import make
from tests.fund.holdings.test_book import held
from tests.make_candidates import candidate, say, score
from tests.scoring.pages import scored, signed_in

TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+\+08:00")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


def rows(client: Client, name: str, kind: str, query: str = "", *args: object) -> list[list[str]]:
    """The rows of the file as texts."""
    answer = client.get(f"{reverse(f'{name}_{kind}', args=args)}?meta=0&{query}")
    assert answer.status_code == 200
    content = b"".join(answer)  # type: ignore[arg-type]
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[_text(cell.value) for cell in row] for row in sheet.iter_rows()]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def alike(client: Client, name: str, query: str = "", *args: object) -> list[list[str]]:
    """The rows of the workbook, held against those of the CSV; 5.0 and 5 are one number."""
    book = rows(client, name, "xlsx", query, *args)
    assert [[_number(cell) for cell in row] for row in book] == [
        [_number(cell.removeprefix("'")) for cell in row] for row in rows(client, name, "csv", query, *args)
    ]
    told = client.get(f"{reverse(f'{name}_csv', args=args)}?{query}")
    lines = b"".join(told).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    about = client.get(f"{reverse(f'{name}_xlsx', args=args)}?{query}")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(about))).worksheets[0]  # type: ignore[arg-type]
    names = [str(row[0].value) for row in sheet.iter_rows()]
    assert names == [re.split("：|: ", line[2:])[0] for line in lines[: len(names)]] and len(names) >= 5
    return book


def _number(cell: str) -> object:
    if TIME.fullmatch(cell):
        return cell[:10]
    try:
        return float(cell)
    except ValueError:
        return cell


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_list_gives_the_same_rows_either_way(language: str) -> None:
    fund, dan = make.fund(), make.dan()
    first = candidate(fund, "a", dan, name_en="=HYPERLINK(1)", name_zh="甲")
    second = candidate(fund, "b", dan, name_en="-1+2", name_zh="乙")
    make.scoreable("peer", name_en="@peer", name_zh="丙")
    scored()
    say(first, "exclusion", "yes", by=dan)
    run = scored()
    held(fund)
    carol = signed_in(make.carol(), language)
    assert len(alike(carol, "candidates")) == 3
    assert len(alike(carol, "candidates", "q=b")) == 2
    assert len(alike(carol, "scoring:peers")) == 3
    assert len(alike(carol, "scoring:run_moves", "", run.pk)) == 2
    assert len(alike(carol, "compare", f"c={first.pk}&c={second.pk}")) > 10
    assert len(alike(carol, "portfolio")) == 2


@pytest.mark.parametrize("filters", [CandidateList, PeerList, RequestList])
def test_every_order_of_a_list_has_words_for_its_file(filters: type[FilterSet]) -> None:
    known = {code.removeprefix("-") for code, _word in filters.base_filters["ordering"].extra["choices"]}
    assert known == filters.orders.keys()


def test_no_code_stands_in_a_chinese_file() -> None:
    fund = make.fund()
    held(fund)
    score(candidate(fund, "a", make.dan()))
    carol = signed_in(make.carol(), "zh-hans")
    for address in (
        f"{reverse('candidates_csv')}?ordering=-margin_c",
        reverse("portfolio_csv"),
        reverse("requests_csv"),
    ):
        lines = b"".join(carol.get(address)).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
        head = next(line for line in lines if not line.startswith("#"))
        assert not re.search(r"[a-z]+_[a-z]", head), head
        assert not [line for line in lines if line.startswith("# 排序") and re.search("[a-z_]{3}", line)]


def test_a_file_is_refused_where_the_page_would_drop_a_filter() -> None:
    score(candidate(make.fund(), "a", make.dan()))
    assert signed_in(make.carol()).get(f"{reverse('candidates_xlsx')}?cleared=7").status_code == 404
