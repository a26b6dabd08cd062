"""What the fund asks a company to tell: figures by year, until when, and what came of it.

What was asked is never edited (portfolio/guards.py). A request ends once: figures arrived, the company declined, or the
fund took it back. Overdue is no state but a date that has passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company, Membership
from portfolio.models.disclosure import FIRST_YEAR, Disclosure
from portfolio.models.finance import OF_ACCOUNTS, Financials
from portfolio.models.join import DECIDERS, set_aside
from portfolio.models.people import FUND_SIDE, SomeUser, has_role, role_of
from portfolio.models.quantity import Figure, Quantity
from portfolio.models.solution import Solution
from portfolio.signals import data_request_moved

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_NOTE, LONGEST_REASON = 1000, 400
MOST_ASKED = 40  # figures of one request
FARTHEST = timedelta(days=366)
SOLD = "solutions."  # before the column of what was sold or run
SALES = (
    *("units_sold", "units_made", "service_per_unit_year", "life_years", "use_share", "energy_mwh_per_service"),
    "lca_t_per_unit",
)
FIELDS = (*Quantity.values, *(SOLD + column for column in SALES))
COUNTED = (Solution.Kind.REALISED, Solution.Kind.MEASURED)


class Asked(NamedTuple):
    """One figure of one year. `field`: a quantity, or `solutions.` and a column of what was sold or run."""

    year: int
    field: str


class StoredAsked(TypedDict):
    year: int
    field: str


def field_word(field: str) -> str:
    """In the reader's language."""
    if field.startswith(SOLD):
        return str(Solution._meta.get_field(field.removeprefix(SOLD)).verbose_name)  # type: ignore[union-attr]
    return str(Quantity(field).label)


def told(companies: Collection[int]) -> dict[int, set[Asked]]:
    """By company what has been told of which year: handed in, verified, on record, or in its accounts. Three queries.

    Electricity stands in for location-based scope 2, as in the bars. A column of what was sold is told where each
    row that counts has it. What a rejected join sets aside tells nothing.
    """
    found: dict[int, set[Asked]] = defaultdict(set)
    handed_in = Disclosure.objects.filter(
        company__in=companies,
        state__in=(Disclosure.State.SUBMITTED, Disclosure.State.VERIFIED, Disclosure.State.RECORDED),
    ).exclude(set_aside("emissions"))
    figures = Figure.objects.filter(disclosure__in=handed_in)
    for company, year, quantity in figures.values_list(
        "disclosure__company", "disclosure__year", "quantity"
    ).order_by():
        found[company].add(Asked(year, quantity))
        if quantity == Quantity.ELECTRICITY:
            found[company].add(Asked(year, Quantity.SCOPE_2_LOCATION.value))
    sold: dict[tuple[int, int], list[Sequence[Any]]] = defaultdict(list)
    rows = Solution.objects.filter(disclosure__in=handed_in, kind__in=COUNTED).order_by()
    for company, year, *values in rows.values_list("disclosure__company", "disclosure__year", *SALES):
        sold[company, year].append(values)
    for (company, year), of_year in sold.items():
        for column, values in zip(SALES, zip(*of_year, strict=True), strict=True):
            if None not in values:
                found[company].add(Asked(year, SOLD + column))
    accounts = Financials.objects.counting().filter(company__in=companies, year__isnull=False)
    for company, year, is_partial, *values in accounts.values_list(
        "company", "year", "theme_share_is_partial", *OF_ACCOUNTS
    ):
        for quantity, value in zip(OF_ACCOUNTS.values(), values, strict=True):
            if value is not None and not (is_partial and quantity == Quantity.THEME_REVENUE):
                found[company].add(Asked(year or 0, quantity.value))
    return found


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def visible_to(self, user: SomeUser) -> DataRequestQuerySet:
        """The fund's side sees all of them, a member those to the own company."""
        if has_role(user, *FUND_SIDE):
            return self
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.filter(company__memberships__user_id=user.pk)

    def open(self) -> DataRequestQuerySet:
        return self.filter(state=DataRequest.State.OPEN)

    def overdue(self) -> DataRequestQuerySet:
        return self.open().filter(due__lt=timezone.localdate())

    def settle(self) -> int:
        """Close those of which all has been told by now; called wherever figures arrive. How many there were."""
        waiting = list(self.open().select_related("company"))
        known = told({request.company_id for request in waiting}) if waiting else {}
        return sum(request.answer() for request in waiting if request.items <= known.get(request.company_id, set()))


