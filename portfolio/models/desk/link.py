"""One-off links: whoever has one may do one thing, without an account or before there is one.

The link exists in the mail alone; here lies the SHA-256 of its token, 256 random bits. A new one ends the one before.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company, Membership
from portfolio.models.people import Role, SomeUser, has_role, role_of
from portfolio.signals import team_moved

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_ADDRESS = 150  # a user name is made of it


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def read_address(typed: str) -> str:
    """As it is kept and compared: in small letters. Raises NotAllowed."""
    address = typed.strip().lower()
    if len(address) > LONGEST_ADDRESS:
        raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_ADDRESS})
    try:
        validate_email(address)
    except Exception as wrong:
        raise NotAllowed(_("This is no e-mail address.")) from wrong
    return address


class OneOff(models.Model):
    """A link that was sent to an address, or is about to be."""

    LASTS: ClassVar[timedelta] = timedelta(days=14)

    address = models.EmailField(_("e-mail address"), max_length=LONGEST_ADDRESS)
    token_sha256 = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001  unique
    expires_at = models.DateTimeField(_("good until"))
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def of_token(cls, token: str) -> Self | None:
        """The one of this link, whatever became of it; None where there never was one, or a newer took its place."""
        return cls._default_manager.filter(token_sha256=sha256_of(token)).first()

    def new_token(self) -> str:
        """The text of a link that is good from now on, and exists nowhere else; the one before is dead."""
        token = secrets.token_urlsafe(32)
        self.token_sha256, self.expires_at, self.sent_at = sha256_of(token), timezone.now() + self.LASTS, None
        return token

    def was_sent(self) -> None:
        """The mail server took it."""
        type(self)._default_manager.filter(pk=self.pk, token_sha256=self.token_sha256).update(sent_at=Now())

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: SomeUser) -> InvitationQuerySet:
        """Submitters those of their companies, administrators all."""
        if has_role(user, Role.ADMIN):
            return self
        if role_of(user) or not user.is_authenticated:
            return self.none()
        kind = Membership.Kind.SUBMITTER
        return self.filter(company__memberships__user_id=user.pk, company__memberships__kind=kind)

    def open(self) -> InvitationQuerySet:
        """Neither accepted nor taken back; it may have expired."""
        return self.filter(state=Invitation.State.OPEN)


class Invitation(OneOff):
    """A submitter asks somebody, by e-mail, to work for the company."""

    MOST_OPEN = 20  # of one company
    MOST_A_DAY = 30  # links sent for one company

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of an invitation", "Waits")
        ACCEPTED = "accepted", pgettext_lazy("of an invitation", "Accepted")
        REVOKED = "revoked", pgettext_lazy("of an invitation", "Taken back")

    company = models.ForeignKey(Company, models.PROTECT, related_name="invitations", verbose_name=_("company"))
    kind = models.CharField(_("role in the company"), max_length=16, choices=Membership.Kind.choices)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("invited at"), auto_now_add=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    consent = models.CharField(
        _("version of the consent"), max_length=16, blank=True, default="", help_text=_("Of an account made by it")
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "address"], condition=models.Q(state="open"), name="one_open_invitation_an_address"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["contributor", "submitter"]), name="invitation_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "revoked"])
                | models.Q(state="accepted", accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} · {self.company}"

    @classmethod
    def invite(cls, company: Company, address: str, kind: str, *, by: User) -> tuple[Invitation, str]:
        """The invitation and the text of its link, which is to be sent at once. Raises NotAllowed."""
        address = read_address(address)
        if kind not in Membership.Kind.values:
            raise NotAllowed(_("Please choose a role in the company."))
        _require_submitter(company.pk, by)
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=company.pk)
            mine = cls.objects.filter(company=company)
            if Membership.objects.filter(company=company, user__email__iexact=address).exists():
                raise NotAllowed(_("This person works for the company already."))
            if mine.open().filter(address=address).exists():
                raise NotAllowed(_("This address is invited already: send that invitation again, or take it back."))
            if mine.open().count() >= cls.MOST_OPEN:
                raise NotAllowed(_("At most %(most)s invitations may wait at once.") % {"most": cls.MOST_OPEN})
            made = cls(company=company, address=address, kind=kind, invited_by=by)
            token = made.new_token()
            made._require_calm()
            made.save(force_insert=True)
            audit.append(by, "invitation.made", f"invitation:{made.pk}", detail=f"company:{company.pk} {kind}")
        return made, token

    def send_again(self, *, by: User) -> str:
        """The text of a new link; the one before is dead. Raises NotAllowed."""
        _require_submitter(self.company_id, by)
        with transaction.atomic():
            self._require_calm()
            token = self.new_token()
            changes = {"token_sha256": self.token_sha256, "expires_at": self.expires_at, "sent_at": None}
            if Invitation.objects.open().filter(pk=self.pk).update(**changes) != 1:
                raise NotAllowed(self.CLOSED)
            audit.append(by, "invitation.sent_again", f"invitation:{self.pk}", detail=f"company:{self.company_id}")
        return token

    def revoke(self, *, by: User) -> None:
        """Raises NotAllowed."""
        _require_submitter(self.company_id, by)
        with transaction.atomic():
            self._close(self.State.REVOKED)
            audit.append(by, "invitation.revoked", f"invitation:{self.pk}", detail=f"company:{self.company_id}")

    def objection(self) -> str:
        """Why the link opens nothing, in words; empty where it does."""
        if self.state != self.State.OPEN:
            return str(self.CLOSED)
        if self.is_expired:
            return str(_("This invitation has expired. Ask the submitter who sent it to send it again."))
        still = Membership.objects.filter(company=self.company_id, user=self.invited_by_id, user__is_active=True)
        if not still.filter(kind=Membership.Kind.SUBMITTER).exists():
            return str(_("Whoever invited you no longer submits for the company. Ask another submitter."))
        return ""

    def accept(self, *, by: User, consent: str = "") -> Membership:
        """Become one of the company's people, with the account of the address that was invited. Raises NotAllowed.

        `consent`: its version (joining.CONSENTS), where the account was made for this.
        """
        if objection := self.objection():
            raise NotAllowed(objection)
        if by.email.lower() != self.address:
            raise NotAllowed(_("The invitation was sent to another address than that of your account."))
        if role_of(by):
            raise NotAllowed(_("Your account has a house role: it cannot work for a company."))
        with transaction.atomic():
            self._close(self.State.ACCEPTED, accepted_by=by, consent=consent)
            made, is_new = Membership.objects.get_or_create(
                user=by, company_id=self.company_id, defaults={"kind": self.kind}
            )
            if is_new:
                audit.append(by, "member.joined", f"company:{self.company_id}", detail=f"{by}: - > {made.kind}")
                team_moved.send(sender=Invitation, member=made, before="", after=made.kind, by=by)
            audit.append(by, "invitation.accepted", f"invitation:{self.pk}", detail=f"company:{self.company_id}")
        return made

    CLOSED = _("This invitation was accepted or taken back already.")

    def _close(self, state: str, **more: Any) -> None:
        if Invitation.objects.open().filter(pk=self.pk).update(state=state, closed_at=Now(), **more) != 1:
            raise NotAllowed(self.CLOSED)
        self.refresh_from_db()

    def _require_calm(self) -> None:
        """Nobody has us send mails without end."""
        a_day_ago = timezone.now() - timedelta(days=1) + self.LASTS  # a link begins LASTS before its end
        today = Invitation.objects.filter(company=self.company_id, expires_at__gt=a_day_ago)
        times = audit.AuditEvent.objects.filter(
            verb="invitation.sent_again", detail=f"company:{self.company_id}", at__gt=timezone.now() - timedelta(days=1)
        )
        if today.count() + times.count() >= self.MOST_A_DAY:
            raise NotAllowed(_("Too many invitations today. Try again tomorrow."))


def _require_submitter(company: int, by: User) -> None:
    mine = Membership.objects.filter(user_id=by.pk, company=company, kind=Membership.Kind.SUBMITTER)
    if not mine.exists():
        raise NotAllowed(_("Only a submitter of the company invites people."))
