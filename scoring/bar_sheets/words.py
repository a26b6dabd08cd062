"""The sentences of a bar sheet, made when it is read: what its words mean, and what two of them differ in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portfolio.templatetags.figures import percent, significant
from portfolio.wording import listed
from scoring.engine.score.bar_sheet import BarSheet, Family, FootprintBar, GridPath, Judgements
from scoring.models.bar_sheet import BarSheet as StoredSheet
from scoring.models.bar_sheet import SheetFamily
from scoring.reading import country_name, reads_chinese

Words = str | Promise

OWN_INPUTS: dict[str, Words] = {
    "service": gettext_lazy("service a unit and year"),
    "life": gettext_lazy("life"),
    "use": gettext_lazy("share in use"),
    "energy": gettext_lazy("electricity used a unit of service"),
    "lca": gettext_lazy("life-cycle emissions a unit"),
}
INPUTS: dict[str, Words] = OWN_INPUTS | {
    "tonnes": gettext_lazy("scopes 1 and 2"),
    "revenue": gettext_lazy("revenue"),
    "value_added": gettext_lazy("value added"),
    "output": gettext_lazy("output"),
}
RUNGS: dict[str, Words] = {
    "audited": gettext_lazy("audited accounts"),
    "verified": gettext_lazy("verified report"),
    "reported": gettext_lazy("unverified report"),
    "activity_verified": gettext_lazy("verified activity × factor"),
    "activity": gettext_lazy("activity × factor"),
}
UNITS: dict[str, Words] = {
    "car": pgettext_lazy("unit", "car"),
    "bus": pgettext_lazy("unit", "bus"),
    "truck": pgettext_lazy("unit", "truck"),
    "ha": pgettext_lazy("unit", "ha"),
    "m2": "m²",
    "1000 m2": "1,000 m²",
    "t CH4": "t CH₄",
    "t CO2": "t CO₂",
    "t H2": "t H₂",
    "MWh/yr": pgettext_lazy("unit", "MWh a year"),
    "Mpkm/yr": pgettext_lazy("unit", "million passenger-km a year"),
}
JUDGEMENTS: dict[str, Words] = dict(SheetFamily.Judgement.choices)
CLASSES: dict[str, Words] = {
    "25": gettext_lazy("metal goods"),
    "27": gettext_lazy("electrical equipment"),
    "28": gettext_lazy("machinery"),
}
SHARES = {  # judgements that are shares, printed in percent
    *("bar_share", "pass_through", "sigma_min_contribution", "sigma_min_resilience", "sigma_min_footprint"),
    *("footprint_age", "resilience_sigma", "theme_share", "realisation_share", "on_the_line_from", "on_the_line_to"),
    *("distinguishable", "verify_below"),
}
PLANS: dict[str, Words] = {
    "none": pgettext_lazy("plan", "none"),
    "pledge": pgettext_lazy("plan", "pledge"),
    "measurable": pgettext_lazy("plan", "measurable"),
    "costed": pgettext_lazy("plan", "costed"),
    "on_track": pgettext_lazy("plan", "on track"),
}


def unit(code: str) -> str:
    return str(UNITS.get(code, code))


def own_inputs(family: SheetFamily) -> str:
    """What is read of the candidate itself, in words."""
    return listed(OWN_INPUTS.get(word.strip(), word) for word in family.own_inputs.split(",") if word.strip())


def name(family: Family) -> str:
    return family.name_zh if reads_chinese() else family.name_en


def judgement_rows(judgements: Judgements) -> list[tuple[str, str]]:
    """Each judgement by its name, with its value as printed."""
    columns = StoredSheet.columns_of(judgements)
    return [(_label(StoredSheet, column), judgement_value(column, value)) for column, value in columns.items()]


def judgement_value(column: str, value: Any) -> str:
    if column == "least_plan":
        return str(PLANS.get(value, value))
    return str(percent(value)) if column in SHARES else str(plain(value))


def uncertainty_rows(sheet: BarSheet) -> list[tuple[str, list[float]]]:
    """Half widths of each input, in the order of RUNGS."""
    return [(str(label), [sheet.u95[name][rung] for rung in RUNGS]) for name, label in INPUTS.items()]


def formula(family: Family, year: int) -> str:
    """The reference row's u with its numbers: “2,225 × 1 × Σ EF(2026 … 2050) − 611.875”."""
    row = family.reference
    if row is None:
        return ""
    grid = {
        "path": f"EF({year + 1} … {year + row.life_years})",
        "latest": f"EF({_('latest year')})",
        "none": "",
    }[family.grid_use]
    parts = [plain(row.fixed_t_per_service)] if row.fixed_t_per_service or not grid else []
    if grid:
        times = "" if row.grid_mwh_per_service == 1 else f"{plain(row.grid_mwh_per_service)} × "
        parts.append(f"{times}{grid}")
    net = " + ".join(parts).replace("+ −", "− ")
    years = f"Σ({net})" if row.life_years > 1 else f"({net})"
    if family.grid_use == "none" and row.life_years > 1:
        years = f"{row.life_years} × ({net})"
    head = " × ".join(plain(value) for value in (row.service_per_unit_year, row.use_share) if value != 1)
    tail = f" − ({plain(row.lca_t_per_unit)})" if row.lca_t_per_unit < 0 else f" − {plain(row.lca_t_per_unit)}"
    return (f"{head} × " if head else "") + years + (tail if row.lca_t_per_unit else "")


