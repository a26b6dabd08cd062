"""Who may do what: one house role a person at most, granted by two; and the views of lists that people keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.signals import access_changed, role_proposed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SomeUser = AbstractBaseUser | AnonymousUser


class Role(models.TextChoices):
    VERIFIER = "verifier", _("Verifier")
    INDEPENDENT_REVIEWER = "independent_reviewer", _("Independent reviewer")
    FUND_MANAGER = "fund_manager", _("Fund manager")
    COMMITTEE_MEMBER = "committee_member", _("Committee member")
    ADMIN = "admin", _("Administrator")


VERIFICATION_SIDE = (Role.VERIFIER, Role.INDEPENDENT_REVIEWER)
READ = "_read_person"  # what an account carries once it was asked
FUND_SIDE = (Role.FUND_MANAGER, Role.COMMITTEE_MEMBER, Role.ADMIN)


class Person(models.Model):
    """What we know of a user beyond the account. One role only, so that nobody verifies and invests."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="person", verbose_name=_("user"))
    role = models.CharField(_("house role"), max_length=32, choices=Role.choices, blank=True, default="")
    language = models.CharField(_("language"), max_length=16, blank=True, default="")
    has_keys = models.BooleanField(_("single keys on lists"), default=True)
    seen_at = models.DateTimeField(_("signed in last"), null=True, editable=False)
    seen_before_at = models.DateTimeField(_("signed in before that"), null=True, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=["", *Role.values]), name="person_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display() or '—'}"


def person_of(user: SomeUser) -> Person | None:
    """One query a request, also for those who are no Person."""
    if not hasattr(user, READ):
        setattr(user, READ, getattr(user, "person", None))
    person: Person | None = getattr(user, READ)
    return person


def role_of(user: SomeUser) -> str:
    """The person's house role, which two administrators gave. Being a superuser gives none."""
    if not user.is_authenticated or not user.is_active:
        return ""
    person = person_of(user)
    return person.role if person else ""


def has_keys(user: SomeUser) -> bool:
    """Whether single keys do something on this person's lists; on unless switched off."""
    if not user.is_authenticated:
        return False
    person = person_of(user)
    return person is None or person.has_keys


def has_role(user: SomeUser, *roles: str) -> bool:
    return role_of(user) in roles


# --- four eyes: who had whose account in hand ------------------------------------------------------------------
class Handling(models.Model):
    """What one person did to another's account. Until it ends, neither counts as a second person beside the other.

    Appended, never edited (portfolio/guards.py, which also has the database refuse such decisions).
    """

    class What(models.TextChoices):
        CREATED = "created", _("made the account")
        PASSWORD = "password", _("set the password")
        FACTOR = "factor", _("took the second factor away")
        EMAIL = "email", _("changed the e-mail address")
        OPENED = "opened", _("switched the account on again")
        ROLE_PROPOSED = "role_proposed", _("proposed the role")
        ROLE_CONFIRMED = "role_confirmed", _("confirmed the role")

    # With these one may act *as* the other, so they count in both directions; with the rest one only chose the person.
    CONTROL = ("created", "password", "factor", "email", "opened")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handlings", verbose_name=_("user"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    what = models.CharField(_("what"), max_length=16, choices=What.choices)
    at = models.DateTimeField(_("when"), auto_now_add=True)
    until = models.DateTimeField(_("counts until"))

    class Meta:
        verbose_name = _("handling of an account")
        verbose_name_plural = _("handlings of accounts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(user=models.F("by")), name="handling_is_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.get_what_display()}: {self.user}"

    @classmethod
    def note(cls, user: User, what: str, *, by: User) -> None:
        """One's own account one may handle as one likes."""
        if user.pk != by.pk:
            cls.objects.create(user=user, by=by, what=what, until=timezone.now() + settings.HANDLING_COUNTS_FOR)


def handlings_between(decider: SomeUser, proposer: int | models.OuterRef) -> models.QuerySet[Handling]:
    """Those that count today, and by which these two are no two people."""
    of_mine = models.Q(user_id=decider.pk, by_id=proposer)
    of_theirs = models.Q(user_id=proposer, by_id=decider.pk, what__in=Handling.CONTROL)
    return Handling.objects.filter(of_mine | of_theirs, until__gt=Now())


def same_hands(decider: SomeUser, proposer_id: int | None) -> str:
    """Why these two are no two pairs of eyes, in words; empty where they are. It says nothing of one and the same."""
    if proposer_id is None:
        return ""
    found = handlings_between(decider, proposer_id).select_related("user", "by").order_by("-until").first()
    if found is None:
        return ""
    return _(
        "Somebody else must decide: until %(day)s %(user)s and %(by)s do not count as two people (%(by)s %(what)s)."
    ) % {
        "day": date_format(timezone.localtime(found.until), "DATE_FORMAT"),
        "user": found.user,
        "by": found.by,
        "what": found.get_what_display(),
    }


