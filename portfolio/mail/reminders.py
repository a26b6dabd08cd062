"""What a day brings by itself: deadlines that come near, and requests whose day has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portfolio import beijing
from portfolio.mail.occasions import deadline_of, tell_overdue
from portfolio.mail.outbox import people_of, tell
from portfolio.models import Company, DataRequest, Deadline, Disclosure, Mail
from portfolio.models.desk.deadline import REMINDED, reminder_of, told

FROM_CLOCK = time(9)  # Beijing time: nobody is woken by a reminder


class Reminder(NamedTuple):
    company: Company
    deadline: Deadline
    days: int  # which of REMINDED

    @property
    def once(self) -> str:
        return f"company:{self.company.pk}:{self.deadline.due:%Y-%m-%d}:{self.days}"

    @property
    def prefix(self) -> str:
        """Of the keys of its mails, before the person."""
        return f"{Mail.Kind.REMINDER.value}:{deadline_of(self.deadline.year)}:{self.once}"


def remind() -> None:
    """Queue what is due by today; called often, it says nothing twice. After days of silence only the newest is."""
    wanted = list(wanted_today())
    _cancel_all_but({one.prefix for one in wanted})
    for one in wanted:
        _tell(one)
    for request in DataRequest.objects.overdue().select_related("company"):
        with transaction.atomic():
            still = DataRequest.objects.select_for_update().open().filter(pk=request.pk).exists()
            if still:
                tell_overdue(request)


def wanted_today() -> Iterator[Reminder]:
    """Of companies that have people here and have not told the year: one each, if any."""
    for year in sorted(
        Deadline.objects.coming(timedelta(days=max(REMINDED))).values_list("year", flat=True).distinct()
    ):
        deadlines = {one.company_id: one for one in Deadline.objects.filter(year=year)}
        waiting = Company.objects.filter(memberships__user__is_active=True).exclude(told(year)).distinct()
        for company in waiting.order_by("pk"):
            deadline = deadlines.get(company.pk) or deadlines.get(None)
            days = reminder_of(deadline.due) if deadline else None
            if deadline and days is not None:
                yield Reminder(company, deadline, days)


def _tell(one: Reminder) -> None:
    """Looks again while it holds the draft: who submits it waits for the mails, and takes them back."""
    year, morning = one.deadline.year, beijing.at(beijing.today(), FROM_CLOCK)
    with transaction.atomic():
        drafts = Disclosure.objects.filter(company=one.company, year=year, state__in=Disclosure.EDITABLE)
        draft = drafts.select_for_update().first()
        if Company.objects.filter(told(year), pk=one.company.pk).exists():
            return
        tell(
            people_of(one.company.pk),
            Mail.Kind.REMINDER,
            deadline_of(year),
            draft.get_absolute_url() if draft else reverse("disclosures"),
            company=one.company,
            once=one.once,
            not_before=max(timezone.now(), morning),
            year=year,
            due=one.deadline.due.isoformat(),
        )


def _cancel_all_but(prefixes: set[str]) -> None:
    """Of those that wait: an older one, one of a day that was moved or is past, of a year told by now."""
    waiting = Mail.objects.queued().filter(kind=Mail.Kind.REMINDER)
    stale = [pk for pk, key in waiting.values_list("pk", "key") if key.rpartition(":user:")[0] not in prefixes]
    Mail.objects.filter(pk__in=stale).cancel("another day, or nothing left to be reminded of")
