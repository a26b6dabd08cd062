"""The factor browser: every number that a ledger may rest on, with its story. Everyone who is signed in may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portfolio.models.people import SomeUser
from scoring.engine.accounting.reference import VERIFICATIONS, Factor
from scoring.engine.accounting.words import PURPOSES
from scoring.lists import ActiveFilter
from scoring.tables import in_force as factors
from scoring.tables.shown import FILTERS, TIMELESS, FactorRow, lines_using, visible_factors

PAGE_SIZE = 50


@login_required
@require_GET
def factor_list(request: HttpRequest) -> HttpResponse:
    return render(request, "scoring/factors.html", {"browser": Browser(request.user, request.GET)})


@login_required
@require_GET
def factor_page(request: HttpRequest, factor_id: str) -> HttpResponse:
    shown = visible_factors(request.user)
    factor = shown.get(factor_id)
    if factor is None:
        raise Http404
    row = FactorRow(factor, factors.in_force(), lines=lines_using(request.user, [factor_id]).get(factor_id, 0))
    context = {"row": row, "versions": _versions(row, shown), "series": _series(row, shown)}
    return render(request, "scoring/factor.html", context)


# --- what a person may see -----------------------------------------------------------------------------


def _versions(row: FactorRow, shown: Mapping[str, Factor]) -> list[FactorRow]:
    """All publications of the same number, the newest first; empty where there is one only."""
    found = [factor for factor in shown.values() if factor.key == row.factor.key]
    found.sort(key=lambda factor: str(factor.published), reverse=True)
    return [FactorRow(factor, row.tables) for factor in found] if len(found) > 1 else []


def _series(row: FactorRow, shown: Mapping[str, Factor]) -> list[FactorRow]:
    """The same factor of all data years, each as last published; empty where there is one year only."""
    activity, region, _year, *rest = row.factor.key
    by_year: dict[int, Factor] = {}
    for factor in sorted(shown.values(), key=lambda factor: (factor is row.factor, str(factor.published))):
        is_of_series = (factor.key[0], factor.key[1], *factor.key[3:]) == (activity, region, *rest)
        if is_of_series and factor.data_year:
            by_year[factor.data_year] = factor
    return [FactorRow(by_year[year], row.tables) for year in sorted(by_year)] if len(by_year) > 1 else []


# --- the list --------------------------------------------------------------------------------------------


class FactorForm(forms.Form):
    """What a URL may ask for."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=80)
    activity = forms.ChoiceField(label=gettext_lazy("Activity"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    year = forms.ChoiceField(label=gettext_lazy("Data year"), required=False)
    gas = forms.ChoiceField(label=gettext_lazy("Gas"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), required=False)
    publisher = forms.ChoiceField(label=gettext_lazy("Publisher"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    verification = forms.ChoiceField(label=gettext_lazy("Checked how"), required=False)
    page = forms.IntegerField(label=gettext_lazy("Page"), required=False, min_value=1, max_value=1_000_000)

    PUT_AWAY = ("gas", "purpose", "publisher", "source", "verification")

    def __init__(self, options: Mapping[str, list[tuple[str, str]]], **how: Any) -> None:
        super().__init__(**how)
        for name, choices in options.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [("", _("any")), *choices]
        self.fields["q"].widget.attrs.pop("maxlength", None)

    @property
    def first_filters(self) -> list[forms.BoundField]:
        return [self[name] for name in FILTERS if name not in self.PUT_AWAY]

    @property
    def more_filters(self) -> list[forms.BoundField]:
        return [self[name] for name in self.PUT_AWAY]

    @property
    def has_more(self) -> bool:
        return any(name in self.initial for name in self.PUT_AWAY)

    def in_words(self, name: str, value: str) -> str:
        field = self.fields[name]
        return str(dict(field.choices).get(value, value)) if isinstance(field, forms.ChoiceField) else value  # type: ignore[arg-type]


class Browser:
    """The answer to one URL: factors are few thousands and in memory, so the filters run over all of them."""

    def __init__(self, user: SomeUser, asked: QueryDict) -> None:
        self.user = user
        tables = factors.in_force()
        rows = [FactorRow(factor, tables) for factor in visible_factors(user).values()]
        self.total = len(rows)
        self.unverified = sum(row.is_unverified for row in rows)
        self.options = {name: _options(name, rows) for name in FILTERS}
        self.dropped: list[str] = []
        self.chosen = self._read(asked)
        self.form = FactorForm(self.options, initial=self.chosen)
        found = sorted((row for row in rows if self._fits(row)), key=_order)
        self.found = len(found)
        paginator = Paginator(found, PAGE_SIZE)
        number = int(self.chosen.get("page", "1"))
        if number > paginator.num_pages:
            self.dropped.append(
                _("There is no page %(page)s; this is the last one, %(last)s.")
                % {"page": number, "last": paginator.num_pages}
            )
        self.page = paginator.get_page(number)

    def _read(self, asked: QueryDict) -> dict[str, str]:
        """Good values as text; a bad one becomes a sentence."""
        form = FactorForm(self.options, data=asked)
        form.is_valid()
        for name in form.errors:
            self.dropped.append(
                _("“%(value)s” is not possible for “%(filter)s”, so it was dropped.")
                % {"value": asked.get(name, "")[:80], "filter": form.fields[name].label}
            )
        for name in asked:
            if name not in form.fields:
                self.dropped.append(_("There is no filter named “%(name)s”; it was dropped.") % {"name": name[:80]})
        return {name: str(value) for name, value in form.cleaned_data.items() if value not in ("", None)}

    def _fits(self, row: FactorRow) -> bool:
        words = self.chosen.get("q", "").lower().split()
        return all(word in row.search_text for word in words) and all(
            value_of(row) == self.chosen[name] for name, value_of in FILTERS.items() if name in self.chosen
        )

    def query(self, **changes: str | None) -> str:
        """The URL of the same question with changes; the first page unless a page is asked for."""
        words = {**self.chosen, "page": None, **changes}
        return "?" + urlencode([(name, words[name]) for name in self.form.fields if words.get(name)])

    @cached_property
    def rows(self) -> list[FactorRow]:
        """The page's rows, with who uses them."""
        page = list(self.page.object_list)
        lines = lines_using(self.user, [row.factor.id for row in page])
        return [FactorRow(row.factor, row.tables, lines.get(row.factor.id, 0)) for row in page]

    @cached_property
    def active(self) -> list[ActiveFilter]:
        return [
            ActiveFilter(
                str(self.form.fields[name].label),
                self.form.in_words(name, self.chosen[name]),
                self.query(**{name: None}),
            )
            for name in ("q", *FILTERS)
            if name in self.chosen
        ]

    @property
    def previous_href(self) -> str:
        return self.query(page=str(self.page.number - 1)) if self.page.has_previous() else ""

    @property
    def next_href(self) -> str:
        return self.query(page=str(self.page.number + 1)) if self.page.has_next() else ""


_PURPOSE_ORDER = {purpose: place for place, purpose in enumerate(PURPOSES)}  # those for inventories first


def _order(row: FactorRow) -> tuple[Any, ...]:
    """By activity and place, those of China first; the newest year first."""
    factor = row.factor
    is_elsewhere = factor.region.partition("-")[0] != "CN"
    return (
        factor.activity,
        is_elsewhere,
        factor.region,
        -(factor.data_year or 0),
        _PURPOSE_ORDER.get(factor.purpose, len(_PURPOSE_ORDER)),
        factor.gas,
        factor.id,
    )


def _options(name: str, rows: Iterable[FactorRow]) -> list[tuple[str, str]]:
    """The values that occur, with their words, in the order that a reader looks for them."""
    first: dict[str, FactorRow] = {}
    for row in rows:
        first.setdefault(FILTERS[name](row), row)
    words = {value: _option_word(name, row) for value, row in first.items()}
    if name == "year":
        return sorted(words.items(), key=lambda pair: (pair[0] == TIMELESS, pair[0]), reverse=True)
    if name == "verification":
        return sorted(words.items(), key=lambda pair: VERIFICATIONS.index(pair[0]))
    return sorted(words.items(), key=lambda pair: pair[1])


def _option_word(name: str, row: FactorRow) -> str:
    match name:
        case "activity":
            return row.name
        case "place":
            return row.place
        case "year":
            return str(row.factor.data_year) if row.factor.data_year else _("for all years")
        case "gas":
            return row.gas
        case "purpose":
            return row.purpose
        case "verification":
            return row.verification
    return FILTERS[name](row)
