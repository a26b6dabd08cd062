"""Screen and rank: which companies, in which order, as the words of a URL say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db import models
from django.db.models.functions import Coalesce, NullIf
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portfolio.models import Company, Sector, Track
from portfolio.models.people import SomeUser
from scoring import cells
from scoring.charts import pillar_marks
from scoring.engine import ScoreRecord
from scoring.models import Score
from scoring.reading import QUALITY_MARKS, country_name, emissions_basis, missing_texts, quality_mark, reads_chinese

UNSCORED = "unscored"
STATUSES = [*Score.Status.choices, (UNSCORED, gettext_lazy("Not yet scored"))]
BANDS = "ABCDE"
PAGE_SIZES = (25, 50, 100)
DEFAULTS = {"ordering": "-score", "page_size": "25", "page": "1"}

ORDER_FIELDS = {
    "score": "latest__score__emissions_score",
    "coverage": "latest__score__coverage",
    "intensity": "latest__score__intensity",
    "emissions_t": "latest__score__emissions_t",
    "change": "change",
    "quality": "latest__score__data_quality",
    "year": "latest__score__data_year",
}


class PlainSelect(forms.Select):
    """The same list without a template for each of its options: they were a fifth of the page's CPU."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = str(value or "")
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((code, SELECTED if code == chosen else "", label) for code, label in self.choices),
        )
        return format_html('<select name="{}" id="{}">\n{}\n</select>', name, (attrs or {}).get("id", ""), options)


SELECTED = SafeString(" selected")


class ScreenForm(forms.Form):
    """What a URL may ask for. A value that is not here is named and dropped."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=80)
    sector = forms.ChoiceField(label=gettext_lazy("Sector"), required=False, widget=PlainSelect)
    track = forms.ChoiceField(label=gettext_lazy("Track"), required=False, widget=PlainSelect)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False, widget=PlainSelect)
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False, widget=PlainSelect)
    band = forms.ChoiceField(label=gettext_lazy("Band"), required=False, widget=PlainSelect)
    quality = forms.ChoiceField(label=gettext_lazy("Data quality"), required=False, widget=PlainSelect)
    year = forms.ChoiceField(label=gettext_lazy("Data year"), required=False, widget=PlainSelect)
    ordering = forms.ChoiceField(label=gettext_lazy("Order"), required=False)
    page_size = forms.ChoiceField(label=gettext_lazy("Rows"), required=False)
    page = forms.IntegerField(label=gettext_lazy("Page"), required=False, min_value=1, max_value=1_000_000)

    FILTERS = ("q", "sector", "track", "country", "status", "band", "quality", "year")

    def __init__(self, countries: Iterable[str], years: Iterable[int], **how: Any) -> None:
        super().__init__(**how)
        choices: dict[str, list[tuple[str, Any]]] = {
            "sector": list(Sector.choices),
            "track": list(Track.choices),
            "country": sorted(((code, country_name(code)) for code in countries), key=lambda pair: pair[1]),
            "status": list(STATUSES),
            "band": [(letter, letter) for letter in BANDS],
            "quality": [
                (str(grade), _("%(mark)s or better") % {"mark": mark}) for grade, mark in enumerate(QUALITY_MARKS, 1)
            ],
            "year": [(str(year), str(year)) for year in sorted(years, reverse=True)],
        }
        for name, options in choices.items():
            self._choices(name, [("", _("any")), *options])
        fields = ["name", *ORDER_FIELDS]
        self._choices("ordering", [(sign + field, field) for field in fields for sign in ("", "-")])
        self._choices("page_size", [(str(size), str(size)) for size in PAGE_SIZES])
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)

    def _choices(self, name: str, options: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = options

    @property
    def filters(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FILTERS if name != "q"]

    def in_words(self, name: str, value: str) -> str:
        """A filter's value as its own list prints it."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        return value


@dataclass(frozen=True)
class Column:
    """A table head that sorts."""

    code: str
    label: str
    unit: str
    href: str
    aria_sort: str
    numeric: bool


@dataclass(frozen=True)
class ActiveFilter:
    label: str
    value: str
    href: str  # the same question without it


