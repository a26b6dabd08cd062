"""Facts, one module a subject."""

from portfolio.audit import AuditEvent, AuditHead
from portfolio.models.access import ApiToken, RepeatableRequest, Scope
from portfolio.models.activity import Activity, Citation, Evidence, EvidenceContent, PlaceSource
from portfolio.models.case.appeal import Appeal
from portfolio.models.case.badge import Badge
from portfolio.models.case.monitoring_plan import MonitoringPlan, MonitoringPlanStep, PlannedSource
from portfolio.models.case.opinion import Opinion
from portfolio.models.case.substitution import Substitution
from portfolio.models.check import Check, CheckedVersion, Declaration, GivenReason, JumpReason
from portfolio.models.company import CatalogueEdition, Company, CompanyTrack, Membership, Sector, Track, TrackDecision
from portfolio.models.data_request import Asked, DataRequest
from portfolio.models.desk.deadline import Deadline
from portfolio.models.desk.finding import Finding, FindingMessage, OpenedPoint
from portfolio.models.desk.form_link import FormLink
from portfolio.models.desk.joining import JoinRequest
from portfolio.models.desk.link import Invitation
from portfolio.models.desk.mail import Mail
from portfolio.models.desk.sheet import SheetUpload
from portfolio.models.desk.webhook import Webhook, WebhookDelivery
from portfolio.models.disclosure import Disclosure, Step
from portfolio.models.finance import AppliedExchangeRate, ExchangeRate, ExchangeRates, Financials
from portfolio.models.gate import GateWord
from portfolio.models.join import Join, JoinDecision
from portfolio.models.local_factor import LocalFactor, LocalFactorStep
from portfolio.models.people import Handling, Person, Role, RoleChange, SavedView, has_role
from portfolio.models.place import City
from portfolio.models.plan import Target
from portfolio.models.quantity import EbitStanding, Figure, Quantity
from portfolio.models.site import Site, SiteYear
from portfolio.models.solution import Solution, TechnologyFamily

__all__ = [
    "Activity",
    "ApiToken",
    "Appeal",
    "AppliedExchangeRate",
    "Asked",
    "AuditEvent",
    "AuditHead",
    "Badge",
    "CatalogueEdition",
    "Check",
    "CheckedVersion",
    "Citation",
    "City",
    "Company",
    "CompanyTrack",
    "DataRequest",
    "Deadline",
    "Declaration",
    "Disclosure",
    "EbitStanding",
    "Evidence",
    "EvidenceContent",
    "ExchangeRate",
    "ExchangeRates",
    "Figure",
    "Financials",
    "Finding",
    "FindingMessage",
    "FormLink",
    "GateWord",
    "GivenReason",
    "Handling",
    "Invitation",
    "Join",
    "JoinDecision",
    "JoinRequest",
    "JumpReason",
    "LocalFactor",
    "LocalFactorStep",
    "Mail",
    "Membership",
    "MonitoringPlan",
    "MonitoringPlanStep",
    "OpenedPoint",
    "Opinion",
    "Person",
    "PlaceSource",
    "PlannedSource",
    "Quantity",
    "RepeatableRequest",
    "Role",
    "RoleChange",
    "SavedView",
    "Scope",
    "Sector",
    "SheetUpload",
    "Site",
    "SiteYear",
    "Solution",
    "Step",
    "Substitution",
    "Target",
    "TechnologyFamily",
    "Track",
    "TrackDecision",
    "Webhook",
    "WebhookDelivery",
    "has_role",
]
