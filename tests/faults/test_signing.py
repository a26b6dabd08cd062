"""F18: what is being signed is changed meanwhile, so that it stands under the same name with other figures."""

from __future__ import annotations

from concurrent.futures import wait
from functools import partial

import pytest
from django.contrib.auth.models import User

from portfolio import audit
from portfolio.models import Company, Disclosure, Figure, Opinion, Quantity, Role
from portfolio.models.case.opinion import OpinionQuerySet
from tests import make
from tests.faults.test_once import Pause, in_a_thread
from tests.faults.world import BOOT_SECONDS, World, both


def submitted() -> tuple[Disclosure, User]:
    company = Company.objects.get(company_key="demo-00")
    alice = make.alice(company)
    draft = make.disclosure(company, 2021, state=Disclosure.State.DRAFT, created_by=alice)
    draft.submit(by=alice)
    return draft, alice


def changed_meanwhile(pk: int, alice: User, gina: User) -> None:
    """Another verifier returns it, and the company submits it with another figure: once more it waits."""
    found = Disclosure.objects.get(pk=pk)
    found.return_for_correction(by=gina, reason="page 3 says otherwise", everything=True)
    with found.editing(alice, found.edition):
        Figure.objects.filter(disclosure=found, quantity=Quantity.SCOPE_1).update(value=1201.0, typed="1201")
    found.submit(by=alice)


def sign_while_it_changes(monkeypatch: pytest.MonkeyPatch) -> tuple[Disclosure, str, list[str]]:
    """Rita is held up before she issues Bob's opinion. What stands in the end, the digest he saw, what both came to."""
    draft, alice = submitted()
    bob, gina = make.bob(), make.user("gina", Role.VERIFIER)
    pause = Pause(monkeypatch, Opinion, "_require_reviewer")
    signing = in_a_thread(partial(make.verify, Disclosure.objects.get(pk=draft.pk), bob))
    assert pause.reached.wait(BOOT_SECONDS)
    changing = in_a_thread(partial(changed_meanwhile, draft.pk, alice, gina))
    wait([changing], timeout=3)  # time enough to be done, if nothing holds it
    pause.go.set()
    came_to = [type(work.exception(BOOT_SECONDS)).__name__ for work in (signing, changing)]
    return Disclosure.objects.get(pk=draft.pk), draft.digest, came_to


@both
@pytest.mark.faults("F18", "a disclosure is changed between the look and the signature of a verifier")
def test_a_signature_never_covers_what_was_not_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stands, seen, came_to = sign_while_it_changes(monkeypatch)
    assert came_to == ["StaleVersion", "NoneType"]
    assert stands.state == Disclosure.State.SUBMITTED and stands.digest != seen
    assert stands.digest == stands.content_digest()
    assert audit.verify().first_bad is None


@both
@pytest.mark.faults("F18", "control: an opinion that asks for no digest is refused by the database")
def test_without_our_rules_the_database_refuses_the_signature(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpinionQuerySet, "lapse", lambda rows, by: None)
    monkeypatch.setattr(Opinion, "_require_as_drafted", lambda opinion, case: None)
    monkeypatch.setattr(Disclosure, "_require_as_signed", lambda disclosure, digest: None)
    stands, seen, came_to = sign_while_it_changes(monkeypatch)
    assert came_to == ["IntegrityError", "NoneType"]
    assert stands.state == Disclosure.State.SUBMITTED and stands.digest != seen
