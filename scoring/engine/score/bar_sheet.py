"""The bar sheet: what a theme fund asks of a candidate, as archived. Gates, families, paths, uncertainties, judgements.

A sheet is a document: `BarSheet.from_json(sheet.to_json())` is the sheet, its digest is that of the canonical JSON.
Judgements are the fund's and named as such; everything else in it has a source. METHOD section 8.3 to 8.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any, Literal

from scoring.engine.columns import canonical_json, digest, rounded
from scoring.engine.errors import UnknownWord, WrongShape

# What a family can need of a candidate's own; any other input of the formula comes from the row for every candidate.
OWN_INPUTS = ("service", "life", "use", "energy", "lca")
Denominator = Literal["output", "value_added", "revenue"]
DENOMINATORS: tuple[Denominator, ...] = ("output", "value_added", "revenue")
# judged: compared with the bar; sign: u above 0 is cleared, since members cannot differ; shown: printed, never judged
# (provisional); none: no reference, "no bar yet".
Judgement = Literal["judged", "sign", "shown", "none"]
JUDGEMENTS: tuple[Judgement, ...] = ("judged", "sign", "shown", "none")
# path: the grid of the years after the sale; latest: the latest published year, held flat; none: no grid in it
GridUse = Literal["path", "latest", "none"]
GRID_USES: tuple[GridUse, ...] = ("path", "latest", "none")
# How a figure is known. A worse rung has a larger half-width; METHOD 8.4.
Rung = Literal["audited", "verified", "reported", "activity_verified", "activity"]
RUNGS: tuple[Rung, ...] = ("audited", "verified", "reported", "activity_verified", "activity")
U_INPUTS = ("service", "life", "use", "energy", "lca", "tonnes", "revenue", "value_added", "output")


@dataclass(frozen=True)
class GridPath:
    """Tonnes of CO2e per MWh of a place's grid: `t_per_mwh` in `base_year`, falling linearly, never below 0."""

    place: str  # ISO 3166-1 alpha-3
    purpose: str  # of the factor, such as inventory_average
    base_year: int
    t_per_mwh: float
    fall_t_per_mwh_year: float
    source: str


@dataclass(frozen=True)
class Reference:
    """The reference row of a family: net(t) = fixed + grid × EF(t) per unit of service, u = service·use·Σ net − lca."""

    service_per_unit_year: float
    life_years: int
    fixed_t_per_service: float
    grid_mwh_per_service: float  # above 0: displaced; below 0: consumed, the family's `energy` is its amount
    use_share: float
    lca_t_per_unit: float


@dataclass(frozen=True)
class FootprintBar:
    """The most that own emissions may be per denominator; tonnes per 10,000 yuan, or per unit of output."""

    value: float
    basis: Literal["benchmark", "median"]
    source: str
    n: int | None = None  # reporters behind a median
    median: float | None = None
    sd_ln: float | None = None  # spread of their logarithms
    classes: tuple[str, ...] = ()  # ISIC divisions
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Family:
    """A technology family: what is sold, what it is held against, who may claim it."""

    code: str
    track: str
    name_zh: str
    name_en: str
    unit: str  # what is sold: MW, MWh, car
    service_unit: str
    judgement: Judgement
    grid_use: GridUse
    own_inputs: tuple[str, ...]  # of OWN_INPUTS
    reference: Reference | None
    denominator: Denominator
    footprint_bar: FootprintBar | None
    sets_the_bar: tuple[str, ...] = ()  # company keys whose figures make the reference row
    expires_on: str | None = None  # ISO date from which the bar no longer holds
    attribution_zh: str = ""  # the rule who may claim, in words
    attribution_en: str = ""
    doubts_zh: str = ""
    doubts_en: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgements:
    """The fund's judgements, with METHOD's values as defaults. Shares are of 1, money is in yuan."""

    bar_share: float = 0.8  # of the reference row's u
    footprint_multiple: float = 1.5  # of the median
    least_reporters: int = 8
    carbon_price_cny_per_t: float = 200.0
    other_prices_cny_per_t: tuple[float, ...] = (100.0, 400.0)
    free_allocation_t: float = 0.0
    pass_through: float = 0.5
    sigma_min_contribution: float = 0.10
    sigma_min_resilience: float = 0.02
    sigma_min_footprint: float = 0.05
    footprint_age: float = 0.16  # σ of ln x per √year
    resilience_sigma: float = 0.04  # σ of the margin at age 0; times √(1 + age)
    theme_share: float = 0.5
    most_months: int = 36  # an older figure is set aside
    least_runway_months: float = 18.0
    venture_theme_revenue_cny: float = 50_000_000.0
    realisation_share: float = 0.5  # of planned units
    least_plan: str = "measurable"
    on_the_line: tuple[float, float] = (0.2, 0.8)
    distinguishable: float = 0.2
    verify_below: float = 0.30  # a margin thinner than this on an unverified figure is verified before deciding


