"""The list of companies with the score that stands: its filters, orders and columns, for page, API and export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import django_filters as filters
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio.lists import BOM, FilterSet, csv_lines
from portfolio.models import Company, CompanyTrack, Join, Sector, Track
from scoring.access import sees_scores
from scoring.companies.charts import MARK_HEIGHT, pillar_height, pillar_mark, score_bar
from scoring.estimators.words import SHORT_RUNGS
from scoring.models import ListStatus, Score
from scoring.models.estimator import ModelVersion
from scoring.reading import QUALITY_MARKS, basis_word, country_name, quality_mark, reads_chinese, typeset
from scoring.runs.glance import NOTHING, Glance

BANDS = [(letter, letter) for letter in "ABCDE"]
JOIN_WORDS = [
    (Join.State.NOT_CONFIRMED.value, _("Join not confirmed")),
    (Join.State.REJECTED.value, _("Figures set aside")),
]
JOIN_MARKS = {Join.State.NOT_CONFIRMED.value: "?", Join.State.REJECTED.value: "≠"}
RANKS = {  # what the scored can be ordered by, and nobody else: a range is no rank
    "score": "emissions_score",
    "assisted": "assisted_score",
    "change": "change",
    "coverage": "coverage",
    "intensity": "intensity",
    "emissions_t": "emissions_t",
    "quality": "data_quality",
    "year": "data_year",
}
FACTS = ("company_key", "name_zh", "name_en", "country", "sector")
CHUNK = 1000  # rows of an export in memory at once


# --- filters and orders ----------------------------------------------------------------------------------
class CompanyList(FilterSet):
    """Companies that match, in their list's order.

    Who may see scores finds them by how they stand (`ListStatus`), the scored in the order asked for, the others by
    name. To everyone else that order would tell scores, so theirs is by the company's own facts.
    """

    words = {
        "q": _("Search"),
        "sector": _("Sector"),
        "track": _("Track"),
        "country": _("Country"),
        "status": _("Status"),
        "band": _("Band"),
        "quality": _("Data quality"),
        "year": _("Data year"),
        "score_min": _("Score at least"),
        "joins": _("Joins"),
    }
    default_order = "-score"
    by_score = ("status", "band", "quality", "year", "score_min", "joins")  # a filter tells as much as a column

    q = filters.CharFilter(method="search", max_length=80, label="Words in names, identifiers, pinyin or its initials")
    sector = filters.MultipleChoiceFilter(choices=Sector.choices, distinct=False)
    country = filters.CharFilter(max_length=3)
    track = filters.MultipleChoiceFilter(choices=Track.choices, method="on_a_track")
    score_min = filters.NumberFilter(
        field_name="latest__emissions_score", lookup_expr="gte", min_value=0, max_value=100
    )
    band = filters.MultipleChoiceFilter(field_name="latest__band", choices=BANDS, distinct=False)
    quality = filters.ChoiceFilter(
        field_name="latest__data_quality",
        lookup_expr="lte",
        choices=[(str(grade), mark) for grade, mark in enumerate(QUALITY_MARKS, 1)],
        label="This grade or better; 1 is best",
    )
    year = filters.NumberFilter(field_name="latest__data_year", min_value=0, max_value=9999, decimal_places=0)
    status = filters.ChoiceFilter(choices=ListStatus.choices, method="of_status")
    joins = filters.ChoiceFilter(
        choices=JOIN_WORDS, method="with_joins", label="A person has not confirmed whose figures"
    )
    ordering = filters.OrderingFilter(fields=["name", *FACTS, *RANKS])

    @staticmethod
    def search(companies: Any, _name: str, words: str) -> Any:
        return companies.search(words)

    @staticmethod
    def on_a_track(companies: Any, _name: str, tracks: list[str]) -> Any:
        return companies.filter(pk__in=CompanyTrack.objects.filter(track__in=tracks).values("company"))

    @staticmethod
    def with_joins(companies: Any, _name: str, state: str) -> Any:
        return companies.filter(pk__in=Join.objects.filter(state=state).values("company"))

    @staticmethod
    def of_status(companies: Any, _name: str, status: str) -> Any:
        return companies.alias(place=ListStatus.places("latest__")).filter(place=ListStatus(status).place)

    def filter_queryset(self, companies: Any) -> Any:
        narrow = {name: value for name, value in self.form.cleaned_data.items() if name != "ordering"}
        for name, value in narrow.items():
            companies = self.filters[name].filter(companies, value)
        asked = [code for code in self.form.cleaned_data["ordering"] or () if code]  # "name," has an empty one
        if not sees_scores(self.request):
            return companies.order_by(*_by(asked or ["company_key"]), "company_key")
        return with_place(companies).order_by(
            "place", *_by(asked or [self.default_order]), *_by(["name"]), "company_key"
        )


def _by(asked: Iterable[str]) -> Iterator[Any]:
    """Those orders as SQL; what is missing stands last either way."""
    shown, other = ("name_zh", "name_en") if reads_chinese() else ("name_en", "name_zh")
    for code in asked:
        name = code.removeprefix("-")
        value: Any = models.F(name)
        if name == "name":  # as Company.name
            value = models.Case(models.When(**{shown: ""}, then=models.F(other)), default=models.F(shown))
        elif name in RANKS:
            is_scored = models.Q(latest__status=Score.Status.SCORED)
            value = models.Case(models.When(is_scored, then=models.F(f"latest__{RANKS[name]}")))
        expression = models.ExpressionWrapper(value, models.CharField()) if name == "name" else value
        nulls_last = True if name in RANKS else None
        yield models.expressions.OrderBy(expression, descending=code.startswith("-"), nulls_last=nulls_last)


def with_place(companies: models.QuerySet[Company]) -> Any:
    """Each with `place`, the place of its word in `ListStatus`."""
    return companies.annotate(place=ListStatus.places("latest__"))


def counts(companies: models.QuerySet[Company]) -> dict[ListStatus, int]:
    """How many there are of each status, in the order of the list's parts."""
    found = with_place(companies).order_by().values_list("place").annotate(n=models.Count("pk"))
    by_place = dict(found)
    return {status: by_place.get(status.place, 0) for status in ListStatus}


