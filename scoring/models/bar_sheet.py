"""The bar sheet as tables: what the fund asks of a candidate, who proposed and approved it, and from when it holds.

A draft is edited; from its proposal on its content is fixed and digested, and the database refuses edits
(scoring/guards.py). The engine's form of it is scoring/engine/score/bar_sheet.py.
"""

from __future__ import annotations

import json
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.models import Track
from portfolio.models.people import FUND_SIDE, Proposed, Role, has_role
from scoring.engine.columns import canonical_json
from scoring.engine.errors import EngineError
from scoring.engine.score.bar_sheet import BarSheet as EngineSheet
from scoring.engine.score.bar_sheet import Family, FootprintBar, GridPath, Judgements, Reference
from scoring.engine.score.candidacy import PLAN_STAIR
from scoring.errors import BarSheetRefused
from scoring.models.possible import OF_FAMILIES, OF_JUDGEMENTS, OF_PATHS, impossible

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

PAIRS = {  # judgements of two numbers, a column each
    "other_prices_cny_per_t": ("lower_price_cny_per_t", "higher_price_cny_per_t"),
    "on_the_line": ("on_the_line_from", "on_the_line_to"),
}
REFERENCE = tuple(field.name for field in fields_of(Reference))


class BarSheetQuerySet(models.QuerySet["BarSheet"]):
    def visible_to(self, user: SomeUser) -> BarSheetQuerySet:
        """The fund's side sees all of them; everybody those that hold or held: what is asked is no secret."""
        return self if has_role(user, *FUND_SIDE) else self.filter(state=BarSheet.State.ACTIVE)

    def in_force(self, day: date) -> BarSheet | None:
        """The sheet that holds on this day; None before the first."""
        return self.filter(state=BarSheet.State.ACTIVE, active_from__lte=day).order_by("-active_from").first()


class JudgementColumns(models.Model):
    """The fund's judgements (scoring/engine/score/bar_sheet.py), each a column of its own."""

    bar_share = models.FloatField(_("share of the reference row that a candidate must reach"), default=0.8)
    footprint_multiple = models.FloatField(_("multiple of the median that own emissions may reach"), default=1.5)
    least_reporters = models.PositiveSmallIntegerField(_("least reporters behind a median"), default=8)
    carbon_price_cny_per_t = models.FloatField(_("carbon price of the bar, CNY/t"), default=200)
    lower_price_cny_per_t = models.FloatField(_("lower price shown beside, CNY/t"), default=100)
    higher_price_cny_per_t = models.FloatField(_("higher price shown beside, CNY/t"), default=400)
    free_allocation_t = models.FloatField(_("free allocation in the bar, t"), default=0)
    pass_through = models.FloatField(_("share of the carbon cost that is passed on"), default=0.5)
    sigma_min_contribution = models.FloatField(_("least σ of the contribution"), default=0.10)
    sigma_min_resilience = models.FloatField(_("least σ of the margin"), default=0.02)
    sigma_min_footprint = models.FloatField(_("least σ of the footprint"), default=0.05)
    footprint_age = models.FloatField(_("σ of the footprint per square root of a year of age"), default=0.16)
    resilience_sigma = models.FloatField(_("σ of the margin at age 0"), default=0.04)
    theme_share = models.FloatField(_("least share of theme revenue"), default=0.5)
    most_months = models.PositiveSmallIntegerField(_("months after which a figure is set aside"), default=36)
    least_runway_months = models.FloatField(_("least runway of a venture, months"), default=18)
    venture_theme_revenue_cny = models.FloatField(_("theme revenue below which it is a venture, CNY"), default=5e7)
    realisation_share = models.FloatField(_("share of planned units that counts"), default=0.5)
    least_plan = models.CharField(_("least stair of the plan"), max_length=16, default="measurable")
    on_the_line_from = models.FloatField(_("on the line from P"), default=0.2)
    on_the_line_to = models.FloatField(_("on the line to P"), default=0.8)
    distinguishable = models.FloatField(_("difference of P that tells two apart"), default=0.2)
    verify_below = models.FloatField(_("margin below which an unverified figure is verified first"), default=0.30)

    class Meta:
        abstract = True

    def clean(self) -> None:
        wrong = impossible(self, OF_JUDGEMENTS)
        prices = (self.lower_price_cny_per_t, self.carbon_price_cny_per_t, self.higher_price_cny_per_t)
        if not wrong and list(prices) != sorted(prices):
            wrong["carbon_price_cny_per_t"] = _("Neither below the lower price nor above the higher one, please.")
        if not wrong and self.on_the_line_from >= self.on_the_line_to:
            wrong["on_the_line_to"] = _("More than where the line begins, please.")
        if self.least_plan not in PLAN_STAIR:
            wrong["least_plan"] = _("One of these, please: %(words)s") % {"words": ", ".join(PLAN_STAIR)}
        if wrong:
            raise ValidationError(wrong)

    def judgements(self) -> Judgements:
        told: dict[str, Any] = {
            field.name: tuple(getattr(self, column) for column in PAIRS[field.name])
            if field.name in PAIRS
            else getattr(self, field.name)
            for field in fields_of(Judgements)
        }
        return Judgements(**told)

    @staticmethod
    def columns_of(judgements: Judgements) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        for field in fields_of(Judgements):
            value = getattr(judgements, field.name)
            columns |= dict(zip(PAIRS[field.name], value, strict=True)) if field.name in PAIRS else {field.name: value}
        return columns