class DataRequest(models.Model):
    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a data request", "Open")
        ANSWERED = "answered", pgettext_lazy("of a data request", "Answered")
        DECLINED = "declined", pgettext_lazy("of a data request", "Declined by the company")
        WITHDRAWN = "withdrawn", pgettext_lazy("of a data request", "Withdrawn")

    class Because(models.TextChoices):
        """Why a company does not tell it."""

        NOT_MEASURED = "not_measured", pgettext_lazy("not available because", "we do not measure or collect it")
        NOT_YET = "not_yet", pgettext_lazy("not available because", "it is not ready yet")
        DOES_NOT_APPLY = "does_not_apply", pgettext_lazy("not available because", "it does not apply to us")
        CONFIDENTIAL = "confidential", pgettext_lazy("not available because", "it is confidential")
        OTHER = "other", pgettext_lazy("not available because", "another reason, in words")

    company = models.ForeignKey(Company, models.PROTECT, related_name="data_requests", verbose_name=_("company"))
    asked = models.JSONField(_("figures asked for"))  # of StoredAsked
    note = models.TextField(_("note"), max_length=LONGEST_NOTE, blank=True)
    due = models.DateField(_("due"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    because = models.CharField(
        _("not available because"), max_length=16, choices=Because.choices, blank=True, default=""
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("data request")
        verbose_name_plural = _("data requests")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "due"], name="data_request_by_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "answered", "declined", "withdrawn"]),
                name="data_request_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "answered"])
                | models.Q(state="declined", closed_by__isnull=False) & ~models.Q(reason="", because="")
                | models.Q(state="withdrawn", closed_by__isnull=False) & ~models.Q(reason=""),
                name="data_request_ends_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.due:%Y-%m-%d}"

    # --- what is known ---
    @property
    def items(self) -> set[Asked]:
        return set(self.listed)

    @property
    def listed(self) -> list[Asked]:
        """In the order in which they were asked for."""
        return [Asked(one["year"], one["field"]) for one in self.asked]

    @property
    def by_year(self) -> Mapping[int, list[str]]:
        """The names of the figures, in the reader's language."""
        found: dict[int, list[str]] = defaultdict(list)
        for year, field in sorted(self.listed, key=lambda one: -one.year):
            found[year].append(field_word(field))
        return dict(found)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due < timezone.localdate()

    @property
    def days_left(self) -> int:
        """Below 0 once it is overdue."""
        return (self.due - timezone.localdate()).days

    # --- what people do ---
    @classmethod
    def ask(
        cls,
        company: Company,
        asked: Iterable[Asked],
        *,
        due: date,
        by: User,
        note: str = "",
        asked_at: datetime | None = None,
    ) -> DataRequest:
        """Ask for what is neither told nor asked for yet; the rest of `asked` is left out.

        `asked_at`, never ahead: of what was asked before it stands here, as in the demo; None for now.
        Raises NotAllowed: for who may not, for a wrong figure, year, day or note, and where nothing is left to ask.
        """
        if not has_role(by, *DECIDERS):
            raise NotAllowed(_("Only a fund manager or an administrator can do this."))
        items = list(dict.fromkeys(asked))
        asked_at = min(asked_at or timezone.now(), timezone.now())
        _check(items, due, note, timezone.localdate(asked_at))
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=company.pk)  # two who ask at once do not ask twice
            left = still_to_ask(company.pk, items)
            if not left:
                raise NotAllowed(_("All of this has been told or asked for already."))
            request = cls.objects.create(
                company=company,
                asked=[StoredAsked(year=one.year, field=one.field) for one in left],
                note=note.strip(),
                due=due,
                asked_by=by,
                asked_at=asked_at,
            )
            audit.append(by, "data_request.asked", f"data_request:{request.pk}", detail=f"company:{company.pk}")
            data_request_moved.send(sender=DataRequest, request=request)
        return request

    def answer(self) -> bool:
        """The figures are there. False where somebody closed it meanwhile."""
        with transaction.atomic():
            return self._close(self.State.ANSWERED, by=None)

    def withdraw(self, *, by: User, reason: str) -> None:
        """The fund no longer wants it. Raises NotAllowed."""
        if not has_role(by, *DECIDERS):
            raise NotAllowed(_("Only a fund manager or an administrator can do this."))
        self._end(self.State.WITHDRAWN, by, reason)

    def decline(self, *, by: User, reason: str = "", because: str = Because.OTHER) -> None:
        """The company does not tell it; `reason` in words, where `because` does not say all. Raises NotAllowed."""
        if not self.is_declined_by(by):
            raise NotAllowed(_("Only a submitter of the company declines a request."))
        if because not in self.Because.values:
            raise NotAllowed(_("Please choose why it is not available."))
        if because == self.Because.OTHER and not reason.strip():
            raise NotAllowed(_("Please write down the reason."))
        self._end(self.State.DECLINED, by, reason, because=because)

    def is_declined_by(self, user: SomeUser) -> bool:
        """Whether this person may say so for the company."""
        mine = Membership.objects.filter(user_id=user.pk or 0, company=self.company_id, kind=Membership.Kind.SUBMITTER)
        return mine.exists()

    @property
    def why(self) -> str:
        """Why the company does not tell it, in the reader's language, before its own words."""
        return str(self.get_because_display()) if self.because else ""

    def _end(self, state: State, by: User, reason: str, *, because: str = "") -> None:
        reason = reason.strip()
        if not reason and not because:
            raise NotAllowed(_("Please write down the reason."))
        if len(reason) > LONGEST_REASON:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_REASON})
        with transaction.atomic():
            if not self._close(state, by=by, reason=reason, because=because):
                raise NotAllowed(_("This request is closed already."))

    def _close(self, state: State, *, by: User | None, reason: str = "", because: str = "") -> bool:
        closed = DataRequest.objects.open().filter(pk=self.pk)
        if closed.update(state=state, closed_by=by, closed_at=Now(), reason=reason, because=because) != 1:
            return False
        audit.append(by, f"data_request.{state.value}", f"data_request:{self.pk}", detail=f"company:{self.company_id}")
        self.refresh_from_db()
        data_request_moved.send(sender=DataRequest, request=self)
        return True


