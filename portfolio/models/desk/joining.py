"""How somebody comes to speak for a company: they ask, and its submitters answer; where it has none, an administrator.

Whether a company is known here, and what it is called, is told to nobody who asks: every request gets the same answer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.folding import fold
from portfolio.identifiers import validate_uscc
from portfolio.models.company import Company, Membership, Sector
from portfolio.models.desk.link import OneOff, read_address
from portfolio.models.people import Role, SomeUser, has_role, role_of, same_hands
from portfolio.signals import join_requested, team_moved

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_REASON = 400
CONSENT = "2026-11"  # what is agreed to now
# One that was agreed to is never worded otherwise; a new wording gets a new version.
CONSENTS: dict[str, str | Promise] = {
    "2026-11": _(
        "I may speak for this company. I agree that Greenlight keeps my name, my e-mail address and what I do here, and"
        " shows them to the people of the company, to verifiers and to the fund's administrators, as long as what I"
        " prepared is kept."
    ),
}


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def waiting(self) -> JoinRequestQuerySet:
        return self.filter(state=JoinRequest.State.WAITING)

    def of_led_companies(self) -> JoinRequestQuerySet:
        """To companies that have a submitter here."""
        return self.filter(uscc__in=_led().values("uscc"))

    def to_answer(self, user: SomeUser) -> JoinRequestQuerySet:
        """What waits for this person's word: of an administrator only where the company has no submitter."""
        if has_role(user, Role.ADMIN):
            return self.waiting().exclude(uscc__in=_led().values("uscc"))
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.waiting().filter(uscc__in=_led().filter(_submitted_by(user)).values("uscc"))

    def visible_to(self, user: SomeUser) -> JoinRequestQuerySet:
        """One's own, those of the companies that one submits for, and for administrators all."""
        if has_role(user, Role.ADMIN):
            return self.exclude(state=JoinRequest.State.UNCONFIRMED)
        if role_of(user) or not user.is_authenticated:
            return self.none()
        mine = models.Q(user_id=user.pk) | models.Q(uscc__in=_led().filter(_submitted_by(user)).values("uscc"))
        return self.filter(mine).exclude(state=JoinRequest.State.UNCONFIRMED)


def _led() -> models.QuerySet[Company]:
    submitters = Membership.objects.filter(kind=Membership.Kind.SUBMITTER, user__is_active=True)
    return Company.objects.exclude(uscc="").filter(pk__in=submitters.values("company"))


def _submitted_by(user: SomeUser) -> models.Q:
    mine = Membership.objects.filter(user_id=user.pk or 0, kind=Membership.Kind.SUBMITTER)
    return models.Q(pk__in=mine.values("company"))


