"""What happens is told by mails that wait as rows: to whom, in whose language, once, and with what happened or not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.test import override_settings

from portfolio.errors import NotAllowed
from portfolio.mail import outbox
from portfolio.mail.words import SENTENCES
from portfolio.models import Company, Disclosure, Mail, Person, Role, RoleChange
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DAY = "2026-12-10"


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


def english(user: User) -> User:
    Person.objects.update_or_create(user=user, defaults={"language": "en"})
    return user


def told(user: User) -> list[str]:
    return list(Mail.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def draft(company: Company, alice: User) -> Disclosure:
    made = make.disclosure(company, 2024, state=Disclosure.State.DRAFT, created_by=alice)
    made.log(alice, "opened", comment="")
    return made


def test_submitters_hear_that_it_was_submitted_and_all_what_came_of_it(company: Company, alice: User) -> None:
    frank, bob = english(make.frank(company)), make.bob()
    disclosure = draft(company, alice)
    disclosure.submit(by=alice)
    assert (told(alice), told(frank)) == (["submitted"], [])
    disclosure.return_for_correction(by=bob, reason="page 3 says otherwise", everything=True)
    disclosure.submit(by=alice, answer="it is what the meter says")
    make.verify(disclosure, bob)
    assert told(alice) == ["submitted", "returned", "submitted", "verified"]
    assert told(frank) == ["returned", "verified"]
    receipt = Mail.objects.filter(user=alice, kind="submitted")[0]
    assert disclosure.digest in receipt.body and "（北京时间）" in receipt.body
    assert f"回执编号：{disclosure.steps.filter(verb='submitted').latest('pk').pk}" in receipt.body
    returned = Mail.objects.get(user=frank, kind="returned")
    assert returned.subject == "Shuguang Storage: the disclosure of 2024 was returned for correction"
    assert disclosure.get_absolute_url() in returned.body
    assert "page 3" not in returned.body  # what people type stays on the page


def test_a_mail_is_in_the_language_of_who_gets_it_and_in_chinese_where_nobody_chose(
    company: Company, alice: User
) -> None:
    frank = english(make.frank(company))
    make.data_request(company, make.carol(), (2024, "ebit_cny"), (2023, "scope1_t"))
    to_alice, to_frank = (Mail.objects.get(user=one) for one in (alice, frank))
    assert (to_alice.language, to_frank.language) == ("zh-hans", "en")
    assert to_alice.subject.startswith("蜀光储能：") and "Shuguang" not in to_alice.body
    assert to_frank.subject.startswith("Shuguang Storage: ")
    assert "23:59 (Beijing time)" in to_frank.body and "；2023 年：" in to_alice.body


@override_settings(SITE_URL="https://fund.example.org")
def test_its_link_leads_to_us_whoever_asked(company: Company, alice: User) -> None:
    make.data_request(company, make.carol())
    assert "https://fund.example.org/app/disclosures/" in Mail.objects.get(user=alice).body


def test_what_was_undone_is_not_told(company: Company, alice: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make.data_request(company, make.carol())
        raise ZeroDivisionError
    assert not Mail.objects.exists()


def test_a_request_that_ends_takes_back_what_still_waits(company: Company, alice: User) -> None:
    carol = make.carol()
    request = make.data_request(company, carol)
    request.withdraw(by=carol, reason="not needed")
    states = dict(Mail.objects.filter(user=alice).values_list("kind", "state"))
    assert states == {"request": "cancelled", "request_withdrawn": "queued"}
    assert "not needed" not in Mail.objects.get(kind="request_withdrawn").body


def test_a_role_waits_for_every_administrator_but_its_proposer_and_its_subject() -> None:
    dan, erin = make.dan(), make.erin()
    RoleChange.propose(make.user("nora"), Role.VERIFIER, "joins us", by=dan)
    assert (told(dan), told(erin)) == ([], ["role"])
    assert "joins us" not in Mail.objects.get().body


def test_the_same_mail_is_impossible_twice(company: Company, alice: User) -> None:
    for _time in range(2):
        outbox.tell([alice], Mail.Kind.REMINDER, "deadline:2025", "/", company=company, once="a", year=2025, due=DAY)
    outbox.tell([alice], Mail.Kind.REMINDER, "deadline:2025", "/", company=company, once="b", year=2025, due=DAY)
    assert told(alice) == ["reminder", "reminder"]


def test_what_a_mail_says_is_never_edited_nor_deleted(alice: User) -> None:
    outbox.tell([alice], Mail.Kind.TEST, "user:1", "/")
    for wrong in ({"body": "other"}, {"subject": "other"}, {"user": make.dan()}):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            Mail.objects.update(**wrong)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Mail.objects.all().delete()


def test_a_name_breaks_no_head(alice: User) -> None:
    odd = make.company("odd", name_zh="甲\r\nBcc: x@example.org")
    outbox.tell([alice], Mail.Kind.REMINDER, "deadline:2025", "/", company=odd, year=2025, due=DAY)
    assert "\n" not in Mail.objects.get().subject


def test_every_kind_has_its_words() -> None:
    assert set(SENTENCES) == set(Mail.Kind)


def test_only_administrators_send_again_or_cancel(alice: User) -> None:
    outbox.tell([alice], Mail.Kind.TEST, "user:1", "/")
    for verb in (Mail.send_again, Mail.cancel):
        with pytest.raises(NotAllowed, match="管理员|administrator"):
            verb(Mail.objects.get(), by=make.user(f"x{verb.__name__}"))
