"""`manage.py demo`: the illustrative people and company of the demo."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError

from fund.demo import people as demo
from fund.demo.guard import refuse_what_is_not_ours


class Command(BaseCommand):
    help = (
        "Make the demo's illustrative users, company and fund where they are missing, and print the accounts. "
        "Works in demo mode only, and changes nothing that is there."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This makes users with printed passwords, and works only with GREENLIGHT_MODE=demo.")
        try:
            refuse_what_is_not_ours()
        except ImproperlyConfigured as foreign:
            raise CommandError(str(foreign), returncode=2) from foreign
        demo.set_up()
        for account, password in demo.accounts():
            self.stdout.write(f"{account.username:10}  {password}  {account.is_for}")
