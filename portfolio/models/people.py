"""Who may do what: one house role a person at most; and the views of lists that people keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

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
    """The person's house role; a superuser without one counts as an administrator; anyone else has none."""
    if not user.is_authenticated or not user.is_active:
        return ""
    person = person_of(user)
    return (person.role if person else "") or (Role.ADMIN if getattr(user, "is_superuser", False) else "")


def has_keys(user: SomeUser) -> bool:
    """Whether single keys do something on this person's lists; on unless switched off."""
    if not user.is_authenticated:
        return False
    person = person_of(user)
    return person is None or person.has_keys


def has_role(user: SomeUser, *roles: str) -> bool:
    return role_of(user) in roles


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