class Proposed(models.Model):
    """What one administrator proposes and another puts in force."""

    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("proposed by"),
    )

    class Meta:
        abstract = True

    def not_a_second(self, by: SomeUser) -> str:
        """Why this person is no second pair of eyes, in words; empty where they are."""
        if by.pk == self.proposed_by_id:
            return str(_("You proposed this, so another administrator must confirm it."))
        return same_hands(by, self.proposed_by_id)


# --- roles are granted by two ----------------------------------------------------------------------------------
class RoleChange(models.Model):
    """A house role as one administrator proposes and another gives or takes it; what the audit log says of roles.

    The database keeps the same door (portfolio/guards.py): a Person's role is that of the last change in force.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a change of role", "Waits for a second administrator")
        CONFIRMED = "confirmed", pgettext_lazy("of a change of role", "Confirmed")
        REJECTED = "rejected", pgettext_lazy("of a change of role", "Rejected")
        FOUNDING = "founding", pgettext_lazy("of a change of role", "At the founding")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="role_changes", verbose_name=_("user")
    )
    before = models.CharField(_("role before"), max_length=32, choices=Role.choices, blank=True, default="")
    role = models.CharField(_("house role"), max_length=32, choices=Role.choices, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, default=Outcome.OPEN)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        verbose_name = _("change of a house role")
        verbose_name_plural = _("changes of house roles")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(outcome="open"), name="one_open_role_change_a_person"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["", *Role.values], before__in=["", *Role.values]),
                name="role_change_is_of_known_roles",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="founding") | models.Q(proposed_by__isnull=False),
                name="role_change_names_its_proposer",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="confirmed")
                | models.Q(answered_by__isnull=False)
                & ~models.Q(answered_by=models.F("proposed_by"))
                & ~models.Q(answered_by=models.F("user"))
                & ~models.Q(proposed_by=models.F("user")),
                name="role_changed_by_two_others",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.from_to}"

    @property
    def from_to(self) -> str:
        return f"{self.get_before_display() or '—'} → {self.get_role_display() or '—'}"

    @classmethod
    def propose(cls, user: User, role: str, reason: str, *, by: User) -> RoleChange:
        """Put it before another administrator. Raises NotAllowed."""
        before = _role_now(user)
        if not has_role(by, Role.ADMIN):
            raise NotAllowed(_("Only administrators propose house roles."))
        if user.pk == by.pk:
            raise NotAllowed(_("Nobody proposes a role for themselves: two other administrators change it."))
        if role not in ("", *Role.values) or role == before:
            raise NotAllowed(_("This is the role as it stands."))
        if not reason.strip():
            raise NotAllowed(_("Please write down why."))
        try:
            with transaction.atomic():
                made = cls.objects.create(user=user, before=before, role=role, reason=reason.strip(), proposed_by=by)
                audit.append(by, "role.proposed", f"user:{user.pk}", detail=made._told())
                role_proposed.send(sender=RoleChange, change=made)
        except IntegrityError:
            raise NotAllowed(_("A change of this person's role waits for an answer already.")) from None
        return made

    def refusal(self, by: User) -> str:
        """Why this person cannot confirm it, or nothing."""
        if not has_role(by, Role.ADMIN):
            return str(_("Only administrators confirm house roles."))
        if by.pk == self.proposed_by_id:
            return str(_("You proposed this, so another administrator must confirm it."))
        if by.pk == self.user_id:
            return str(_("This is about you, so another administrator must confirm it."))
        return same_hands(by, self.proposed_by_id)

    def confirm(self, *, by: User) -> None:
        """Put it in force: the person's other sessions and tokens end. Raises NotAllowed."""
        if refusal := self.refusal(by):
            raise NotAllowed(refusal)
        with transaction.atomic():
            if _role_now(self.user) != self.before:
                raise NotAllowed(_("The role has changed since. Reject this and propose it anew."))
            self._answer(self.Outcome.CONFIRMED, by)
            self._put_in_force()
            if self.proposed_by is not None:
                Handling.note(self.user, "role_proposed", by=self.proposed_by)
            Handling.note(self.user, "role_confirmed", by=by)
            audit.append(by, "role.confirmed", f"user:{self.user_id}", detail=self._told())
            access_changed.send(sender=RoleChange, user=self.user, why="role", by=by)

    def reject(self, *, by: User) -> None:
        """Also one's own, to take it back. Raises NotAllowed."""
        if not has_role(by, Role.ADMIN) or by.pk == self.user_id:
            raise NotAllowed(_("Only another administrator answers this."))
        with transaction.atomic():
            self._answer(self.Outcome.REJECTED, by)
            audit.append(by, "role.rejected", f"user:{self.user_id}", detail=self._told())

    @classmethod
    @transaction.atomic
    def found(cls, roles: dict[User, str]) -> None:
        """The first roles of a house, which nobody can propose yet; no page does this.

        The database refuses it once roles were proposed, as long as there is an administrator.
        """
        Founding = cls.Outcome.FOUNDING
        changes = [cls(user=user, before=_role_now(user), role=role, outcome=Founding) for user, role in roles.items()]
        for made in changes:  # all of them before the first is in force
            made.save(force_insert=True)
        for made in changes:
            made._put_in_force()
            audit.append(None, "role.founded", f"user:{made.user_id}", detail=made._told())

    def _answer(self, outcome: str, by: User) -> None:
        rows = RoleChange.objects.filter(pk=self.pk, outcome=self.Outcome.OPEN)
        if rows.update(outcome=outcome, answered_by=by, answered_at=Now()) != 1:
            raise NotAllowed(_("This change was answered already."))
        self.refresh_from_db()

    def _put_in_force(self) -> None:
        """`is_staff` is only how Django marks whom its administration knows; the role decides there, too."""
        Person.objects.update_or_create(user_id=self.user_id, defaults={"role": self.role})
        type(self.user).objects.filter(pk=self.user_id).update(is_staff=self.role == Role.ADMIN)
        for kept in ("person", READ):
            self.user._state.fields_cache.pop(kept, None)
            self.user.__dict__.pop(kept, None)
        self.user.is_staff = self.role == Role.ADMIN

    def _told(self) -> str:
        return f"{self.user}: {self.before or '-'} > {self.role or '-'}"


