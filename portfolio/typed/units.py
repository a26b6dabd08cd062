"""Units as people type them: 3 万千瓦时, 120 tce, 5 Nm³, 40 ccf. Read once at the border into canonical units.

The only place that knows pint: it reads the grammar of our own small registry when the table below is built. Whether a
heating value is net or gross is asked for elsewhere; only therms are gross by what they are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio.errors import PortfolioError
from portfolio.folding import normal, simplified
from portfolio.typed.numbers import grouped, read_number
from portfolio.typed.suggesting import may_suggest
from portfolio.typed.unit_words import unit_word
from portfolio.wording import listed

# The canonical units that a word of the forms stands for. Gas volumes say at which temperature (101.325 kPa).
GAS_VOLUMES = ("m3@0C", "m3@15C", "m3@20C")
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "electricity": ("kWh",),
    "energy": ("GJ",),
    "power": ("kW",),
    "mass": ("t",),
    "gas_volume": GAS_VOLUMES,
    "liquid_volume": ("L",),
    "distance": ("km",),
    "freight": ("tkm",),
    "passenger": ("pkm",),
    "money": ("CNY",),
    "emissions": ("tCO₂e",),
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
    "MJ": ("MJ", "GJ", "tce"),
    "kW": ("kW", "MW", "万千瓦"),
    "tCO₂e": ("tCO₂e", "ktCO₂e", "万吨"),
}
_LABELS = {"m3@0C": "m³ (0 °C)", "m3@15C": "m³ (15 °C)", "m3@20C": "m³ (20 °C)"}

# calorie: international table, as GB/T 2589-2020 has it; tce: the same, 7,000 kcal/kg. toe: IEA. lb: exact since 1959.
# Btu: international table. gallon: US, 231 cubic inches; imperial_gallon: UK 1985. barrel_of_oil_equivalent: 5.8
# million Btu, as 26 U.S.C. 45K(d)(5) has it. standard_cubic_foot: at 60 °F, told here at 15 °C: 519.67 and 518.67 °R.
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
barrel = 42 * gallon
barrel_of_oil_equivalent = 5.8e6 * btu
foot = 0.3048 * meter
cubic_foot = foot ** 3
standard_cubic_foot = 518.67 / 519.67 * cubic_foot
mile = 1609.344 * meter
"""

