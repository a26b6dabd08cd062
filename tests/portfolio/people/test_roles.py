"""A house role is proposed by one administrator and confirmed by another, on every way in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Handling, Person, Role, RoleChange
from portfolio.models.people import role_of, same_hands
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
WHY = "joins the committee in May"


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def dan() -> User:
    return make.dan()


@pytest.fixture
def erin() -> User:
    return make.erin()


@pytest.fixture
def ivy() -> User:
    return make.user("ivy")


# --- the two people --------------------------------------------------------------------------------------------
def test_a_role_is_in_force_when_another_administrator_has_confirmed_it(dan: User, erin: User, ivy: User) -> None:
    change = RoleChange.propose(ivy, Role.COMMITTEE_MEMBER, WHY, by=dan)
    assert role_of(again(ivy)) == ""
    change.confirm(by=erin)
    assert role_of(again(ivy)) == Role.COMMITTEE_MEMBER
    told = AuditEvent.objects.filter(object=f"user:{ivy.pk}").order_by("seq").values_list("actor", "verb", "detail")
    assert list(told) == [
        ("dan", "role.proposed", "ivy: - > committee_member"),
        ("erin", "role.confirmed", "ivy: - > committee_member"),
    ]


def test_an_administrators_mark_in_django_follows_the_role(dan: User, erin: User, ivy: User) -> None:
    frida = make.user("frida", Role.ADMIN)
    RoleChange.propose(ivy, Role.ADMIN, WHY, by=dan).confirm(by=erin)
    assert again(ivy).is_staff
    RoleChange.propose(again(ivy), "", "leaves us", by=dan).confirm(by=frida)
    assert not again(ivy).is_staff
    assert role_of(again(ivy)) == ""


@pytest.mark.parametrize("who", ["proposer", "subject", "manager", "applicant"])
def test_nobody_else_confirms(who: str, dan: User, erin: User) -> None:
    subject = make.user("subject", Role.ADMIN)
    by = {"proposer": dan, "subject": subject, "manager": make.carol(), "applicant": make.user("x")}[who]
    change = RoleChange.propose(subject, Role.FUND_MANAGER, WHY, by=dan)
    with pytest.raises(NotAllowed):
        change.confirm(by=by)
    assert role_of(again(subject)) == Role.ADMIN


def test_nobody_proposes_for_themselves_nor_without_the_role_nor_twice(dan: User, erin: User, ivy: User) -> None:
    for user, by in ((dan, dan), (ivy, make.carol()), (ivy, ivy)):
        with pytest.raises(NotAllowed):
            RoleChange.propose(user, Role.VERIFIER, WHY, by=by)
    RoleChange.propose(ivy, Role.VERIFIER, WHY, by=dan)
    with translation.override("en"), pytest.raises(NotAllowed, match="waits for an answer"):
        RoleChange.propose(ivy, Role.ADMIN, WHY, by=erin)


def test_what_was_rejected_or_answered_stays_so(dan: User, erin: User, ivy: User) -> None:
    change = RoleChange.propose(ivy, Role.VERIFIER, WHY, by=dan)
    change.reject(by=dan)  # taken back
    for answer in (change.confirm, change.reject):
        with pytest.raises(NotAllowed):
            answer(by=erin)
    assert role_of(again(ivy)) == ""


# --- what the database says ------------------------------------------------------------------------------------
def test_the_database_refuses_a_role_that_nobody_granted(dan: User, ivy: User) -> None:
    person = Person.objects.create(user=ivy)
    for do in (
        lambda: Person.objects.create(user=make.user("x"), role=Role.ADMIN),
        lambda: Person.objects.filter(pk=person.pk).update(role=Role.ADMIN),
        lambda: Person.objects.filter(user=dan).update(role=""),
        lambda: Person.objects.filter(user=dan).update(user=make.user("y")),
        lambda: RoleChange.objects.create(user=ivy, role="admin", outcome="confirmed", proposed_by=dan),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            do()


def test_the_database_refuses_an_answer_by_the_wrong_person(dan: User, erin: User, ivy: User) -> None:
    carol = make.carol()
    change = RoleChange.propose(ivy, Role.ADMIN, WHY, by=dan)
    for by in (dan, ivy, carol):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleChange.objects.filter(pk=change.pk).update(
                outcome="confirmed", answered_by=by, answered_at=timezone.now()
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.filter(pk=change.pk).update(role="verifier")
    change.confirm(by=erin)
    for edit in ({"outcome": "open"}, {"reason": "another"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleChange.objects.filter(pk=change.pk).update(**edit)


def test_the_founding_is_over_once_roles_are_proposed(dan: User, erin: User, ivy: User) -> None:
    RoleChange.propose(ivy, Role.VERIFIER, WHY, by=dan)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.found({make.user("x"): Role.ADMIN})


def test_being_a_superuser_gives_no_role() -> None:
    assert role_of(make.user("root", is_superuser=True, is_staff=True)) == ""


# --- whose account is in whose hands -----------------------------------------------------------------------------
def test_who_was_made_by_another_is_no_second_person_beside_them(dan: User, erin: User, ivy: User) -> None:
    Handling.note(erin, Handling.What.PASSWORD, by=dan)
    assert "dan" in same_hands(erin, dan.pk)
    assert "dan" in same_hands(dan, erin.pk)  # dan could have proposed as erin
    change = RoleChange.propose(ivy, Role.ADMIN, WHY, by=dan)
    with pytest.raises(NotAllowed):
        change.confirm(by=erin)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.filter(pk=change.pk).update(
            outcome="confirmed", answered_by=erin, answered_at=timezone.now()
        )


def test_two_accounts_in_the_hands_of_a_third_are_no_two_people(dan: User, erin: User, ivy: User) -> None:
    frida, gina = make.user("frida", Role.ADMIN), make.user("gina", Role.ADMIN)
    Handling.note(erin, Handling.What.PASSWORD, by=dan)
    Handling.note(frida, Handling.What.FACTOR, by=dan)
    change = RoleChange.propose(ivy, Role.ADMIN, WHY, by=erin)
    with translation.override("en"):
        assert "dan has had both your account and that of erin in hand" in same_hands(frida, erin.pk)
    _refused_everywhere(change, frida)
    change.confirm(by=gina)  # in nobody's hands


def test_what_was_handled_through_anothers_account_is_in_the_same_hands(dan: User, erin: User, ivy: User) -> None:
    frida, gina = make.user("frida", Role.ADMIN), make.user("gina", Role.ADMIN)
    Handling.note(erin, Handling.What.PASSWORD, by=dan)
    Handling.note(frida, Handling.What.PASSWORD, by=erin)
    Handling.note(gina, Handling.What.FACTOR, by=frida)
    change = RoleChange.propose(ivy, Role.ADMIN, WHY, by=dan)
    for decider in (frida, gina):
        assert "dan" in same_hands(decider, dan.pk)
        _refused_everywhere(change, decider)


def test_hands_let_go_when_their_days_are_over(dan: User, erin: User) -> None:
    frida = make.user("frida", Role.ADMIN)
    Handling.note(erin, Handling.What.PASSWORD, by=dan)
    over = timezone.now() - timedelta(seconds=1)
    Handling.objects.create(user=frida, by=dan, what="password", until=over)
    assert not same_hands(frida, erin.pk)
    assert not same_hands(erin, frida.pk)


def _refused_everywhere(change: RoleChange, by: User) -> None:
    """By the application and by the database."""
    with pytest.raises(NotAllowed):
        change.confirm(by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.filter(pk=change.pk).update(outcome="confirmed", answered_by=by, answered_at=timezone.now())


def test_a_role_that_was_given_binds_its_bearer_only(dan: User, erin: User, ivy: User) -> None:
    RoleChange.propose(ivy, Role.ADMIN, WHY, by=dan).confirm(by=erin)
    assert same_hands(ivy, dan.pk)
    assert same_hands(ivy, erin.pk)
    assert not same_hands(dan, ivy.pk)


def test_it_ends_after_its_days(dan: User, erin: User, settings: Any) -> None:
    settings.HANDLING_COUNTS_FOR = timedelta(seconds=-1)
    Handling.note(erin, Handling.What.FACTOR, by=dan)
    assert not same_hands(erin, dan.pk)


def test_ones_own_account_is_ones_own(dan: User) -> None:
    Handling.note(dan, Handling.What.PASSWORD, by=dan)
    assert not Handling.objects.exists()


# --- the pages ---------------------------------------------------------------------------------------------------
def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_the_pages_lead_from_one_administrator_to_the_other(dan: User, erin: User, ivy: User) -> None:
    changes = reverse("admin:portfolio_rolechange_changelist")
    form = {"user": ivy.pk, "role": "verifier", "reason": WHY}
    proposer = signed_in(dan)
    page = proposer.post(reverse("admin:portfolio_rolechange_add"), form, follow=True).content.decode()
    assert "Another administrator confirms it" in page
    change = RoleChange.objects.get(user=ivy)
    asked = {"action": "confirm", "_selected_action": [change.pk]}
    assert "You proposed this" in proposer.post(changes, asked, follow=True).content.decode()
    assert "Confirmed" in signed_in(erin).post(changes, asked, follow=True).content.decode()
    assert role_of(again(ivy)) == Role.VERIFIER


def test_a_refusal_stands_beside_the_form_and_keeps_what_was_typed(dan: User) -> None:
    form = {"user": dan.pk, "role": "verifier", "reason": WHY}
    page = signed_in(dan).post(reverse("admin:portfolio_rolechange_add"), form).content.decode()
    assert "Nobody proposes a role for themselves" in page
    assert WHY in page
    empty = signed_in(dan).post(reverse("admin:portfolio_rolechange_add"), {}).content.decode()
    assert "This field is required" in empty


def test_the_forms_of_people_give_no_role(dan: User, ivy: User) -> None:
    client = signed_in(dan)
    client.post(reverse("admin:portfolio_person_add"), {"user": ivy.pk, "role": "admin", "language": "en"})
    assert Person.objects.get(user=ivy).role == ""
    form = {
        "username": "ivy",
        "email": "ivy@example.org",
        "is_active": "on",
        "is_superuser": "on",
        "is_staff": "on",
        "person-TOTAL_FORMS": "1",
        "person-INITIAL_FORMS": "1",
        "person-0-id": Person.objects.get(user=ivy).pk,
        "person-0-user": ivy.pk,
        "person-0-role": "admin",
    }
    assert client.post(reverse("admin:auth_user_change", args=[ivy.pk]), form).status_code == 302
    ivy = again(ivy)
    assert (role_of(ivy), ivy.is_superuser, ivy.is_staff) == ("", False, False)


def test_whoever_makes_resets_or_readdresses_an_account_is_kept_with_it(dan: User, ivy: User) -> None:
    client = signed_in(dan)
    new = {"username": "zoe", "password1": "a long new password", "password2": "a long new password"}
    inline = {"person-TOTAL_FORMS": "0", "person-INITIAL_FORMS": "0"}
    client.post(reverse("admin:auth_user_add"), new | inline)
    client.post(reverse("admin:auth_user_password_change", args=[ivy.pk]), new)
    change = reverse("admin:auth_user_change", args=[ivy.pk])
    client.post(change, {"username": "ivy", "email": "other@example.org"} | inline)
    client.post(change, {"username": "ivy", "email": "other@example.org", "is_active": "on"} | inline)
    handled = Handling.objects.order_by("pk").values_list("user__username", "what", "by__username")
    assert list(handled) == [
        ("zoe", "created", "dan"),
        ("ivy", "password", "dan"),
        ("ivy", "email", "dan"),
        ("ivy", "opened", "dan"),
    ]
    told = dict(AuditEvent.objects.filter(verb__startswith="account.").values_list("verb", "detail"))
    assert told["account.email"] == "ivy: ivy@example.org > other@example.org"
    assert {"account.created", "account.password", "account.switched_off", "account.switched_on"} <= told.keys()
    assert "password" not in str(told).replace("account.password", "")


# --- the founding ------------------------------------------------------------------------------------------------
def test_two_first_administrators_get_a_link_each_that_works_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("first_administrators", "anna", "ben")
    lines = capsys.readouterr().out.splitlines()
    names, links = zip(*(line.split() for line in lines[1:]), strict=True)
    assert names == ("anna", "ben")
    assert [role_of(user) for user in User.objects.order_by("username")] == [Role.ADMIN, Role.ADMIN]
    client, new = Client(), {"password1": "a quite new password", "password2": "a quite new password"}
    page = client.get("/" + links[0].split("/", 3)[3], follow=True)
    client.post(page.redirect_chain[-1][0], new)
    assert User.objects.get(username="anna").check_password("a quite new password")
    used = Client().get("/" + links[0].split("/", 3)[3], follow=True)
    assert not used.redirect_chain


def test_the_first_administrators_are_two_and_the_first(dan: User) -> None:
    with pytest.raises(CommandError, match="already"):
        call_command("first_administrators", "anna", "ben")
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="Two different"):
        call_command("first_administrators", "anna", "Anna")
    with pytest.raises(CommandError, match="no user name"):
        call_command("first_administrators", "an na", "ben")
    assert not User.objects.filter(username__in=["ben", "an na"]).exists()
    call_command("first_administrators", "dan", "ben")  # dan was the last one, and comes back with a new password
    assert not again(dan).has_usable_password()


def test_the_command_of_django_says_what_to_use() -> None:
    with pytest.raises(CommandError, match="first_administrators"):
        call_command("createsuperuser")


# --- names in the audit log --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["system", "System", "erin", "ERIN", "frank"])
def test_nobody_takes_a_name_under_which_somebody_else_has_acted(name: str, dan: User, erin: User, ivy: User) -> None:
    """Else what follows would stand in the log as done by that one."""
    audit.append("frank", "account.renamed", "user:1", detail="frank > francis")
    RoleChange.propose(ivy, Role.VERIFIER, WHY, by=erin)
    client = signed_in(dan)
    if name == "erin":  # her own account out of the way, and its name is free
        client.post(reverse("admin:auth_user_change", args=[erin.pk]), account("erin-2", erin))
        assert again(erin).username == "erin-2"
    said = client.post(reverse("admin:auth_user_change", args=[dan.pk]), account(name, dan)).content.decode()
    assert "stands in the audit log already" in said
    made = {"username": name, "usable_password": "true", "password1": "a long quiet river", "password2": ""}
    made["password2"] = made["password1"]
    said = client.post(reverse("admin:auth_user_add"), made | inline()).content.decode()
    assert "already" in said
    assert again(dan).username == "dan"
    assert not User.objects.filter(username=name).exclude(pk=erin.pk).exists()


def account(name: str, user: User) -> dict[str, str]:
    """What the form of an account sends."""
    joined = timezone.localtime(user.date_joined)
    told = {"username": name, "email": user.email, "is_active": "on", "first_name": "", "last_name": ""}
    told |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
    return told | inline(user)


def inline(user: User | None = None) -> dict[str, str]:
    person = Person.objects.filter(user=user).first() if user else None
    forms = {"person-TOTAL_FORMS": str(int(person is not None)), "person-INITIAL_FORMS": str(int(person is not None))}
    if person and user:
        forms |= {"person-0-id": str(person.pk), "person-0-user": str(user.pk), "person-0-language": ""}
    return forms
