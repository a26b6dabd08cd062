"""Factors as their pages and API show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters as filters
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portfolio.activities.kinds import unit_label
from portfolio.lists import FilterSet, Rows
from portfolio.local_factors.words import beside
from portfolio.models import LocalFactor
from portfolio.models.people import SomeUser
from portfolio.typed.numbers import grouped
from scoring.engine.accounting.reference import Factor
from scoring.engine.accounting.words import PURPOSES
from scoring.models.ledger import Calculation, FactorUse
from scoring.tables import in_force as factors
from scoring.tables.words import (
    NOT_VERIFIED,
    activity_word,
    factor_name,
    gas_word,
    part_word,
    place_word,
    purpose_word,
    verification_sentence,
    verification_word,
)

TIMELESS = "none"
DIGITS = 6  # of a factor
LONGEST = 200  # of what a filter is asked for


def visible_factors(user: SomeUser) -> dict[str, Factor]:
    """By id: what is in force for everyone, and the verified local factors of the person's own companies."""
    own = LocalFactor.objects.visible_to(user).in_force().filter(company__isnull=False)
    local = map(factors.of_local, own.select_related("supplier", "company"))
    return dict(factors.in_force().by_id) | {factor.id: factor for factor in local}


def lines_using(user: SomeUser, factor_ids: Iterable[str]) -> dict[str, int]:
    """Factor → how many lines of the ledgers that the person may see were last calculated with it; zeros left out."""
    latest = Calculation.objects.visible_to(user).latest()
    rows = FactorUse.objects.filter(factor_id__in=list(factor_ids), calculation__in=latest)
    return dict(rows.values_list("factor_id").annotate(n=models.Sum("lines")).order_by())


@dataclass(frozen=True)
class FactorRow:
    """A factor in the reader's language."""

    factor: Factor
    tables: factors.Tables
    lines: int = 0

    @property
    def href(self) -> str:
        return reverse("scoring:factor", args=[self.factor.id])

    @property
    def name(self) -> str:
        return activity_word(self.factor)

    @property
    def subject(self) -> str:
        """What the source calls it, where that says more than the activity."""
        name = factor_name(self.factor)
        return "" if name in (self.name, self.place, self.factor.activity) else name

    @property
    def place(self) -> str:
        return place_word(self.factor.region, self.tables.regions)

    @property
    def is_own(self) -> bool:
        """Valid for one company alone."""
        return "/" in self.factor.region

    @cached_property
    def local(self) -> LocalFactor | None:
        """The local factor that this is, with what it says of its distance from the built-in one."""
        if not self.factor.id.startswith("local/"):
            return None
        return LocalFactor.objects.filter(pk=int(self.factor.id.rpartition("/")[2])).first()

    @property
    def beside_built_in(self) -> str:
        """Both numbers and their ratio; empty where there is no other or this is none of a company's."""
        built_in = self.local.built_in() if self.local else None
        return beside(self.local.value, built_in) if self.local and built_in else ""

    @property
    def gas(self) -> str:
        return gas_word(self.factor.gas)

    @property
    def value(self) -> str:
        return grouped(self.factor.value, DIGITS)

    @property
    def unit(self) -> str:
        return unit_label(self.factor.unit)

    @property
    def purpose(self) -> str:
        return purpose_word(self.factor.purpose)

    @property
    def edition(self) -> str:
        """The guideline, without the publisher's name where it begins with that."""
        return self.factor.guideline.removeprefix(self.factor.publisher).strip()

    @property
    def verification(self) -> str:
        return verification_word(self.factor.verification)

    @property
    def verification_sentence(self) -> str:
        return verification_sentence(self.factor.verification)

    @property
    def is_unverified(self) -> bool:
        return self.factor.verification == NOT_VERIFIED

    @property
    def is_default_unverified(self) -> bool:
        """Whether the half width comes from a default that nobody compared with its document."""
        return self.factor.half_width_is_default and self.factor.default_verification == NOT_VERIFIED

    @property
    def bounds(self) -> str:
        low, high = self.factor.lower95, self.factor.upper95
        return f"{grouped(low, DIGITS)}–{grouped(high, DIGITS)}" if low is not None and high is not None else ""

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        return [(part_word(name), grouped(value, DIGITS), unit_label(unit)) for name, value, unit in self.factor.parts]

    @cached_property
    def search_text(self) -> str:
        factor = self.factor
        words = (factor.id, factor.name_zh, factor.name_en, self.name, self.place, self.purpose, factor.publisher)
        return " ".join((*words, factor.guideline, factor.source, factor.note, factor.gas, self.gas)).lower()


def _year(row: FactorRow) -> str:
    return str(row.factor.data_year) if row.factor.data_year else TIMELESS


VALUES: dict[str, Callable[[FactorRow], str]] = {
    "activity": lambda row: row.factor.activity,
    "place": lambda row: factors.plain_place(row.factor.region),
    "year": _year,
    "gas": lambda row: row.factor.gas,
    "purpose": lambda row: row.factor.purpose,
    "publisher": lambda row: row.factor.publisher,
    "source": lambda row: row.factor.source,
    "verification": lambda row: row.factor.verification,
}


def _exact() -> filters.CharFilter:
    return filters.CharFilter(max_length=LONGEST, method="of_value")


class FactorList(FilterSet):
    """Exact values, and `q` for words; what no factor has leaves none. By activity and place, those of China first."""

    words = {
        "q": _("Search"),
        "id": _("Factor"),
        "activity": _("Activity"),
        "place": _("Place"),
        "year": _("Data year"),
        "gas": _("Gas"),
        "purpose": _("Purpose"),
        "publisher": _("Publisher"),
        "source": _("Source"),
        "verification": _("Checked how"),
    }

    q = filters.CharFilter(max_length=LONGEST, method="search")
    id = filters.CharFilter(max_length=LONGEST, method="of_id")
    activity = _exact()
    place = _exact()
    year = _exact()
    gas = _exact()
    purpose = _exact()
    publisher = _exact()
    source = _exact()
    verification = _exact()

    @staticmethod
    def search(rows: Rows[FactorRow], _name: str, words: str) -> Rows[FactorRow]:
        return Rows(row for row in rows if all(word in row.search_text for word in words.lower().split()))

    @staticmethod
    def of_id(rows: Rows[FactorRow], _name: str, factor_id: str) -> Rows[FactorRow]:
        return Rows(row for row in rows if row.factor.id == factor_id)

    @staticmethod
    def of_value(rows: Rows[FactorRow], name: str, value: str) -> Rows[FactorRow]:
        return Rows(row for row in rows if VALUES[name](row) == value)

    def filter_queryset(self, rows: Rows[FactorRow]) -> Rows[FactorRow]:
        return Rows(sorted(super().filter_queryset(rows), key=_order))


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


def factor_rows(user: SomeUser) -> Rows[FactorRow]:
    """All factors that a person may see: few thousands, and in memory."""
    tables = factors.in_force()
    return Rows(FactorRow(factor, tables) for factor in visible_factors(user).values())
