"""The log is appended, chained and checked; a change, a cut and a rollback each show."""

from __future__ import annotations

import json
import re
import threading
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from fund.models import Candidate
from portfolio import audit, guards
from portfolio.audit_words import ACTS, KINDS
from portfolio.models import AuditEvent, AuditHead, DataRequest, Disclosure, GateWord, JoinDecision, TrackDecision
from portfolio.models.signed import VERBS
from tests import make

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.postgres


def five_events() -> None:
    for number in range(1, 6):
        audit.append("dan", "test.done", f"thing:{number}", digest="ab" * 32)


def tampered(statement: str) -> None:
    """What somebody with rights on the database could do: lift the guards, change, put them back."""
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    guards.install(connection)


@pytest.mark.django_db
def test_a_chain_of_events_verifies() -> None:
    five_events()
    assert audit.verify() == audit.Verdict(5, None, "")
    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_an_empty_log_verifies() -> None:
    assert audit.verify().first_bad is None


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["actor", "verb", "object", "digest", "detail", "key_id", "mac", "prev"])
def test_a_changed_row_is_found_with_its_number(column: str) -> None:
    five_events()
    tampered(f"UPDATE portfolio_auditevent SET {column} = 'other' WHERE seq = 3")
    assert audit.verify().first_bad == 3


@pytest.mark.django_db
def test_a_changed_time_is_found() -> None:
    five_events()
    tampered("UPDATE portfolio_auditevent SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 2")
    assert audit.verify().first_bad == 2


@pytest.mark.django_db
def test_a_row_taken_out_is_found() -> None:
    five_events()
    tampered("DELETE FROM portfolio_auditevent WHERE seq = 2")
    assert audit.verify().first_bad == 2


@pytest.mark.django_db
def test_a_cut_tail_shows_against_the_head() -> None:
    five_events()
    tampered("DELETE FROM portfolio_auditevent WHERE seq > 3")
    assert audit.verify().first_bad == 4


@pytest.mark.django_db
def test_a_rollback_of_rows_and_head_shows_only_against_the_exported_head() -> None:
    five_events()
    exported = audit.export_head()
    third = AuditEvent.objects.get(seq=3)
    tampered("DELETE FROM portfolio_auditevent WHERE seq > 3")
    AuditHead.objects.update(seq=3, mac=third.mac)
    assert audit.verify().first_bad is None
    assert audit.verify_against(exported).first_bad == 5


@pytest.mark.django_db
def test_a_log_that_grew_still_holds_the_exported_head() -> None:
    five_events()
    exported = audit.export_head()
    audit.append("dan", "test.done", "thing:6")
    assert audit.verify_against(exported).first_bad is None


@pytest.mark.django_db
def test_an_exported_head_that_was_edited_is_refused() -> None:
    five_events()
    assert audit.verify_against(audit.export_head() | {"seq": 4}).first_bad is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE portfolio_auditevent SET actor = 'x'", "DELETE FROM portfolio_auditevent"]
)
def test_the_database_refuses_to_edit_the_log(statement: str) -> None:
    five_events()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert audit.verify().first_bad is None


@pytest.mark.django_db
def test_an_event_lives_and_dies_with_its_transaction() -> None:
    five_events()
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.append("dan", "test.done", "thing:6")
        raise RuntimeError
    assert audit.verify() == audit.Verdict(5, None, "")


