"""What has not moved for two weeks, since when and for whom it waits: proposals, data requests, disclosures, roles.

By it whoever can move one of them sees that it is theirs, and an administrator or manager whom to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fund.models import Proposal
from portfolio.models import DataRequest, Disclosure, Membership, Role, RoleChange, has_role
from portfolio.models.join import DECIDERS
from portfolio.models.signed import STUCK_AFTER

MOST = 200  # rows of each kind: the oldest
KINDS: dict[str, Promise] = {
    "proposal": gettext_lazy("Proposal"),
    "request": gettext_lazy("Data request"),
    "submitted": gettext_lazy("Disclosure, submitted"),
    "returned": gettext_lazy("Disclosure, returned for correction"),
    "role": gettext_lazy("House role"),
}


@dataclass(frozen=True)
class Stuck:
    """`is_mine`: who looks can move it themselves."""

    kind: str
    what: str
    href: str
    since: datetime
    waits_for: str
    is_mine: bool

    @property
    def kind_word(self) -> str:
        return str(KINDS[self.kind])

    @property
    def days(self) -> int:
        return (timezone.now() - self.since).days


class Standstill:
    """What this person sees of it. At most nine queries, whatever the rows."""

    def __init__(self, user: User) -> None:
        self.user, self.before = user, timezone.now() - STUCK_AFTER

    @cached_property
    def rows(self) -> list[Stuck]:
        """The oldest first."""
        found = [*self._proposals(), *self._requests(), *self._submitted(), *self._returned(), *self._roles()]
        return sorted(found, key=lambda one: one.since)

    @property
    def mine(self) -> int:
        return sum(one.is_mine for one in self.rows)

    @cached_property
    def _companies(self) -> set[int]:
        return set(Membership.objects.filter(user=self.user).values_list("company", flat=True))

    def _proposals(self) -> Iterator[Stuck]:
        rows = Proposal.objects.visible_to(self.user).waiting().filter(proposed_at__lt=self.before)
        mine = set(rows.for_the_decision_of(self.user).values_list("pk", flat=True))
        for one in rows.select_related("candidate__company").order_by("proposed_at")[:MOST]:
            what = _("%(company)s: %(kind)s") % {"company": one.candidate.company.name, "kind": one.get_kind_display()}
            who = _("an administrator who neither proposed nor nominated it")
            yield Stuck("proposal", what, one.get_absolute_url(), one.proposed_at, who, one.pk in mine)

    def _requests(self) -> Iterator[Stuck]:
        rows = DataRequest.objects.visible_to(self.user).open().filter(asked_at__lt=self.before)
        is_ours = has_role(self.user, *DECIDERS)  # ask by another way, or take it back
        for one in rows.select_related("company").order_by("asked_at")[:MOST]:
            is_theirs = one.company_id in self._companies
            href = reverse("disclosures") if is_theirs else reverse("dossier_tab", args=[one.company_id, "notes"])
            yield Stuck("request", one.company.name, href, one.asked_at, _("the company"), is_ours or is_theirs)

    def _submitted(self) -> Iterator[Stuck]:
        rows = Disclosure.objects.visible_to(self.user).filter(state=Disclosure.State.SUBMITTED)
        can_verify = has_role(self.user, Role.VERIFIER)
        for one in rows.filter(submitted_at__lt=self.before).select_related("company").order_by("submitted_at")[:MOST]:
            if one.submitted_at is not None:  # the filter says so; the column may be empty
                yield self._of_disclosure("submitted", one, one.submitted_at, _("a verifier"), can_verify)

    def _returned(self) -> Iterator[Stuck]:
        rows = Disclosure.objects.visible_to(self.user).returned_before(self.before)
        for one in rows.select_related("company")[:MOST]:
            mine = one.company_id in self._companies
            yield self._of_disclosure("returned", one, cast(Any, one).since, _("the company"), mine)

    def _of_disclosure(self, kind: str, one: Disclosure, since: datetime, who: str, is_mine: bool) -> Stuck:
        what = _("%(company)s, %(year)s") % {"company": one.company.name, "year": str(one.year)}
        is_theirs = one.company_id in self._companies
        href = reverse("portfolio:disclosure" if is_theirs else "scoring:case", args=[one.pk])
        return Stuck(kind, what, href, since, who, is_mine)

    def _roles(self) -> Iterator[Stuck]:
        if not has_role(self.user, Role.ADMIN):
            return
        rows = RoleChange.objects.filter(outcome=RoleChange.Outcome.OPEN, proposed_at__lt=self.before)
        href = reverse("admin:portfolio_rolechange_changelist") + f"?outcome__exact={RoleChange.Outcome.OPEN}"
        for one in rows.select_related("user").order_by("proposed_at")[:MOST]:
            who = _("an administrator who did not propose it")
            yield Stuck("role", str(one), href, one.proposed_at, who, not one.refusal(self.user))