# kind: unit of the registry: the names people use for it, spaces, dots and hyphens left out.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "energy": {
        "watt*hour": "Wh 瓦时",
        "kilowatt*hour": "kWh 度 度电 千瓦时 千瓦小时 kilowatthour kilowatthours",
        "megawatt*hour": "MWh 兆瓦时 兆瓦小时 megawatthour megawatthours",
        "gigawatt*hour": "GWh 吉瓦时 吉瓦小时 gigawatthour gigawatthours",
        "terawatt*hour": "TWh 太瓦时",
        "petawatt*hour": "PWh",
        "joule": "J 焦 焦耳",
        "kilojoule": "kJ 千焦 千焦耳",
        "megajoule": "MJ 兆焦 兆焦耳",
        "gigajoule": "GJ 吉焦 吉焦耳",
        "terajoule": "TJ 太焦 太焦耳",
        "petajoule": "PJ 拍焦",
        "1e18*joule": "EJ 艾焦",
        "calorie": "cal 卡",
        "kilocalorie": "kcal 千卡 大卡",
        "megacalorie": "Mcal 兆卡",
        "gigacalorie": "Gcal 吉卡",
        "btu": "Btu 英热单位",
        "1e3*btu": "kBtu",
        "1e6*btu": "MMBtu Dth Dtherm Dtherms dekatherm dekatherms decatherm decatherms",
        "1e5*btu": "therm therms thm thms",
        "1e-3*tonne_coal_equivalent": "kgce 千克标准煤 公斤标准煤 千克标煤 公斤标煤",
        "tonne_coal_equivalent": "tce 吨标准煤 吨标煤 吨煤当量",
        "kilotonne_coal_equivalent": "ktce",
        "megatonne_coal_equivalent": "Mtce",
        "tonne_oil_equivalent": "toe 吨标准油 吨标油 吨油当量",
        "kilotonne_oil_equivalent": "ktoe",
        "megatonne_oil_equivalent": "Mtoe",
        "barrel_of_oil_equivalent": "boe 桶油当量",
        "1e3*barrel_of_oil_equivalent": "kboe",
        "1e6*barrel_of_oil_equivalent": "MMboe",
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
        "gram": "g 克 gram grams gramme grammes",
        "kilogram": "kg kgs 千克 公斤 kilogram kilograms kilogramme kilogrammes",
        "tonne": "t 吨 公吨 tonne tonnes metricton metrictons tonmetric tonsmetric",
        "kilotonne": "kt kilotonne kilotonnes",
        "megatonne": "Mt MMT megatonne megatonnes",
        "gigatonne": "Gt gigatonne gigatonnes",
        "pound": "lb lbs pound pounds 磅",
        "1e3*pound": "klb klbs",
        "1/16*pound": "oz ounce ounces 盎司",
        "2000*pound": "shortton shorttons tonUS tonsUS UStons 短吨 美吨",
        "2240*pound": "longton longtons tonUK tonsUK UKtons 长吨 英吨",
        "500*gram": "斤 市斤",
    },
    "volume": {
        "meter**3": "m3 立方米 立方 方 Nm3 标m3 标准立方米 标立方米 标立方 标方 标况立方米 m3N Sm3 SCM cbm "
        "cubicmetre cubicmetres cubicmeter cubicmeters",
        "1e6*meter**3": "MMm3 MMcm",
        "1e9*meter**3": "bcm",
        "litre": "L 升 公升 litre litres liter liters",
        "millilitre": "mL 毫升",
        "100*litre": "hL",
        "kilolitre": "kL 千升",
        "megalitre": "ML",
        "gallon": "gal gals gallon gallons 加仑 美加仑 美制加仑 USgal USgals USgallon USgallons galUS galsUS gallonUS "
        "gallonsUS",
        "1e3*gallon": "kgal kgals",
        "1e6*gallon": "MMgal",
        "imperial_gallon": "UKgal UKgals UKgallon UKgallons galUK galsUK gallonUK gallonsUK impgal impgals impgallon "
        "impgallons imperialgal imperialgallon imperialgallons galimp galsimp gallonimp gallonsimp galimperial "
        "gallonimperial gallonsimperial 英加仑 英制加仑",
        "barrel": "bbl bbls barrel barrels 桶",
        "1e3*barrel": "kbbl kbbls",
        "1e6*barrel": "MMbbl MMbbls",
        "cubic_foot": "ft3 cf cuft cubicfoot cubicfeet 立方英尺",
        "100*cubic_foot": "ccf hcf",
        "1e3*cubic_foot": "Mcf mcf MCF kcf",
        "1e6*cubic_foot": "MMcf mmcf MMCF",
        "1e9*cubic_foot": "bcf",
        "1e12*cubic_foot": "Tcf",
        "standard_cubic_foot": "scf",
        "1e3*standard_cubic_foot": "Mscf mscf MSCF kscf",
        "1e6*standard_cubic_foot": "MMscf mmscf MMSCF",
        "1e9*standard_cubic_foot": "bscf",
    },
    "distance": {
        "meter": "m 米 metre metres meter meters",
        "kilometer": "km kms 公里 千米 kilometre kilometres kilometer kilometers",
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
    "emissions": pgettext_lazy("kind of unit", "greenhouse gases"),
}
_COUNTING = {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12}
_IN_WORDS = {"thousand": "千", "million": "百万", "billion": "十亿"}
_TEN_TO = {"10^3": "千", "10^4": "万", "10^6": "百万", "10^8": "亿", "10^9": "十亿"}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_STATES = {"Nm3": "0", "标m3": "0", "标准立方米": "0", "标立方米": "0", "标立方": "0", "标方": "0", "标况立方米": "0"}
_STATES |= {"m3N": "0", "Sm3": "15", "SCM": "15"}
_IS_CUBIC = re.compile(r".*(?:\*\*3|cubic_foot)")
# Billing units of gas in the US and in Britain, gross by definition: Gas (Calculation of Thermal Energy) Regulations
# 1996 (SI 1996/439) for the therm; the dekatherm of FERC tariffs is ten of them.
_GROSS = {"therm", "therms", "thm", "thms", "Dth", "Dtherm", "Dtherms"}
_GROSS |= {"dekatherm", "dekatherms", "decatherm", "decatherms"}
_OF_CO2E = ("CO2e", "CO2eq", "CO2当量", "二氧化碳当量", "ofCO2e")  # behind a mass: 3 ktCO₂e, 3 万吨二氧化碳当量
LONGEST = 80  # characters of a unit with all that stands round it; to look for what was meant takes far longer
ALIKE_LATIN, ALIKE_CHINESE = 0.7, 0.6  # how much of two spellings must be the same for one to be a slip of the other
_DECORATION = re.compile(r"[\s.·⋅•‧*^_-]")
_AT = re.compile(r"(?P<unit>.+?)@(?P<degrees>-?[0-9.]+)(?:°?[Cc]|摄氏度|度)\)?")
_COUNTRY = re.compile(r"\(\s*(U\.?K|U\.?S|imp(?:erial)?|metric)\.?\s*\)", re.IGNORECASE)
# One spelling, two meanings in use: asked back, never guessed. M is a thousand in the oil and gas trade of the US.
_TWO_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "mt": ("t", "Mt"),
    "MT": ("t", "Mt"),
    "mT": ("t", "Mt"),
    "ton": ("t", "short ton", "long ton"),
    "tons": ("t", "short ton", "long ton"),
    "Cal": ("cal", "kcal"),
    "mbtu": ("kBtu", "MMBtu"),
    "mbbl": ("kbbl", "MMbbl"),
    "mbbls": ("kbbl", "MMbbl"),
    "mboe": ("kboe", "MMboe"),
    "mgal": ("kgal", "MMgal"),
    "km3": ("千立方米", "十亿立方米"),
    "mm3": ("千立方米", "百万立方米"),
    "mcm": ("千立方米", "百万立方米"),
}
_BOILER_TONNES = ("蒸吨", "蒸汽吨", "吨蒸汽", "tonnesteam", "tonnessteam", "tonneofsteam", "tonnesofsteam", "tsteam")
_TONNES_OF_STEAM = re.compile(  # as bills say it: 吨饱和蒸汽, t(0.8MPa), t saturated steam, 8 bar
    r"[千百十万亿]*(吨|t|kg|千克|公斤).*(蒸[汽气]|steam|[0-9.]+[mk]?pa|[0-9.]+bar)", re.IGNORECASE
)


