"""Where the tables of a universe come from: a directory, a workbook, files by their names, or text that was pasted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from portfolio.typed import workbooks
from portfolio.typed.tables import Fault, Table, read_table
from portfolio.universe.columns import other_names
from portfolio.universe.read import Universe, read_tables
from portfolio.universe.tables import FORMS, Form, Sources
from portfolio.wording import listed

# What people call a sheet or a file; and the sheets of our own template that hold no rows of theirs.
NAMES = {
    "companies.csv": ("企业", "公司", "企业名单", "公司名单"),
    "sector_crosswalk.csv": ("行业对照", "行业对照表"),
    "tracks.csv": ("赛道",),
    "disclosures.csv": ("填报", "排放", "碳排放"),
    "financials.csv": ("财务", "财务数据"),
    "solutions.csv": ("销售与运营", "产品", "方案"),
    "gate_words.csv": ("准入条件", "准入"),
    "targets.csv": ("目标", "减排目标"),
    "facilities.csv": ("场所", "设施"),
    "joins.csv": ("数据归属",),
    "names.csv": ("中文名",),
    "figures.csv": ("逐项数据", "单项数据"),
}
NOT_READ = ("fields", "字段说明")
ENDINGS = (".csv", ".csv.gz", ".xlsx")
FEW_COLUMNS = 2  # one word may stand in a note


@dataclass(frozen=True)
class Given:
    """What holds for every row that does not say it itself."""

    source: str = ""
    licence: str = ""

    def columns(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def read(path: Path, given: Given = Given()) -> Universe:
    """A directory of tables, or one workbook or CSV file. Raises NotLoadable with every fault there is."""
    return read_tables(of_files({path.name: path.read_bytes()}, given) if path.is_file() else of_directory(path, given))


def of_files(files: Mapping[str, bytes], given: Given = Given()) -> Sources:
    """Workbooks and CSV files, each table found by the name of its sheet or file, else by its columns."""
    sources = Sources()
    for name, content in files.items():
        if content.startswith(workbooks.MAGIC):
            _take_sheets(name, content, given, sources)
        else:
            _take(PurePosixPath(name).name.partition(".")[0], content, name, None, given, sources)
    return _in_order(sources)


def of_directory(folder: Path, given: Given = Given()) -> Sources:
    """The tables that lie in it as CSV or workbook; that of the companies must be there."""
    sources = Sources()
    for name, form in FORMS.items():
        found = [path for path in _named(folder, name) if path.is_file()]
        if len(found) > 1:
            other = _("%(file)s beside it") % {"file": found[1].name}
            sources.faults.append(Fault(found[0].name, 0, "", other, _("one of the two")))
        if found:
            _read(name, form, found[0].read_bytes(), found[0].name, None, given, sources)
        elif name == "companies.csv":
            sources.unreadable.add(name)
            expected = _("this file; the others are optional")
            sources.faults.append(Fault(name, 0, "", _("no such file"), expected))
    return _in_order(sources)


def _named(folder: Path, name: str) -> Iterator[Path]:
    stem = name.removesuffix(".csv")
    for ending in ENDINGS:
        yield folder / f"{stem}{ending}"


def _in_order(sources: Sources) -> Sources:
    if not sources.faults and not any(table.rows for table in sources.tables.values()):
        sources.faults.append(Fault("-", 0, "", _("no rows"), _("at least one table with rows")))
    sources.tables = {name: sources.tables[name] for name in FORMS if name in sources.tables}
    return sources


def _take_sheets(name: str, content: bytes, given: Given, sources: Sources) -> None:
    """The tables of a workbook. Beside one of ours, a sheet without columns of ours (notes, a cover) is only named."""
    sheets = _sheets(name, content, sources)
    others = [sheet for sheet in sheets if not (kind_of(sheet) or _has_columns_of_ours(content, sheet, given))]
    if len(others) == len(sheets):
        others = []
    for sheet in sheets:
        if sheet in others:
            sources.notes.append(_("%(sheet)s: none of the tables, and not read") % {"sheet": f"{name}[{sheet}]"})
        else:
            _take(sheet, content, name, sheet, given, sources)


def _has_columns_of_ours(content: bytes, sheet: str, given: Given) -> bool:
    """Whether two of its heads are columns of one table: then it is meant to be read."""
    for form in FORMS.values():
        table = read_table(content, _required(form, given), _known(form), [], sheet=sheet)
        if table and len(set(table.header).intersection(_known(form))) >= FEW_COLUMNS:
            return True
    return False


def _sheets(name: str, content: bytes, sources: Sources) -> list[str]:
    try:
        return [sheet for sheet in workbooks.sheet_names(content) if _plain(sheet) not in NOT_READ]
    except workbooks.NoWorkbook:
        read_table(content, (), None, sources.faults, file=name)  # which says what is wrong with it
        return []


def _take(stem: str, content: bytes, file: str, sheet: str | None, given: Given, sources: Sources) -> None:
    """One table: which of ours it is, and what it holds."""
    name = kind_of(stem) or _by_columns(content, sheet, given)
    where = f"{file}[{sheet}]" if sheet else file
    if name is None:
        expected = _("a table named as one of: %(names)s; or with all its columns")
        names = listed(known.removesuffix(".csv") for known in FORMS)
        sources.faults.append(Fault(where, 0, "", stem, expected % {"names": names}))
    elif name in sources.tables or name in sources.unreadable:
        sources.faults.append(Fault(where, 0, "", name.removesuffix(".csv"), _("each table once")))
    else:
        _read(name, FORMS[name], content, file, sheet, given, sources)


def kind_of(stem: str) -> str | None:
    """The name in FORMS that a sheet or file is called by, in English or Chinese."""
    plain = _plain(stem)
    return next((name for name in FORMS if plain == name.removesuffix(".csv") or plain in NAMES[name]), None)


def _by_columns(content: bytes, sheet: str | None, given: Given) -> str | None:
    """The one whose required columns are all there and of whose columns it has most."""
    best: tuple[int, str] | None = None
    for name, form in FORMS.items():
        table = read_table(content, _required(form, given), _known(form), [], sheet=sheet, also=other_names(name))
        if table and table.is_usable:
            known = len(set(table.header).intersection(_known(form)))
            best = max(best or (0, ""), (known, name))
    return best[1] if best else None


def _read(name: str, form: Form, content: bytes, file: str, sheet: str | None, given: Given, sources: Sources) -> None:
    required, also = _required(form, given), other_names(name)
    table = read_table(content, required, _known(form), sources.faults, file=file, sheet=sheet, also=also)
    if table is None or not table.is_usable:
        sources.unreadable.add(name)
    if table is not None:
        _fill(table, form, given)
        sources.tables[name] = table


def _fill(table: Table, form: Form, given: Given) -> None:
    """What is given for all rows stands in each that has nothing of its own."""
    for column, value in given.columns().items():
        if column in _known(form):
            for row in table.rows:
                row.cells[column] = row.cells.get(column, "").strip() or value


def _required(form: Form, given: Given) -> list[str]:
    return [column for column in form.required if column not in given.columns()]


def _known(form: Form) -> tuple[str, ...]:
    return (*form.required, *form.optional)


def _plain(name: str) -> str:
    return re.sub(r"\s+", "_", name.strip().lower())