class BarSheet(Proposed, JudgementColumns):
    """A version of what is asked. One is in force on a day: the one that became active last."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("of a bar sheet", "Draft")
        PROPOSED = "proposed", pgettext_lazy("of a bar sheet", "Waiting for approval")
        APPROVED = "approved", pgettext_lazy("of a bar sheet", "Approved")
        ACTIVE = "active", pgettext_lazy("of a bar sheet", "Active")

    version = models.SlugField(_("version"), max_length=32, unique=True)
    title = models.CharField(_("title"), max_length=120)
    data_year = models.PositiveSmallIntegerField(_("data year"))
    closing_day = models.DateField(_("closing day"), help_text=_("Until it, an earlier year may stand in."))
    stand_in_place = models.CharField(
        _("place whose grid stands in"),
        max_length=3,
        help_text=_("For places without a path. ISO 3166-1, three letters"),
    )
    is_shipped = models.BooleanField(_("shipped with the product"), default=False, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    content = models.TextField(_("content"), blank=True, default="", editable=False)
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="", editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    proposed_at = models.DateTimeField(_("proposed at"), null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    active_from = models.DateField(_("active from"), null=True, unique=True, editable=False)

    objects = BarSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("bar sheet")
        verbose_name_plural = _("bar sheets")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "approved", "active"]), name="bar_sheet_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed"])
                | Q(is_shipped=True)
                | (Q(proposed_by__isnull=False, approved_by__isnull=False) & ~Q(approved_by=models.F("proposed_by"))),
                name="bar_sheet_is_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="active", active_from__isnull=False) | (~Q(state="active") & Q(active_from=None)),
                name="an_active_bar_sheet_has_its_day",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="draft", content="", digest="") | (~Q(state="draft") & ~Q(content="") & ~Q(digest=""))
                ),
                name="a_proposed_bar_sheet_has_its_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    def get_absolute_url(self) -> str:
        return reverse("scoring:bar_sheet", args=[self.version])

    @classmethod
    def in_force(cls, day: date) -> BarSheet | None:
        return cls.objects.in_force(day)

    @property
    def shown_title(self) -> str:
        """The shipped one's in the reader's language."""
        return _("Bar sheet %(version)s") % {"version": self.version} if self.is_shipped else self.title

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_retired(self) -> bool:
        """Another one has come in force since."""
        return self.in_force_until is not None and self.in_force_until < timezone.localdate()

    @cached_property
    def in_force_until(self) -> date | None:
        """The last day on which it holds, where the next one is known."""
        if self.active_from is None:
            return None
        later = BarSheet.objects.filter(active_from__gt=self.active_from).order_by("active_from").first()
        return later.active_from - timedelta(days=1) if later and later.active_from else None

    # --- the engine's form ----------------------------------------------------------------------------------
    def engine(self) -> EngineSheet:
        """As it was proposed; of a draft what its rows say now. Raises EngineError where a draft cannot be computed."""
        return engine_sheet(self.content) if self.content else self.from_rows()

    def from_rows(self) -> EngineSheet:
        u95: dict[str, dict[str, float]] = {}
        for row in self.uncertainties.all():
            u95.setdefault(row.input, {})[row.rung] = row.half_width
        sheet = EngineSheet(
            version=self.version,
            data_year=self.data_year,
            closing_day=self.closing_day.isoformat(),
            stand_in_place=self.stand_in_place,
            judgements=self.judgements(),
            u95=u95,
            paths=tuple(path.engine() for path in self.paths.all()),
            families=tuple(family.engine() for family in self.families.all()),
        )
        return EngineSheet.from_json(sheet.to_json())  # checked, and rounded as it will be stored

    @classmethod
    def make(cls, sheet: EngineSheet, sources: Sources, **columns: Any) -> BarSheet:
        """A draft of it with its rows."""
        with transaction.atomic():
            made = cls.objects.create(
                version=sheet.version,
                data_year=sheet.data_year,
                closing_day=date.fromisoformat(sheet.closing_day),
                stand_in_place=sheet.stand_in_place,
                **cls.columns_of(sheet.judgements),
                **columns,
            )
            SheetFamily.objects.bulk_create(
                SheetFamily.of(family, sheet=made, number=number) for number, family in enumerate(sheet.families, 1)
            )
            SheetPath.objects.bulk_create(SheetPath.of(path, sheet=made) for path in sheet.paths)
            SheetUncertainty.objects.bulk_create(
                SheetUncertainty(
                    sheet=made, input=name, rung=rung, half_width=value, source=sources.get((name, rung), "")
                )
                for name, rungs in sheet.u95.items()
                for rung, value in rungs.items()
            )
        return made

    # --- what people do ---------------------------------------------------------------------------------------
    def clone(self, *, by: User, version: str, title: str) -> BarSheet:
        """A new draft with the same rows. Raises BarSheetRefused."""
        self._require_administrator(by)
        if BarSheet.objects.filter(version=version).exists():
            raise BarSheetRefused(_("There is a bar sheet of this version already."))
        content = self.engine().to_json() | {"version": version}
        sources = {(row.input, row.rung): row.source for row in self.uncertainties.all()}
        with transaction.atomic():
            made = BarSheet.make(EngineSheet.from_json(content), sources, title=title)
            audit.append(by, "bar_sheet.cloned", f"bar_sheet:{made.pk}", detail=f"{self.version} → {version}")
        return made

    def propose(self, *, by: User) -> None:
        """Fix its content and hand it to another administrator. Raises BarSheetRefused."""
        self._require_administrator(by)
        try:
            sheet = self.from_rows()
        except EngineError as fault:
            raise BarSheetRefused(_("It cannot be computed with yet: %(fault)s") % {"fault": fault}) from fault
        self._require_possible()
        standing = BarSheet.in_force(timezone.localdate())
        if standing and replace(standing.engine(), version=sheet.version).digest == sheet.digest:
            raise BarSheetRefused(_("Nothing differs from the sheet in force."))
        fixed = {"content": canonical_json(sheet.to_json()), "digest": sheet.digest}
        self._move(
            self.State.DRAFT, by, "proposed", state=self.State.PROPOSED, proposed_by=by, proposed_at=Now(), **fixed
        )

    def approve(self, *, by: User, digest: str) -> None:
        """Approve exactly what was read. Raises BarSheetRefused."""
        self._require_administrator(by)
        if said := self.not_a_second(by):
            raise BarSheetRefused(said)
        if digest != self.digest:
            raise BarSheetRefused(_("The bar sheet has changed since. Look again, please."))
        self._move(
            self.State.PROPOSED,
            by,
            "approved",
            read=digest,
            state=self.State.APPROVED,
            approved_by=by,
            approved_at=Now(),
        )

    def send_back(self, *, by: User) -> None:
        """Make the proposed one a draft again. Raises BarSheetRefused."""
        self._require_administrator(by)
        self._move(
            self.State.PROPOSED,
            by,
            "sent_back",
            state=self.State.DRAFT,
            content="",
            digest="",
            proposed_by=None,
            proposed_at=None,
        )

    def activate(self, *, by: User, day: date) -> None:
        """In force from this day on, neither in the past nor before another. Raises BarSheetRefused."""
        self._require_administrator(by)
        if day < timezone.localdate():
            raise BarSheetRefused(_("A bar sheet is active from today or a later day on: what was decided stays."))
        with transaction.atomic():
            if BarSheet.objects.filter(active_from__gte=day).exists():
                raise BarSheetRefused(_("Another bar sheet is active from this day or a later one on."))
            self._move(self.State.APPROVED, by, "activated", state=self.State.ACTIVE, active_from=day)

    def _require_possible(self) -> None:
        """Of the sheet and its rows, whoever wrote them."""
        for row in (self, *self.families.all(), *self.paths.all(), *self.uncertainties.all()):
            try:
                row.clean_fields(exclude={"sheet"})
                row.clean()
            except ValidationError as wrong:
                name, [said, *_more] = next(iter(wrong.message_dict.items()))
                field: Any = row._meta.get_field(name)
                fault = f"{row}, {field.verbose_name}: {said}"
                raise BarSheetRefused(_("It cannot be computed with yet: %(fault)s") % {"fault": fault}) from wrong

    def _require_administrator(self, by: User) -> None:
        if not has_role(by, Role.ADMIN):
            raise BarSheetRefused(_("Only administrators change bar sheets."))

    def _move(self, old: str, by: User, verb: str, *, read: str = "", **changes: Any) -> None:
        """From one state to the next, by an UPDATE of exactly this row; `read` is the digest that it must have."""
        rows = BarSheet.objects.filter(pk=self.pk, state=old, **({"digest": read} if read else {}))
        with transaction.atomic():
            if rows.update(**changes) != 1:
                raise BarSheetRefused(_("The bar sheet is in another state by now. Look again, please."))
            self.refresh_from_db()
            audit.append(by, f"bar_sheet.{verb}", f"bar_sheet:{self.pk}", digest=self.digest, detail=self.version)


Sources = dict[tuple[str, str], str]  # (input, rung) → where the half-width is from


class SheetFamily(models.Model):
    """A technology family in a sheet: what is sold, what it is held against, who may claim it."""

    class Judgement(models.TextChoices):
        JUDGED = "judged", _("Compared with its bar")
        SIGN = "sign", _("Above 0 is cleared")
        SHOWN = "shown", _("Shown, not judged")
        NONE = "none", _("No bar yet")

    class GridUse(models.TextChoices):
        PATH = "path", _("the years after the sale")
        LATEST = "latest", _("the latest published year")
        NONE = "none", _("no grid in it")

    class Denominator(models.TextChoices):
        OUTPUT = "output", _("output")
        VALUE_ADDED = "value_added", _("value added")
        REVENUE = "revenue", _("revenue")

    class Basis(models.TextChoices):
        BENCHMARK = "benchmark", _("published benchmark")
        MEDIAN = "median", _("median of reporters")

    sheet = models.ForeignKey(
        BarSheet, models.CASCADE, related_name="families", db_index=False, verbose_name=_("bar sheet")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    code = models.CharField(_("code"), max_length=8)
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    unit = models.CharField(_("unit sold"), max_length=40)
    service_unit = models.CharField(_("unit of service"), max_length=40, blank=True)
    judgement = models.CharField(_("how it is judged"), max_length=8, choices=Judgement.choices)
    grid_use = models.CharField(_("grid"), max_length=8, choices=GridUse.choices)
    own_inputs = models.CharField(
        _("own inputs"),
        max_length=60,
        blank=True,
        help_text=_("service, life, use, energy or lca, a comma between them"),
    )
    service_per_unit_year = models.FloatField(_("service a unit and year"), null=True, blank=True)
    life_years = models.PositiveSmallIntegerField(_("life, years"), null=True, blank=True)
    fixed_t_per_service = models.FloatField(_("displaced beside the grid, t a unit of service"), null=True, blank=True)
    grid_mwh_per_service = models.FloatField(
        _("grid, MWh a unit of service"), null=True, blank=True, help_text=_("Below 0: consumed")
    )
    use_share = models.FloatField(_("share in use"), null=True, blank=True)
    lca_t_per_unit = models.FloatField(_("life-cycle emissions, t a unit"), null=True, blank=True)
    denominator = models.CharField(_("denominator of own emissions"), max_length=12, choices=Denominator.choices)
    bar_value = models.FloatField(_("bar of own emissions"), null=True, blank=True)
    bar_basis = models.CharField(_("basis of that bar"), max_length=10, choices=Basis.choices, blank=True)
    bar_source = models.CharField(_("source of that bar"), max_length=300, blank=True)
    bar_n = models.PositiveSmallIntegerField(_("reporters"), null=True, blank=True)
    bar_median = models.FloatField(_("median"), null=True, blank=True)
    bar_sd_ln = models.FloatField(_("spread of the logarithms"), null=True, blank=True)
    bar_classes = models.CharField(_("ISIC divisions"), max_length=60, blank=True)
    bar_years = models.CharField(_("years of the figures"), max_length=40, blank=True)
    sets_the_bar = models.TextField(
        _("companies whose figures make the reference row"), blank=True, help_text=_("company keys, one a line")
    )
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    attribution_zh = models.TextField(_("who may claim, in Chinese"), blank=True)
    attribution_en = models.TextField(_("who may claim, in English"), blank=True)
    doubts_zh = models.TextField(_("doubts, in Chinese"), blank=True)
    doubts_en = models.TextField(_("doubts, in English"), blank=True)
    sources = models.TextField(_("sources"), blank=True, help_text=_("one a line"))

    class Meta:
        verbose_name = _("technology family of a bar sheet")
        verbose_name_plural = _("technology families of bar sheets")
        ordering = ["sheet", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "code"], name="family_once_a_bar_sheet"),
            models.CheckConstraint(
                condition=Q(judgement__in=["judged", "sign", "shown", "none"]), name="judgement_is_known"
            ),
            models.CheckConstraint(condition=Q(track__in=Track.values), name="track_of_family_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        if wrong := impossible(self, OF_FAMILIES):
            raise ValidationError(wrong)

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    def engine(self) -> Family:
        told = [getattr(self, name) for name in REFERENCE]
        return Family(
            **{name: getattr(self, name) for name in _SAME},
            own_inputs=_words(self.own_inputs),
            reference=None if any(value is None for value in told) else Reference(*told),
            footprint_bar=self._footprint_bar(),
            sets_the_bar=_lines(self.sets_the_bar),
            expires_on=self.expires_on.isoformat() if self.expires_on else None,
            sources=_lines(self.sources),
        )

    def _footprint_bar(self) -> FootprintBar | None:
        if self.bar_value is None:
            return None
        return FootprintBar(
            value=self.bar_value,
            basis=self.bar_basis or "benchmark",  # type: ignore[arg-type]  # one of its choices
            source=self.bar_source,
            n=self.bar_n,
            median=self.bar_median,
            sd_ln=self.bar_sd_ln,
            classes=_words(self.bar_classes),
            years=tuple(int(year) for year in _words(self.bar_years)),
        )

    @classmethod
    def of(cls, family: Family, **columns: Any) -> SheetFamily:
        made = cls(
            **{name: getattr(family, name) for name in _SAME},
            own_inputs=", ".join(family.own_inputs),
            sets_the_bar="\n".join(family.sets_the_bar),
            expires_on=date.fromisoformat(family.expires_on) if family.expires_on else None,
            sources="\n".join(family.sources),
            **columns,
        )
        if family.reference:
            for name in REFERENCE:
                setattr(made, name, getattr(family.reference, name))
        if bar := family.footprint_bar:
            made.bar_value, made.bar_basis, made.bar_source = bar.value, bar.basis, bar.source
            made.bar_n, made.bar_median, made.bar_sd_ln = bar.n, bar.median, bar.sd_ln
            made.bar_classes, made.bar_years = ", ".join(bar.classes), ", ".join(str(year) for year in bar.years)
        return made


# Columns that the engine's family has under the same name and in the same form.
_SAME = (
    *("code", "track", "name_zh", "name_en", "unit", "service_unit", "judgement", "grid_use", "denominator"),
    *("attribution_zh", "attribution_en", "doubts_zh", "doubts_en"),
)


class SheetPath(models.Model):
    """The grid of a place from a year on."""

    sheet = models.ForeignKey(
        BarSheet, models.CASCADE, related_name="paths", db_index=False, verbose_name=_("bar sheet")
    )
    place = models.CharField(_("place"), max_length=3, help_text=_("ISO 3166-1, three letters"))
    purpose = models.CharField(_("purpose of the factor"), max_length=40)
    base_year = models.PositiveSmallIntegerField(_("base year"))
    t_per_mwh = models.FloatField(_("t/MWh in the base year"))
    fall_t_per_mwh_year = models.FloatField(_("fall a year, t/MWh"))
    source = models.TextField(_("source"))

    class Meta:
        verbose_name = _("grid path of a bar sheet")
        verbose_name_plural = _("grid paths of bar sheets")
        ordering = ["sheet", "place"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "place"], name="place_once_a_bar_sheet"),
            models.CheckConstraint(condition=~Q(source=""), name="a_grid_path_has_a_source"),
        ]

    def __str__(self) -> str:
        return self.place

    def clean(self) -> None:
        if wrong := impossible(self, OF_PATHS):
            raise ValidationError(wrong)

    def engine(self) -> GridPath:
        return GridPath(**{field.name: getattr(self, field.name) for field in fields_of(GridPath)})

    @classmethod
    def of(cls, path: GridPath, **columns: Any) -> SheetPath:
        return cls(**{field.name: getattr(path, field.name) for field in fields_of(GridPath)}, **columns)


class SheetUncertainty(models.Model):
    """How wide a figure is by how it is known: 95 % half-width as a share."""

    sheet = models.ForeignKey(
        BarSheet, models.CASCADE, related_name="uncertainties", db_index=False, verbose_name=_("bar sheet")
    )
    input = models.CharField(_("input"), max_length=16)
    rung = models.CharField(_("how it is known"), max_length=20)
    half_width = models.FloatField(_("95 % half width, share"))
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("half width of a bar sheet")
        verbose_name_plural = _("half widths of bar sheets")
        ordering = ["sheet", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "input", "rung"], name="input_and_rung_once_a_bar_sheet"),
            models.CheckConstraint(condition=Q(half_width__gte=0), name="half_width_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.input} · {self.rung}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@lru_cache(maxsize=16)
def engine_sheet(content: str) -> EngineSheet:
    """The engine's form of a stored sheet, parsed once a process."""
    return EngineSheet.from_json(json.loads(content))
