"""The administration's first page: our models in the order of the work, not of the packages."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()


class Group(NamedTuple):
    title: Promise
    sentence: Promise
    icon: str
    models: tuple[str, ...]


GROUPS = (
    Group(
        _("Decide"),
        _("What goes before the committee, and what was decided."),
        "scale",
        ("Candidate", "Proposal", "Decision"),
    ),
    Group(
        _("Set up"),
        _("The fund, its mandate, the method, and who may do what."),
        "sliders-horizontal",
        ("ThemeFund", "FundTrack", "Mandate", "BarSheet", "User", "Person", "RoleChange", "Membership"),
    ),
    Group(
        _("Holdings"),
        _("What the fund owns, on which day, and what the companies were worth."),
        "briefcase-business",
        ("Holding", "Position", "PriceInputs", "ProjectFigures", "ExclusionFlag"),
    ),
    Group(
        _("Audit"),
        _("What happened, in order: nothing here can be changed."),
        "history",
        ("AuditEvent", "AuditHead", "ScoreRun", "ScoreItem", "Score", "LatestScore", "RetiredMethod"),
    ),
)
FACTS = (_("Facts"), _("Companies, what they disclosed, and what it is measured against."), "file-text")
HIDDEN_APPS = frozenset({"account", "mfa", "sites", "sessions", "simple_history"})
HIDDEN_MODELS = frozenset({"Group"})


def _models(app_list: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for app in app_list:
        if app["app_label"] not in HIDDEN_APPS:
            yield from (model for model in app["models"] if model["object_name"] not in HIDDEN_MODELS)


@register.filter
def desk(app_list: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Groups of models for cards and side list; a model that no group names is a fact."""
    left = {model["object_name"]: model for model in _models(app_list or [])}
    groups = []
    for title, sentence, icon, names in GROUPS:
        models = [left.pop(name) for name in names if name in left]
        groups.append({"title": title, "sentence": sentence, "icon": icon, "models": models})
    title, sentence, icon = FACTS
    groups.insert(2, {"title": title, "sentence": sentence, "icon": icon, "models": list(left.values())})
    return [group for group in groups if group["models"]]


@register.filter
def unlabelled(thing: Any) -> bool:
    """Illustrative, and its own name does not say so."""
    return thing.is_illustrative and not any(word in str(thing) for word in ("illustrative", "示例"))
