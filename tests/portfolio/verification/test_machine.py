"""A company-year through report, verification, appeal and correction, in any order, against a model of a page.

Everybody tries everything at any time; the model says what may happen, and what the year is then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portfolio.errors import PortfolioError
from portfolio.models import Appeal, Disclosure, Figure, Finding, Opinion, Quantity, Role
from portfolio.models.case.opinion import Case, OpinionQuerySet
from tests import make
from tests.portfolio.verification.scene import ask, submitted_year

SCOPE_1_T, SCOPE_2_T = 1200.0, 800.0
EFFECTS_T = (10.0, 500.0)  # of 2,000 t: below and above the threshold; too much is reported
UNDER_WAY = ("draft", "submitted", "returned")
NUMBERS = count(1)
pytestmark = pytest.mark.django_db


# --- the model --------------------------------------------------------------------------------------------
@dataclass
class Found:
    version: int
    effect_t: float
    outcome: str = ""  # of a closed one


@dataclass
class Version:
    state: str = "draft"
    scope_1_t: float = SCOPE_1_T
    was_submitted: bool = False
    waiting: tuple[str, Any] | None = None  # kind of the draft, and the case when it was drafted
    issued: str = ""
    was_reopened: bool = False
    appeal: str = ""


@dataclass
class Year:
    versions: list[Version] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    @property
    def living(self) -> list[Version]:
        return [one for one in self.versions if one.state != "withdrawn"]

    @property
    def last(self) -> Version:
        return self.living[-1]

    def case(self) -> tuple[Any, ...]:
        at = self.versions.index(self.last)
        mine = [one for one in self.found if one.version == at or (one.version < at and not one.outcome)]
        wrong = [one.effect_t for one in mine if one.outcome in ("", "uncorrected")]
        return sum(not one.outcome for one in mine), sum(wrong), self.last.scope_1_t + SCOPE_2_T

    def allows(self, kind: str) -> bool:
        unclosed, wrong_t, reported_t = self.case()
        is_material = wrong_t > 0.05 * reported_t
        return {
            "unmodified": not unclosed and not is_material,
            "modified": not unclosed,
            "adverse": is_material,
            "disclaimer": True,
        }[kind]

    def badge(self, at: int) -> str:
        one = self.versions[at]
        if one.state != "verified":
            return ""
        is_under_way = any(later.state in UNDER_WAY for later in self.versions[at + 1 :])
        return "correcting" if is_under_way or one.was_reopened else "verified"


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        number = next(NUMBERS)
        self.company = make.company(f"demo-machine-{number}")
        self.alice = make.user(f"alice{number}", company=self.company)
        self.bob, self.rita, self.vera = (User.objects.get(username=name) for name in ("bob", "rita", "vera"))
        submitted_year(self.company, self.alice)
        self.year = Year([Version("submitted", was_submitted=True)])

    # --- what both have --------------------------------------------------------------------------------------
    @property
    def rows(self) -> list[Disclosure]:
        return list(Disclosure.objects.filter(company=self.company).order_by("version"))

    @property
    def last(self) -> Disclosure:
        return next(row for row in reversed(self.rows) if row.state != "withdrawn")

    def opinion(self, state: str) -> Opinion | None:
        found = Opinion.objects.filter(disclosure__company=self.company, state=state)
        return found.order_by("-disclosure__version").first()

    def tries(self, act: Callable[[], Any], may: bool) -> bool:
        try:
            with transaction.atomic():
                act()
        except PortfolioError as refused:
            assert not may, refused
            return False
        assert may, "done, and the model refuses it"
        return True

    # --- the company -----------------------------------------------------------------------------------------
    @rule()
    def submits(self) -> None:
        """Correcting scope 1 first, which answers what was found there."""
        one, row = self.year.last, self.last
        value = one.scope_1_t + 1
        if self.tries(lambda: self._submit(row, value), one.state in ("draft", "returned")):
            one.state, one.scope_1_t, one.was_submitted = "submitted", value, True

    def _submit(self, row: Disclosure, value: float) -> None:
        told = ((Quantity.SCOPE_1, value), (Quantity.SCOPE_2_LOCATION, SCOPE_2_T))
        figures = [Figure(quantity=quantity, value=t, typed=f"{t:g}") for quantity, t in told]
        texts = {"boundary": "all sites", "revenue_boundary": "matched", "source_document": "report"}
        row.revise(by=self.alice, edition=row.edition, figures=figures, **texts)
        row.submit(by=self.alice)

    @rule()
    def opens_a_new_version(self) -> None:
        one, row = self.year.last, self.last
        may = one.state in ("verified", "refused") and not (one.issued and one.appeal == "open")
        if self.tries(lambda: row.new_version(by=self.alice), may):
            self.year.versions.append(Version(scope_1_t=one.scope_1_t))

    @rule()
    def withdraws(self) -> None:
        one, row = self.year.last, self.last
        may = one.state == "draft" and not one.was_submitted
        if self.tries(lambda: row.withdraw(by=self.alice, reason="by mistake"), may):
            one.state = "withdrawn"

    @rule()
    def appeals(self) -> None:
        opinion, one = self.opinion("issued"), self._issued()
        if opinion is None or one is None:
            return
        may = one.appeal in ("", "withdrawn") and one is self.year.last
        if self.tries(lambda: Appeal.make(opinion, "no", by=self.alice), may):
            one.appeal = "open"

    @rule(how=st.sampled_from(["uphold", "reject", "take_back"]))
    def ends_an_appeal(self, how: str) -> None:
        appeal = Appeal.objects.open().filter(opinion__disclosure__company=self.company).first()
        one = self._issued()
        if appeal is None or one is None:
            return
        acts = {
            "uphold": lambda: appeal.uphold("yes", by=self.vera),
            "reject": lambda: appeal.reject("no", by=self.vera),
            "take_back": lambda: appeal.take_back(by=self.alice),
        }
        self.tries(acts[how], may=True)
        one.appeal = {"uphold": "upheld", "reject": "rejected", "take_back": "withdrawn"}[how]
        if how == "uphold":
            self._reopened(one)

    # --- the verification side -------------------------------------------------------------------------------
    @rule(effect_t=st.sampled_from(EFFECTS_T))
    def finds(self, effect_t: float) -> None:
        row, may = self.last, self.year.last.state == "submitted"
        if self.tries(lambda: ask(row, self.bob, point="scope1_t", effect_t=effect_t), may):
            self.year.found.append(Found(self.year.versions.index(self.year.last), effect_t))

    @rule(outcome=st.sampled_from(["corrected", "uncorrected", "no_error"]))
    def closes(self, outcome: str) -> None:
        finding = Finding.objects.pending().filter(disclosure__company=self.company).order_by("pk").first()
        if finding is not None:
            self.tries(lambda: finding.close("seen", by=self.bob, outcome=outcome), may=True)
            next(one for one in self.year.found if not one.outcome).outcome = outcome

    @rule()
    def returns(self) -> None:
        one, row = self.year.last, self.last
        act = lambda: row.return_for_correction(by=self.bob, reason="again", everything=True)  # noqa: E731
        if self.tries(act, one.state == "submitted"):
            one.state, one.waiting = "returned", None

    @rule(kind=st.sampled_from(list(Opinion.Kind)))
    def drafts(self, kind: str) -> None:
        one, row = self.year.last, self.last
        may = one.state == "submitted" and one.waiting is None and self.year.allows(kind)
        if self.tries(lambda: make.opinion(row, self.bob, kind=kind), may):
            one.waiting = (kind, self.year.case())

    @rule(kind=st.sampled_from(["disclaimer", "modified"]))
    def concludes(self, kind: str) -> None:
        """Both hands at once, so that short runs come far."""
        self.drafts(kind)
        self.issues()

    @rule()
    def issues(self) -> None:
        opinion, one = self.opinion("waiting"), self.year.last
        if opinion is None or one.waiting is None:
            assert (opinion is None) == (one.waiting is None)
            return
        kind, case = one.waiting
        may = case == self.year.case() and self.year.allows(kind)
        if self.tries(lambda: opinion.issue(by=self.rita), may):
            one.waiting, one.issued, one.appeal = None, kind, ""
            one.state = "verified" if kind in ("unmodified", "modified") else "refused"
            if one.state == "verified":
                for earlier in self.year.versions[: self.year.versions.index(one)]:
                    earlier.issued = ""

    @rule()
    def sends_back(self) -> None:
        opinion, one = self.opinion("waiting"), self.year.last
        if opinion is not None:
            self.tries(lambda: opinion.send_back(by=self.rita, words="again"), may=True)
            one.waiting = None

    @rule()
    def reopens(self) -> None:
        opinion, one = self.opinion("issued"), self._issued()
        if opinion is None or one is None:
            return
        is_overtaken = one.state == "refused" and self.year.last.state in UNDER_WAY
        if self.tries(
            lambda: opinion.reopen(by=self.rita, reason="an error"), one.appeal != "open" and not is_overtaken
        ):
            self._reopened(one)

    def _reopened(self, one: Version) -> None:
        one.issued = ""
        if one.state == "verified":
            one.was_reopened = True
        else:
            one.state = "submitted"
            one.was_reopened = True

    def _issued(self) -> Version | None:
        return next((one for one in reversed(self.year.versions) if one.issued), None)

    # --- what holds at any time --------------------------------------------------------------------------------
    @invariant()
    def the_year_is_as_the_model_says(self) -> None:
        rows = self.rows
        assert [row.state for row in rows] == [one.state for one in self.year.versions]
        assert [row.badge for row in rows] == [self.year.badge(at) for at in range(len(rows))]
        standing = Disclosure.objects.standing().filter(company=self.company).first()
        verified = [row for row in rows if row.state == "verified"]
        assert standing == (verified[-1] if verified else None)

    @invariant()
    def nothing_is_verified_without_two_people(self) -> None:
        for opinion in Opinion.objects.filter(disclosure__company=self.company).exclude(issued_at=None):
            assert opinion.reviewed_by_id not in (opinion.drafted_by_id, None, self.alice.pk)
            assert opinion.kind not in ("unmodified", "modified") or opinion.unclosed == 0


FEW = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def desk() -> Iterator[None]:
    make.bob()
    make.rita()
    make.user("vera", Role.INDEPENDENT_REVIEWER)
    yield


def test_any_order_of_what_people_do_leaves_the_year_as_the_model_says() -> None:
    run_state_machine_as_test(Machine, settings=FEW)


MOVES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    # more often what leads on, lest the way stays where little can happen
    *((("submits", ()), ("opens_a_new_version", ()), ("appeals", ()), ("drafts", tuple(Opinion.Kind))) * 4),
    *((name, ()) for name in ("submits", "opens_a_new_version", "withdraws", "appeals", "returns", "issues")),
    *((name, ()) for name in ("sends_back", "reopens")),
    ("ends_an_appeal", ("uphold", "reject", "take_back")),
    ("finds", EFFECTS_T),
    ("closes", ("corrected", "uncorrected", "no_error")),
    ("drafts", tuple(Opinion.Kind)),
    ("concludes", ("disclaimer", "modified")),
)


def walk(steps: int) -> None:
    """The same by a long way at random, which comes farther than many short ones."""
    machine, dice = Machine(), Random(57)  # noqa: S311  any seed
    for _step in range(steps):
        name, choices = dice.choice(MOVES)
        getattr(machine, name)(*([dice.choice(choices)] if choices else []))
        machine.the_year_is_as_the_model_says()
        machine.nothing_is_verified_without_two_people()


def test_a_long_way_leaves_it_so_too() -> None:
    walk(250)


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (OpinionQuerySet, "require_no_appeal", lambda rows: None),  # a correction overtakes an appeal
        (OpinionQuerySet, "lapse", lambda rows, by: None),  # a return leaves the draft of an opinion behind
        (Case, "objections", lambda case, kind: []),  # adverse where nothing is wrong
    ],
)
def test_a_broken_rule_is_found(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, broken: Any) -> None:
    """The negative control."""
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(AssertionError):
        walk(250)
