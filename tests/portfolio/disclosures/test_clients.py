"""Fifty people at once: of each company one signs while a colleague still types. Nothing signed was not seen."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from portfolio import audit
from portfolio.disclosures.autosave import Typed, save_fields
from portfolio.models import Disclosure, Quantity, check
from portfolio.models.check import Declaration
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = 25
SIGNS = re.compile(r'name="(edition|declared)" value="([^"]*)"')
FIRST = "1200.0"


@dataclass
class Pair:
    """What two people of one company came to."""

    draft: Disclosure
    signer: User
    typist: User
    kept: list[str] = field(default_factory=list)  # what the typist was told is saved, in order
    answers: list[int] = field(default_factory=list)  # of the signer's page
    faults: list[str] = field(default_factory=list)

    def sign(self) -> None:
        """Read the page, sign what it shows, and read it again if somebody was quicker; as a person does."""
        client, address = Client(), reverse("portfolio:submit", args=[self.draft.pk])
        client.force_login(self.signer)
        for _attempt in range(50):
            page = client.get(address)
            shown = dict(SIGNS.findall(page.content.decode()))
            self.answers.append(client.post(address, shown | {"declaration": "on"}).status_code)
            if Disclosure.objects.get(pk=self.draft.pk).state == Disclosure.State.SUBMITTED:
                return

    def type(self) -> None:
        client, address = Client(), reverse("portfolio:disclosure_fields", args=[self.draft.pk])
        client.force_login(self.typist)
        before = FIRST
        for now in ("1,201", "1,202", "1,203", "1,204"):
            answer = client.post(address, {"scope1_t": now, "was-scope1_t": before})
            if answer.status_code != 200:
                return
            before = now
            self.kept.append(now)


@pytest.fixture
def pairs() -> list[Pair]:
    made = []
    for n in range(PAIRS):
        company = make.company(f"c-{n:02}")
        signer = make.user(f"signer-{n:02}", company=company)
        typist = make.user(f"typist-{n:02}", company=company, kind="contributor")
        made.append(Pair(make.disclosure(company, state=Disclosure.State.DRAFT), signer, typist))
    return made


def at_once(pairs: list[Pair]) -> None:
    start = threading.Barrier(2 * len(pairs))

    def work(pair: Pair, what: str) -> None:
        try:
            start.wait(60)
            getattr(pair, what)()
        except Exception as fault:
            pair.faults.append(f"{what}: {fault!r}")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(pair, what)) for pair in pairs for what in ("sign", "type")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)


def violations(pair: Pair) -> Iterator[str]:
    """What is wrong with a company-year that two people worked on, in words."""
    yield from pair.faults
    if wrong := [status for status in pair.answers if status not in (302, 409)]:
        yield f"the page answered {wrong}"
    found = Disclosure.objects.get(pk=pair.draft.pk)
    submissions = found.steps.filter(verb="submitted")
    if (found.state, submissions.count()) != (Disclosure.State.SUBMITTED, 1):
        yield f"{found.state}, submitted {submissions.count()} times"
        return
    if not found.digest == found.content_digest() == submissions.get().digest:
        yield "what is signed is not what stands there"
    declared = Declaration.objects.get(step=submissions.get()).content
    if hashlib.sha256(declared.encode()).hexdigest() != found.digest:
        yield "what was declared is not what is signed"
    if found.values()[Quantity.SCOPE_1] != float((pair.kept or [FIRST])[-1].replace(",", "")):
        yield f"{found.values()[Quantity.SCOPE_1]} stands there, but {pair.kept} was told to be saved"


def test_fifty_people_type_and_sign_at_once_and_nothing_is_signed_unseen(pairs: list[Pair]) -> None:
    at_once(pairs)
    assert {pair.draft.company.company_key: found for pair in pairs if (found := list(violations(pair)))} == {}
    assert audit.verify().first_bad is None


def test_a_colleague_who_saves_between_look_and_signature_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = typed_between_look_and_signature(monkeypatch)
    pair.sign()
    assert list(violations(pair)) == []
    assert len(pair.answers) == 2  # the first was told to read again


def test_without_the_edition_a_signature_would_cover_what_nobody_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: neither the edition nor the second look at the content."""
    pair = typed_between_look_and_signature(monkeypatch)
    seen = pair.draft.content_digest()

    def advance(self: Disclosure, old: Iterable[str], edition: int, **changes: Any) -> bool:
        return Disclosure.objects.filter(pk=self.pk, state__in=old).update(edition=edition + 1, **changes) == 1

    with monkeypatch.context() as without:
        without.setattr(Disclosure, "_advance", advance)
        without.setattr("portfolio.models.disclosure.digest_of", lambda content: seen)
        pair.sign()
    assert "what is signed is not what stands there" in list(violations(pair))


def typed_between_look_and_signature(monkeypatch: pytest.MonkeyPatch) -> Pair:
    company = make.company()
    pair = Pair(make.disclosure(company, state=Disclosure.State.DRAFT), make.alice(company), make.frank(company))
    require = check.require_checks

    def check_while_somebody_types(disclosure: Disclosure, *asked: Any) -> Any:
        answer = require(disclosure, *asked)
        if not pair.kept:
            pair.kept.append("1,201")
            save_fields(Disclosure.objects.get(pk=disclosure.pk), {"scope1_t": Typed("1,201", FIRST)}, by=pair.typist)
        return answer

    monkeypatch.setattr(check, "require_checks", check_while_somebody_types)
    return pair
