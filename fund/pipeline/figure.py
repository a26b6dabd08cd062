"""Where one figure of a company comes from: who said it and how, what it was computed from, and what uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fund.models import Holding
from portfolio.models import (
    Badge,
    Check,
    Citation,
    Company,
    Disclosure,
    Evidence,
    Figure,
    Financials,
    Opinion,
    Quantity,
    Solution,
    Substitution,
)
from portfolio.models.people import FUND_SIDE, SomeUser, has_role
from portfolio.templatetags.figures import percent
from portfolio.typed.numbers import grouped
from portfolio.typed.unit_words import unit_word
from scoring.candidates import words
from scoring.candidates.origins import Origins, account_href, sold_href, told_href
from scoring.engine.score.record import BARS
from scoring.ledgers.ledger import account_disclosure, rows_of
from scoring.ledgers.report import Figures, ShownLine
from scoring.models import LatestScore
from scoring.quality import Quality
from scoring.reading import country_name

# Amounts of accounts that have a page; the others are words, or belong to one of these.
OF_ACCOUNTS = (
    *("revenue", "profit", "equity", "debt", "evic", "value_added", "gross_profit", "ebit", "ebitda"),
    *("grants", "price_premium", "theme_credits", "theme_share", "theme_capex_rnd_share", "runway_months", "employees"),
)
SHARES = ("theme_share", "theme_capex_rnd_share", "use_share", "cost_share")
OF_SOLUTIONS = (
    *("units_sold", "units_made", "service_per_unit_year", "life_years", "use_share", "energy_mwh_per_service"),
    *("lca_t_per_unit", "cost_share", "stated_avoided_t"),
)
IN_PORTFOLIOS = {  # what of a company enters the figures of a fund that holds it
    Quantity.SCOPE_1: "financed_s1",
    Quantity.SCOPE_2_LOCATION: "financed_s2",
    Quantity.SCOPE_3_TOTAL: "financed_s3",
    "revenue": "financed_s1_s2",
    "evic": "financed_s1_s2",
}


class Fact(NamedTuple):
    name: str
    words: str  # of a person or a source: in their own language


class Use(NamedTuple):
    name: str
    href: str


class Handled(NamedTuple):
    """Who did what with it, and when; nobody where a file was read."""

    what: str
    who: str
    at: datetime | None


class OtherVersion(NamedTuple):
    version: int
    state: str
    shown: str
    href: str


class Paper(NamedTuple):
    """What a line or the figure cites; `opens` where this person may open it."""

    evidence: Evidence
    place: str
    opens: bool


@dataclass(frozen=True)
class Line:
    """A line of the ledger under a figure, with what shows it."""

    shown: ShownLine
    why: str
    papers: list[Paper]


@dataclass(frozen=True)
class FigurePage:
    """One figure, as `user` may see it. `value` is as it is kept; a share is printed in percent."""

    user: SomeUser
    code: str  # of the quantity, or the column
    company: Company
    label: str
    year: int | None
    value: str
    unit: str
    rung: str
    facts: list[Fact]
    href: str
    tab: str  # of the dossier that shows it
    is_verified: bool = False
    handled: list[Handled] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    ledger: str = ""
    computed: Figures | None = None  # what the lines come to
    versions: list[OtherVersion] = field(default_factory=list)
    findings: list[Check] = field(default_factory=list)
    opinion: Opinion | None = None  # that covers it

    @property
    def sees_uses(self) -> bool:
        return has_role(self.user, *FUND_SIDE)

    @cached_property
    def used_in(self) -> list[Use]:
        return list(_used_in(self)) if self.sees_uses else []

    @cached_property
    def citation(self) -> str:
        """One line for a memo: company, figure, year, value, source."""
        where = next((fact.words for fact in self.facts if fact.name == _("Source")), "")
        told = f"{self.value} {self.unit}".strip()
        year = "" if self.year is None else str(self.year)
        parts = [str(self.company), self.label, year, told, self.rung, where]
        return pgettext("between facts", ", ").join(part for part in parts if part)


def of_disclosure(user: SomeUser, disclosure: Disclosure, quantity: str) -> FigurePage:
    """A figure of a disclosure. Raises Figure.DoesNotExist."""
    row = disclosure.figures.select_related("changed_by").get(quantity=quantity)
    href = told_href(disclosure.pk, quantity)
    verified = Quality.of(Disclosure.objects.filter(pk=disclosure.pk)).is_first(disclosure.pk, quantity)
    substituted = next((one for one in _substitutions(disclosure) if one.quantity == quantity), None)
    facts = [
        *_substituted(row, substituted),
        *_said(_("As typed"), row.typed),
        *_said(_("Basis"), row.get_basis_display()),
        *_said(_("In EBIT"), row.get_ebit_standing_display() if row.ebit_standing else ""),
        *_said(_("From the ledger"), row.provenance),
        *_said(_("Boundary"), row.boundary or disclosure.boundary),
        *_read_in(row, disclosure),
    ]
    handled = list(_handled(disclosure))
    if row.changed_by:
        handled.insert(0, Handled(_("Changed by hand"), _name(row.changed_by), row.changed_at))
    lines, computed = _lines(user, disclosure, Quantity(quantity))
    return FigurePage(
        user=user,
        code=quantity,
        company=disclosure.company,
        label=row.get_quantity_display(),
        year=disclosure.year,
        value=grouped((substituted and substituted.value) or row.value),
        unit=Quantity(quantity).unit_label,
        rung=_rung(row, disclosure, verified, bool(substituted)),
        is_verified=verified,
        facts=facts,
        href=href,
        tab="emissions",
        handled=handled,
        flags=[disclosure.quality_flag] if disclosure.quality_flag else [],
        opinion=Opinion.objects.visible_to(user).issued().filter(disclosure=disclosure).first(),
        papers=_papers(user, disclosure.cited().get(quantity, [])),
        lines=lines,
        ledger=reverse("scoring:ledger", args=[disclosure.pk]) if lines else "",
        computed=computed,
        versions=list(_versions(user, disclosure, quantity)),
        findings=_findings(disclosure, quantity),
    )


def of_accounts(user: SomeUser, row: Financials, name: str) -> FigurePage:
    """A figure of the accounts. Raises Financials.DoesNotExist where there is none."""
    value = getattr(row, name)
    if value is None:
        raise Financials.DoesNotExist
    standing = getattr(row, f"{name}_standing", "")
    is_share = name in SHARES
    is_count = name in ("employees", "runway_months")
    facts = [
        *_said(_("In EBIT"), getattr(row, f"get_{name}_standing_display")() if standing else ""),
        *_said(_("Basis"), row.basis),
        *_said(_("Source"), row.source),
        *_said(_("Licence"), row.licence),
    ]
    return FigurePage(
        user=user,
        code=name,
        company=row.company,
        label=_label(row, name),
        year=row.year,
        value=str(percent(value, 1)) if is_share else grouped(value),
        unit="" if is_share or is_count else unit_word(row.currency),
        rung=_("from audited accounts") if row.is_audited else _("reported, not verified"),
        facts=facts,
        href=account_href(row, name),
        tab="emissions",
        handled=[Handled(_("Entered"), _name(row.entered_by), None)] if row.entered_by else [],
        flags=[row.quality_flag] if row.quality_flag else [],
    )


def of_solution(user: SomeUser, row: Solution, column: str) -> FigurePage:
    """A figure of what was sold. Raises Solution.DoesNotExist where there is none."""
    value = getattr(row, column)
    if value is None:
        raise Solution.DoesNotExist
    disclosure = row.disclosure
    verified = disclosure.badge == Badge.VERIFIED
    is_share = column in SHARES
    facts = [
        *_said(_("Technology family"), str(row.family)),
        *_said(_("Product or plant"), row.name),
        *_said(_("Kind"), row.get_kind_display()),
        *_said(_("Place of use"), country_name(row.country)),
        *_said(_("Basis"), row.get_basis_display()),
        *_read_in(row, disclosure),
    ]
    return FigurePage(
        user=user,
        code=column,
        company=disclosure.company,
        label=_label(row, column),
        year=disclosure.year,
        value=str(percent(value, 1)) if is_share else grouped(value),
        unit=unit_word(row.family.unit) if column in ("units_sold", "units_made") else "",
        rung=_verified(disclosure, verified),
        is_verified=verified,
        facts=facts,
        href=sold_href(row, column),
        tab="bars",
        handled=list(_handled(disclosure)),
    )


# --- the parts ---------------------------------------------------------------------------------------------
def _said(name: str, text: Any) -> Iterator[Fact]:
    if text:
        yield Fact(name, str(text))


def _read_in(row: Figure | Solution, disclosure: Disclosure) -> Iterator[Fact]:
    """Its own source where it names one, else the disclosure's; who published that, and what is noted."""
    own = row.source or disclosure.source_document
    yield from _said(_("Source"), own or disclosure.source)
    yield from _said(_("Read from"), disclosure.source if own else "")
    yield from _said(_("Licence"), disclosure.licence)
    yield from _said(_("Note"), row.note)


