"""`manage.py createsuperuser` makes nobody an administrator here, so it says what does."""

from typing import Any

from django.core.management import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refused: being a superuser gives no role. See first_administrators."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("A superuser has no role here. Two people are: manage.py first_administrators A B")
