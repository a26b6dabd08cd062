"""Forms of the applicant and the verifier. What was typed is kept and shown as typed; the reading stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portfolio.disclosures.feeds import FEEDS
from portfolio.disclosures.figures import echo, read_figure
from portfolio.disclosures.groups import GROUPS, Group
from portfolio.models import Company, Disclosure, Figure, Quantity
from portfolio.models.desk.points import opening_of
from portfolio.models.disclosure import Values
from portfolio.models.quantity import SUBSIDIES, EbitStanding
from portfolio.typed.bounds import LARGEST
from portfolio.typed.fields import NumberField
from portfolio.typed.numbers import UnreadableNumber, change_percent, grouped
from portfolio.typed.units import Amount, UnitError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

STANDINGS = [  # in the words of a narrow list below its question
    (EbitStanding.INSIDE.value, _("inside")),
    (EbitStanding.OUTSIDE.value, _("outside")),
    (EbitStanding.UNKNOWN.value, _("Not known")),
]
FACTS = ("boundary", "revenue_boundary", "source_document")
LOCKED = _("The verifier has not opened this field: it stays as it was submitted.")
THEIRS = "theirs-"  # a ticked box of this name takes the value saved meanwhile instead of one's own


@dataclass(frozen=True)
class Line:
    """One quantity of the form, with all that stands beside its input."""

    quantity: Quantity
    field: BoundField
    basis: BoundField
    standing: BoundField | None  # of a subsidy: whether EBIT counts it
    feeds: str
    reading: str
    last_year: str
    change_percent: float | None
    provenance: str
    cited: int  # files that show it

    @property
    def is_filled(self) -> bool:
        return bool(self.field.value())


class FigureField(NumberField):
    """A number, with its unit where it is not the quantity's own; cleans to an Amount, or None when left empty."""

    def __init__(self, quantity: Quantity) -> None:
        super().__init__(label=quantity.label, bound=quantity)
        self.quantity = quantity

    def read(self, typed: str) -> Amount:
        return read_figure(typed, self.quantity)