def service(family: Family) -> str:
    """The unit of service of one unit sold."""
    return _("%(service)s per %(unit)s and year") % {"service": unit(family.service_unit), "unit": unit(family.unit)}


def footprint_unit(family: Family) -> str:
    """What own emissions are divided by, as a unit: tonnes per 10,000 yuan or per unit of output."""
    if family.denominator == "output":
        return f"t/{unit(family.unit)}"
    return _("t per 10,000 yuan of %(what)s") % {"what": dict(SheetFamily.Denominator.choices)[family.denominator]}


def footprint_words(found: FootprintBar | None) -> str:
    if found is None:
        return _("no bar yet: the fund’s task")
    if found.basis == "benchmark":
        return found.source
    classes = _(", ").join(f"{code} {CLASSES.get(code, '')}".strip() for code in found.classes)
    return _("n %(n)s, median %(median)s, spread of logarithms %(spread)s; ISIC %(classes)s; %(years)s") % {
        "n": found.n,
        "median": plain(found.median),
        "spread": plain(found.sd_ln),
        "classes": classes,
        "years": ", ".join(str(year) for year in found.years),
    }


# --- what two sheets differ in ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    about: str
    words: str


def difference(old: BarSheet, new: BarSheet) -> list[Change]:
    """What a reader of the new sheet must know who knew the old one; empty where only the version differs."""
    return [
        *_of_the_sheet(old, new),
        *_of_judgements(old.judgements, new.judgements),
        *_of_uncertainties(old, new),
        *_of_paths(old, new),
        *_of_families(old, new),
    ]


def _of_the_sheet(old: BarSheet, new: BarSheet) -> Iterator[Change]:
    for column in ("data_year", "closing_day", "stand_in_place"):
        before, after = getattr(old, column), getattr(new, column)
        if before != after:
            yield Change(_label(StoredSheet, column), _from_to(str(before), str(after)))


def _of_judgements(old: Judgements, new: Judgements) -> Iterator[Change]:
    before, after = StoredSheet.columns_of(old), StoredSheet.columns_of(new)
    for column in before:
        if before[column] != after[column]:
            yield Change(
                _label(StoredSheet, column),
                _from_to(judgement_value(column, before[column]), judgement_value(column, after[column])),
            )


