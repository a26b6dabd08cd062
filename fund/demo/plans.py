"""Monitoring plans of the demo: one in force, which the draft does not keep to in all, and one that waits."""

from __future__ import annotations

from django.contrib.auth.models import User

from fund.demo.candidates import VERIFIER
from fund.demo.people import COMPANY_KEY, DRAFT_YEAR
from portfolio.models import Company, MonitoringPlan, PlannedSource

BOUNDARY = (
    "示例：成都、重庆、上海三处生产场所，不含租赁仓库。 Illustrative: the three production sites, no rented stores."
)
BILLS = "示例：账单 Illustrative: bills"
APPLICANT, WAITING = "applicant", "applicant-clearwind"
Measured, Often = PlannedSource.Measured, PlannedSource.Often
# Heat is planned and not told; the draft tells travel, which is not planned, and electricity for the year at once.
IN_FORCE = (
    ("electricity", Measured.INVOICE, "kWh", Often.MONTH, BILLS),
    ("fuel.natural_gas@manufacturing", Measured.INVOICE, "m3@20C", Often.YEAR, BILLS),
    ("fuel.diesel@road", Measured.INVOICE, "t", Often.YEAR, ""),
    ("refrigerant.R410A", Measured.CALCULATION, "kg", Often.YEAR, ""),
    ("heat", Measured.METER, "GJ", Often.YEAR, BILLS),
)
TO_BE_APPROVED = (
    ("electricity", Measured.METER, "kWh", Often.MONTH, BILLS),
    ("fuel.diesel@road", Measured.ESTIMATE, "t", Often.YEAR, ""),
)


def set_up() -> None:
    """Nothing where a plan was made before."""
    if MonitoringPlan.objects.exists():
        return
    company = Company.objects.get(company_key=COMPANY_KEY)
    applicant = User.objects.get(username=APPLICANT)
    plan = _submitted(company, applicant, IN_FORCE)
    plan.verify(by=User.objects.get(username=VERIFIER), digest=plan.digest)
    for submitter in User.objects.filter(username=WAITING):
        _submitted(submitter.memberships.get().company, submitter, TO_BE_APPROVED)


def _submitted(company: Company, by: User, told: tuple[tuple[str, str, str, str, str], ...]) -> MonitoringPlan:
    names = ("kind", "measured", "unit", "often", "evidence")
    rows = [PlannedSource(**dict(zip(names, row, strict=True)), responsible="示例 illustrative") for row in told]
    plan = MonitoringPlan.start(company, by=by)
    plan.revise(by=by, edition=plan.edition, sources=rows, valid_from=DRAFT_YEAR, boundary=BOUNDARY)
    plan.submit(by=by)
    return plan
