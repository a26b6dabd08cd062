"""`manage.py first_administrators A B`: the two people by whom every other role is granted."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from portfolio.models import Role, RoleChange
from portfolio.models.people import administrators


class Command(BaseCommand):
    help = (
        "Make two accounts administrators where there is none, and print a link for each, with which its person sets "
        "a password once. Accounts of these names are taken where they exist. Refused as long as an administrator is "
        "left: from then on roles are proposed by one and confirmed by another."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs=2, metavar="NAME", help="a user name; two different ones")

    def handle(self, *args: Any, **options: Any) -> None:
        names: list[str] = options["names"]
        if len({name.lower() for name in names}) != 2:
            raise CommandError("Two different people, please: what one proposes the other confirms.")
        with transaction.atomic():
            if there := administrators().select_related("user").first():
                raise CommandError(
                    f"There is an administrator already ({there.user}). Propose roles in the administration, under "
                    "Changes of house roles; another administrator confirms them."
                )
            people = [_account(name) for name in names]
            RoleChange.found({user: Role.ADMIN for user in people})
        hours = settings.PASSWORD_RESET_TIMEOUT // 3600
        self.stdout.write(f"Give each person their own link. It works once, within {hours} hours.")
        for user in people:
            self.stdout.write(f"{user.username}  {_link(user)}")


def _account(name: str) -> User:
    """One of that name, switched on, with no password that anyone knows."""
    user = User.objects.filter(username=name).first() or User(username=name)
    user.is_active = True
    user.set_unusable_password()
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as wrong:
        raise CommandError(f"{name!r} is no user name: {' '.join(wrong.messages)}") from wrong
    user.save()
    return user


def _link(user: User) -> str:
    """Of the page on which a password is set, as the mail of a forgotten one has it."""
    named = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    host = "http://127.0.0.1:8000" if settings.DEMO else f"https://{settings.ALLOWED_HOSTS[0].lstrip('.')}"
    return host + reverse("account_reset_password_from_key", kwargs=named)
