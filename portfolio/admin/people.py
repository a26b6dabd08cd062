"""People in the admin: accounts, their roles by two administrators, their companies, and their programs' tokens."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portfolio import audit
from portfolio.admin.roles import DoneFilter, ReadOnlyAdmin, RoleAdmin, RoleRules
from portfolio.errors import NotAllowed
from portfolio.models import ApiToken, Handling, Membership, Person, Role, RoleChange, has_role
from portfolio.signals import access_changed, team_moved


# --- accounts ------------------------------------------------------------------------------------------
class PersonInline(RoleRules, admin.StackedInline[Person, User]):
    """Its role is read here: two administrators change it (RoleChangeAdmin)."""

    add_roles = change_roles = (Role.ADMIN,)
    model = Person
    fields = ("role", "language")
    readonly_fields = ("role",)
    can_delete = False


class NameOfNobodyElse(forms.ModelForm[User]):
    """The audit log names people by their user names: under one that stands in it, nobody else acts."""

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if "username" in self.changed_data and audit.is_named(name):
            raise forms.ValidationError(_("This name stands in the audit log already. Take another."))
        others = User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("Another account has this name, perhaps in other letters."))
        return name


class NewAccountForm(NameOfNobodyElse, AdminUserCreationForm[User]):
    """Of Django, with a name that is free in the log, too."""


class AccountForm(NameOfNobodyElse, UserChangeForm[User]):
    """Likewise where an account is renamed."""


@admin.register(User)
class RoleUserAdmin(RoleAdmin[User], UserAdmin[User]):
    """Accounts. They are switched off, not deleted. Whoever handles another's is no second person beside it."""

    add_roles = change_roles = (Role.ADMIN,)
    form, add_form = AccountForm, NewAccountForm
    list_display = ("username", "email", "role", "is_active", "last_login")
    list_filter = ("is_active", "person__role")
    list_select_related = ("person",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Access"), {"fields": ("is_active", "change_of_role", "last_login", "date_joined")}),
    )
    readonly_fields = ("change_of_role", "last_login", "date_joined")
    filter_horizontal = ()
    actions = ("end_access", "take_factor")
    inlines = (PersonInline,)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("End all sessions and tokens"), permissions=["end"])
    def end_access(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        by: Any = request.user
        for user in chosen:
            with transaction.atomic():
                access_changed.send(sender=User, user=user, why="administrator", by=by)
            self.message_user(request, _("%(user)s: sessions and tokens are ended.") % {"user": user}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Take the second factor away"), permissions=["end"])
    def take_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """For somebody who lost phone and recovery codes: the next log-in leads to enrolment."""
        by: Any = request.user
        for user in chosen:
            if user.pk == by.pk:
                self.message_user(request, _("Your own second factor you change on its page."), messages.WARNING)
                continue
            with transaction.atomic():
                Authenticator.objects.filter(user=user).delete()
                Handling.note(user, Handling.What.FACTOR, by=by)
                audit.append(by, "account.factor_removed", f"user:{user.pk}", detail=f"{user}: by an administrator")
                access_changed.send(sender=User, user=user, why="factor", by=by)
            self.message_user(
                request, _("%(user)s: the second factor is taken away.") % {"user": user}, messages.SUCCESS
            )

    @admin.display(description=gettext_lazy("house role"))
    def role(self, user: User) -> str:
        person = getattr(user, "person", None)
        return person.get_role_display() if person else ""

    @admin.display(description=gettext_lazy("house role"))
    def change_of_role(self, user: User) -> str:
        address = reverse("admin:portfolio_rolechange_add")
        return format_html('<a href="{}?user={}">{}</a>', address, user.pk, _("Propose another role"))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Every change of who an account is becomes an event, with what was before."""
        by: Any = request.user
        before = User.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        if before is None:
            Handling.note(obj, Handling.What.CREATED, by=by)
            audit.append(by, "account.created", f"user:{obj.pk}", detail=f"{obj} {obj.email}".strip())
            return
        if before.username != obj.username:
            audit.append(by, "account.renamed", f"user:{obj.pk}", detail=f"{before.username} > {obj.username}")
        if before.email != obj.email:
            Handling.note(obj, Handling.What.EMAIL, by=by)
            audit.append(by, "account.email", f"user:{obj.pk}", detail=f"{obj}: {before.email or '-'} > {obj.email}")
            access_changed.send(sender=User, user=obj, why="email", by=by, before=before.email)
        if before.is_active != obj.is_active:
            verb = "account.switched_on" if obj.is_active else "account.switched_off"
            audit.append(by, verb, f"user:{obj.pk}", detail=str(obj))
            if obj.is_active:
                Handling.note(obj, Handling.What.OPENED, by=by)
            access_changed.send(sender=User, user=obj, why="account", by=by)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        before = User.objects.filter(pk=id).values_list("password", flat=True).first()
        answer = super().user_change_password(request, id, form_url)
        user = User.objects.filter(pk=id).first()
        if user and user.password != before:
            by: Any = request.user
            Handling.note(user, Handling.What.PASSWORD, by=by)
            audit.append(by, "account.password", f"user:{user.pk}", detail=str(user))
            access_changed.send(sender=User, user=user, why="password", by=by)
        return answer


@admin.register(Person)
class PersonAdmin(RoleAdmin[Person]):
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No people yet. Add a user first, then propose a house role.")
    list_display = ("user", "role", "language")
    list_select_related = ("user",)
    list_filter = ("role",)
    search_fields = ("user__username", "user__email")
    autocomplete_fields = ("user",)
    fields = ("user", "role", "language")

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        return ("user", "role") if obj else ("role",)


# --- roles ---------------------------------------------------------------------------------------------
class RoleChangeForm(forms.ModelForm[RoleChange]):
    """`by` is who asks; the page sets it."""

    by: User
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the administrator who confirms it, and for the log"),
    )

    class Meta:
        model = RoleChange
        fields = ("user", "role", "reason")

    def clean(self) -> None:
        """Whatever forbids it stands beside the form, with all that was typed."""
        super().clean()
        if {"user", "reason"} <= self.cleaned_data.keys() and not self.errors:
            given = (self.cleaned_data[name] for name in ("user", "role", "reason"))
            try:
                self.made = RoleChange.propose(*given, by=self.by)
            except NotAllowed as refused:
                raise forms.ValidationError(str(refused)) from refused

    def _post_clean(self) -> None:
        """The row is made by `propose`."""


class AnsweredFilter(DoneFilter):
    words = (gettext_lazy("All"), gettext_lazy("Waits"), gettext_lazy("Answered"))


@admin.register(RoleChange)
class RoleChangeAdmin(RoleAdmin[RoleChange]):
    """Proposed here by one administrator; another, who is not its subject, confirms it on the list."""

    add_roles = (Role.ADMIN,)
    form = RoleChangeForm
    empty_text = gettext_lazy("No changes of roles yet. One administrator proposes a role, another confirms it.")
    list_display = ("user", "from_to", "outcome", "reason", "proposed_by", "answered_by", "answered_at")
    list_select_related = ("user", "proposed_by", "answered_by")
    list_filter = ("outcome",)
    search_fields = ("user__username", "user__email")
    autocomplete_fields = ("user",)
    actions = ("confirm", "reject")
    shown = ("user", "from_to", "reason", "proposed_by", "proposed_at", "outcome", "answered_by", "answered_at")

    def get_fields(self, request: HttpRequest, obj: RoleChange | None = None) -> tuple[str, ...]:
        return self.shown if obj else ("user", "role", "reason")

    def get_form(self, request: HttpRequest, obj: RoleChange | None = None, change: bool = False, **how: Any) -> Any:
        form = super().get_form(request, obj, change, **how)
        return type("RoleChangeFormOf", (form,), {"by": request.user})

    @admin.display(description=gettext_lazy("old and new role"))
    def from_to(self, change: RoleChange) -> str:
        return change.from_to

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> RoleChange:
        made: RoleChange = form.made
        return made

    def save_model(self, request: HttpRequest, obj: RoleChange, form: Any, change: bool) -> None:
        """`propose` has done it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing beside it."""

    def response_add(self, request: HttpRequest, obj: RoleChange, post_url_continue: Any = None) -> Any:
        self.message_user(request, _("Proposed. Another administrator confirms it."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:portfolio_rolechange_changelist"))

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("Confirm the selected changes"), permissions=["answer"])
    def confirm(self, request: HttpRequest, chosen: QuerySet[RoleChange]) -> None:
        for change in chosen.select_related("user", "proposed_by"):
            self._told(request, change, lambda by, change=change: change.confirm(by=by))

    @admin.action(description=gettext_lazy("Reject or take back the selected changes"), permissions=["answer"])
    def reject(self, request: HttpRequest, chosen: QuerySet[RoleChange]) -> None:
        for change in chosen.select_related("user", "proposed_by"):
            self._told(request, change, lambda by, change=change: change.reject(by=by))

    def _told(self, request: HttpRequest, change: RoleChange, do: Any) -> None:
        try:
            do(request.user)
        except NotAllowed as refused:
            self.message_user(request, f"{change}: {refused}", messages.WARNING)
        else:
            self.message_user(request, f"{change}: {change.get_outcome_display()}", messages.SUCCESS)


@admin.register(Handling)
class HandlingAdmin(ReadOnlyAdmin[Handling]):
    empty_text = gettext_lazy("Nobody has handled another's account yet.")
    list_display = ("user", "by", "what", "at", "until")
    list_select_related = ("user", "by")
    list_filter = ("what",)
    search_fields = ("user__username", "by__username")


# The package names neither its rows nor its columns for people.
UserSession._meta.verbose_name = gettext_lazy("session")
UserSession._meta.verbose_name_plural = gettext_lazy("sessions")
for _column, _words in {
    "user": gettext_lazy("user"),
    "created_at": gettext_lazy("signed in"),
    "last_seen_at": gettext_lazy("last seen"),
    "ip": gettext_lazy("address"),
    "user_agent": gettext_lazy("browser"),
}.items():
    UserSession._meta.get_field(_column).verbose_name = _words


@admin.register(UserSession)
class UserSessionAdmin(RoleAdmin[UserSession]):
    """Who is signed in, from where; each can be ended here."""

    empty_text = gettext_lazy("Nobody is signed in.")
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_select_related = ("user",)
    search_fields = ("user__username", "ip")
    fields = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    actions = ("end",)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("End the selected sessions"), permissions=["end"])
    def end(self, request: HttpRequest, chosen: QuerySet[UserSession]) -> None:
        by: Any = request.user
        rows = list(chosen.select_related("user"))
        for session in rows:
            with transaction.atomic():
                session.end()
                audit.append(by, "session.ended", f"user:{session.user_id}", detail=f"{session.user}: 1, administrator")
        self.message_user(
            request, ngettext("%(n)s session is ended.", "%(n)s sessions are ended.", len(rows)) % {"n": len(rows)}
        )


# --- their companies -------------------------------------------------------------------------------------
class MembershipForm(forms.ModelForm[Membership]):
    by: User  # who asks; the page sets it

    def clean(self) -> None:
        """Another kind by the model's own verb, which may refuse it."""
        super().clean()
        kind = self.cleaned_data.get("kind")
        if self.instance.pk and kind and "kind" in self.changed_data:
            try:
                Membership.objects.get(pk=self.instance.pk).become(kind, by=self.by)
            except NotAllowed as refused:
                raise forms.ValidationError(str(refused)) from refused


@admin.register(Membership)
class MembershipAdmin(RoleAdmin[Membership]):
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No memberships yet. Add one so that a user can submit for a company.")
    list_display = ("user", "company", "kind")
    list_select_related = ("user", "company")
    list_filter = ("kind",)
    search_fields = ("user__username", "company__search_text")
    autocomplete_fields = ("user", "company")

    form = MembershipForm
    actions = ("remove",)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("user", "company") if obj else ()

    def get_form(self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **how: Any) -> Any:
        return type("MembershipFormOf", (super().get_form(request, obj, change, **how),), {"by": request.user})

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """A change is made by `become`, with its event."""
        if change:
            return
        by: Any = request.user
        super().save_model(request, obj, form, change)
        audit.append(by, "member.added", f"company:{obj.company_id}", detail=f"{obj.user}: - > {obj.kind}")
        team_moved.send(sender=Membership, member=obj, before="", after=obj.kind, by=by)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("Remove the selected people from their companies"), permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        by: Any = request.user
        for member in chosen.select_related("user", "company"):
            told = str(member)
            try:
                member.end(by=by)
            except NotAllowed as refused:
                self.message_user(request, f"{told}: {refused}", messages.WARNING)
            else:
                self.message_user(request, _("%(member)s: removed.") % {"member": told}, messages.SUCCESS)


# --- programs ------------------------------------------------------------------------------------------
@admin.register(ApiToken)
class ApiTokenAdmin(RoleAdmin[ApiToken]):
    """Tokens are made by their people; here they are read and revoked."""

    empty_text = gettext_lazy("No API tokens yet. People make their own from their menu.")
    list_display = ("prefix", "name", "user", "scopes_shown", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = ("user",)
    fields = (
        "user",
        "name",
        "prefix",
        "scopes_shown",
        "role",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    readonly_fields = fields
    actions = ("revoke",)

    @admin.display(description=gettext_lazy("scopes"))
    def scopes_shown(self, token: ApiToken) -> str:
        return " ".join(token.scopes)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("Revoke the selected tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        by: Any = request.user
        revoked = sum(token.revoke(by=by) for token in chosen)
        words = ngettext("%(n)s token is revoked.", "%(n)s tokens are revoked.", revoked)
        self.message_user(request, words % {"n": revoked})