@pytest.mark.django_db(transaction=True)
def test_appends_from_several_threads_make_one_chain() -> None:
    barrier = threading.Barrier(3)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            barrier.wait(10)
            for number in range(15):
                audit.append(name, "test.done", f"thing:{number}")
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("dan", "erin", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert audit.verify() == audit.Verdict(45, None, "")


@pytest.mark.django_db
def test_no_value_of_a_submission_enters_the_log() -> None:
    company = make.company()
    draft = make.disclosure(
        company, scope_1=918273.25, scope_2=546372.5, state=Disclosure.State.DRAFT, boundary="canary boundary"
    )
    alice = make.alice(company)
    draft.submit(by=alice)
    draft.return_for_correction(by=make.bob(), reason="canary reason", everything=True)
    rows = "\n".join(str(list(row)) for row in AuditEvent.objects.values_list())
    assert f"disclosure:{draft.pk}" in rows
    for canary in ("918273", "546372", "canary"):
        assert canary not in rows


# --- keys ------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_key_can_be_another_from_some_row_on(settings: Any) -> None:
    five_events()
    exported = audit.export_head()
    old, new = settings.AUDIT_KEY, "n" * 25 + "e" * 25
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = new, [old]
    audit.append("dan", "test.done", "thing:6")
    assert audit.verify() == audit.Verdict(6, None, "")
    assert audit.verify_against(exported).first_bad is None
    assert list(AuditEvent.objects.order_by("seq").values_list("key_id", flat=True)) == [
        *[audit.id_of(old)] * 5,
        audit.id_of(new),
    ]
    settings.AUDIT_KEY_FALLBACKS = []
    verdict = audit.verify()
    assert (verdict.first_bad, audit.id_of(old) in verdict.reason) == (1, True)


@pytest.mark.django_db
def test_an_old_key_signs_nothing_under_the_name_of_the_new_one(settings: Any) -> None:
    five_events()
    settings.AUDIT_KEY_FALLBACKS, settings.AUDIT_KEY = [settings.AUDIT_KEY], "n" * 50
    audit.append("dan", "test.done", "thing:6")
    tampered(f"UPDATE portfolio_auditevent SET key_id = '{audit.id_of('n' * 50)}' WHERE seq = 3")
    assert audit.verify().first_bad == 3


@pytest.mark.django_db
def test_events_of_before_keys_had_names_still_fit(settings: Any) -> None:
    event = audit.append("dan", "test.done", "thing:1")
    event.key_id = ""
    mac = event.expected_mac(audit.START, settings.AUDIT_KEY)
    tampered(f"UPDATE portfolio_auditevent SET key_id = '', mac = '{mac}' WHERE seq = 1")
    AuditHead.objects.update(mac=mac)
    audit.append("dan", "test.done", "thing:2")
    assert audit.verify() == audit.Verdict(2, None, "")


# --- found by the company --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_events_are_found_by_the_companys_name_and_say_what_was_decided() -> None:
    company, dan, erin, carol = make.company(), make.dan(), make.erin(), make.carol()
    other = make.company("demo-beta", name_zh="渝光电机", name_en="Yuguang Motors")
    for one in (company, other):
        GateWord.confirm(one, "exclusion", "no", "Read its statutes, article 2.", by=carol)
    GateWord.confirm(company, "exclusion", "yes", "Coal boilers, page 3 of it.", by=carol, code="coal")
    Candidate.of(make.fund(), company, by=dan)
    draft = make.disclosure(company, state=Disclosure.State.DRAFT)
    draft.submit(by=make.alice(company))
    client = Client()
    client.force_login(erin)
    page = client.get(reverse("admin:portfolio_auditevent_changelist"), {"q": "蜀光"}).content.decode()
    for told in ("exclusion: no &gt; yes", "candidate.opened", "- &gt; screening", "disclosure.submitted"):
        assert told in page
    assert f"company:{other.pk}<" not in page


# --- the command -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_audit_verify_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    five_events()
    call_command("audit_verify")
    assert "5 events" in capsys.readouterr().out


@pytest.mark.django_db
def test_audit_verify_names_the_first_bad_event() -> None:
    five_events()
    tampered("UPDATE portfolio_auditevent SET actor = 'other' WHERE seq = 3")
    with pytest.raises(CommandError, match="BROKEN at seq 3"):
        call_command("audit_verify")


@pytest.mark.django_db
def test_audit_verify_checks_against_an_exported_head(tmp_path: Path) -> None:
    five_events()
    file = tmp_path / "head.json"
    call_command("audit_verify", export_head=file)
    assert json.loads(file.read_text())["seq"] == 5
    call_command("audit_verify", against=file)
    third = AuditEvent.objects.get(seq=3)
    tampered("DELETE FROM portfolio_auditevent WHERE seq > 3")
    AuditHead.objects.update(seq=3, mac=third.mac)
    with pytest.raises(CommandError, match="BROKEN at seq 5"):
        call_command("audit_verify", against=file)


# --- in words --------------------------------------------------------------------------------------------------
def test_every_verb_of_the_product_has_words() -> None:
    """Those that stand in the code whole; of the others the last part is a state or a kind of step."""
    verbs = set()
    for path in chain.from_iterable((ROOT / package).rglob("*.py") for package in ("portfolio", "scoring", "fund")):
        if "migrations" not in path.parts:
            verbs |= set(re.findall(r'\baudit\.append\([^")]*"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert len(verbs) > 30
    assert not [verb for verb in verbs for kind, act in [verb.split(".")] if kind not in KINDS or act not in ACTS]
    states = {*VERBS, *DataRequest.State.values, *TrackDecision.Outcome.values, *JoinDecision.Outcome.values}
    assert not states - {DataRequest.State.OPEN} - ACTS.keys()


@pytest.mark.django_db
def test_the_log_says_what_happened_in_the_readers_language() -> None:
    dan = make.dan()
    event = audit.append(dan, "candidate.shortlisted", "candidate:7", detail="screening > shortlist")
    audit.append(dan, "admin.company.changed", "company:7")
    client = Client()
    client.force_login(dan)
    page = client.get(reverse("admin:portfolio_auditevent_changelist")).content.decode()
    assert "候选企业 · 列为入围" in page and "企业 · 修改" in page and "admin.company.changed</a>" not in page
    only = client.get(reverse("admin:portfolio_auditevent_changelist") + "?verb=candidate.shortlisted").content.decode()
    assert "候选企业 7" in only and "企业 · 修改</td>" not in only
    shown = client.get(reverse("admin:portfolio_auditevent_change", args=[event.pk])).content.decode()
    assert "candidate.shortlisted" in shown  # the code, as a code
