"""Facts, one module a subject."""

from portfolio.audit import AuditEvent, AuditHead
from portfolio.models.access import ApiToken, RepeatableRequest, Scope
from portfolio.models.activity import Activity, Evidence, EvidenceContent
from portfolio.models.check import Check, CheckedVersion, GivenReason, JumpReason
from portfolio.models.company import Company, CompanyTrack, Membership, Sector, Track, TrackDecision
from portfolio.models.disclosure import Disclosure, Figure, Step
from portfolio.models.finance import ExchangeRate, Financials, YearlyRates
from portfolio.models.join import Join, JoinDecision
from portfolio.models.local_factor import LocalFactor, LocalFactorStep
from portfolio.models.people import Person, Role, has_role
from portfolio.models.place import City, Site, SiteYear
from portfolio.models.plan import Target
from portfolio.models.quantity import Quantity

__all__ = [
    "Activity",
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "Check",
    "CheckedVersion",
    "City",
    "Company",
    "CompanyTrack",
    "Disclosure",
    "Evidence",
    "EvidenceContent",
    "ExchangeRate",
    "Figure",
    "Financials",
    "GivenReason",
    "Join",
    "JoinDecision",
    "JumpReason",
    "LocalFactor",
    "LocalFactorStep",
    "Membership",
    "Person",
    "Quantity",
    "RepeatableRequest",
    "Role",
    "Scope",
    "Sector",
    "Site",
    "SiteYear",
    "Step",
    "Target",
    "Track",
    "TrackDecision",
    "YearlyRates",
    "has_role",
]
