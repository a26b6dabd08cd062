"""Plans for tests: Alice writes them, Bob approves them."""

from __future__ import annotations

from typing import Any

from portfolio.models import Company, MonitoringPlan, PlannedSource


def source(kind: str = "electricity", **facts: Any) -> PlannedSource:
    told = {"measured": "invoice", "unit": "kWh", "often": "month", "evidence": "bills", "responsible": "Frank"}
    return PlannedSource(kind=kind, **(told | facts))


def draft(company: Company, by: Any, *sources: PlannedSource, **facts: Any) -> MonitoringPlan:
    made = MonitoringPlan.start(company, by=by)
    given = {"boundary": "all sites", "reason": "a new meter" if made.supersedes else ""} | facts
    made.revise(by=by, edition=made.edition, sources=sources or [source()], **given)
    return made


def approved(company: Company, alice: Any, bob: Any, *sources: PlannedSource, **facts: Any) -> MonitoringPlan:
    made = draft(company, alice, *sources, **facts)
    made.submit(by=alice)
    made.verify(by=bob, digest=made.digest)
    return made
