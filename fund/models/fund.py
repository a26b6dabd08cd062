"""Funds, the tracks they invest in, and their mandates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from fund.errors import ContentChanged, SamePerson
from portfolio import audit
from portfolio.models import Track
from portfolio.models.people import FUND_SIDE, Proposed, Role, has_role
from portfolio.typed.bounds import Within
from scoring.engine import digest
from scoring.models.bar_sheet import BarSheet

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


class FundSideQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: SomeUser) -> Self:
        """The fund's people see all of it; nobody else sees any."""
        return self if has_role(user, *FUND_SIDE) else self.none()


class ThemeFund(models.Model):
    """A green theme fund. It begins with all tracks; one that it does not invest in is switched off, not deleted."""

    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    note = models.CharField(_("note"), max_length=400, blank=True, default="")
    is_illustrative = models.BooleanField(
        _("illustrative"), default=False, help_text=_("Made for the demo; not a real fund")
    )
    source = models.CharField(
        _("source of the book"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("Of somebody else's fund that is only looked at; blank: a fund of our own"),
    )
    size_cny = models.DecimalField(
        _("size of the fund in yuan"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), Within("amount_cny")],
        help_text=_("Committed capital; tickets are measured against it"),
    )
    benchmark_from = models.DateField(
        _("base date of the EU benchmark test"),
        null=True,
        blank=True,
        help_text=_("Blank: the first date with positions"),
    )
    universe_intensity = models.FloatField(
        _("intensity of the investable universe"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), Within("universe_intensity")],
        help_text=_("tCO₂e of scopes 1 + 2 + 3 per million CNY of EVIC, at the base date"),
    )
    universe_source = models.CharField(_("source of that intensity"), max_length=300, blank=True, default="")

    history = HistoricalRecords()
    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("theme fund")
        verbose_name_plural = _("theme funds")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["name_zh"], name="fund_name_is_unique"),
            models.CheckConstraint(
                condition=Q(size_cny__isnull=True) | Q(size_cny__gt=0), name="fund_size_is_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            for track in Track.values if is_new else ():
                FundTrack.objects.create(fund=self, track=track)

    @property
    def is_ours(self) -> bool:
        """Else its book was taken from a source, to be looked at: nothing is proposed for it."""
        return not self.source

    def track_codes(self) -> list[str]:
        """The tracks that the fund invests in."""
        return [row.track for row in self.tracks.all() if row.is_open]

    def mandate_on(self, day: date) -> Mandate | None:
        """The mandate in force on a day: of those that two people agreed on, the one that began last."""
        return (
            self.mandates.filter(valid_from__lte=day, confirmed_at__isnull=False)
            .order_by("-valid_from", "-version")
            .first()
        )


class FundTrack(models.Model):
    fund = models.ForeignKey(ThemeFund, models.CASCADE, related_name="tracks", verbose_name=_("fund"))
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    is_open = models.BooleanField(_("the fund invests in it"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("track of a fund")
        verbose_name_plural = _("tracks of funds")
        ordering = ["fund", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "track"], name="track_once_a_fund"),
            models.CheckConstraint(condition=models.Q(track__in=Track.values), name="fund_track_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.fund} · {self.get_track_display()}"


class Mandate(Proposed):
    """A dated version of what a fund may buy, by one bar sheet. A rule left blank is not set.

    Whoever writes it proposes it; another administrator confirms it, and from then on the database refuses to change
    it (fund/guards.py): a new version is added instead.
    """

    class Evidence(models.TextChoices):
        """Of the known bars, the worst; best first."""

        E1 = "E1", _("E1 verified")
        E2 = "E2", _("E2 reported")
        E3 = "E3", _("E3 activity × factor")
        E4 = "E4", _("E4 planned or over two years old")
        E5 = "E5", _("E5 model estimate")

    fund = models.ForeignKey(ThemeFund, models.PROTECT, related_name="mandates", verbose_name=_("fund"))
    version = models.PositiveSmallIntegerField(_("version"), editable=False)
    valid_from = models.DateField(_("valid from"))
    bar_sheet = models.ForeignKey(
        BarSheet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mandates",
        verbose_name=_("bar sheet"),
        help_text=_("Blank: the one in force on the day"),
    )
    gates_passed_required = models.BooleanField(_("all gates must be passed"), default=False)
    min_cleared = models.PositiveSmallIntegerField(
        _("least bars cleared"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3)],
        help_text=_("Of the three bars, 0 to 3"),
    )
    min_p_cleared = models.FloatField(
        _("least P of the cleared bars"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Between 0 and 1"),
    )
    worst_evidence = models.CharField(
        _("worst evidence allowed"), max_length=2, choices=Evidence.choices, blank=True, default=""
    )
    oldest_data_year = models.PositiveSmallIntegerField(
        _("oldest year of data allowed"), null=True, blank=True, help_text=_("Of the known bars, the oldest counts")
    )
    max_ticket_share = models.FloatField(
        _("largest ticket as a share of the fund"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Above 0, at most 1; needs the size of the fund"),
    )
    confirmed_track_required = models.BooleanField(_("a confirmed track is required"), default=False)
    exclude_illustrative = models.BooleanField(_("illustrative companies are excluded"), default=False)
    note = models.CharField(_("note"), max_length=400, blank=True, default="")
    # Of one entered before two were asked, neither of them is known.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    # What the first method's mandates asked for; JSON, written by the migration `bars` and by nobody since.
    retired_rules = models.TextField(_("rules of the first method"), blank=True, default="", editable=False)

    history = HistoricalRecords()
    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["fund", "-valid_from", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "version"], name="mandate_version_once_a_fund"),
            models.CheckConstraint(
                condition=Q(min_cleared__isnull=True) | Q(min_cleared__lte=3), name="mandate_bars_are_three"
            ),
            models.CheckConstraint(
                condition=Q(min_p_cleared__isnull=True) | Q(min_p_cleared__gte=0, min_p_cleared__lte=1),
                name="mandate_p_is_a_probability",
            ),
            models.CheckConstraint(
                condition=Q(worst_evidence__in=["", "E1", "E2", "E3", "E4", "E5"]), name="mandate_evidence_is_known"
            ),
            models.CheckConstraint(
                condition=Q(max_ticket_share__isnull=True) | Q(max_ticket_share__gt=0, max_ticket_share__lte=1),
                name="mandate_ticket_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=True, proposed_by__isnull=True)
                | Q(confirmed_by__isnull=False, proposed_by__isnull=False) & ~Q(confirmed_by=models.F("proposed_by")),
                name="mandate_is_confirmed_by_another",
            ),
        ]

    ASKED = (
        *("gates_passed_required", "min_cleared", "min_p_cleared", "worst_evidence", "oldest_data_year"),
        *("max_ticket_share", "confirmed_track_required", "exclude_illustrative"),
    )

    def __str__(self) -> str:
        return f"{self.fund} · v{self.version} · {self.valid_from}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self._state.adding:
                ThemeFund.objects.select_for_update().get(pk=self.fund_id)  # two new versions queue up here
                last = Mandate.objects.filter(fund_id=self.fund_id).aggregate(last=models.Max("version"))["last"]
                self.version = (last or 0) + 1
            super().save(*args, **kwargs)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    def content_digest(self) -> str:
        """Of all that it asks, so that exactly what was read is confirmed."""
        asked = {name: getattr(self, name) for name in self.ASKED}
        return digest(asked | {"valid_from": str(self.valid_from), "bar_sheet": self.bar_sheet_id, "note": self.note})

    def refusal(self, user: SomeUser) -> str:
        """Why this person cannot confirm it, or nothing."""
        if not has_role(user, Role.ADMIN):
            return str(_("Only an administrator can do this."))
        if self.is_confirmed:
            return str(_("This mandate is confirmed already."))
        if self.valid_from < timezone.localdate():
            return str(_("It would begin in the past. Give it a day from today on, then have it confirmed."))
        return self.not_a_second(user)

    def confirm(self, *, by: User, seen: str) -> None:
        """In force from its day on, exactly as `by` read it. Raises SamePerson or ContentChanged."""
        with transaction.atomic():
            locked = Mandate.objects.select_for_update().annotate(now=Now()).get(pk=self.pk)
            if refusal := locked.refusal(by):
                raise SamePerson(refusal)
            if seen != locked.content_digest():
                raise ContentChanged(_("What you saw is not what is stored. Read it again, please."))
            locked.confirmed_by, locked.confirmed_at = by, locked.now
            locked.save(update_fields=["confirmed_by", "confirmed_at"])
            told = f"{self.fund} v{self.version} {self.valid_from}"
            audit.append(by, "mandate.confirmed", f"mandate:{self.pk}", digest=seen, detail=told)

    def sheet_on(self, day: date) -> BarSheet | None:
        """The bar sheet that it names, else the one in force on the day."""
        return self.bar_sheet or BarSheet.in_force(day)
