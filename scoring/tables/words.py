"""Words for what stands in a factor: how far it was checked, its gas, its unit, its numbers."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.activities.kinds import activity_types
from portfolio.models import Quantity
from scoring.engine.accounting.reference import Factor
from scoring.engine.accounting.regions import RegionTable
from scoring.engine.accounting.words import PURPOSES
from scoring.reading import reads_chinese, said

NOT_VERIFIED = "not_verified"
# What a word means: short for a chip, long for the page of a factor.
VERIFICATIONS: dict[str, tuple[Promise, Promise]] = {
    "two_transcriptions": (_("two transcriptions"), _("Two independent transcriptions of the document agree.")),
    "document_text": (_("read in the document"), _("Read in the text of the document itself.")),
    "package_value": (_("value of a package"), _("Equals the value of the named data package.")),
    "definition": (_("by definition"), _("True by definition.")),
    "recomputed": (_("recomputed"), _("Follows from a printed formula, and was recomputed.")),
    "central_and_bounds_two_readings": (_("two readings"), _("Two readings agree on the value; bounds from one.")),
    "central_printed_bounds_derived": (
        _("bounds derived"),
        _("The value is printed; its bounds follow from printed bounds."),
    ),
    "newspaper_of_record": (_("newspaper of record"), _("From a newspaper of record that prints the announcement.")),
    "one_transcription": (_("one transcription"), _("One transcription of the document; not compared with another.")),
    "secondary_source": (_("secondary source"), _("From a secondary source that cites the document.")),
    "median_secondary_source": (
        _("secondary source, median"),
        _("The median that a secondary source gives of the publication's scenarios."),
    ),
    "as_published_in_repository": (_("as published"), _("As the publisher's own data files have it.")),
    "verified_locally": (_("verified local factor"), _("Supplied by a company and verified against its evidence.")),
    "imported": (_("imported"), _("Brought by an import; checked as far as its source says.")),
    NOT_VERIFIED: (_("not verified"), _("Written from memory: check the document before you rely on it.")),
}
GASES: dict[str, str | Promise] = {
    "CO2": "CO₂",
    "CO2e": "CO₂e",
    "CO2_or_CO2e": _("CO₂ or CO₂e, not stated"),
    "CO2_biogenic": _("CO₂, biogenic"),
    "CH4": "CH₄",
    "CH4_fossil": _("CH₄, fossil"),
    "CH4_biogenic": _("CH₄, biogenic"),
    "CH4_combustion": _("CH₄ of combustion"),
    "N2O": "N₂O",
    "CF4": "CF₄",
    "C2F6": "C₂F₆",
    "NCV": _("net calorific value"),
    "NCV_m3": _("net calorific value"),
    "density": _("density"),
}
PARTS: dict[str, Promise] = {
    "ncv_gj": _("net calorific value"),
    "carbon_content_kgc_per_gj": _("carbon content"),
    "oxidation": _("share oxidised"),
    "co2_derived": _("CO₂ factor, derived"),
    "as printed": _("as printed"),
}
TOTALS: dict[str, Promise] = {
    "scope_1": Quantity.SCOPE_1.label,
    "scope_2_location": Quantity.SCOPE_2_LOCATION.label,
    "scope_2_market": Quantity.SCOPE_2_MARKET.label,
    "scope_3": Quantity.SCOPE_3_TOTAL.label,
}


def verification_word(word: str) -> str:
    return str(VERIFICATIONS[word][0]) if word in VERIFICATIONS else word


def verification_sentence(word: str) -> str:
    return str(VERIFICATIONS[word][1]) if word in VERIFICATIONS else word


def purpose_word(code: str) -> str:
    return said(PURPOSES[code]) if code in PURPOSES else code


def gas_word(code: str) -> str:
    return str(GASES.get(code, code))


def factor_name(factor: Factor) -> str:
    first, second = (factor.name_zh, factor.name_en) if reads_chinese() else (factor.name_en, factor.name_zh)
    return first or second or factor.activity


def place_word(region: str, regions: RegionTable) -> str:
    """The name of a place; its code where the table has none."""
    known = regions.get(region.partition("/")[0])
    if known is None:
        return region
    return known.name_zh if reads_chinese() else known.name_en


def activity_word(factor: Factor) -> str:
    """What the factor is a factor of."""
    known = activity_types().get(factor.activity)
    return str(known) if known else factor_name(factor)


def part_word(name: str) -> str:
    """A printed part: one of ours, or a gas and how it was printed."""
    gas, printed, _rest = name.partition(" as printed")
    if printed and gas:
        return str(_("%(gas)s as printed")) % {"gas": gas_word(gas)}
    return str(PARTS.get(name) or gas_word(name))


def total_word(name: str) -> str:
    return str(TOTALS.get(name, name))