# --- rows --------------------------------------------------------------------------------------------------
class TrackOf(NamedTuple):
    code: str
    is_confirmed: bool

    @property
    def label(self) -> str:
        return str(Track(self.code).label)


class Pillar(NamedTuple):
    """A small column of the row's picture. One that is not observed has no utility, and fills its track."""

    label: str
    utility: float | None
    x: float
    y: float
    height: float

    @classmethod
    def drawn(cls, at: int, label: str, utility: float | None) -> Pillar:
        mark = pillar_mark(at, pillar_height(utility) if utility is not None else MARK_HEIGHT)
        return cls(label, utility, *mark)


@dataclass(frozen=True)
class CompanyRow:
    """A company with the headline of the score that stands, in the reader's language."""

    pk: int
    company_key: str
    name_zh: str
    name_en: str
    uscc: str
    country: str
    sector: str
    is_illustrative: bool
    place: int
    emissions_score: float | None
    band: str | None
    change: float | None
    coverage: float | None
    intensity: float | None
    emissions_t: float | None
    data_quality: int | None
    data_year: int | None
    emissions_rung: int | None
    assisted_score: float | None
    assisted_p05: float | None
    assisted_p95: float | None
    glance_json: str | None
    model_id: int | None  # behind an estimate
    join_waits: bool
    has_set_aside: bool
    tracks: list[TrackOf] = field(default_factory=list)

    @property
    def status(self) -> ListStatus:
        return ListStatus.of_place(self.place)

    @property
    def name(self) -> str:
        first, second = (self.name_zh, self.name_en) if reads_chinese() else (self.name_en, self.name_zh)
        return first or second

    @property
    def href(self) -> str:
        return reverse("scoring:dossier", args=[self.pk])

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def sector_label(self) -> str:
        return str(Sector(self.sector).label)

    @property
    def quality_mark(self) -> str:
        return quality_mark(self.data_quality)

    @cached_property
    def glance(self) -> Glance:
        seen: Glance = json.loads(self.glance_json) if self.glance_json else NOTHING
        return seen

    @property
    def basis(self) -> str:
        return basis_word(self.glance["basis"])

    @property
    def missing(self) -> list[str]:
        return [typeset(zh if reads_chinese() else en) for zh, en in self.glance["missing"]]

    @property
    def letters(self) -> str:
        """Of the ML-assisted score."""
        return self.glance.get("letters", "")

    @property
    def pillars(self) -> list[Pillar]:
        told = self.glance["pillars"]
        language = 0 if reads_chinese() else 1
        return [Pillar.drawn(at, words[language], utility) for at, (*words, utility) in enumerate(told)]

    @property
    def score_bar(self) -> str:
        return "" if self.emissions_score is None else score_bar(self.emissions_score)

    @property
    def join_marks(self) -> list[tuple[str, str]]:
        """What is to be known of whose figures these are: a sign, and its words."""
        holds = self.join_waits, self.has_set_aside
        return [(JOIN_MARKS[state], str(word)) for (state, word), is_so in zip(JOIN_WORDS, holds, strict=True) if is_so]

    @property
    def rung_word(self) -> str:
        return str(SHORT_RUNGS[self.emissions_rung]) if self.emissions_rung in SHORT_RUNGS else ""

    @property
    def model(self) -> ModelVersion | None:
        return ModelVersion(pk=self.model_id) if self.model_id else None