def _label(row: models.Model, column: str) -> str:
    labels = {field.name: str(field.verbose_name) for field in row._meta.concrete_fields}
    return labels[column][:1].upper() + labels[column][1:]


def _name(person: Any) -> str:
    return (person.get_full_name() or person.get_username()) if isinstance(person, User) else ""


def _substitutions(disclosure: Disclosure) -> list[Substitution]:
    return Substitution.objects.standing(disclosure) if disclosure.frozen_at else []


def _substituted(row: Figure, found: Substitution | None) -> Iterator[Fact]:
    """What the company had told, and what the value in its place rests on."""
    if found is not None:
        yield Fact(capfirst(pgettext("of a figure", "submitted")), grouped(row.value))
        yield Fact(_("Basis of the conservative value"), found.basis)


def _rung(row: Figure, disclosure: Disclosure, verified: bool, is_substituted: bool) -> str:
    if is_substituted:
        return _("conservative substitution")
    if row.basis == Figure.Basis.AUDITED:
        return _("from audited accounts")
    if row.is_of_ledger:
        return _("activity × factor, verified") if verified else _("activity × factor")
    return _verified(disclosure, verified)


def _verified(disclosure: Disclosure, verified: bool) -> str:
    """A version that is verified can hold a figure that nothing shows."""
    if verified:
        return _("verified by a verifier")
    if disclosure.badge == Badge.CORRECTING:
        return str(Badge.CORRECTING.label)
    return _("in a verified version, without evidence") if disclosure.badge else _("reported, not verified")