def _role_now(user: User) -> str:
    return Person.objects.filter(user=user).values_list("role", flat=True).first() or ""


def administrators() -> models.QuerySet[Any]:
    """Accounts that can act as administrators today."""
    return Person.objects.filter(role=Role.ADMIN, user__is_active=True)


# --- saved views: filters, order and columns of a list, as an address says them, under a name -------------------
MOST_VIEWS = 50  # of one person for one list
LONGEST_QUERY = 2000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: SomeUser) -> SavedViewQuerySet:
        """One's own; those of others where they are shared, within the fund's side."""
        if not user.is_authenticated:
            return self.none()
        own = models.Q(owner_id=user.pk)
        return self.filter(own | models.Q(is_shared=True) if has_role(user, *FUND_SIDE) else own)

    def named(self, name: str, user: SomeUser) -> SavedView | None:
        """One's own before somebody else's of the same name, the older first."""
        found = self.visible_to(user).filter(name=name).order_by("pk")
        return next(iter(sorted(found, key=lambda view: view.owner_id != user.pk)), None)


class SavedView(models.Model):
    """A name for an address of a list. It holds no rows: what the list says today is what the view shows."""

    class List(models.TextChoices):
        """By the name of the list's address."""

        CANDIDATES = "candidates", _("Candidates")
        PEERS = "scoring:peers", _("Peers")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    list = models.CharField(_("list"), max_length=24, choices=List.choices)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("question"), max_length=LONGEST_QUERY, blank=True)
    is_shared = models.BooleanField(_("shared within the house"), default=False)
    is_default = models.BooleanField(_("opens first"), default=False)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["list", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "list", "name"], name="view_name_once_a_list"),
            models.UniqueConstraint(
                fields=["owner", "list"], condition=models.Q(is_default=True), name="one_default_view_a_list"
            ),
            models.CheckConstraint(
                condition=models.Q(list__in=["candidates", "scoring:peers"]), name="view_is_of_a_known_list"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse(self.list)}?{self.query}"

    @property
    def asked(self) -> QueryDict:
        return QueryDict(self.query)

    def asked_with(self, words: QueryDict) -> QueryDict:
        """Its question, in which what is asked beside it takes the place of its own word."""
        both = self.asked.copy()
        for name, values in words.lists():
            both.setlist(name, values)
        return both

    @transaction.atomic
    def open_first(self) -> None:
        """Make it what its owner's list begins with, instead of any other."""
        SavedView.objects.filter(owner=self.owner_id, list=self.list, is_default=True).update(is_default=False)
        SavedView.objects.filter(pk=self.pk).update(is_default=True)

    @classmethod
    def keep(cls, owner: User, of: str, name: str, query: str, *, is_shared: bool) -> SavedView:
        """Save under a name; one of the owner's own of that name is replaced."""
        view, _is_new = cls.objects.update_or_create(
            owner=owner, list=of, name=name, defaults={"query": query, "is_shared": is_shared}
        )
        return view