class JoinRequest(OneOff):
    """Somebody says that they work for the company of a USCC. Until it is accepted they see nothing of it.

    Of a person without account it waits for the link that was sent to the address (`UNCONFIRMED`); then for an answer.
    """

    LASTS: ClassVar[timedelta] = timedelta(days=3)  # of the link that confirms the address
    MOST_OPEN = 3  # of one person

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", pgettext_lazy("of a request to join", "Address not confirmed")
        WAITING = "waiting", pgettext_lazy("of a request to join", "Waits")
        ACCEPTED = "accepted", pgettext_lazy("of a request to join", "Accepted")
        DECLINED = "declined", pgettext_lazy("of a request to join", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("of a request to join", "Withdrawn")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="join_requests", verbose_name=_("user")
    )
    name = models.CharField(_("name of the person"), max_length=80)
    uscc = models.CharField(_("unified social credit code"), max_length=24)
    company_name = models.CharField(_("name of the company, as typed"), max_length=200)
    consent = models.CharField(_("version of the consent"), max_length=16)
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join a company")
        verbose_name_plural = _("requests to join a company")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "uscc"], name="join_request_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "uscc"], condition=models.Q(state="waiting"), name="one_open_join_request_a_company"
            ),
            models.CheckConstraint(
                condition=models.Q(state="unconfirmed", user__isnull=True)
                | models.Q(state__in=["waiting", "accepted", "declined", "withdrawn"], user__isnull=False),
                name="join_request_is_of_an_account",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["accepted", "declined"])
                | models.Q(answered_by__isnull=False) & ~models.Q(answered_by=models.F("user")),
                name="join_request_answered_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="declined") | ~models.Q(reason=""), name="join_request_declined_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.company_name}"

    # --- asking ---
    @classmethod
    def begin(cls, *, address: str, name: str, uscc: str, company_name: str) -> tuple[JoinRequest, str]:
        """Of somebody without account, with the text of the link that confirms the address. Raises NotAllowed."""
        made = cls._told(name, uscc, company_name)
        made.address, made.state = read_address(address), cls.State.UNCONFIRMED
        token = made.new_token()
        made.save(force_insert=True)
        return made, token

    @classmethod
    def ask(cls, user: User, *, uscc: str, company_name: str) -> JoinRequest:
        """Of somebody who has an account. Raises NotAllowed."""
        made = cls._told(user.get_full_name() or user.get_username(), uscc, company_name)
        made.user, made.address, made.state, made.expires_at = user, user.email, cls.State.WAITING, timezone.now()
        cls._require_applicant(user, made.uscc)
        made._put_before_them()
        return made

    def confirm(self, user: User) -> None:
        """The link was followed: it is of this account from now on. Raises NotAllowed."""
        if self.state != self.State.UNCONFIRMED or self.is_expired:
            raise NotAllowed(_("This link is no longer good. Sign up once more."))
        self._require_applicant(user, self.uscc)
        with transaction.atomic():
            rows = JoinRequest.objects.filter(pk=self.pk, state=self.State.UNCONFIRMED)
            if rows.update(user=user, state=self.State.WAITING) != 1:
                raise NotAllowed(_("This link is no longer good. Sign up once more."))
            self.refresh_from_db()
            self._log(user, "asked")
            join_requested.send(sender=JoinRequest, request=self)

    def withdraw(self, *, by: User) -> None:
        """Raises NotAllowed."""
        if by.pk != self.user_id:
            raise NotAllowed(_("Only who asked takes it back."))
        with transaction.atomic():
            self._end(self.State.WITHDRAWN)
            self._log(by, "withdrawn")

    @classmethod
    def _told(cls, name: str, uscc: str, company_name: str) -> JoinRequest:
        try:
            code = validate_uscc(uscc)
        except ValidationError as wrong:
            raise NotAllowed(" ".join(wrong.messages)) from wrong
        name, company_name = " ".join(name.split()), " ".join(company_name.split())
        if not name or not company_name:
            raise NotAllowed(_("Please give your name and the name of the company."))
        return cls(name=name[:80], uscc=code, company_name=company_name[:200], consent=CONSENT)

    @classmethod
    def _require_applicant(cls, user: User, uscc: str) -> None:
        if role_of(user):
            raise NotAllowed(_("Your account has a house role: it cannot work for a company."))
        if Membership.objects.filter(user=user, company__uscc=uscc).exists():
            raise NotAllowed(_("You work for this company already."))
        if cls.objects.waiting().filter(user=user).count() >= cls.MOST_OPEN:
            raise NotAllowed(_("At most %(most)s requests may wait at once.") % {"most": cls.MOST_OPEN})

    def _put_before_them(self) -> None:
        try:
            with transaction.atomic():
                self.save(force_insert=True)
                self._log(self.user, "asked")
                join_requested.send(sender=JoinRequest, request=self)
        except IntegrityError:
            raise NotAllowed(_("You have asked for this company already; the request waits.")) from None

    # --- answering ---
    @property
    def company(self) -> Company | None:
        """The one on record of this USCC. Never shown to who asks."""
        return Company.objects.filter(uscc=self.uscc).first() if self.uscc else None

    @property
    def is_named_alike(self) -> bool:
        """Whether what was typed is the name on record, however it is spelt."""
        known = self.company
        return known is not None and fold(self.company_name) in {fold(known.name_zh), fold(known.name_en)} - {""}

    def refusal(self, by: User) -> str:
        """Why this person does not answer it, in words; empty where they may."""
        if by.pk == self.user_id:
            return str(_("This is about you, so somebody else must answer it."))
        if not JoinRequest.objects.to_answer(by).filter(pk=self.pk).exists():
            return str(_("Its submitters answer this; where a company has none, an administrator."))
        return same_hands(by, self.user_id) if has_role(by, Role.ADMIN) else ""

    def accept(self, *, by: User, isic: str = "", sector: str = "") -> Membership:
        """Who comes to a company without submitters becomes its first, anybody else a contributor.

        A company that is not on record is made: an administrator says its ISIC division and `sector`.

        Raises NotAllowed.
        """
        if refusal := self.refusal(by):
            raise NotAllowed(refusal)
        assert self.user is not None  # noqa: S101  a constraint
        with transaction.atomic():
            is_led = JoinRequest.objects.filter(pk=self.pk).of_led_companies().exists()
            company = self.company or self._make_company(by, isic, sector)
            Company.objects.select_for_update().get(pk=company.pk)  # two first submitters at once queue up here
            self._end(self.State.ACCEPTED, answered_by=by)
            kind = Membership.Kind.CONTRIBUTOR if is_led else Membership.Kind.SUBMITTER
            made, is_new = Membership.objects.get_or_create(user=self.user, company=company, defaults={"kind": kind})
            self._log(by, "accepted")
            if is_new:
                audit.append(by, "member.joined", f"company:{company.pk}", detail=f"{self.user}: - > {kind}")
                team_moved.send(sender=JoinRequest, member=made, before="", after=made.kind, by=by)
        return made

    def decline(self, *, by: User, reason: str) -> None:
        """Raises NotAllowed."""
        if refusal := self.refusal(by):
            raise NotAllowed(refusal)
        reason = reason.strip()
        if not reason or len(reason) > LONGEST_REASON:
            raise NotAllowed(
                _("Please write down the reason, in at most %(most)s characters.") % {"most": LONGEST_REASON}
            )
        with transaction.atomic():
            self._end(self.State.DECLINED, answered_by=by, reason=reason)
            self._log(by, "declined")
            join_requested.send(sender=JoinRequest, request=self)

    def _make_company(self, by: User, isic: str, sector: str) -> Company:
        if sector not in Sector.values or not isic:
            raise NotAllowed(_("Please choose the industry: the company is not on record yet."))
        has_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in self.company_name)
        try:
            with transaction.atomic():
                made = Company.objects.create(
                    company_key=f"own-{self.uscc.lower()}",
                    uscc=self.uscc,
                    name_zh=self.company_name if has_chinese else "",
                    name_en="" if has_chinese else self.company_name,
                    country="CHN",
                    sector=sector,
                    isic=isic,
                    source="told by the company's own person at sign-up",
                    licence="the company's own",
                )
        except IntegrityError:
            raise NotAllowed(_("Somebody else was faster: the company is on record now. Look again.")) from None
        audit.append(by, "company.created", f"company:{made.pk}", detail=f"join_request:{self.pk}")
        return made

    def _end(self, state: str, **more: object) -> None:
        if JoinRequest.objects.waiting().filter(pk=self.pk).update(state=state, answered_at=Now(), **more) != 1:
            raise NotAllowed(_("This request was answered already."))
        self.refresh_from_db()

    def _log(self, by: User | None, act: str) -> None:
        audit.append(by, f"join_request.{act}", f"join_request:{self.pk}", detail=f"uscc:{self.uscc}")

    @classmethod
    def prune(cls) -> int:
        """Forget those whose address nobody confirmed."""
        return cls.objects.filter(state=cls.State.UNCONFIRMED, expires_at__lt=timezone.now()).delete()[0]