def _handled(disclosure: Disclosure) -> Iterator[Handled]:
    if disclosure.created_by:
        yield Handled(_("Entered"), _name(disclosure.created_by), None)
    if disclosure.submitted_by:
        yield Handled(_("Submitted"), _name(disclosure.submitted_by), disclosure.submitted_at)
    if disclosure.verified_by:
        yield Handled(_("Verified"), _name(disclosure.verified_by), disclosure.verified_at)
    if disclosure.created_by is None:
        yield Handled(_("Read from a public source"), "", disclosure.frozen_at)


def _lines(user: SomeUser, disclosure: Disclosure, quantity: Quantity) -> tuple[list[Line], Figures | None]:
    """The lines of the ledger that this figure stands beside, and what they come to."""
    if not disclosure.activities.exists():
        return [], None
    accounted = account_disclosure(disclosure)
    amount = accounted.amount_of(quantity)
    if amount is None:
        return [], None
    found = []
    for row in rows_of(accounted, quantity):
        why = reverse("scoring:ledger_why", args=[disclosure.pk, row.activity.number])
        found.append(Line(ShownLine(row, accounted.tables), why, _papers(user, row.activity.cited)))
    return found, Figures(amount)


def _papers(user: SomeUser, cited: list[Citation]) -> list[Paper]:
    return [Paper(one.evidence, one.place, not one.evidence.objection_to(user)) for one in cited]


def _versions(user: SomeUser, disclosure: Disclosure, quantity: str) -> Iterator[OtherVersion]:
    """What other versions of the year say, as far as this person may see them; the newest first."""
    others = Disclosure.objects.visible_to(user).filter(company=disclosure.company_id, year=disclosure.year)
    others = others.exclude(pk=disclosure.pk).with_badge().order_by("-version")
    told = models.Prefetch("figures", Figure.objects.filter(quantity=quantity), to_attr="asked")
    for other in others.prefetch_related(told):
        value = other.asked[0].value if other.asked else None  # type: ignore[attr-defined]  # of the prefetch
        shown = "—" if value is None else grouped(value)
        href = told_href(other.pk, quantity) if value is not None else ""
        yield OtherVersion(other.version, other.shown_label, shown, href)


def _findings(disclosure: Disclosure, quantity: str) -> list[Check]:
    """What was asked of it when this content was last checked."""
    checks = Check.objects.filter(checked__disclosure=disclosure, checked__digest=disclosure.digest, quantity=quantity)
    rows = list(checks.select_related("checked__disclosure").order_by("-checked", "number"))
    return [row for row in rows if row.checked_id == rows[0].checked_id]


def _used_in(page: FigurePage) -> Iterator[Use]:
    """The bars of the score that stands, and the figures of funds that hold the company. Of the fund's side alone."""
    latest = LatestScore.objects.filter(company=page.company).select_related("score").first()
    candidacy = latest.score.record.get("candidacy") if latest and not latest.score.is_retired else None
    if latest and candidacy:
        seen = Disclosure.objects.visible_to(page.user).filter(company=page.company).exclude(digest="")
        origins = Origins(page.user, page.company, {one.digest: one for one in seen})
        for bar in BARS:
            record = candidacy[bar]  # type: ignore[literal-required]
            if any(origins.href(used, record["year"]) == page.href for used in record["inputs"]):
                valued = words.value_words(bar, record)
                told = {"bar": words.bar_name(bar), "value": valued.figure or "?", "run": latest.score.run_id}
                href = f"{reverse('dossier', args=[page.company.pk])}#bar-{bar}"
                yield Use(_("%(bar)s: %(value)s (run %(run)s)") % told, href)
    if code := IN_PORTFOLIOS.get(page.code):
        held = Holding.objects.visible_to(page.user).filter(company=page.company).select_related("fund").order_by("pk")
        for holding in held:
            query = f"?fund={holding.fund_id}#holding-{holding.pk}"
            href = reverse("portfolio_figure", args=[code]) + query
            yield Use(_("Financed emissions of %(fund)s") % {"fund": holding.fund}, href)