@dataclass(frozen=True)
class Link:
    text: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Row:
    company: Company
    score: Score | None
    change: float | None

    @cached_property
    def record(self) -> ScoreRecord | None:
        return self.score.record if self.score else None

    @property
    def company_cell(self) -> SafeString:
        return cells.company(self.company)

    @property
    def tracks_cell(self) -> SafeString:
        return cells.sector_and_tracks(self.company)

    @property
    def score_cell(self) -> SafeString:
        return cells.score(self.score) if self.score else SafeString()

    @property
    def pillars(self) -> SafeString:
        return cells.pillars(pillar_marks(self.record, chinese=reads_chinese()) if self.record else [])

    @property
    def change_cell(self) -> SafeString:
        return cells.change(self.change)

    @property
    def quality_cell(self) -> SafeString:
        return cells.quality(
            quality_mark(self.score.data_quality if self.score else None), emissions_basis(self.record)
        )

    @property
    def missing(self) -> list[str]:
        return missing_texts(self.record) if self.record else []


@dataclass(frozen=True)
class Section:
    """Rows of one status: companies without a score are never ranked among the scored."""

    status: str
    count: int
    rows: list[Row]


class _Counted(Paginator[Company]):
    """A paginator that has been told how many rows there are."""

    def __init__(self, rows: models.QuerySet[Company], size: int, known: int) -> None:
        self.known = known
        super().__init__(rows, size)

    @property
    def count(self) -> int:
        return self.known


