"""F18: what is being signed is changed meanwhile, so that it stands under the same name with other figures."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import wait
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from portfolio import audit
from portfolio.models import Company, Disclosure, Figure, Quantity, Role
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
    """Rita issues Bob's opinion, and is held up before it counts. What stands in the end, the digest he saw, what both came to."""
    draft, alice = submitted()
    bob, gina = make.bob(), make.user("gina", Role.VERIFIER)
    pause = Pause(monkeypatch, Disclosure, "conclude")
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
    assert came_to == ["NoneType", "StaleVersion"]  # whoever issues an opinion holds the row: the change comes too late
    assert (stands.state, stands.digest) == (Disclosure.State.VERIFIED, seen)
    assert stands.digest == stands.content_digest()
    assert audit.verify().first_bad is None


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.faults("F18", "control: a signature that asks for no edition")
def test_without_the_edition_a_signature_would_cover_what_nobody_saw(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def advance(self: Disclosure, old: Iterable[str], edition: int, **changes: Any) -> bool:
        return Disclosure.objects.filter(pk=self.pk, state__in=old).update(edition=edition + 1, **changes) == 1

    monkeypatch.setattr(Disclosure, "_advance", advance)
    stands, seen, came_to = sign_while_it_changes(monkeypatch)
    assert came_to == ["NoneType", "NoneType"]
    assert stands.state == Disclosure.State.VERIFIED and stands.digest != seen
