"""By when the disclosures of a reporting year are due, for all companies or for one of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.models import HistoricalRecords

from portfolio import beijing
from portfolio.models.company import Company
from portfolio.models.disclosure import FIRST_YEAR, Disclosure

LAST_YEAR = 2100
REMINDED = (14, 7, 1)  # days before
FORGOTTEN_AFTER = timedelta(days=366)


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def coming(self, within: timedelta) -> DeadlineQuerySet:
        today = beijing.today()
        return self.filter(due__range=(today, today + within))


class Deadline(models.Model):
    """Until 23:59 in Beijing of its day. A company's own goes before that of all."""

    year = models.PositiveSmallIntegerField(
        _("reporting year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deadlines",
        verbose_name=_("company"),
        help_text=_("Empty: for all companies that have none of their own"),
    )
    due = models.DateField(_("due"), help_text=_("Until 23:59 Beijing time of this day"))
    note = models.CharField(_("note"), max_length=400, blank=True)
    history = HistoricalRecords()

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ["-year", "company"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=models.Q(company__isnull=True), name="one_deadline_for_all_a_year"
            ),
            models.UniqueConstraint(fields=["year", "company"], name="one_deadline_a_company_and_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year} · {self.company or _('all companies')}"

    def clean(self) -> None:
        if self.year and self.due and self.due.year < self.year:
            raise ValidationError({"due": _("A year is not due before it has begun.")})

    @classmethod
    def open_of(cls, companies: Collection[int]) -> dict[int, list[Deadline]]:
        """By company: of the years that it has not told yet, the next first; one that is long past asks nothing more.

        A query, and one for each year that is due.
        """
        mine = cls.objects.filter(models.Q(company__in=companies) | models.Q(company__isnull=True))
        rows = list(mine.order_by(models.F("company").asc(nulls_first=True)))
        of_company = {
            company: {row.year: row for row in rows if row.company_id in (None, company)} for company in companies
        }
        last = beijing.today() - FORGOTTEN_AFTER
        near = [row for by_year in of_company.values() for row in by_year.values() if row.due > last]
        asked = Company.objects.filter(pk__in=companies)
        have_told = {
            year: set(asked.filter(told(year)).values_list("pk", flat=True)) for year in {r.year for r in near}
        }
        return {
            company: sorted(
                (row for row in by_year.values() if row.due > last and company not in have_told[row.year]),
                key=lambda row: row.due,
            )
            for company, by_year in of_company.items()
        }

    @property
    def due_at(self) -> datetime:
        return beijing.at(self.due, beijing.LAST_MINUTE)

    @property
    def days_left(self) -> int:
        """0 on its day, below 0 once it is past."""
        return (self.due - beijing.today()).days

    @property
    def words(self) -> str:
        """18 days left (2026-12-10 23:59 (Beijing time)), in the reader's language."""
        when, left = beijing.in_words(self.due_at), self.days_left
        if left < 0:
            return _("Was due: %(when)s") % {"when": when}
        if left == 0:
            return _("Due today: %(when)s") % {"when": when}
        return ngettext("%(n)s day left: %(when)s", "%(n)s days left: %(when)s", left) % {"n": left, "when": when}


def told(year: int) -> models.Q:
    """Of companies: the year was submitted once, is on record, or was withdrawn and not begun anew."""
    of_year = Disclosure.objects.filter(company=models.OuterRef("pk"), year=year)
    is_open = models.Exists(of_year.filter(state__in=Disclosure.EDITABLE))
    is_withdrawn = models.Exists(of_year.filter(state=Disclosure.State.WITHDRAWN))
    is_submitted = models.Exists(of_year.filter(submitted_at__isnull=False))
    return is_submitted | models.Exists(of_year.filter(frozen_at__isnull=False)) | (is_withdrawn & ~is_open)


def reminder_of(due: date) -> int | None:
    """Which of the reminders is the newest that is due by today; None before the first, and once it is past."""
    left = (due - beijing.today()).days
    return min((days for days in REMINDED if 0 <= left <= days), default=None)
