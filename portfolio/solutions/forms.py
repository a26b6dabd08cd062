"""The form of one solution: what of which family, for where, and what a unit of it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import Case, Value, When
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.models import Company, Disclosure, Solution, TechnologyFamily
from portfolio.models.solution import AMOUNTS
from portfolio.places.fields import CountryField
from portfolio.solutions.report import percent, told
from portfolio.typed.fields import MeasuredField, ShareField
from portfolio.typed.unit_words import unit_word

BASES = [("reported", gettext_lazy("Reported")), ("measured", gettext_lazy("Measured"))]
SHARES = ("use_share", "cost_share")
YEARS = ("year", "a", "年")
PLAIN = ("kind", "country", "name", "is_component", "stated_avoided_kind", "basis", "source", "note")


class FamilyField(forms.ModelChoiceField[TechnologyFamily]):
    """A technology family, with its unit and its unit of service beside the name."""

    def label_from_instance(self, family: Any) -> str:
        units = dict.fromkeys(map(unit_word, filter(None, (family.unit, family.service_unit))))
        return f"{family} ({' · '.join(units)})"


class SolutionForm(forms.Form):
    """A number that is left empty is not told; 0 is told."""

    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 2)
    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=32767)
    family = FamilyField(label=gettext_lazy("Technology family"), queryset=TechnologyFamily.objects.none())
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=Solution.Kind.choices,
        help_text=gettext_lazy("Realised and measured count; planned and potential are shown and not judged."),
    )
    country = CountryField(
        label=gettext_lazy("Place of use"),
        help_text=gettext_lazy("The country in which it runs: its grid decides what is avoided."),
    )
    name = forms.CharField(label=gettext_lazy("Product or plant"), max_length=120, required=False)
    units_sold = MeasuredField(bound="units_sold", unit="")
    units_made = MeasuredField(bound="units_made", unit="")
    service_per_unit_year = MeasuredField(bound="service_per_unit_year", unit="")
    life_years = MeasuredField(bound="life_years", unit="years", unit_names=YEARS, label=gettext_lazy("Life, years"))
    use_share = ShareField(
        bound="use_share",
        label=gettext_lazy("Share in use"),
        help_text=gettext_lazy("Of what was sold, how much runs: 0.95 or 95 %."),
    )
    energy_mwh_per_service = MeasuredField(bound="energy_mwh_per_service", unit="MWh")
    lca_t_per_unit = MeasuredField(bound="lca_t_per_unit", unit="tCO₂e", negative=True)
    is_component = forms.BooleanField(
        label=gettext_lazy("It is a component of a larger system"), required=False, label_suffix=""
    )
    cost_share = ShareField(
        bound="cost_share",
        label=gettext_lazy("Share of the system's cost"),
        help_text=gettext_lazy("Of a component: 0.25 or 25 %. Without it its lifetime tonnes stay unknown."),
    )
    stated_avoided_t = MeasuredField(
        bound="avoided_t",
        unit="tCO₂e",
        label=gettext_lazy("Avoided emissions as you state them, tCO₂e"),
        help_text=gettext_lazy("Shown beside, never judged."),
    )
    stated_avoided_kind = forms.ChoiceField(
        label=gettext_lazy("What that counts"), choices=[("", "—"), *Solution.Stated.choices], required=False
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("Basis"),
        choices=[("reported", gettext_lazy("Reported")), ("measured", gettext_lazy("Measured"))],
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Document and page, such as annual report 2025, p. 31."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=400, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        disclosure: Disclosure,
        solution: Solution | None = None,
    ) -> None:
        self.disclosure, self.solution = disclosure, solution
        self.is_stale = False
        self.stored = as_typed(solution) if solution else {}
        first: dict[str, Any] = {
            "kind": Solution.Kind.REALISED.value,
            "basis": "reported",
            "country": disclosure.company.country,
        }
        first |= {"family": family_of(disclosure.company)}
        initial = (self.stored or first) | {"edition": disclosure.edition, "number": solution and solution.number}
        super().__init__(data, initial=initial, label_suffix="")
        families = cast(FamilyField, self.fields["family"])
        families.queryset = families_for(disclosure.company)
        families.empty_label = _("— please choose")
        self._name_units()
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"about-{name}"

    @property
    def chosen_family(self) -> TechnologyFamily | None:
        """The one that is chosen, or was preset."""
        chosen = self["family"].value()
        return TechnologyFamily.objects.filter(pk=chosen).first() if str(chosen or "").isdecimal() else None

    def _name_units(self) -> None:
        family = self.chosen_family
        unit = family.unit if family else _("units")
        service = (family.service_unit or family.unit) if family else _("units of service")
        units = {"unit": unit_word(unit), "service": unit_word(service)}
        for name, (label, about) in WITH_UNITS.items():
            self.fields[name].label = str(label) % units
            self.fields[name].help_text = str(about) % units
        if family:
            self._take_units(unit, service)

    def _take_units(self, unit: str, service: str) -> None:
        """What each field may bring along: of a quotient the whole of it, or what stands above."""
        own = {
            "units_sold": (unit,),
            "units_made": (unit,),
            "service_per_unit_year": (service, f"{service}/{unit}"),
            "energy_mwh_per_service": ("MWh", f"MWh/{service}"),
            "lca_t_per_unit": ("tCO₂e", f"tCO₂e/{unit}", f"tCO2e/{unit}", f"t/{unit}"),
        }
        for name, (first, *names) in own.items():
            field = cast(MeasuredField, self.fields[name])
            field.unit, field.unit_names = first, tuple(names)

    def clean_life_years(self) -> int | None:
        reading = self.cleaned_data["life_years"]
        if reading is None:
            return None
        if reading.value != int(reading.value) or reading.value < 1:
            raise forms.ValidationError(_("Whole years, please, at least 1."), code="whole")
        return int(reading.value)

    def read(self) -> Solution:
        """The row as it is to be stored, of a form that is valid."""
        given = self.cleaned_data
        row = Solution(disclosure=self.disclosure, family=given["family"], **{name: given[name] for name in PLAIN})
        for name in AMOUNTS:
            value = given[name]
            setattr(row, name, value if value is None or isinstance(value, int) else value.value)
        return row

    # --- what is shown -------------------------------------------------------------------------------
    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def faults(self) -> list[tuple[BoundField, str]]:
        fields = [self[name] for _title, names in GROUPS for name in names]
        return [(field, str(message)) for field in (*fields, self["edition"]) for message in field.errors]

    def show_both(self, stored: Solution | None) -> None:
        """After a stale save: keep what was typed, and base the next save on what now stands."""
        self.is_stale, self.stored = True, as_typed(stored) if stored else {}
        data = cast(QueryDict, self.data).copy()
        data["edition"] = str(self.disclosure.edition)
        self.data = data

    def differences(self) -> list[Difference]:
        """Where what was typed is not what stands now, each as a person reads it; nothing where the row is gone."""
        if not self.stored:
            return []
        found = []
        for _title, names in GROUPS:
            for name in names:
                mine, theirs = _shown(self[name], self[name].value()), _shown(self[name], self.stored[name])
                if mine != theirs:
                    found.append(Difference(self[name], mine, theirs))
        return found


@dataclass(frozen=True)
class Difference:
    field: BoundField
    mine: str
    theirs: str


WITH_UNITS: dict[str, tuple[Any, Any]] = {
    "units_sold": (
        gettext_lazy("Units sold, %(unit)s"),
        gettext_lazy("Sold in the year, for use at this place. Of an operator: leave it empty."),
    ),
    "units_made": (
        gettext_lazy("Output, %(unit)s"),
        gettext_lazy("Made or run in the year. An operator tells this: it is what its contribution rests on."),
    ),
    "service_per_unit_year": (
        gettext_lazy("Service, %(service)s per %(unit)s and year"),
        gettext_lazy("What one %(unit)s gives in a year of use."),
    ),
    "energy_mwh_per_service": (
        gettext_lazy("Electricity, MWh per %(service)s"),
        gettext_lazy("What it consumes for one unit of service; empty for what makes electricity."),
    ),
    "lca_t_per_unit": (
        gettext_lazy("Life-cycle emissions, tCO₂e per %(unit)s"),
        gettext_lazy("Of making and disposing of one %(unit)s, such as from a product declaration."),
    ),
}
GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (gettext_lazy("What and where"), ("family", "kind", "country", "name")),
    (gettext_lazy("How much"), ("units_sold", "units_made", "is_component", "cost_share")),
    (
        gettext_lazy("What a unit does"),
        ("service_per_unit_year", "life_years", "use_share", "energy_mwh_per_service", "lca_t_per_unit"),
    ),
    (
        gettext_lazy("Statement and source"),
        ("stated_avoided_t", "stated_avoided_kind", "basis", "source", "note"),
    ),
)


def family_of(company: Company) -> int | None:
    """The family of the company's track: of one that is confirmed before any other."""
    tracks = company.tracks.filter(family__isnull=False).order_by("-confirmed_at", "pk")
    named = sorted(tracks, key=lambda row: not row.is_confirmed)
    return named[0].family_id if named else None


def families_for(company: Company) -> Any:
    """All of them: those of the company's tracks first."""
    mine = list(company.tracks.values_list("track", flat=True))
    first = Case(When(track__in=mine, then=Value(0)), default=Value(1))
    return TechnologyFamily.objects.annotate(apart=first).order_by("apart", "code")


def as_typed(solution: Solution) -> dict[str, Any]:
    """Field name → what the database holds, as it would be typed."""
    found: dict[str, Any] = {name: getattr(solution, name) for name in PLAIN} | {"family": solution.family_id}
    for name in AMOUNTS:
        value = getattr(solution, name)
        found[name] = percent(value) if name in SHARES else told(value)
    return found


def _shown(field: BoundField, value: Any) -> str:
    if field.name == "is_component":
        return _("Yes") if value else _("No")
    if field.name == "family":
        found = TechnologyFamily.objects.filter(pk=value).first() if str(value or "").isdecimal() else None
        return str(found or "")
    if field.name == "country":
        try:
            return str(field.field.clean(value))
        except forms.ValidationError:
            return str(value)
    choices = getattr(field.field, "choices", None)
    text = str(value or "").strip()
    return str(dict(choices).get(text, text)) if choices else text