class UnitError(PortfolioError):
    """`unit` cannot be taken for what was asked; `nearest` are names that can. `code` is for programs."""

    code = "wrong_unit"

    def __init__(self, unit: str, message: str | Promise, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.unit = unit
        self.nearest = nearest


class UnknownUnit(UnitError):
    """No unit has this name."""

    code = "unknown_unit"


class AmbiguousUnit(UnitError):
    """The name has several meanings; `nearest` are unmistakable names of each."""

    code = "ambiguous_unit"


class WrongDimension(UnitError):
    """A unit, but of something else: kW where energy is asked for."""


class ReferenceStateNeeded(UnitError):
    """A gas volume without the temperature it is measured at; `nearest` are the choices, ready to be typed."""

    code = "reference_state_needed"


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
    is_gross: bool = False  # a therm is of the gross calorific value by definition


_NOTHING = _Unit("", Decimal(0), False)


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
    meant = f"{grouped(value)} {_LABELS.get(canonical) or unit_word(canonical)}"
    echo = meant if said == meant else f"{said} = {meant}"
    return Amount(value, canonical, typed_number, typed_unit, echo)


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """The same quantity in another unit of any known name. Raises as `read_amount` does; states of gas must agree."""
    source, target = _unit(from_unit, ()), _unit(to_unit, ())
    if (source.kind, source.state) != (target.kind, target.state):
        raise _wrong_dimension(from_unit, source, (to_unit,))
    return _times(value, source.size, target.size)


def kind_of(unit: str) -> str:
    """energy, mass, volume … of any known name."""
    return _unit(unit, ()).kind


def is_energy(unit: str) -> bool:
    """Whether a name is of energy; a name that is none is not."""
    try:
        return kind_of(unit) == "energy"
    except UnitError:
        return False


def is_gross(unit: str) -> bool:
    """Whether energy in this unit is of the gross calorific value by definition, as a therm is. Raises UnitError."""
    return _unit(unit, ()).is_gross


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
    fitting = [name for name in accepted if _fits(unit.kind, _canonical(name).kind)]
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
        % {"choices": listed(choices)},
        choices,
    )