OF_COMPANY = ("pk", "company_key", "name_zh", "name_en", "uscc", "country", "sector", "is_illustrative", "place")
OF_SCORE = (
    *("emissions_score", "band", "change", "coverage", "intensity", "emissions_t", "data_quality", "data_year"),
    *("emissions_rung", "assisted_score", "assisted_p05", "assisted_p95", "glance_json"),
)


def values(companies: models.QuerySet[Company]) -> models.QuerySet[Any, tuple[Any, ...]]:
    """What `read` makes rows of. The companies have their `place`."""
    # Looked up for the rows that are read alone, where a join would go through all scores before it sorts.
    model = models.Subquery(Score.objects.filter(pk=models.OuterRef("latest__score")).values("model"))
    joins = Join.objects.filter(company=models.OuterRef("pk"))
    waits, aside = models.Exists(joins.not_confirmed()), models.Exists(joins.rejected())
    return companies.values_list(*OF_COMPANY, *(f"latest__{name}" for name in OF_SCORE), model, waits, aside)


def read(found: Iterable[tuple[Any, ...]]) -> Iterator[CompanyRow]:
    """Rows, with their tracks: a query for each thousand."""
    left = iter(found)
    while chunk := [CompanyRow(*row) for row in islice(left, CHUNK)]:
        by_company = {row.pk: row for row in chunk}
        tracks = CompanyTrack.objects.filter(company__in=by_company).order_by("pk")
        for company, code, confirmed_at in tracks.values_list("company", "track", "confirmed_at"):
            by_company[company].tracks.append(TrackOf(code, confirmed_at is not None))
        yield from chunk


# --- columns -----------------------------------------------------------------------------------------------
class Column(NamedTuple):
    """Of the ranked table, of the export, or of both. `value` is what the export holds."""

    code: str
    label: Promise
    unit: Promise | str = ""
    value: Callable[[CompanyRow], object] | None = None
    is_number: bool = False
    is_ranked: bool = True  # whether the ranked table shows it
    up_first: bool = False  # less comes first on the first click

    @property
    def sorts(self) -> bool:
        return self.code in RANKS or self.code == "name"


COLUMNS = (
    Column("company_key", _("Company key"), value=lambda row: row.company_key, is_ranked=False),
    Column("name", _("Company"), value=lambda row: row.name, up_first=True),
    Column("uscc", _("Unified social credit code"), value=lambda row: row.uscc, is_ranked=False),
    Column("country", _("Country"), value=lambda row: row.country_name, is_ranked=False),
    Column("sector", _("Sector"), value=lambda row: row.sector_label, is_ranked=False),
    Column("tracks", _("Tracks"), value=lambda row: "; ".join(t.label for t in row.tracks), is_ranked=False),
    Column("sector_and_tracks", _("Sector and tracks")),
    Column("status", _("Status"), value=lambda row: row.status.label, is_ranked=False),
    Column("band", _("Band"), value=lambda row: row.band, is_ranked=False),
    Column("score", _("Score"), value=lambda row: row.emissions_score, is_number=True),
    Column("assisted", _("ML-assisted"), "5–95 %", lambda row: row.assisted_score, is_number=True),
    Column("assisted_p05", _("ML-assisted, from"), value=lambda row: row.assisted_p05, is_ranked=False),
    Column("assisted_p95", _("ML-assisted, to"), value=lambda row: row.assisted_p95, is_ranked=False),
    Column("pillars", _("Pillars")),
    Column("change", pgettext_lazy("of a score", "Change"), value=lambda row: row.change, is_number=True),
    Column("coverage", _("Coverage"), value=lambda row: row.coverage, is_number=True),
    Column("intensity", _("Intensity"), _("tCO₂e/10k CNY"), lambda row: row.intensity, is_number=True, up_first=True),
    Column("emissions_t", _("Emissions"), "tCO₂e", lambda row: row.emissions_t, is_number=True),
    Column("rung", _("Rung"), value=lambda row: row.emissions_rung, is_ranked=False),
    Column("quality", _("Data"), value=lambda row: row.data_quality, up_first=True),
    Column("year", _("Year"), value=lambda row: row.data_year, is_number=True),
    Column("joins", _("Joins"), value=lambda row: "; ".join(word for _mark, word in row.join_marks), is_ranked=False),
    Column("missing", _("What is missing"), value=lambda row: "; ".join(row.missing), is_ranked=False),
)


def exported(companies: models.QuerySet[Company]) -> Iterator[str]:
    """All of them as lines of CSV, in the reader's language."""
    kept = [column for column in COLUMNS if column.value]
    heads = [f"{column.label} ({column.unit})" if column.unit else str(column.label) for column in kept]
    rows = read(values(companies).iterator(CHUNK))
    yield BOM
    yield from csv_lines(heads, ([column.value(row) for column in kept if column.value] for row in rows))