def still_to_ask(company: int, asked: Iterable[Asked]) -> list[Asked]:
    """Of these what is neither told nor asked for in an open request."""
    known = told([company])[company] | {
        one for request in DataRequest.objects.open().filter(company=company) for one in request.items
    }
    return [one for one in asked if one not in known]


def _check(asked: Sequence[Asked], due: date, note: str, today: date) -> None:
    if wrong := next(_wrong(asked, today.year), None):
        raise NotAllowed(wrong)
    if not today <= due <= today + FARTHEST:
        raise NotAllowed(_("The due day is from today on and within a year."))
    if len(note) > LONGEST_NOTE:
        raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_NOTE})


def _wrong(asked: Sequence[Asked], this_year: int) -> Iterator[Any]:
    if not asked:
        yield _("Please choose what to ask for.")
    if len(asked) > MOST_ASKED:
        yield _("At most %(most)s figures in one request.") % {"most": MOST_ASKED}
    for year, field in asked:
        if field not in FIELDS:
            yield _("“%(field)s” cannot be asked for.") % {"field": field[:60]}
        if not FIRST_YEAR <= year <= this_year:
            yield _("A year from %(first)s to %(last)s, please.") % {"first": FIRST_YEAR, "last": this_year}


def on_disclosure_submitted(disclosure: Disclosure, **_signal: Any) -> None:
    DataRequest.objects.filter(company=disclosure.company_id).settle()


def on_accounts_saved(instance: Financials, **_signal: Any) -> None:
    DataRequest.objects.filter(company=instance.company_id).settle()