@dataclass(frozen=True)
class BarSheet:
    version: str
    data_year: int  # D
    closing_day: str  # ISO date: until it, an earlier year may stand in
    stand_in_place: str  # whose path stands for a place without one
    judgements: Judgements
    u95: Mapping[str, Mapping[str, float]]  # input → rung → 95 % half-width as a share
    paths: tuple[GridPath, ...]
    families: tuple[Family, ...]

    @cached_property
    def family(self) -> dict[str, Family]:
        return {family.code: family for family in self.families}

    @cached_property
    def path(self) -> dict[str, GridPath]:
        return {path.place: path for path in self.paths}

    @cached_property
    def digest(self) -> str:
        return digest(canonical_json(self.to_json()))

    @property
    def closes(self) -> date:
        return date.fromisoformat(self.closing_day)

    def to_json(self) -> dict[str, Any]:
        content: dict[str, Any] = rounded(asdict(self))
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> BarSheet:
        """Raises WrongShape for absent or unexpected names, UnknownWord for a word outside its list."""
        _names(content, cls, "bar sheet")
        sheet = cls(
            version=str(content["version"]),
            data_year=int(content["data_year"]),
            closing_day=date.fromisoformat(content["closing_day"]).isoformat(),
            stand_in_place=str(content["stand_in_place"]),
            judgements=_judgements(content["judgements"]),
            u95={name: dict(content["u95"][name]) for name in content["u95"]},
            paths=tuple(_made(GridPath, path, "path") for path in content["paths"]),
            families=tuple(_family(family) for family in content["families"]),
        )
        sheet.check()
        return sheet

    def check(self) -> None:
        """Raises WrongShape or UnknownWord for what cannot be computed with."""
        for name in U_INPUTS:
            missing = set(RUNGS) - set(self.u95.get(name, {}))
            if missing:
                raise WrongShape(f"the sheet has no half-width of {name}", value=sorted(missing))
        if self.stand_in_place not in self.path:
            raise WrongShape("the stand-in place has no path", value=self.stand_in_place)
        if len(self.family) != len(self.families):
            raise WrongShape("a family twice", value=[family.code for family in self.families])
        for family in self.families:
            _check_family(family)


def _check_family(family: Family) -> None:
    for word, known in (
        (family.judgement, JUDGEMENTS),
        (family.grid_use, GRID_USES),
        (family.denominator, DENOMINATORS),
        *((name, OWN_INPUTS) for name in family.own_inputs),
    ):
        if word not in known:
            raise UnknownWord(f"unknown word in family {family.code}", value=word)
    if family.judgement != "none" and family.reference is None:
        raise WrongShape("a family that is judged or shown needs a reference row", value=family.code)
    if family.judgement == "judged" and not family.own_inputs:
        raise WrongShape("a judged family names the inputs that must be the company's own", value=family.code)
    if "energy" in family.own_inputs and family.reference and family.reference.grid_mwh_per_service > 0:
        raise WrongShape("own energy is consumed, and the reference row displaces electricity", value=family.code)
    if family.expires_on is not None:
        date.fromisoformat(family.expires_on)


def _family(content: Mapping[str, Any]) -> Family:
    reference, bar = content["reference"], content["footprint_bar"]
    made = dict(content) | {
        "reference": None if reference is None else _made(Reference, reference, "reference"),
        "footprint_bar": None if bar is None else _made(FootprintBar, bar, "footprint bar"),
    }
    found: Family = _made(Family, made, "family")
    return found


def _judgements(content: Mapping[str, Any]) -> Judgements:
    found: Judgements = _made(Judgements, content, "judgements")
    return found


def _made(kind: type[Any], content: Mapping[str, Any], name: str) -> Any:
    """Lists become tuples, so that what was read equals what was written."""
    _names(content, kind, name)
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in content.items()})


def _names(content: Mapping[str, Any], kind: type[Any], name: str) -> None:
    known = {one.name for one in fields(kind)}
    if wrong := known.symmetric_difference(content):
        raise WrongShape(f"{name} has absent or unexpected names", value=sorted(wrong))
