"""The bills that a company has in its drawer: each says which kinds of activity it may be of, and in which units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from django.utils.translation import get_language

from portfolio import DATA
from portfolio.activities.kinds import SCOPES, ActivityType, activity_types
from portfolio.typed.tables import whole_table
from portfolio.typed.units import USUAL

TABLE = DATA / "bills.csv"


@dataclass(frozen=True)
class Bill:
    """One row of bills.csv. `figure`: what it says is a figure of the disclosure and no line; then `kinds` is empty."""

    key: str
    names: tuple[str, str]  # zh, en, as all pairs here
    words: tuple[str, str]
    kinds: tuple[str, ...]
    preset: str  # the kind that is taken beforehand; empty where a person must choose
    units: tuple[str, ...]
    meters: tuple[str, str]
    figure: str = ""
    is_monthly: bool = False  # it comes every month, so that an empty one is a gap

    def __str__(self) -> str:
        return _said(self.names)

    @property
    def description(self) -> str:
        return _said(self.words)

    @property
    def meter_word(self) -> str:
        return _said(self.meters)

    @property
    def types(self) -> list[ActivityType]:
        return [activity_types()[key] for key in self.kinds]

    @property
    def scopes(self) -> list[str]:
        return [str(SCOPES[scope]) for scope in sorted({kind.scope for kind in self.types})]

    @property
    def unit(self) -> str:
        """What stands in the field beforehand."""
        return self.units[0] if self.units and self.preset else ""


def _said(pair: tuple[str, str]) -> str:
    return pair[1] if (get_language() or "").startswith("en") else pair[0]


@lru_cache(maxsize=1)
def bills() -> Mapping[str, Bill]:
    """All of them by key, in the order of the file."""
    found = {row.cells["key"]: _bill(row.cells) for row in whole_table(TABLE).rows}
    named = {kind for bill in found.values() for kind in (*bill.kinds, bill.preset) if kind}
    if unknown := named - set(activity_types()):
        raise ValueError(f"{TABLE.name}: no such kinds: {sorted(unknown)}")
    return MappingProxyType(found)


def _bill(row: Mapping[str, str]) -> Bill:
    return Bill(
        key=row["key"],
        names=(row["name_zh"], row["name_en"]),
        words=(row["words_zh"], row["words_en"]),
        kinds=tuple(filter(None, row["kinds"].split("|"))),
        preset=row["preset"],
        units=tuple(filter(None, row["units"].split("|"))),
        meters=(row["meter_zh"], row["meter_en"]),
        figure=row["figure"],
        is_monthly=row["monthly"] == "yes",
    )


METERS = ("表计、户号或设备", "Meter, account or equipment")


def bill_of_kinds(key: str, names: tuple[str, str], kinds: tuple[str, ...]) -> Bill:
    """A bill that is not in the table: of these kinds, with the units that each of them is usually told in."""
    units = dict.fromkeys(name for kind in kinds for unit in activity_types()[kind].units for name in USUAL[unit])
    return Bill(key, names, ("", ""), kinds, kinds[0] if len(kinds) == 1 else "", tuple(units), METERS)


def bill_of(kind: str) -> Bill:
    """The bill that a kind stands on, or one of it alone. Raises KeyError for an unknown kind."""
    known = activity_types()[kind]
    found = next((bill for bill in bills().values() if kind in bill.kinds), None)
    return found or bill_of_kinds(f"kind:{kind}", (known.name_zh, known.name_en), (kind,))


def bill_named(key: str) -> Bill | None:
    """The one with this key, `kind:…` for that of a kind; None where there is no such, or nothing to write lines of."""
    kind = key.removeprefix("kind:")
    if kind != key:
        return bill_of(kind) if kind in activity_types() else None
    bill = bills().get(key)
    return bill if bill and bill.kinds else None
