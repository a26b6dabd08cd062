"""Units as people type them: 3 万千瓦时, 120 tce, 5 Nm³. Read once at the border into the engine's canonical units.

The only place that knows pint: it reads the grammar of our own small registry when the table below is built. Whether a
heating value is net or gross is no matter of units and is asked for elsewhere.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio.errors import PortfolioError
from portfolio.typed.numbers import grouped, read_number

# The canonical units that a word of the forms stands for. Gas volumes say at which temperature (101.325 kPa).
GAS_VOLUMES = ("m3@0C", "m3@15C", "m3@20C")
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "electricity": ("kWh",),
    "energy": ("GJ",),
    "mass": ("t",),
    "gas_volume": GAS_VOLUMES,
    "liquid_volume": ("L",),
    "distance": ("km",),
    "freight": ("tkm",),
    "passenger": ("pkm",),
    "money": ("CNY",),
}
# What to offer where nothing near was typed.
USUAL: Mapping[str, tuple[str, ...]] = {
    "kWh": ("kWh", "MWh", "万千瓦时"),
    "GJ": ("GJ", "tce", "kWh"),
    "t": ("t", "kg", "万吨"),
    "kg": ("kg", "t", "g"),
    "m3@0C": ("Nm3", "m3@0C", "万立方米@0C"),
    "m3@15C": ("m3@15C", "万立方米@15C"),
    "m3@20C": ("m3@20C", "万立方米@20C"),
    "L": ("L", "m3", "gal"),
    "km": ("km", "万公里", "mile"),
    "tkm": ("tkm", "万吨公里"),
    "pkm": ("pkm", "万人公里"),
    "CNY": ("元", "万元", "亿元"),
}
_LABELS = {"m3@0C": "m³ (0 °C)", "m3@15C": "m³ (15 °C)", "m3@20C": "m³ (20 °C)"}

# calorie: international table, as GB/T 2589-2020 has it; tce: the same, 7,000 kcal/kg. toe: IEA. lb: exact since 1959.
# Btu: international table. gallon: US, 231 cubic inches; imperial_gallon: UK 1985.
_REGISTRY = """
milli- = 1e-3
kilo- = 1e3
mega- = 1e6
giga- = 1e9
tera- = 1e12
peta- = 1e15
meter = [length]
gram = [mass]
joule = [energy]
hour = [time]
yuan = [money]
passenger = [people]
watt = joule / hour * 3600
calorie = 4.1868 * joule
btu = 1055.05585262 * joule
tonne = 1e6 * gram
tonne_coal_equivalent = 29.3076 * gigajoule
tonne_oil_equivalent = 41.868 * gigajoule
pound = 453.59237 * gram
litre = 1e-3 * meter ** 3
gallon = 3.785411784 * litre
imperial_gallon = 4.54609 * litre
foot = 0.3048 * meter
mile = 1609.344 * meter
"""

# kind: unit of the registry: the names people use for it, spaces, dots and hyphens left out.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "energy": {
        "watt*hour": "Wh 瓦时",
        "kilowatt*hour": "kWh 度 度电 千瓦时 千瓦小时",
        "megawatt*hour": "MWh 兆瓦时 兆瓦小时",
        "gigawatt*hour": "GWh 吉瓦时 吉瓦小时",
        "terawatt*hour": "TWh 太瓦时",
        "joule": "J 焦 焦耳",
        "kilojoule": "kJ 千焦 千焦耳",
        "megajoule": "MJ 兆焦 兆焦耳",
        "gigajoule": "GJ 吉焦 吉焦耳",
        "terajoule": "TJ 太焦 太焦耳",
        "petajoule": "PJ 拍焦",
        "calorie": "cal 卡",
        "kilocalorie": "kcal 千卡 大卡",
        "megacalorie": "Mcal 兆卡",
        "gigacalorie": "Gcal 吉卡",
        "btu": "Btu",
        "1e6*btu": "MMBtu",
        "1e5*btu": "therm therms",
        "1e-3*tonne_coal_equivalent": "kgce 千克标准煤 公斤标准煤 千克标煤 公斤标煤",
        "tonne_coal_equivalent": "tce 吨标准煤 吨标煤",
        "kilotonne_coal_equivalent": "ktce",
        "megatonne_coal_equivalent": "Mtce",
        "tonne_oil_equivalent": "toe 吨标准油 吨标油 吨油当量",
        "kilotonne_oil_equivalent": "ktoe",
        "megatonne_oil_equivalent": "Mtoe",
    },
    "power": {
        "milliwatt": "mW",
        "watt": "W 瓦",
        "kilowatt": "kW 千瓦",
        "megawatt": "MW 兆瓦",
        "gigawatt": "GW 吉瓦",
    },
    "mass": {
        "milligram": "mg 毫克",
        "gram": "g 克",
        "kilogram": "kg 千克 公斤",
        "tonne": "t 吨 公吨 tonne tonnes metricton metrictons",
        "kilotonne": "kt",
        "megatonne": "Mt",
        "gigatonne": "Gt",
        "pound": "lb lbs 磅",
        "1/16*pound": "oz 盎司",
        "2000*pound": "shortton shorttons",
        "2240*pound": "longton longtons",
        "500*gram": "斤 市斤",
    },
    "volume": {
        "meter**3": "m3 立方米 立方 方 Nm3 标m3 标准立方米 标立方米 标立方 标方 Sm3 "
        "cubicmetre cubicmetres cubicmeter cubicmeters",
        "litre": "L 升 公升 litre litres liter liters",
        "millilitre": "mL 毫升",
        "100*litre": "hL",
        "kilolitre": "kL 千升",
        "megalitre": "ML",
        "gallon": "gal gallon gallons USgal 加仑 美加仑",
        "imperial_gallon": "UKgal impgal 英加仑",
        "42*gallon": "bbl barrel barrels 桶",
        "foot**3": "ft3 cf 立方英尺",
    },
    "distance": {
        "meter": "m 米",
        "kilometer": "km 公里 千米",
        "mile": "mi mile miles 英里",
        "1852*meter": "nmi 海里",
    },
    "freight": {
        "tonne*kilometer": "tkm 吨公里 吨千米 tonnekm tonnekilometre tonnekilometres",
        "tonne*mile": "tmi 吨英里",
        "tonne*1852*meter": "tnmi 吨海里",
    },
    "passenger": {
        "passenger*kilometer": "pkm 人公里 人千米 passengerkm passengerkilometre passengerkilometres",
        "passenger*mile": "pmi passengermile passengermiles",
    },
    "money": {"yuan": "CNY RMB 元 人民币 人民币元 圆"},
}
_KINDS: Mapping[str, Promise] = {
    "energy": pgettext_lazy("kind of unit", "energy"),
    "power": pgettext_lazy("kind of unit", "power"),
    "mass": pgettext_lazy("kind of unit", "mass"),
    "volume": pgettext_lazy("kind of unit", "volume"),
    "distance": pgettext_lazy("kind of unit", "distance"),
    "freight": pgettext_lazy("kind of unit", "freight work"),
    "passenger": pgettext_lazy("kind of unit", "passenger distance"),
    "money": pgettext_lazy("kind of unit", "money"),
}
_COUNTING = {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12}
_STATES = {"Nm3": "0", "标m3": "0", "标准立方米": "0", "标立方米": "0", "标立方": "0", "标方": "0", "Sm3": "15"}
_TRADITIONAL = str.maketrans("萬億時噸標準煤熱電圓鎊", "万亿时吨标准煤热电圆镑")
_DECORATION = re.compile(r"[\s.·⋅•‧*^_-]")
_AT = re.compile(r"(?P<unit>.+?)@(?P<degrees>-?[0-9.]+)(?:°?[Cc]|摄氏度|度)\)?")
# One spelling, two meanings in use: asked back, never guessed.
_TWO_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "mt": ("t", "Mt"),
    "MT": ("t", "Mt"),
    "mT": ("t", "Mt"),
    "ton": ("t", "short ton", "long ton"),
    "tons": ("t", "short ton", "long ton"),
    "Cal": ("cal", "kcal"),
}


class UnitError(PortfolioError):
    """`unit` cannot be taken for what was asked; `nearest` are names that can."""

    def __init__(self, unit: str, message: str | Promise, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.unit = unit
        self.nearest = nearest


class UnknownUnit(UnitError):
    """No unit has this name."""


class AmbiguousUnit(UnitError):
    """The name has several meanings; `nearest` are unmistakable names of each."""


class WrongDimension(UnitError):
    """A unit, but of something else: kW where energy is asked for."""


class ReferenceStateNeeded(UnitError):
    """A gas volume without the temperature it is measured at; `nearest` are the choices, ready to be typed."""


@dataclass(frozen=True)
class Amount:
    """`value` in the canonical `unit`; what was typed is kept beside it, and `echo` is how we say it back."""

    value: float
    unit: str
    typed: str
    typed_unit: str
    echo: str


@dataclass(frozen=True)
class _Unit:
    kind: str
    size: Decimal  # in the kind's base unit of the registry
    is_cubic: bool  # m³ and ft³, which may be gas or liquid; litres and gallons are liquid
    state: str | None = None  # °C of a gas volume


def read_amount(typed_number: str, typed_unit: str, expected: str | Iterable[str]) -> Amount:
    """An amount in the first of the expected canonical units that fits.

    `expected` is a word of DIMENSIONS, a canonical unit, or several of either. Raises UnreadableNumber, UnknownUnit,
    AmbiguousUnit, WrongDimension, ReferenceStateNeeded.
    """
    accepted = canonical_units(expected)
    number = read_number(typed_number)
    unit = _unit(typed_unit, accepted)
    canonical = _choose(typed_unit, unit, accepted)
    value = _times(number.value, unit.size, _canonical(canonical).size)
    said = f"{number.text} {typed_unit.strip()}"
    meant = f"{grouped(value)} {_LABELS.get(canonical, canonical)}"
    return Amount(value, canonical, typed_number, typed_unit, meant if said == meant else f"{said} = {meant}")


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """The same quantity in another unit of any known name. Raises as `read_amount` does; states of gas must agree."""
    source, target = _unit(from_unit, ()), _unit(to_unit, ())
    if (source.kind, source.state) != (target.kind, target.state):
        raise _wrong_dimension(from_unit, source, (to_unit,))
    return _times(value, source.size, target.size)


def kind_of(unit: str) -> str:
    """energy, mass, volume … of any known name."""
    return _unit(unit, ()).kind


def names_of(kind: str) -> tuple[str, ...]:
    """Every plain name of a kind, without counting words."""
    return tuple(name for names in _NAMES[kind].values() for name in names.split())


def canonical_units(expected: str | Iterable[str]) -> tuple[str, ...]:
    """Dimensions spelled out as canonical units."""
    words = [expected] if isinstance(expected, str) else expected
    units = tuple(unit for word in words for unit in DIMENSIONS.get(word, (word,)))
    unknown = [unit for unit in units if unit not in USUAL]
    if unknown or not units:
        raise ValueError(f"not canonical units: {unknown or units}")
    return units


def _choose(typed: str, unit: _Unit, accepted: tuple[str, ...]) -> str:
    """The accepted canonical unit that the typed one becomes."""
    fitting = [name for name in accepted if _canonical(name).kind == unit.kind]
    if not fitting:
        raise _wrong_dimension(typed, unit, accepted)
    gas = [name for name in fitting if _canonical(name).state is not None]
    if not gas and unit.state is not None:
        raise _wrong_dimension(typed, unit, accepted)
    same_state = [name for name in fitting if _canonical(name).state == unit.state]
    if same_state and not (gas and unit.is_cubic and unit.state is None):
        return same_state[0]
    choices = tuple(f"{_without_state(typed)}{name.removeprefix('m3')}" for name in gas)
    raise ReferenceStateNeeded(
        typed,
        _("A gas volume needs the temperature it is measured at (101.325 kPa). Type one of: %(choices)s.")
        % {"choices": ", ".join(choices)},
        choices,
    )


def _unit(typed: str, accepted: tuple[str, ...]) -> _Unit:
    name, degrees = _split_state(_plain(typed))
    known = _table().get(name) or _table().get(_other_case(typed, name))
    if known is None:
        raise _unknown(typed, name, accepted)
    if degrees is None:
        return known
    if known.kind != "volume" or degrees not in ("0", "15", "20"):
        choices = tuple(f"{_without_state(typed)}@{each}C" for each in ("0", "15", "20"))
        raise ReferenceStateNeeded(
            typed,
            _("“%(unit)s”: gas volumes are read at %(choices)s.") % {"unit": typed.strip(), "choices": "0, 15, 20 °C"},
            choices if known.kind == "volume" else (),
        )
    return replace(known, state=degrees)


def _plain(typed: str) -> str:
    """Full-width, ㎥ and ³ made plain; spaces, dots and hyphens are decoration."""
    text = unicodedata.normalize("NFKC", typed.strip()).translate(_TRADITIONAL)
    unit, at, state = text.partition("@") if "@" in text else text.partition("(")
    if not at and (found := re.search(r"[\s,]-?[0-9.]+\s*(?:°?[Cc]|摄氏度)$", text)):
        unit, at, state = text[: found.start()], "@", text[found.start() :].lstrip(", ")
    return _DECORATION.sub("", unit) + (at and "@") + re.sub(r"\s", "", state)


def _split_state(name: str) -> tuple[str, str | None]:
    match = _AT.fullmatch(name)
    if match is None:
        return name, None
    return match["unit"], match["degrees"]


def _without_state(typed: str) -> str:
    return re.split(r"[@(（,，＠]", typed.strip())[0].strip()


def _other_case(typed: str, name: str) -> str:
    """The known name that differs only in case; M (mega) and m (milli) must be as they should be."""
    if name in _TWO_MEANINGS:
        raise _ambiguous(typed, _TWO_MEANINGS[name])
    alike = [known for known in _table() if known.casefold() == name.casefold()]
    right = [known for known in alike if known[0] == name[0] or not _is_prefixed(known)]
    if alike and not right:
        message = _("“%(unit)s”: a capital M is a million, a small m a thousandth. Is %(meant)s meant?")
        raise AmbiguousUnit(typed, message % {"unit": typed.strip(), "meant": ", ".join(alike)}, tuple(alike))
    return right[0] if right else name


def _is_prefixed(name: str) -> bool:
    return name[0] in "mM" and name[1:] in _table()


def _canonical(name: str) -> _Unit:
    return _unit(name, ())


def _times(value: float, size: Decimal, by: Decimal) -> float:
    """Decimal, so that 1.2 万千瓦时 is 12,000 kWh and not 11,999.999999999998."""
    return float(Decimal(repr(float(value))) * size / by)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, _Unit]:
    """Every name, also with its counting word, with kind and exact size."""
    import pint  # a third of a second that only those pay who read a unit

    registry: pint.UnitRegistry[Decimal] = pint.UnitRegistry(None, non_int_type=Decimal)
    registry.load_definitions(_REGISTRY.strip().splitlines())
    table: dict[str, _Unit] = {}
    for kind, units in _NAMES.items():
        for expression, names in units.items():
            size = Decimal(registry.parse_expression(expression).to_base_units().magnitude)
            is_cubic = expression.endswith("**3")
            table |= {name: _Unit(kind, size, is_cubic, _STATES.get(name)) for name in names.split()}
    counted = {
        word + name: replace(unit, size=unit.size.scaleb(power))
        for name, unit in table.items()
        for word, power in _COUNTING.items()
    }
    return counted | table


def _unknown(typed: str, name: str, accepted: tuple[str, ...]) -> UnitError:
    kinds = {_canonical(unit).kind for unit in accepted} or set(_NAMES) - {"power"}
    plain = [each for kind in _NAMES if kind in kinds for each in names_of(kind)]
    counted = [each for each, unit in _table().items() if unit.kind in kinds]
    near = _close(name, plain) or _close(name, counted) or _usual(accepted)
    if not typed.strip():
        message = _("Please give the unit, such as %(nearest)s.") % {"nearest": ", ".join(near)}
    elif near:
        message = _("“%(unit)s” is not a unit we know. Is one of these meant: %(nearest)s?") % {
            "unit": typed.strip(),
            "nearest": ", ".join(near),
        }
    else:
        message = _("“%(unit)s” is not a unit we know.") % {"unit": typed.strip()}
    return UnknownUnit(typed, message, near)


def _close(name: str, names: Iterable[str]) -> tuple[str, ...]:
    known = {each.casefold(): each for each in names}
    return tuple(known[each] for each in difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.6))


def _usual(accepted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for name in accepted for each in USUAL.get(name, (name,))))[:6]


def _ambiguous(typed: str, meanings: tuple[str, ...]) -> UnitError:
    return AmbiguousUnit(
        typed,
        _("“%(unit)s” can be read in several ways. Please type one of: %(meanings)s.")
        % {"unit": typed.strip(), "meanings": ", ".join(meanings)},
        meanings,
    )


def _wrong_dimension(typed: str, unit: _Unit, accepted: tuple[str, ...]) -> UnitError:
    nearest = _usual(accepted)
    return WrongDimension(
        typed,
        _("“%(unit)s” is a unit of %(kind)s; please give one such as %(nearest)s.")
        % {"unit": typed.strip(), "kind": _KINDS[unit.kind], "nearest": ", ".join(nearest)},
        nearest,
    )