class DisclosureForm(forms.Form):
    """Everything one company-year says. Empty is "not reported"; 0 is a printed zero."""

    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 2)
    boundary = forms.CharField(
        label=_("Boundary in words"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Which companies and sites the figures cover, such as “the group with all subsidiaries”."),
    )
    revenue_boundary = forms.ChoiceField(
        label=_("Emissions against revenue"),
        choices=Disclosure.RevenueBoundary.choices,
        help_text=_("Do the emissions cover the same companies as the revenue of the annual report?"),
    )
    source_document = forms.CharField(
        label=_("Document the figures come from"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Title, year and page, or the address of the published report."),
    )

    def __init__(self, data: QueryDict | None = None, *, disclosure: Disclosure, last_year: Values) -> None:
        self.stored = stored_texts(disclosure)
        self.disclosure = disclosure
        self.last_year = last_year
        self.is_stale = False
        if data is not None:
            data = _with_theirs(data, self.stored)
        super().__init__(data, initial=self.stored | {"edition": disclosure.edition}, label_suffix="")
        for quantity in Quantity:
            self.fields[quantity] = FigureField(quantity)
            self.fields[basis_name(quantity)] = forms.ChoiceField(
                label=_("Basis"), choices=bases_of(quantity), required=False
            )
        for quantity in SUBSIDIES:
            self.fields[standing_name(quantity)] = forms.ChoiceField(
                label=_("In EBIT"), choices=STANDINGS, required=False
            )
        self.opening = opening_of(disclosure)
        for name in filter(self.is_locked, self.fields):
            self.fields[name].disabled = True
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"about-{name}"
            if name in self.stored:  # what a change is compared with (autosave.js); the page may show what was typed
                field.widget.attrs["data-was"] = self.stored[name]

    # --- what a return left closed -------------------------------------------------------------------
    def is_locked(self, name: str) -> bool:
        """Whether the field may not be changed: the verifier has not named its figure or fact."""
        return name in self.stored and not self.opening.has(name.removesuffix(BASIS).removesuffix(STANDING))

    def clean(self) -> None:
        """What was typed into a closed field all the same is refused where it stands, not dropped unsaid."""
        for name in filter(self.is_locked, self.stored):
            if name in self.data and str(self.data[name]).replace("\r\n", "\n").strip() != self.stored[name]:
                self.add_error(name, str(LOCKED))

    # --- what was read -------------------------------------------------------------------------------
    def readings(self) -> dict[str, Amount]:
        """Quantity → reading, of every number that could be read, in a form that is bound or not."""
        found: dict[str, Amount] = {}
        for quantity in Quantity:
            try:
                reading = read_figure(str(self[quantity].value() or ""), quantity)
            except (UnreadableNumber, UnitError):
                continue
            if abs(reading.value) <= LARGEST:  # the checks add them up
                found[quantity] = reading
        return found

    def values(self) -> dict[str, float | None]:
        """Quantity → value, as far as it could be read."""
        return {quantity: reading.value for quantity, reading in self.readings().items()}

    def figures(self) -> list[Figure]:
        """The rows to keep: one of which nothing was changed as it is stored, to the last digit.

        What a figure carries besides (note, own source and boundary) stays with it.
        """
        kept = {figure.quantity: figure for figure in self.disclosure.figures.all()}
        rows: list[Figure] = []
        for quantity in Quantity:
            row = kept.get(quantity) or Figure(quantity=quantity)
            if self._is_changed(quantity) and not self._read_into(row):
                continue
            if row.pk or row.typed:
                row.pk = None
                rows.append(row)
        return rows

    def _is_changed(self, quantity: Quantity) -> bool:
        return not {quantity, basis_name(quantity), standing_name(quantity)}.isdisjoint(self.changed_data)

    def _read_into(self, row: Figure) -> bool:
        """False where the field was left empty."""
        if row.quantity not in self.cleaned_data:  # stored under other bounds, and only its basis was changed now
            return row.pk is not None
        reading = self.cleaned_data[row.quantity]
        if reading is None:
            return False
        row.value = reading.value
        row.typed = str(self[row.quantity].value()).strip()
        row.basis = self.cleaned_data[basis_name(row.quantity)] or Figure.Basis.REPORTED
        if row.quantity in SUBSIDIES:
            row.ebit_standing = self.cleaned_data[standing_name(row.quantity)] or EbitStanding.UNKNOWN
        return True

    def save(self, *, by: Any, as_typed: bool = False) -> None:
        """Raises what Disclosure.revise raises."""
        facts = {name: self.cleaned_data.get(name, self.stored[name]) for name in FACTS}
        edition = self.cleaned_data["edition"]
        self.disclosure.revise(by=by, edition=edition, figures=self.figures(), as_typed=as_typed, **facts)

    # --- what is shown -------------------------------------------------------------------------------
    def groups(self) -> Iterator[tuple[Group, list[Line], bool]]:
        """Each group with its lines, and whether it stands open: short, filled or faulty."""
        readings = self.readings()
        figures = self.disclosure.figures.select_related("changed_by")
        told = {figure.quantity: figure.provenance for figure in figures}
        cited = self.disclosure.cited()
        for group in GROUPS:
            lines = [
                self._line(quantity, readings, told.get(quantity, ""), len(cited.get(quantity, ())))
                for quantity in group.quantities
            ]
            stands_open = not group.summary or any(line.is_filled or line.cited or line.field.errors for line in lines)
            yield group, lines, stands_open

    def facts(self) -> list[BoundField]:
        return [self[name] for name in FACTS]

    def _line(self, quantity: Quantity, readings: Mapping[str, Amount], provenance: str, cited: int) -> Line:
        reading, before = readings.get(quantity), self.last_year.get(quantity)
        return Line(
            quantity,
            self[quantity],
            self[basis_name(quantity)],
            self[standing_name(quantity)] if quantity in SUBSIDIES else None,
            str(FEEDS.get(quantity, "")),
            grouped(reading.value) if reading else "",
            "" if before is None else grouped(before),
            change_percent(reading.value if reading else None, before),
            provenance,
            cited,
        )

    def faults(self) -> list[tuple[BoundField, str]]:
        """Field and message, for the list on top."""
        of_figure = (str, basis_name, standing_name)
        in_page_order = [of(q.value) for group in GROUPS for q in group.quantities for of in of_figure]
        in_page_order = [name for name in in_page_order if name in self.fields]
        fields = [self[name] for name in (*in_page_order, *FACTS, "edition")]
        return [(field, str(message)) for field in fields for message in field.errors]

    # --- somebody was faster -------------------------------------------------------------------------
    def show_both(self) -> None:
        """After a stale save: keep what was typed, and base the next save on what now stands."""
        self.is_stale = True
        data = cast("QueryDict", self.data).copy()
        data["edition"] = str(self.disclosure.edition)
        self.data = data

    def shown(self, name: str, text: str) -> str:
        """A value of a field as a person reads it."""
        choices = getattr(self.fields[name], "choices", None)
        return str(dict(choices).get(text, text)) if choices else text

    def differences(self) -> list[Difference]:
        """Every field where what was typed is not what was saved meanwhile."""
        if not self.is_stale:
            return []
        return [
            Difference(self[name], self.shown(name, str(self[name].value() or "")), self.shown(name, stored))
            for name, stored in self.stored.items()
            if str(self[name].value() or "").strip() != stored
        ]


@dataclass(frozen=True)
class Difference:
    """A field with one's own value and the one saved meanwhile, each as a person reads it."""

    field: BoundField
    mine: str
    theirs: str

    @property
    def label(self) -> str:
        name = self.field.name
        if name.endswith(BASIS):
            return str(_("Basis of: %(quantity)s") % {"quantity": Quantity(name.removesuffix(BASIS)).label})
        if name.endswith(STANDING):
            return str(_("In EBIT: %(quantity)s") % {"quantity": Quantity(name.removesuffix(STANDING)).label})
        return str(self.field.label)

    @property
    def box(self) -> str:
        return THEIRS + self.field.name


class StartForm(forms.Form):
    """Which company, which year."""

    company = forms.ModelChoiceField(label=_("Company"), queryset=Company.objects.none(), empty_label=None)
    year = forms.IntegerField(
        label=_("Year"), widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        companies = self.fields["company"]
        assert isinstance(companies, forms.ModelChoiceField)  # noqa: S101  tells the type checker
        companies.queryset = Company.objects.filter(memberships__user_id=user.pk)


BASIS = "-basis"
STANDING = "-standing"


def basis_name(quantity: str) -> str:
    return f"{quantity}{BASIS}"


def standing_name(quantity: str) -> str:
    return f"{quantity}{STANDING}"


def bases_of(quantity: Quantity) -> list[tuple[str, Any]]:
    """Accounts that are audited state money, and nothing else."""
    return [choice for choice in Figure.Basis.choices if choice[0] != Figure.Basis.AUDITED or quantity.unit == "CNY"]


def stored_texts(disclosure: Disclosure) -> dict[str, str]:
    """Field name → what the database holds, as it would be typed."""
    texts = {name: str(getattr(disclosure, name)) for name in FACTS}
    figures = {figure.quantity: figure for figure in disclosure.figures.all()}
    for quantity in Quantity:
        figure = figures.get(quantity)
        texts[quantity] = _as_typed(figure) if figure else ""
        texts[basis_name(quantity)] = figure.basis if figure else Figure.Basis.REPORTED.value
    for quantity in SUBSIDIES:
        figure = figures.get(quantity)
        texts[standing_name(quantity)] = (figure and figure.ebit_standing) or EbitStanding.UNKNOWN.value
    return texts


def _as_typed(figure: Figure) -> str:
    """What was typed, where it still reads as the value; a source's own words may not."""
    return figure.typed if echo(figure) else grouped(figure.value)


def _with_theirs(data: QueryDict, stored: Mapping[str, str]) -> QueryDict:
    taken = [name for name in stored if THEIRS + name in data]
    if taken:
        data = data.copy()
        for name in taken:
            data[name] = stored[name]
    return data
