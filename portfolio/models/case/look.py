"""What a verifier looked at: each point of exactly one content, agreed or left out of the sample with a reason."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models.case.case import Case
from portfolio.models.check import Declaration
from portfolio.models.desk import points
from portfolio.models.disclosure import Disclosure
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, has_role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LONGEST_WORDS = 400  # characters


class LookQuerySet(models.QuerySet["Look"]):
    def visible_to(self, user: SomeUser) -> LookQuerySet:
        """A verifier's working papers: no company reads them, and the fund's side those of what stands."""
        if not has_role(user, *VERIFICATION_SIDE, *FUND_SIDE):
            return self.none()
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))

    def standing(self, disclosure: Disclosure, digest: str) -> dict[str, Look]:
        """By point, the last word on this content; without what was taken back."""
        rows = self.filter(disclosure=disclosure, digest=digest).select_related("by").order_by("pk")
        last = {look.point: look for look in rows}
        return {point: look for point, look in last.items() if look.verdict != Look.Verdict.TAKEN_BACK}


class Look(models.Model):
    """Appended, never edited (see portfolio/guards.py): what is taken back is a newer row.

    A point with a finding or a question was looked at too; that is a Finding.
    """

    class Verdict(models.TextChoices):
        AGREED = "agreed", pgettext_lazy("of a verifier", "Agreed")
        SAMPLED_OUT = "sampled_out", pgettext_lazy("of a verifier", "Not checked: sampled out")
        TAKEN_BACK = "taken_back", pgettext_lazy("of a verifier", "Taken back")

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="looks", verbose_name=_("disclosure"))
    digest = models.CharField(_("digest"), max_length=64)
    point = models.CharField(_("about"), max_length=32)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict.choices)
    words = models.CharField(_("in words"), max_length=LONGEST_WORDS, blank=True)
    is_again = models.BooleanField(_("agreed again, unchanged since the submission before"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = LookQuerySet.as_manager()

    class Meta:
        verbose_name = _("look at a point")
        verbose_name_plural = _("looks at points")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["disclosure", "digest"], name="look_by_content")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=["agreed", "sampled_out", "taken_back"]), name="look_verdict_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="sampled_out") | ~models.Q(words=""), name="sampled_out_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(is_again=False) | models.Q(verdict="agreed"), name="only_agreed_is_again"
            ),
            models.CheckConstraint(condition=~models.Q(point=""), name="look_is_at_a_point"),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {points.label(self.point)}"

    @classmethod
    def note(cls, disclosure: Disclosure, point: str, verdict: str, *, by: User, digest: str, words: str = "") -> Look:
        """`digest` is of what they saw. Who looks first has the case. Raises NotAllowed or StaleVersion."""
        [made] = cls._append(disclosure, {point}, verdict, by=by, digest=digest, words=words.strip())
        return made

    @classmethod
    def agree_again(cls, disclosure: Disclosure, *, by: User, digest: str) -> list[Look]:
        """To all that was agreed in the submission before and is signed the same now. Raises as `note`."""
        codes = unchanged_since_agreed(disclosure, disclosure.content())
        if not codes:
            raise NotAllowed(_("Nothing that was agreed before is left unchanged and unchecked."))
        return cls._append(disclosure, codes, cls.Verdict.AGREED, by=by, digest=digest, is_again=True)

    @classmethod
    def _append(
        cls,
        disclosure: Disclosure,
        codes: Collection[str],
        verdict: str,
        *,
        by: User,
        digest: str,
        words: str = "",
        is_again: bool = False,
    ) -> list[Look]:
        cls._require_sense(verdict, words)
        with transaction.atomic():
            # Whoever verifies or returns it holds the row until it is done.
            locked = Disclosure.objects.select_for_update(no_key=True, of=("self",)).get(pk=disclosure.pk)
            Case.claim(locked, by=by)
            if locked.digest != digest:
                raise StaleVersion(Disclosure.CHANGED_SINCE)
            if not set(codes) <= points_of(locked):
                raise NotAllowed(_("This is no part of what was submitted."))
            if verdict == cls.Verdict.TAKEN_BACK and not set(codes) <= set(cls.objects.standing(locked, digest)):
                raise NotAllowed(_("There is nothing to take back here."))
            told: dict[str, Any] = {"verdict": verdict, "words": words, "is_again": is_again, "by": by}
            made = [cls(disclosure=locked, digest=digest, point=code, **told) for code in points.in_order(codes)]
            for look in made:
                look.save(force_insert=True)
            detail = made[0].point if len(made) == 1 else str(len(made))
            audit.append(by, f"case.{verdict}", f"disclosure:{locked.pk}", digest=digest, detail=detail)
        return made

    @classmethod
    def _require_sense(cls, verdict: str, words: str) -> None:
        if verdict not in cls.Verdict.values:
            raise NotAllowed(_("Please choose: agreed, or sampled out."))
        if verdict == cls.Verdict.SAMPLED_OUT and not words:
            raise NotAllowed(_("Please say why it is left out of the sample."))
        if len(words) > LONGEST_WORDS:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_WORDS})


# --- what there is to look at --------------------------------------------------------------------------------
def points_of(disclosure: Disclosure) -> set[str]:
    """Its data points: the figures, what was sold or run where something was, and the lines."""
    lines = disclosure.activities.values_list("number", flat=True)
    sold = {points.SOLUTIONS} if disclosure.solutions.exists() else set()
    return {*disclosure.figures.values_list("quantity", flat=True), *sold, *map(points.of_line, lines)}


def submission_before(disclosure: Disclosure) -> Declaration | None:
    """What the submission before the present one signed, of this version or of one before it."""
    of_year = Declaration.objects.filter(
        step__disclosure__company=disclosure.company_id, step__disclosure__year=disclosure.year
    )
    older = of_year.filter(step__disclosure__version__lte=disclosure.version).exclude(step__digest=disclosure.digest)
    return older.select_related("step__disclosure").order_by("-step").first()


def unchanged_since_agreed(disclosure: Disclosure, content: Sequence[Any]) -> set[str]:
    """Points that were agreed in the submission before, are signed the same now, and were not looked at since."""
    before = submission_before(disclosure)
    if before is None:
        return set()
    looks = Look.objects.standing(before.step.disclosure, before.step.digest)
    agreed = {point for point, look in looks.items() if look.verdict == Look.Verdict.AGREED}
    if not agreed:
        return set()
    old, new = points.said_in(json.loads(before.content)), points.said_in(content)
    same = {point for point in agreed if point in old and point in new and old[point].signed == new[point].signed}
    return same - set(Look.objects.standing(disclosure, disclosure.digest))