def _fits(kind: str, wanted: str) -> bool:
    """A scope told in plain tonnes is told in tonnes of CO₂ equivalent."""
    return kind == wanted or (kind, wanted) == ("mass", "emissions")


def _unit(typed: str, accepted: tuple[str, ...]) -> _Unit:
    if len(typed) > LONGEST:
        raise UnknownUnit(typed, _("No unit we know has so long a name."), _usual(accepted))
    name, degrees = _split_state(_plain(typed))
    known = _table().get(name) or _table().get(_other_case(typed, name))
    if known is None:
        raise _unknown(typed, name, accepted)
    if degrees is None:
        return known
    known = _table().get(name.casefold().replace("scf", "cf"), known)  # its own 60 °F is not meant then
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
    text = re.sub("^10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda power: f"10^{power[1].translate(_SUPERSCRIPTS)}", typed.strip())
    text = simplified(normal("NFKC", text))
    for written, word in (_IN_WORDS | _TEN_TO).items():
        if text.casefold().startswith(written) and text[len(written) :]:
            text = word + text[len(written) :].lstrip()
            break
    text = _COUNTRY.sub(lambda found: found[1].replace(".", ""), text)
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
    bare, of_gas = _without_gas(name)
    meanings = _TWO_MEANINGS.get(bare) or _TWO_MEANINGS.get(bare.casefold())
    if meanings:
        raise _ambiguous(typed, tuple(each + of_gas for each in meanings))
    alike = [known for known in _table() if known.casefold() == name.casefold()]
    right = [known for known in alike if known[0] == name[0] or not _is_prefixed(known)]
    if alike and not right:
        message = _("“%(unit)s”: a capital M is a million, a small m a thousandth. Is %(meant)s meant?")
        raise AmbiguousUnit(typed, message % {"unit": typed.strip(), "meant": ", ".join(alike)}, tuple(alike))
    return right[0] if right else name


def _without_gas(name: str) -> tuple[str, str]:
    """MTCO2e → MT, CO2e; what is of no gas stays whole."""
    for suffix in _OF_CO2E:
        if name.casefold().endswith(suffix.casefold()) and len(name) > len(suffix):
            return name[: -len(suffix)], name[-len(suffix) :]
    return name, ""


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
            is_cubic = bool(_IS_CUBIC.fullmatch(expression))
            state = "15" if "standard" in expression else None
            for name in names.split():
                table[name] = _Unit(kind, size, is_cubic, _STATES.get(name, state), name in _GROSS)
    masses = [(name, unit) for name, unit in table.items() if unit.kind == "mass"]
    table |= {name + gas: replace(unit, kind="emissions") for name, unit in masses for gas in _OF_CO2E}
    counted = {
        word + name: replace(unit, size=unit.size.scaleb(power))
        for name, unit in table.items()
        for word, power in _COUNTING.items()
    }
    return counted | table


def _unknown(typed: str, name: str, accepted: tuple[str, ...]) -> UnitError:
    if not typed.strip():
        near = _usual(accepted)
        please = _("Please give the unit, such as %(nearest)s.")
        return UnknownUnit(typed, please % {"nearest": listed(near)}, near)
    if (bare := name.removesuffix("CO2")) != name and _table().get(bare, _NOTHING).kind == "mass":
        message = _("“%(unit)s” counts carbon dioxide alone. Please give all greenhouse gases, as %(meant)s.")
        return WrongDimension(typed, message % {"unit": typed.strip(), "meant": f"{bare}CO₂e"}, (f"{bare}CO₂e",))
    if name.lstrip("千百十万亿").casefold() in _BOILER_TONNES or _TONNES_OF_STEAM.match(name):
        message = _(
            "A tonne of steam holds more or less heat by its pressure. Please give the heat, such as %(nearest)s:"
            " tonnes times the enthalpy in GJ/t, by the contract or a steam table at this pressure, less that of the"
            " feed water."
        )
        return WrongDimension(typed, message % {"nearest": "GJ, 百万千焦, MWh"}, ("GJ", "百万千焦", "MWh"))
    kinds = {_canonical(unit).kind for unit in accepted} or set(_KINDS) - {"power"}
    if _is_a_size_of_something(name, kinds):
        near, message = (), _("“%(unit)s” is not a unit we know.")
    elif may_suggest() and (near := _slips_of(name, frozenset(kinds))):
        message = _("“%(unit)s” is not a unit we know. Is one of these meant: %(nearest)s?")
    else:
        near = _usual(accepted)
        message = _("“%(unit)s” is not a unit we know. Units that fit here are %(nearest)s.")
    return UnknownUnit(typed, message % {"unit": typed.strip(), "nearest": listed(near)}, near)


@lru_cache(maxsize=1024)
def _slips_of(name: str, kinds: frozenset[str]) -> tuple[str, ...]:
    """Names of these kinds that a slip of the finger makes of `name`: the multiplier is never what slipped.

    Where the names that are near differ in size, it is anybody's guess, and none is offered.
    """
    typed = name.casefold()
    near: dict[str, float] = {}
    for known, unit in _table().items():
        multiplier, core = _multiplied(known)
        if unit.kind in kinds and typed.startswith(multiplier + core[0]):
            like = difflib.SequenceMatcher(None, typed[len(multiplier) :], core).ratio()
            if like >= (ALIKE_LATIN if typed.isascii() else ALIKE_CHINESE):
                near[known] = like
    best = sorted(near, key=lambda known: (-near[known], len(known), known))
    sizes = {(_table()[known].kind, _table()[known].size) for known in best}
    return tuple(best[:3]) if len(sizes) == len({kind for kind, _size in sizes}) else ()


@cache
def _multiplied(known: str) -> tuple[str, str]:
    """(kilo, watt hour): a name in small letters parted where the rest is a unit of the same kind and another size."""
    unit = _table()[known]
    for end in range(1, min(len(known), 3)):
        rest = _table().get(known[end:])
        if rest is not None and rest.kind == unit.kind and rest.size != unit.size:
            return known[:end].casefold(), known[end:].casefold()
    return "", known.casefold()


def _is_a_size_of_something(name: str, kinds: set[str]) -> bool:
    """XWh, dagal, 兆度: something before a unit that we know, so that any unit of its kind would be another size."""
    return any(unit.kind in kinds and name.casefold().endswith(known.casefold()) for known, unit in _table().items())


def _usual(accepted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for name in accepted for each in USUAL.get(name, (name,))))[:6]


def _ambiguous(typed: str, meanings: tuple[str, ...]) -> UnitError:
    return AmbiguousUnit(
        typed,
        _("“%(unit)s” can be read in several ways. Please type one of: %(meanings)s.")
        % {"unit": typed.strip(), "meanings": listed(meanings)},
        meanings,
    )


def _wrong_dimension(typed: str, unit: _Unit, accepted: tuple[str, ...]) -> UnitError:
    nearest = _usual(accepted)
    return WrongDimension(
        typed,
        _("“%(unit)s” is a unit of %(kind)s; please give one such as %(nearest)s.")
        % {"unit": typed.strip(), "kind": _KINDS[unit.kind], "nearest": listed(nearest)},
        nearest,
    )