class Screen:
    """The answer to one URL. Five queries, whatever the number of rows."""

    def __init__(self, user: SomeUser, asked: QueryDict) -> None:
        self.companies = Company.objects.visible_to(user)
        options = list(
            self.companies.values_list("country", "latest__score__data_year", "is_illustrative")
            .annotate(n=models.Count("pk"))
            .order_by()
        )
        self.option_lists = {country for country, *_rest in options}, {year for _c, year, *_rest in options if year}
        self.illustrative = sum(n for *_facts, made_up, n in options if made_up)
        self.real = sum(n for *_facts, n in options) - self.illustrative
        self.universe = self.real + self.illustrative
        self.dropped: list[str] = []
        self.chosen = self._read(asked)
        self.form = ScreenForm(*self.option_lists, initial=self.chosen)
        self._load()

    # --- the question -------------------------------------------------------------------------------
    def _read(self, asked: QueryDict) -> dict[str, str]:
        """Good values as text; a bad one becomes a sentence."""
        form = ScreenForm(*self.option_lists, data=asked)
        form.is_valid()
        for name in form.errors:
            self.dropped.append(
                _("“%(value)s” is not possible for “%(filter)s”, so it was dropped.")
                % {"value": asked.get(name, "")[:80], "filter": form.fields[name].label}
            )
        for name in asked:
            if name not in form.fields:
                self.dropped.append(_("There is no filter named “%(name)s”; it was dropped.") % {"name": name[:80]})
        good = {name: str(value) for name, value in form.cleaned_data.items() if value not in ("", None)}
        return DEFAULTS | good

    def query(self, **changes: str | None) -> str:
        """The URL of the same question with changes; the first page unless a page is asked for."""
        words = {**self.chosen, "page": DEFAULTS["page"], **changes}
        given = [(name, words[name]) for name in self.form.fields if words.get(name) not in (None, DEFAULTS.get(name))]
        return "?" + urlencode(given)

    @cached_property
    def active(self) -> list[ActiveFilter]:
        return [
            ActiveFilter(
                str(self.form.fields[name].label),
                self.form.in_words(name, self.chosen[name]),
                self.query(**{name: None}),
            )
            for name in ScreenForm.FILTERS
            if name in self.chosen
        ]

    @property
    def hidden(self) -> dict[str, str]:
        """What the filter form carries along unseen."""
        names = ("ordering", "page_size")
        return {name: self.chosen[name] for name in names if self.chosen[name] != DEFAULTS[name]}

    # --- the answer ---------------------------------------------------------------------------------
    def _load(self) -> None:
        found = self._filtered()
        by_status = dict(
            found.values_list(Coalesce("latest__score__status", models.Value(UNSCORED))).annotate(n=models.Count("pk"))
        )
        asked = self.chosen.get("status")
        self.counts = {code: by_status.get(code, 0) for code, _label in STATUSES if asked in (None, code)}
        self.total = sum(self.counts.values())
        paginator = _Counted(self._ordered(found), int(self.chosen["page_size"]), self.total)
        number = int(self.chosen["page"])
        if number > paginator.num_pages:
            self.dropped.append(
                _("There is no page %(page)s; this is the last one, %(last)s.")
                % {"page": number, "last": paginator.num_pages}
            )
        self.page = paginator.get_page(number)

    def _filtered(self) -> models.QuerySet[Company]:
        chosen, found = self.chosen, self.companies.search(self.chosen.get("q", ""))
        exact = {
            "sector": "sector",
            "country": "country",
            "band": "latest__score__band",
            "year": "latest__score__data_year",
        }
        found = found.filter(**{field: chosen[name] for name, field in exact.items() if name in chosen})
        if "track" in chosen:
            found = found.filter(tracks__track=chosen["track"])
        if "quality" in chosen:
            found = found.filter(latest__score__data_quality__lte=int(chosen["quality"]))
        return found

    def _ordered(self, found: models.QuerySet[Company]) -> models.QuerySet[Company]:
        """Scored companies in the asked order; then those that are not ranked, by name."""
        earlier = Score.objects.filter(
            company=models.OuterRef("pk"), status=Score.Status.SCORED, pk__lt=models.OuterRef("latest__score_id")
        ).order_by("-pk")
        names = ("name_zh", "name_en") if reads_chinese() else ("name_en", "name_zh")
        rows = found.annotate(
            status=Coalesce("latest__score__status", models.Value(UNSCORED)),
            earlier=models.Subquery(earlier.values("emissions_score")[:1]),
            change=models.F("latest__score__emissions_score") - models.F("earlier"),
            shown_name=Coalesce(NullIf(names[0], models.Value("")), names[1]),
            section=models.Case(
                *(models.When(status=code, then=place) for place, (code, _label) in enumerate(STATUSES)),
                output_field=models.IntegerField(),
            ),
        )
        if "status" in self.chosen:
            rows = rows.filter(status=self.chosen["status"])
        return (
            rows.order_by("section", *self._order(), "company_key")
            .select_related("latest__score")
            .prefetch_related("tracks")
        )

    def _order(self) -> list[models.expressions.OrderBy]:
        descending = self.chosen["ordering"].startswith("-")
        name = self.chosen["ordering"].lstrip("-")
        if name == "name":
            by_name = models.F("shown_name")
            return [by_name.desc() if descending else by_name.asc()]
        figure = models.Case(models.When(status=Score.Status.SCORED, then=models.F(ORDER_FIELDS[name])))
        ordered = models.expressions.OrderBy(figure, descending=descending, nulls_last=True)
        return [ordered, models.F("shown_name").asc()]

    @cached_property
    def sections(self) -> list[Section]:
        rows = list(self.page.object_list)
        return [
            Section(status, self.counts[status], [_row(company) for company in members])
            for status, members in groupby(rows, key=lambda company: str(company.status))  # type: ignore[attr-defined]
        ]

    # --- heads and pages ------------------------------------------------------------------------------
    @cached_property
    def columns(self) -> dict[str, Column]:
        heads = (
            ("name", _("Company"), "", False),
            ("score", _("Score"), "", True),
            ("change", pgettext("of a score", "Change"), "", True),
            ("coverage", _("Coverage"), "", True),
            ("intensity", _("Intensity"), _("tCO₂e/10k CNY"), True),
            ("emissions_t", _("Emissions"), "tCO₂e", True),
            ("quality", _("Data"), "", False),
            ("year", _("Year"), "", True),
        )
        return {code: self._column(code, label, unit, numeric) for code, label, unit, numeric in heads}

    def _column(self, code: str, label: str, unit: str, numeric: bool) -> Column:
        ordering = self.chosen["ordering"]
        up_first = code in ("name", "intensity", "quality")  # where less comes first on the first click
        first, second = (code, f"-{code}") if up_first else (f"-{code}", code)
        href = self.query(ordering=second if ordering == first else first)
        aria_sort = {code: "ascending", f"-{code}": "descending"}.get(ordering, "none")
        return Column(code, label, unit, href, aria_sort, numeric)

    @property
    def previous_href(self) -> str:
        return self.query(page=str(self.page.number - 1)) if self.page.has_previous() else ""

    @property
    def next_href(self) -> str:
        return self.query(page=str(self.page.number + 1)) if self.page.has_next() else ""

    @property
    def sizes(self) -> list[Link]:
        current = self.chosen["page_size"]
        return [Link(str(n), self.query(page_size=str(n)), str(n) == current) for n in PAGE_SIZES]


def _row(company: Company) -> Row:
    latest = getattr(company, "latest", None)
    return Row(company, latest.score if latest else None, company.change)  # type: ignore[attr-defined]
