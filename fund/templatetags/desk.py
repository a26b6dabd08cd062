"""The administration's first page: our models in the order of the work, not of the packages."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()


class Group(NamedTuple):
    code: str
    title: Promise
    sentence: Promise
    icon: str
    models: tuple[str, ...]


GROUPS = (
    Group(
        "decide",
        _("Decide"),
        _("What goes before the committee, and what was decided."),
        "scale",
        ("Candidate", "Note", "Proposal", "Decision", "Preview", "Dispute"),
    ),
    Group(
        "set-up",
        _("Set up"),
        _("The fund, its mandate, the method, and who may do what."),
        "sliders-horizontal",
        (
            *("ThemeFund", "FundTrack", "Mandate", "BarSheet", "SheetFamily", "Deadline"),
            *("TechnologyFamily", "User", "Person", "RoleChange", "Handling", "Membership", "UserSession", "ApiToken"),
            *("JoinRequest", "Invitation"),
        ),
    ),
    Group(
        "companies",
        _("Companies"),
        _("Who they are, what they earn and promise, and whose figures are whose."),
        "building-2",
        (
            *("Company", "CompanyTrack", "TrackDecision", "GateWord", "Financials", "Target", "JoinDecision"),
            "DataRequest",
            *("Site", "City"),
        ),
    ),
    Group(
        "disclosures",
        _("Disclosures"),
        _("What companies told, how it was checked, and what it came to."),
        "file-text",
        (
            *("Disclosure", "MonitoringPlan", "CheckedVersion", "GivenReason", "Evidence"),
            *("Calculation", "Restatement", "Declaration", "SheetUpload", "FormLink"),
        ),
    ),
    Group(
        "verification",
        _("Verification"),
        _("What verifiers looked at, found, and said in the end."),
        "shield-check",
        (*("Case", "Look", "Finding", "ConflictOfInterest", "Substitution", "Opinion", "Appeal", "LocalFactor"),),
    ),
    Group(
        "holdings",
        _("Holdings"),
        _("What the fund owns, on which day, and what the companies were worth."),
        "briefcase-business",
        ("Holding", "Position", "PriceInputs", "ProjectFigures", "ExclusionFlag"),
    ),
    Group(
        "measures",
        _("Models and tables"),
        _("What figures are held against."),
        "scale",
        ("TrainingSet", "ModelVersion", "ModelChange", "FactorImport", "ExchangeRate"),
    ),
    Group(
        "audit",
        _("Audit"),
        _("What happened, in order: nothing here can be changed."),
        "history",
        (
            *("AuditEvent", "Mail", "Webhook", "WebhookDelivery", "AuditHead"),
            *("ScoreRun", "ScoreItem", "Score", "LatestScore", "RetiredMethod"),
        ),
    ),
)


class Shown(NamedTuple):
    """A group with those of its models that this person may see, as Django lists them."""

    code: str
    title: Promise
    sentence: Promise
    icon: str
    models: list[dict[str, Any]]


@register.filter
def desk(app_list: Iterable[dict[str, Any]]) -> list[Shown]:
    """Groups of models for the cards. A model that no group names is shown nowhere; a test names it."""
    there = {model["object_name"]: model for app in app_list or [] for model in app["models"]}
    groups = (Shown(*group[:-1], [there[name] for name in group.models if name in there]) for group in GROUPS)
    return [group for group in groups if group.models]


@register.filter
def group_of(app_list: Iterable[dict[str, Any]], opts: Any) -> Shown | None:
    """The group that the model of a list belongs to."""
    return next(
        (group for group in desk(app_list) if opts.object_name in [m["object_name"] for m in group.models]), None
    )


@register.filter
def chosen(choices: Iterable[dict[str, Any]]) -> str:
    """What a list is narrowed to by a filter; empty where it is not. Django's first choice of each is all."""
    return next((str(choice["display"]) for choice in list(choices)[1:] if choice["selected"]), "")


@register.filter
def labelled(cells: Iterable[str], headers: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Cells of Django's list with the head's word, which a narrow screen prints beside each."""
    for cell, header in zip(cells, headers, strict=True):
        is_box = 'class="action-checkbox"' in cell
        label = "" if is_box else str(header["text"])
        yield (
            cell
            if cell.lstrip().startswith("<th")
            else format_html(
                '<td data-label="{}"{}', label[:1].upper() + label[1:], SafeString(cell.removeprefix("<td"))
            )
        )


@register.filter
def unlabelled(thing: Any) -> bool:
    """Illustrative, and its own name does not say so."""
    return thing.is_illustrative and not any(word in str(thing) for word in ("illustrative", "示例"))
