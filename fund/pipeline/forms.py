"""What a person may move in a what-if: the fund's own numbers, and figures of one candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio.typed.bounds import SMALLEST
from portfolio.typed.fields import NumberField, ShareField
from portfolio.typed.numbers import Reading
from scoring.candidates.inputs import RUNGS, input_amount, input_unit, name_at
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.candidacy import Told
from scoring.engine.score.what_if import Figure, Reveal
from scoring.models.possible import PART, POSITIVE, SHARE, Possible

MULTIPLE = Possible(0.01, 100, _("From 0.01 to 100, please."))
PRICE = Possible(0, 100_000, _("From 0 to 100,000, please."))
FOOTPRINT = Possible(SMALLEST, 1e6, _("More than 0 and at most 1,000,000, please."))
YEARS = Possible(1, 200, _("Whole years, from 1 to 200, please."))
OF_FIGURES = {"use": PART, "energy": POSITIVE, "life": YEARS}
BOUNDS = {  # of an input → in data/bounds.csv
    **dict.fromkeys(("scope1", "scope2_location", "scope2_by_activity"), "scope1_t"),
    **dict.fromkeys(("revenue", "value_added", "gross_profit", "ebit"), "revenue_cny"),
    **dict.fromkeys(("subsidies.grants", "subsidies.price_premium", "subsidies.theme_credits"), "grants_cny"),
    "output": "units_made",
    "runway_months": "runway_months",
    "units": "units_sold",
    "service": "service_per_unit_year",
    "life": "life_years",
    "use": "use_share",
    "energy": "energy_mwh_per_service",
    "lca": "lca_t_per_unit",
}
MAY_BE_NEGATIVE = ("revenue", "value_added", "gross_profit", "ebit", "lca")


class Slide(NamedTuple):
    """How far − and + and the range go; the number itself may go further."""

    least: float
    most: float
    step: float


class _Asked(NumberField):
    """A number within what it can be."""

    def __init__(self, possible: Possible, **how: Any) -> None:
        super().__init__(**how)
        self.possible = possible

    def clean(self, value: Any) -> Reading | None:
        reading = super().clean(value)
        if not isinstance(reading, Reading):  # nothing was typed; with its unit nothing is, since no unit is told
            return None
        if not self.possible.holds(reading.value) or 0 < abs(reading.value) < SMALLEST:
            raise forms.ValidationError(str(self.possible.words), code="impossible")
        return reading


class _AskedShare(_Asked, ShareField):
    """A share as 0.8 or 80 %."""


class _Life(_Asked):
    def clean(self, value: Any) -> Reading | None:
        reading = super().clean(value)
        if reading is not None and reading.value != int(reading.value):
            raise forms.ValidationError(str(self.possible.words), code="impossible")
        return reading


SLIDES = {
    "bar_share": Slide(0.05, 1, 0.05),
    "footprint_multiple": Slide(0.1, 4, 0.1),
    "carbon_price": Slide(0, 1000, 20),
    "pass_through": Slide(0, 1, 0.05),
}


class BarsForm(forms.Form):
    """The fund's own numbers. Left empty each is as the bar sheet has it."""

    bar_share = _AskedShare(PART, bound="use_share", label=_("Contribution: share of the reference"))
    footprint_multiple = _Asked(MULTIPLE, label=_("Own footprint: multiple of the median"))
    carbon_price = _Asked(PRICE, label=_("Carbon price, CNY/t"))
    pass_through = _AskedShare(SHARE, bound="use_share", label=_("Pass-through of the carbon cost"))
    family = forms.ChoiceField(required=False, label=_("A family's own bar of own footprint"))
    family_bar = _Asked(FOOTPRINT, label=_("Own footprint: bar of this family"))

    def __init__(self, data: Any, *, families: Sequence[Family], names: Mapping[str, str]) -> None:
        super().__init__(data)
        choices = [(family.code, f"{family.code} {names[family.code]}") for family in families]
        self.fields["family"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    @property
    def slides(self) -> list[tuple[forms.BoundField, Slide]]:
        return [(self[name], slide) for name, slide in SLIDES.items()]


class ShownFigure(NamedTuple):
    """A line of the panel: a figure that is untold, with a box for it, or told and not verified."""

    name: str
    year: int
    told: str  # empty: it is not told
    unit: str
    value: forms.BoundField | None
    verified: forms.BoundField


class FiguresForm(forms.Form):
    """What one candidate might tell, or have verified. `asked` as the engine lists it."""

    def __init__(self, data: Any, *, company: int, asked: Mapping[Figure, Told | None], family: Family | None) -> None:
        super().__init__(data)
        self.company, self.asked, self.family = company, asked, family
        for figure, told in asked.items():
            name = name_at(figure.name, figure.place)
            if told is None:
                self.fields[self._name("told", figure)] = _figure_field(figure.name, label=name)
            self.fields[self._name("verified", figure)] = forms.BooleanField(
                required=False, label=pgettext_lazy("of a figure, what if", "verified")
            )

    def _name(self, what: str, figure: Figure) -> str:
        """With the company: what was typed of one is never taken for another's."""
        return f"{what}-{self.company}-{figure.key}"

    @property
    def lines(self) -> list[ShownFigure]:
        return [
            ShownFigure(
                name_at(figure.name, figure.place),
                figure.year,
                f"{input_amount(figure.name, told['value'], self.family)} · {RUNGS[told['rung']]}" if told else "",
                input_unit(figure.name, self.family),
                None if told else self[self._name("told", figure)],
                self[self._name("verified", figure)],
            )
            for figure, told in self.asked.items()
        ]

    def reveals(self) -> list[Reveal]:
        """Of what is right in it; a box left empty tells nothing."""
        self.is_valid()
        found = []
        for figure, told in self.asked.items():
            reading: Reading | None = self.cleaned_data.get(self._name("told", figure))
            is_verified = bool(self.cleaned_data.get(self._name("verified", figure)))
            if reading is not None or (told is not None and is_verified):
                found.append(Reveal(figure, reading.value if reading else None, is_verified))
        return found


def _figure_field(name: str, *, label: str) -> NumberField:
    how: dict[str, Any] = {"label": label, "bound": BOUNDS[name], "negative": name in MAY_BE_NEGATIVE}
    if name == "life":
        return _Life(YEARS, **how)
    return _Asked(OF_FIGURES[name], **how) if name in OF_FIGURES else NumberField(**how)


class ScenarioForm(forms.Form):
    name = forms.CharField(max_length=80, label=_("Name of the scenario"))
    is_shared = forms.BooleanField(required=False, label=_("shared inside the house"))