def _of_uncertainties(old: BarSheet, new: BarSheet) -> Iterator[Change]:
    for name_of_input, rungs in new.u95.items():
        for rung, after in rungs.items():
            before = old.u95.get(name_of_input, {}).get(rung)
            if before != after:
                about = _("half width: %(input)s, %(rung)s") % {
                    "input": INPUTS.get(name_of_input, name_of_input),
                    "rung": RUNGS.get(rung, rung),
                }
                yield Change(about, _from_to(str(percent(before)), str(percent(after))))


def _of_paths(old: BarSheet, new: BarSheet) -> Iterator[Change]:
    for place in sorted({*old.path, *new.path}):
        before, after = old.path.get(place), new.path.get(place)
        if before != after:
            about = _("grid path of %(place)s") % {"place": country_name(place)}
            yield Change(about, _from_to(_path_words(before), _path_words(after)))


def _path_words(path: GridPath | None) -> str:
    if path is None:
        return _("none")
    return _("%(factor)s t/MWh in %(year)s, falling by %(fall)s a year") % {
        "factor": plain(path.t_per_mwh),
        "year": path.base_year,
        "fall": plain(path.fall_t_per_mwh_year),
    }


def _of_families(old: BarSheet, new: BarSheet) -> Iterator[Change]:
    for code in dict.fromkeys([*old.family, *new.family]):
        before, after = old.family.get(code), new.family.get(code)
        if before is None and after is not None:
            yield Change(f"{code} {name(after)}", _("added"))
        elif after is None and before is not None:
            yield Change(f"{code} {name(before)}", _("left out"))
        elif before is not None and after is not None:
            yield from (Change(f"{code} {name(after)}", words) for words in _of_a_family(before, after))


def _of_a_family(old: Family, new: Family) -> Iterator[str]:
    for field in fields(Family):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        if field.name in ("reference", "footprint_bar"):
            yield from _of_parts(field.name, before, after)
        elif field.name in TOLD_WITHOUT_WORDS:
            yield _("%(what)s: rewritten") % {"what": _label(SheetFamily, field.name)}
        else:
            yield _("%(what)s: %(change)s") % {
                "what": _label(SheetFamily, field.name),
                "change": _from_to(_value(field.name, before), _value(field.name, after)),
            }


TOLD_WITHOUT_WORDS = {"attribution_zh", "attribution_en", "doubts_zh", "doubts_en", "sources"}  # read them in the sheet


def _of_parts(what: str, old: Any, new: Any) -> Iterator[str]:
    names = [field.name for field in fields(old or new)]
    for part in names:
        before, after = getattr(old, part, None), getattr(new, part, None)
        if before != after:
            column = part if what == "reference" else f"bar_{part}"
            yield _("%(what)s: %(change)s") % {
                "what": _label(SheetFamily, column),
                "change": _from_to(_value(part, before), _value(part, after)),
            }


def _value(field: str, value: Any) -> str:
    if value is None or value in ("", ()):
        return _("none")
    if isinstance(value, tuple):
        return _(", ").join(str(OWN_INPUTS.get(word, word)) for word in value)
    if field in ("judgement", "grid_use", "denominator", "basis"):
        column = "bar_basis" if field == "basis" else field
        return str(dict(SheetFamily._meta.get_field(column).flatchoices).get(value, value))  # type: ignore[union-attr]
    return plain(value) if isinstance(value, float) else str(value)


def _from_to(before: str, after: str) -> str:
    return _("%(before)s → %(after)s") % {"before": before, "after": after}


def _label(model: type[StoredSheet] | type[SheetFamily], column: str) -> str:
    return str(model._meta.get_field(column).verbose_name)  # type: ignore[union-attr]


def plain(value: float | None) -> str:
    """As many digits as tell it, at most six."""
    if value is None:
        return "—"
    text = str(significant(value, 6))
    return text.rstrip("0").rstrip(".") if "." in text else text
