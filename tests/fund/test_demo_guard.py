"""The demo refuses a database that it did not make."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from fund.demo.guard import refuse_what_is_not_ours
from portfolio import audit
from portfolio.models import Company
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def refused(words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("demo")
    assert not User.objects.filter(username="admin2").exists()
    assert not Company.objects.filter(company_key="demo-shili-storage").exists()


def test_an_empty_database_and_its_own_are_taken() -> None:
    refuse_what_is_not_ours()
    make.carol()
    audit.append(None, "demo.user_made", "user:1")
    refuse_what_is_not_ours()


def test_one_with_other_peoples_accounts_is_refused() -> None:
    make.carol()
    audit.append(None, "person.made", "user:1")
    refused("there are people in it")


def test_one_whose_chain_was_written_with_another_key_is_refused() -> None:
    with override_settings(AUDIT_KEY="another key, that of production" * 3):
        audit.append(None, "demo.user_made", "user:1")
    refused("event 1 of its audit log")


def test_one_of_another_program_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger_of_somebody (id integer)")
        cursor.execute("ALTER TABLE portfolio_auditevent RENAME TO elsewhere")
    refused("tables of something else")
