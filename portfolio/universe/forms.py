"""Own companies: text pasted into a box for each table, or files whose rows then stand in the boxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.models import Company
from portfolio.universe.columns import Column, columns_of, table_label
from portfolio.universe.read import NotLoadable, Universe, read_tables
from portfolio.universe.sources import Given, of_files
from portfolio.universe.tables import FORMS, Sources

LARGEST_TEXT = 2_000_000  # characters in all boxes: Django refuses a form above 2.5 MB
LARGEST_FILES_MB = 10


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Cleans to a list, each file whole."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        return [super(FilesField, self).clean(each, initial) for each in data or ()]


class OwnCompaniesForm(forms.Form):
    """Checked and loaded from the boxes alone: what was checked is what a person sees."""

    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=Company._meta.get_field("source").max_length,
        help_text=gettext_lazy(
            "Where the rows are from, such as “Annual report 2024”. A row's own source comes first."
        ),
    )
    licence = forms.CharField(
        label=gettext_lazy("Licence"),
        required=False,
        max_length=Company._meta.get_field("licence").max_length,
        help_text=gettext_lazy("Terms of use, such as “own data”. A row's own licence comes first."),
    )
    uploaded = FilesField(
        label=gettext_lazy("Workbook or CSV files"),
        required=False,
        widget=SeveralFiles(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy("The template filled in, or tables of your own with the same columns."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        for table in FORMS:
            box = forms.CharField(label=table_label(table), required=False, strip=False, widget=forms.Textarea)
            box.widget.attrs |= {"rows": 6, "spellcheck": "false", "class": "table-text", "wrap": "off"}
            self.fields[box_name(table)] = box

    def clean(self) -> dict[str, Any]:
        """`universe` and `texts` of what is in the boxes, or the files in their place; else `faults`."""
        cleaned = super().clean() or {}
        given = Given(cleaned.get("source", ""), cleaned.get("licence", ""))
        self.faults: list[Any] = []
        self.universe: Universe | None = None
        self.gone_wrong: list[str] = []
        self.notes: list[str] = []  # how the files were read, which the boxes no longer show
        texts = {table: cleaned.get(box_name(table), "") for table in FORMS}
        if uploaded := cleaned.get("uploaded"):
            texts |= self._texts_of(uploaded, given)
        texts = {table: text for table, text in texts.items() if text.strip()}
        if not self.faults and not self.errors:
            self._read(texts, given)
        self.texts = texts
        return cleaned

    def _texts_of(self, uploaded: Iterable[UploadedFile[bytes]], given: Given) -> dict[str, str]:
        files = {file.name or "-": file for file in uploaded}
        if sum(file.size or 0 for file in files.values()) > LARGEST_FILES_MB * 2**20:
            self._too_large()
            return {}
        sources = of_files({name: file.read() for name, file in files.items()}, given)
        self.faults = sorted(set(sources.faults))
        self.notes = [*sources.notes, *(note for read in sources.tables.values() for note in read.notes)]
        found = {table: read.text for table, read in sources.tables.items()}
        if sum(map(len, found.values())) > LARGEST_TEXT:
            self._too_large()
            return {}
        return found

    def _too_large(self) -> None:
        words = _("These tables are too large for a page. From the command line: script/manage load_universe FILE")
        self.add_error("uploaded", words)

    def _read(self, texts: dict[str, str], given: Given) -> None:
        if not texts:
            self.add_error(None, _("Choose a file, or paste a table into a box below."))
            return
        sources: Sources = of_files({table: text.encode() for table, text in texts.items()}, given)
        try:
            self.universe = read_tables(sources)
            self.universe.notes = list(dict.fromkeys([*self.notes, *self.universe.notes]))
        except NotLoadable as refused:
            self.faults, self.gone_wrong = refused.faults, refused.gone_wrong
            crosswalk = "sector_crosswalk.csv"
            if refused.unmapped and crosswalk not in texts:
                rows = [f"{_quoted(scheme)},{_quoted(word)},,," for scheme, word in refused.unmapped]
                texts[crosswalk] = "\n".join(["sector_scheme,sector,isic,scoring_sector,judgement", *rows]) + "\n"

    def boxes(self) -> list[tuple[Any, list[Column], str]]:
        """Each box with its columns and what it holds now."""
        texts = getattr(self, "texts", {})
        return [(self[box_name(table)], columns_of(table), texts.get(table, "")) for table in FORMS]


def box_name(table: str) -> str:
    return f"text_{table.removesuffix('.csv')}"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell
