"""The rules of plausibility on a disclosure: what they ask for is gathered here, what they find is kept as checks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from portfolio.models import Activity, Check, CheckedVersion, Disclosure, MonitoringPlan, Quantity
from portfolio.models.disclosure import SCOPE_2, SCOPE_3, Values
from portfolio.typed.bounds import bounds
from portfolio.universe import plausible
from scoring.engine import digest
from scoring.engine.columns import Floats
from scoring.engine.screening.plausibility import VERSION, Finding, Limits, Submissions, check
from scoring.ledgers.ledger import Accounted, account_disclosure, account_line, day_of
from scoring.plausibility import range as reference_range
from scoring.signing import open_items, planned
from scoring.tables import in_force as factors

Q = Quantity
TEXTS = ("boundary", "source_document")
# What has rules of its own; every other figure is compared with last year's.
SCOPES = {"scope1_t": Q.SCOPE_1, "scope2_t": Q.SCOPE_2_LOCATION, "scope3_t": Q.SCOPE_3_TOTAL}
OF_RULES = {Q.SCOPE_1, *SCOPE_2, Q.SCOPE_1_2_TOTAL, Q.SCOPE_3_TOTAL}


# --- asked by pages and people -----------------------------------------------------------------------------
def checks_of(disclosure: Disclosure, typed: Values | None = None) -> list[Check]:
    """What the rules say: of a draft now, of what was submitted as it was kept then.

    `typed` are the figures of a form that is not saved yet. Nothing is written.
    """
    if disclosure.state not in Disclosure.EDITABLE and (kept := kept_of(disclosure)):
        return list(kept.checks.all())
    return _Asked(disclosure, typed=typed).checks()


def kept_of(disclosure: Disclosure) -> CheckedVersion | None:
    """The checks with which this content was submitted."""
    checked = CheckedVersion.objects.filter(disclosure=disclosure, digest=disclosure.digest)
    return checked.exclude(checks__severity=Check.Severity.BLOCK).order_by("-pk").first()


def on_disclosure_to_be_checked(disclosure: Disclosure, digest: str, reason: str, **_signal: Any) -> CheckedVersion:
    """Keep the checks of what is about to be submitted; the same question again is the row that is there."""
    asked = _Asked(disclosure, reason=reason)
    checked = CheckedVersion(
        disclosure=disclosure,
        digest=digest,
        basis_digest=asked.basis_digest,
        rules=VERSION,
        model_digest=asked.model,
        reason=reason,
    )
    return checked.keep(asked.checks())


# --- what the rules ask for ----------------------------------------------------------------------------------
@dataclass
class _Asked:
    """One disclosure beside its year before, its energy and the model."""

    disclosure: Disclosure
    typed: Values | None = None
    reason: str = ""

    @cached_property
    def values(self) -> Values:
        return self.disclosure.values() if self.typed is None else self.typed

    @cached_property
    def before(self) -> Disclosure | None:
        """What stands of the nearest earlier year."""
        of_company = Disclosure.objects.standing().filter(company=self.disclosure.company_id)
        earlier = of_company.filter(year__lt=self.disclosure.year).order_by("-year")
        return earlier.prefetch_related("figures").first()

    @property
    def last_year(self) -> float | None:
        """Which year that is, unless it is the year before."""
        return None if self.before is None or self.before.year == self.disclosure.year - 1 else self.before.year

    @cached_property
    def last_values(self) -> Values:
        return self.before.values() if self.before else {}

    @cached_property
    def range(self) -> reference_range.Range | None:
        return reference_range.range_of(self.disclosure.company, self.disclosure.year, self.values)

    @property
    def model(self) -> str:
        return reference_range.model_name() if self.range else ""

    @property
    def basis_digest(self) -> str:
        """SHA-256 of all that the verdict rests on besides the content itself."""
        before = self.before.digest if self.before else ""
        facts = [VERSION, before, factors.version(), self.model, self.range, self.reason]
        return digest([*facts, open_items.VERSION, self.has_revenue, self.plan.digest if self.plan else ""])

    @cached_property
    def plan(self) -> MonitoringPlan | None:
        return planned.plan_of(self.disclosure)

    @cached_property
    def has_revenue(self) -> bool:
        return open_items.has_revenue(self.disclosure)

    @cached_property
    def accounted(self) -> Accounted:
        return account_disclosure(self.disclosure)

    def checks(self) -> list[Check]:
        """What the rules find, then what is open between figures, ledger and evidence."""
        scope_2, _last = self._scope_2
        found = [_row(finding, scope_2) for finding in check(self._submission(), limits())[0]]
        told = {row.quantity for row in found if row.code == "energy_mismatch"}  # says the same, and more
        items = open_items.find(self.accounted, self.values, self.before, plan=self.plan, has_revenue=self.has_revenue)
        return found + [row for row in items if row.code != "differs_from_ledger" or row.quantity not in told]

    @cached_property
    def _scope_2(self) -> tuple[Quantity, Quantity]:
        """Which scope 2 is compared, this year's and last year's: one kind for both where there is one."""
        told = [q for q in SCOPE_2 if self.values.get(q) is not None]
        last = [q for q in SCOPE_2 if self.last_values.get(q) is not None]
        both = next((q for q in told if q in last), None)
        first = both or (told[0] if told else Q.SCOPE_2_LOCATION)
        return first, both or (last[0] if last else first)

    def _submission(self) -> Submissions:
        scope_2, last_scope_2 = self._scope_2
        now, last, range_t = self.values, self.last_values, self.range
        energy_1_t, energy_2_t = self._from_energy(scope_2)
        return Submissions(
            scope1_t=_column(now.get(Q.SCOPE_1)),
            scope2_t=_column(now.get(scope_2)),
            scope3_t=_column(now.get(Q.SCOPE_3_TOTAL)),
            total_t=_column(now.get(Q.SCOPE_1_2_TOTAL)),
            parts_t=_column(self._parts_t()),
            scope3_parts_t=_column(_sum([now.get(q) for q in SCOPE_3])),
            scope1_from_energy_t=_column(energy_1_t),
            scope2_from_energy_t=_column(energy_2_t),
            last_scope1_t=_column(last.get(Q.SCOPE_1)),
            last_scope2_t=_column(last.get(last_scope_2)),
            last_scope3_t=_column(last.get(Q.SCOPE_3_TOTAL)),
            last_year=_column(self.last_year),
            p01_t=_column(range_t.p01_t if range_t else None),
            median_t=_column(range_t.median_t if range_t else None),
            p99_t=_column(range_t.p99_t if range_t else None),
            figures={q: _column(now.get(q)) for q in Quantity if q not in OF_RULES},
            last_figures={q: _column(last.get(q)) for q in Quantity if q not in OF_RULES},
            boundary=[self.disclosure.boundary],
            last_boundary=[self.before.boundary if self.before else ""],
            words={name: [getattr(self.disclosure, name)] for name in TEXTS},
            reason=[self.reason],
            model=self.model,
        )

    def _parts_t(self) -> float | None:
        """Scope 1 plus that scope 2 with which the printed total fits best."""
        scope_1, total = self.values.get(Q.SCOPE_1), self.values.get(Q.SCOPE_1_2_TOTAL)
        sums = [scope_1 + value for q in SCOPE_2 if scope_1 is not None and (value := self.values.get(q)) is not None]
        return min(sums, key=lambda parts: abs(parts - (total or 0.0)), default=None)

    def _from_energy(self, scope_2: Quantity) -> tuple[float | None, float | None]:
        """Tonnes of scope 1 and 2 by the ledger; without lines of scope 2, by the electricity that is reported."""
        accounted = self.accounted
        scope_1, of_scope_2 = accounted.amount_of(Q.SCOPE_1), accounted.amount_of(_method(scope_2))
        kwh = self.values.get(Q.ELECTRICITY)
        scope_2_t = of_scope_2.tonnes if of_scope_2 else None
        if of_scope_2 is None and kwh and scope_2 != Q.SCOPE_2_MARKET:
            line = Activity(disclosure=self.disclosure, number=0, kind="electricity", amount=kwh, unit="kWh")
            row = account_line(line, tables=accounted.tables, as_of=day_of(self.disclosure))
            scope_2_t = row.result.co2e_t if row.result else None
        return scope_1.tonnes if scope_1 else None, scope_2_t


def limits() -> Limits:
    """Where the rules begin to ask, by the same tables as the flags of a directory."""
    names = ("too_small_t", "total_share", "energy_low", "energy_high", "jump", "jump_tenfold", "part_jump")
    largest = {name: bounds()[quantity].implausible for name, quantity in SCOPES.items()}
    largest |= {quantity: bounds()[quantity].implausible for quantity in Quantity if quantity not in OF_RULES}
    return Limits(largest=largest, **{name: plausible.limits()[name] for name in names})


def _method(scope_2: Quantity) -> Quantity:
    return Q.SCOPE_2_MARKET if scope_2 == Q.SCOPE_2_MARKET else Q.SCOPE_2_LOCATION


def _row(finding: Finding, scope_2: Quantity) -> Check:
    names = {"scope2_t": scope_2.value, "scope3_t": Q.SCOPE_3_TOTAL.value, "total_t": Q.SCOPE_1_2_TOTAL.value}
    return Check(
        code=finding.code,
        severity=finding.severity,
        quantity=names.get(finding.subject, str(finding.subject)),
        parameters=dict(finding.parameters),
    )


def _column(value: float | None) -> Floats:
    return np.array([math.nan if value is None else value])


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
