"""What the pages of a ledger share: whose it is, who may change it, and what somebody had in front of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from portfolio.models import Activity, Disclosure
from portfolio.models.case.conflict import closed_to
from portfolio.models.people import Role, has_role
from portfolio.verification.report import Desk
from scoring.engine import digest
from scoring.engine.errors import UnknownGwpSet
from scoring.ledgers import ledger as ledgers
from scoring.ledgers.ledger import Accounted
from scoring.tables.in_force import GWP_SET, in_force

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409


def mark_of(stored: Activity | None) -> str:
    """Which content of a line somebody has in front of them."""
    if stored is None:
        return ""
    return digest(stored.signed())[:16]


def was_changed(posted: QueryDict, stored: Activity | None) -> bool:
    return stored is not None and posted.get("seen") != mark_of(stored)


def frame(request: HttpRequest, found: Disclosure) -> dict[str, Any]:
    may_edit = found.can_be_edited_by(request.user)
    is_verifier = has_role(request.user, Role.VERIFIER) and found.state == Disclosure.State.SUBMITTED
    desk = Desk.of(found, request.user)
    return {
        "disclosure": found,
        "may_edit": may_edit,
        "is_verifier": is_verifier,
        "house_set": GWP_SET,
        "desk": desk,
    }


def accounted_of(found: Disclosure, gwp_set: str) -> tuple[Accounted, str]:
    """The ledger under a set of warming potentials; an unknown set is named and dropped."""
    tables = in_force(found.company)
    try:
        return ledgers.account_disclosure(found, tables=tables, gwp_set=gwp_set), ""
    except UnknownGwpSet:
        words = _("There is no set of warming potentials named “%(set)s”; %(house)s is shown.")
        accounted = ledgers.account_disclosure(found, tables=tables)
        return accounted, words % {"set": gwp_set[:20], "house": GWP_SET}


def visible(request: HttpRequest, pk: int) -> Disclosure:
    found = get_object_or_404(Disclosure.objects.known_to(request.user).select_related("company"), pk=pk)
    if words := closed_to(request.user, found.company_id):
        raise PermissionDenied(words)
    return found


def members_only(request: HttpRequest, pk: int) -> Disclosure:
    found = visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can change its ledger."))
    return found


def activity_or_404(found: Disclosure, number: int) -> Activity:
    stored = get_object_or_404(found.activities.select_related("site__city").with_citations(), number=number)
    stored.disclosure = found
    return stored


def person(request: HttpRequest) -> User:
    return cast("User", request.user)
