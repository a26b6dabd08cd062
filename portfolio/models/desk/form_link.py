"""The quarterly form by a one-off link: somebody without account types the bills of three months into a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Membership
from portfolio.models.desk.link import OneOff, read_address
from portfolio.models.disclosure import Disclosure
from portfolio.models.people import Role, SomeUser, has_role, role_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import User

    from portfolio.models.activity import Activity


_METER = re.compile(r"Q[1-4]-[0-9]+")


def own_meter(meter: str) -> str:
    """A meter or account as the company names it: empty where the mark of a link stands instead."""
    return "" if _METER.fullmatch(meter) else meter.strip()


class FormLinkQuerySet(models.QuerySet["FormLink"]):
    def visible_to(self, user: SomeUser) -> FormLinkQuerySet:
        """The company's people; administrators those of a year that stands: a draft is the company's own."""
        if has_role(user, Role.ADMIN):
            return self.filter(disclosure__in=Disclosure.objects.visible_to(user))
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.filter(disclosure__company__memberships__user_id=user.pk)

    def open(self) -> FormLinkQuerySet:
        return self.filter(state=FormLink.State.OPEN)


class FormLink(OneOff):
    """A link to the form of one quarter of one draft. It reads what was typed by it, and writes that draft alone.

    What is typed is written in the name of the submitter who made the link, and says by whom it was typed.
    """

    MOST_OPEN = 20  # of one disclosure

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a link", "Open")
        REVOKED = "revoked", pgettext_lazy("of a link", "Taken back")

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="form_links", verbose_name=_("disclosure"))
    quarter = models.PositiveSmallIntegerField(_("quarter"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    typed_by = models.CharField(_("typed by, as typed"), max_length=60, blank=True)
    saved_at = models.DateTimeField(_("saved at"), null=True)
    # {field: [number of the line, amount as typed]}: so that only what came by the link is shown and changed by it
    answers = models.JSONField(_("what was typed"), default=dict)
    asked_anew_at = models.DateTimeField(_("a new link was asked for at"), null=True)

    objects = FormLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarterly form by a link")
        verbose_name_plural = _("quarterly forms by a link")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quarter__gte=1, quarter__lte=4), name="quarter_is_of_a_year"),
            models.CheckConstraint(condition=models.Q(state__in=["open", "revoked"]), name="form_link_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · Q{self.quarter} · {self.address}"

    @property
    def meter(self) -> str:
        """What tells its lines from the company's own."""
        return f"Q{self.quarter}-{self.pk}"

    @property
    def months(self) -> range:
        return range(3 * self.quarter - 2, 3 * self.quarter + 1)

    @classmethod
    def make(cls, disclosure: Disclosure, quarter: int, address: str, *, by: User) -> tuple[FormLink, str]:
        """The link's row and its text, which is to be sent at once. Raises NotAllowed."""
        address = read_address(address)
        _require_submitter(disclosure, by)
        if not 1 <= quarter <= 4:
            raise NotAllowed(_("Please choose a quarter."))
        if disclosure.state not in Disclosure.EDITABLE:
            raise NotAllowed(_("This version is not a draft any more."))
        if cls.objects.open().filter(disclosure=disclosure).count() >= cls.MOST_OPEN:
            raise NotAllowed(_("At most %(most)s links may be open at once: take one back.") % {"most": cls.MOST_OPEN})
        with transaction.atomic():
            made = cls(disclosure=disclosure, quarter=quarter, address=address, made_by=by)
            token = made.new_token()
            made.save(force_insert=True)
            made._log(by, "made")
        return made, token

    def send_again(self, *, by: User) -> str:
        """The text of a new link, good for as long as a first one; the one before is dead. Raises NotAllowed."""
        _require_submitter(self.disclosure, by)
        with transaction.atomic():
            token = self.new_token()
            changes: dict[str, Any] = {"token_sha256": self.token_sha256, "expires_at": self.expires_at}
            changes |= {"sent_at": None, "asked_anew_at": None, "made_by": by}
            if FormLink.objects.open().filter(pk=self.pk).update(**changes) != 1:
                raise NotAllowed(_("This link was taken back."))
            self._log(by, "sent_again")
        return token

    def revoke(self, *, by: User) -> None:
        """Raises NotAllowed."""
        _require_submitter(self.disclosure, by)
        with transaction.atomic():
            if FormLink.objects.open().filter(pk=self.pk).update(state=self.State.REVOKED) != 1:
                raise NotAllowed(_("This link was taken back."))
            self._log(by, "revoked")

    def objection(self) -> str:
        """Why nothing can be typed by it, in words; empty where it can."""
        if self.state != self.State.OPEN:
            return str(_("The company has taken this link back."))
        if self.is_expired:
            return str(_("This link has expired."))
        if self.disclosure.state not in Disclosure.EDITABLE:
            return str(_("The year's figures have been handed in: nothing more can be typed here."))
        mine = Membership.objects.filter(user=self.made_by_id, company=self.disclosure.company_id)
        if not mine.filter(kind=Membership.Kind.SUBMITTER, user__is_active=True).exists():
            return str(_("Whoever sent this link no longer submits for the company."))
        return ""

    def can_be_asked_anew(self) -> bool:
        """Once, until it is sent: of a link that only time has ended."""
        return self.state == self.State.OPEN and self.is_expired and self.asked_anew_at is None

    def ask_anew(self) -> bool:
        """False where somebody did so already. The caller tells the submitters."""
        late = FormLink.objects.open().filter(pk=self.pk, asked_anew_at=None, expires_at__lte=timezone.now())
        return late.update(asked_anew_at=timezone.now()) == 1

    def save_answers(
        self,
        *,
        name: str,
        edition: int,
        added: dict[str, Activity],
        changed: dict[str, Activity],
        removed: dict[str, Activity],
    ) -> None:
        """Write the draft by the model's own door. Raises NotAllowed and StaleVersion."""
        if objection := self.objection():
            raise NotAllowed(objection)
        with transaction.atomic():
            self.disclosure.write_activities(
                by=self.made_by,
                edition=edition,
                added=_listed(added),
                changed=_listed(changed),
                removed=_listed(removed),
                typed_by=name,
            )
            kept = {key: found for key, found in self.answers.items() if key not in removed}
            kept |= {key: [line.number, line.typed_amount] for key, line in (added | changed).items()}
            self.answers, self.typed_by, self.saved_at = kept, name, timezone.now()
            self.save(update_fields=["answers", "typed_by", "saved_at"])
            self._log(self.made_by, "saved")

    def _log(self, by: User | None, act: str) -> None:
        audit.append(by, f"form_link.{act}", f"form_link:{self.pk}", detail=f"disclosure:{self.disclosure_id}")


def _listed(lines: dict[str, Activity]) -> Collection[Activity]:
    return list(lines.values())


def _require_submitter(disclosure: Disclosure, by: User) -> None:
    mine = Membership.objects.filter(user_id=by.pk, company=disclosure.company_id, kind=Membership.Kind.SUBMITTER)
    if not mine.exists():
        raise NotAllowed(_("Only a submitter of the company sends the form."))
