"""Whom a preview and its disputes are told to. Called inside the transaction in which it happens."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.urls import reverse

from fund.models.decision import Candidate
from portfolio import beijing
from portfolio.mail.outbox import people_of, tell
from portfolio.models import Mail, Membership, Role

if TYPE_CHECKING:
    from fund.models.preview import Dispute, Preview

REMINDED = 2  # working days before the last
MORNING = time(9)


def on_opened(preview: Preview) -> None:
    """To everyone of the company; and to those who may speak for it, on the day, a reminder that waits until then."""
    company = preview.disclosure.company_id
    _tell(preview, people_of(company), Mail.Kind.PREVIEW)
    day = beijing.working_day_before(preview.due, REMINDED)
    if day > beijing.today():
        submitters = people_of(company, Membership.Kind.SUBMITTER)
        _tell(preview, submitters, Mail.Kind.PREVIEW_ENDS, not_before=beijing.at(day, MORNING))


def on_spoken(preview: Preview, why: str) -> None:
    """The company has looked: nobody reminds it any more."""
    Mail.objects.filter(about=_name(preview), kind=Mail.Kind.PREVIEW_ENDS).cancel(why)


def on_disputed(dispute: Dispute) -> None:
    _tell_fund(dispute, Mail.Kind.DISPUTE)


def on_closed(dispute: Dispute) -> None:
    if dispute.state == dispute.State.ANSWERED:
        _tell(dispute.preview, people_of(dispute.company_id), Mail.Kind.DISPUTE_ANSWERED, once=f"dispute:{dispute.pk}")
    else:
        Mail.objects.filter(about=f"dispute:{dispute.pk}", kind=Mail.Kind.DISPUTE).cancel("the dispute was withdrawn")
        _tell_fund(dispute, Mail.Kind.DISPUTE_WITHDRAWN)


def _tell_fund(dispute: Dispute, kind: Mail.Kind) -> None:
    company = dispute.preview.disclosure.company
    tell(
        _followers(company.pk),
        kind,
        f"dispute:{dispute.pk}",
        f"{reverse('disputes')}?company={company.company_key}",
        company=company,
        year=dispute.preview.disclosure.year,
    )


def _followers(company: int) -> list[User]:
    """Who of the fund follows the candidate; every fund manager where nobody does."""
    active = User.objects.filter(is_active=True).select_related("person").order_by("pk")
    followed = Candidate.objects.filter(company=company, fund__source="").exclude(followed_by=None)
    found = list(active.filter(pk__in=followed.order_by().values("followed_by")))
    return found or list(active.filter(person__role=Role.FUND_MANAGER))


def _tell(preview: Preview, people: list[User], kind: Mail.Kind, *, once: str = "", **when: Any) -> None:
    disclosure = preview.disclosure
    tell(
        people,
        kind,
        _name(preview),
        preview.get_absolute_url(),
        company=disclosure.company,
        once=once,
        year=disclosure.year,
        due=preview.due.isoformat(),
        is_by_calendar=preview.is_by_calendar,
        **when,
    )


def _name(preview: Preview) -> str:
    return f"preview:{preview.pk}"
