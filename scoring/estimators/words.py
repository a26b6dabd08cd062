"""Models in the reader's language: the card's figures, the bands of size, and why a table is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portfolio.models import Sector
from portfolio.templatetags.figures import percent
from portfolio.wording import listed
from scoring.engine.estimator.drift import FeatureDrift
from scoring.engine.estimator.recipe import Card, GroupFigures
from scoring.estimators.training_tables import (
    ArtifactRefused,
    ColumnWentWrong,
    DuplicateCompanyYear,
    NoUsableRows,
    OneSectorOnly,
    TargetLeaked,
    TrainingTableError,
    UnreadableTable,
)
from scoring.models.estimator import ModelVersion

SIZES = {
    "0": gettext_lazy("revenue below 1 billion"),
    "1": gettext_lazy("revenue 1 to 10 billion"),
    "2": gettext_lazy("revenue 10 to 100 billion"),
    "3": gettext_lazy("revenue above 100 billion"),
    "-": gettext_lazy("revenue not reported"),
}
RUNGS = {
    1: pgettext_lazy("rung of the data ladder", "verified report"),
    2: pgettext_lazy("rung of the data ladder", "report"),
    3: pgettext_lazy("rung of the data ladder", "activity × factor"),
    4: pgettext_lazy("rung of the data ladder", "last report × growth"),
    5: pgettext_lazy("rung of the data ladder", "model with activity data"),
    6: pgettext_lazy("rung of the data ladder", "model of size, sector and text"),
    7: pgettext_lazy("rung of the data ladder", "outside what the model has seen"),
}
SHORT_RUNGS = {  # where there is little room
    5: pgettext_lazy("rung of the data ladder", "activity model"),
    6: pgettext_lazy("rung of the data ladder", "size and sector"),
    7: pgettext_lazy("rung of the data ladder", "out of range"),
}
METHODS = {
    "sector_median": gettext_lazy("median of the sector"),
    "ols": gettext_lazy("least squares"),
    "linear": gettext_lazy("additive kernel ridge"),
    "similar": gettext_lazy("additive kernel ridge with a term for like companies"),
    "blend": gettext_lazy("half kernel ridge, half boosted trees"),
}
ENOUGH = 10  # companies of a sector before its share is called the worst: of 7, one is 14 points
REFUSALS: dict[type[Exception], Promise] = {
    ArtifactRefused: gettext_lazy("A stored model is not taken. Upload the table: the recipe is fitted here."),
    ColumnWentWrong: gettext_lazy("A column is written in another way than its cells can be read."),
    DuplicateCompanyYear: gettext_lazy("A company-year stands in the table twice."),
    NoUsableRows: gettext_lazy("No row has a company, a year and both scopes above zero."),
    OneSectorOnly: gettext_lazy("A training table needs companies of at least two sectors."),
    TargetLeaked: gettext_lazy("A column holds the answer: the measured error would be a fiction."),
    UnreadableTable: gettext_lazy("The file is not a table that can be read."),
}


def refusal_words(refused: Exception) -> str:
    """The class in words and, after it, what the engine said with the offending value."""
    if not isinstance(refused, TrainingTableError):
        return str(refused)
    words = REFUSALS.get(type(refused))
    return f"{words} ({refused})" if words else str(refused)


FEATURES = {
    "sector": gettext_lazy("Sector"),
    "revenue_money": gettext_lazy("Revenue"),
    "employees": gettext_lazy("Employees"),
    "assets_money": gettext_lazy("Assets"),
    "capital_money": gettext_lazy("Paid-in capital"),
    "salary_kmoney": gettext_lazy("Average pay"),
    "benefit_kmoney": gettext_lazy("Average benefits"),
    "electricity_kwh": gettext_lazy("Electricity"),
    "energy_mj": gettext_lazy("Energy"),
    "coal_t": gettext_lazy("Coal"),
    "water_t": gettext_lazy("Water"),
    "waste_t": gettext_lazy("Waste"),
    "hazardous_waste_t": gettext_lazy("Hazardous waste"),
}
READINGS = {
    "stable": pgettext_lazy("reading of drift", "alike"),
    "watch": pgettext_lazy("reading of drift", "to be watched"),
    "other": pgettext_lazy("reading of drift", "another population"),
    "too few": pgettext_lazy("reading of drift", "too few to say"),
}


def activity_words(model: ModelVersion) -> str:
    return listed(FEATURES.get(name, name) for name in model.activity_columns)


@dataclass(frozen=True)
class ShownDrift:
    label: str
    reading: str
    told: FeatureDrift


def drift_row(told: FeatureDrift) -> ShownDrift:
    return ShownDrift(str(FEATURES.get(told["name"], told["name"])), str(READINGS[told["reading"]]), told)


@dataclass(frozen=True)
class ShownGroup:
    label: str
    figures: GroupFigures


@dataclass(frozen=True)
class ShownRung:
    number: int
    label: str
    method: str
    errors: list[tuple[str, float]]  # of every method that competed, RMSE on folds by company


@dataclass
class ModelReport:
    """A model with its card as the page prints it."""

    model: ModelVersion

    @property
    def card(self) -> Card | None:
        return self.model.card

    @property
    def activity(self) -> str:
        """The activity columns that it reads."""
        return activity_words(self.model)

    @cached_property
    def sectors(self) -> list[ShownGroup]:
        labels = dict(Sector.choices)
        found = self.card["by_sector"] if self.card else {}
        return [
            ShownGroup(str(labels.get(code, code if code != "-" else _("unknown"))), f) for code, f in found.items()
        ]

    @cached_property
    def sizes(self) -> list[ShownGroup]:
        found = self.card["by_size"] if self.card else {}
        return [ShownGroup(str(SIZES.get(band, band)), figures) for band, figures in found.items()]

    @cached_property
    def rungs(self) -> list[ShownRung]:
        return [
            ShownRung(
                int(number),
                str(RUNGS[int(number)]),
                str(METHODS.get(told["chosen"], told["chosen"])),
                [(str(METHODS.get(name, name)), error) for name, error in told["rmse"].items()],
            )
            for number, told in self.model.learned.items()
        ]

    @property
    def headline(self) -> list[str]:
        """What a reader needs first: how often an estimate is near, and where it is worst; empty without a card."""
        card = self.card
        if card is None:
            return []
        said = _(
            "%(near)s of the estimates of companies it has not seen lie within a factor of two of the report;"
            " %(inside)s of the reports lie inside their 90%% interval."
        ) % {"near": percent(card["within2x"]), "inside": percent(card["coverage90"])}
        judged = [group for group in self.sectors if group.figures["companies"] >= ENOUGH]
        if not judged:
            return [said]
        worst = min(judged, key=lambda group: group.figures["coverage90"])
        about = {
            "sector": worst.label,
            "inside": percent(worst.figures["coverage90"]),
            "n": worst.figures["companies"],
            "enough": ENOUGH,
        }
        where = _("Worst of the sectors with at least %(enough)s companies: %(sector)s, %(inside)s (%(n)s companies).")
        return [said, where % about]

    @property
    def is_only_median(self) -> bool:
        """Too little to learn from."""
        return bool(self.model.learned) and all(t["chosen"] == "sector_median" for t in self.model.learned.values())

    @cached_property
    def failures(self) -> list[str]:
        """Where this model is known to fail: from its own card, then what holds for all."""
        card = self.card
        if card is None:
            return []
        said = []
        low = [g.label for g in self.sectors if g.figures["coverage90"] < card["coverage90_wilson"]["lo"] - 0.05]
        if low:
            said.append(_("Intervals too narrow in: %(sectors)s.") % {"sectors": listed(low)})
        bad = [g.label for g in self.sectors if g.figures["rmse"] > 1.3 * card["rmse"]]
        if bad:
            said.append(_("Errors well above the average in: %(sectors)s.") % {"sectors": listed(bad)})
        if not 0.7 <= card["sum_ratio"] <= 1.4:
            said.append(_("Sums of estimates miss: they rest on a handful of giants."))
        said.append(_("A company that reports one of many sites reports less than the estimate; the report is right."))
        said.append(_("An amount typed in the wrong unit is followed: kWh for MWh makes the estimate larger."))
        return said
