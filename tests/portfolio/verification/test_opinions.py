"""Which opinions a case allows, who drafts and issues them, what becomes of the version, and of the opinion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import translation

from portfolio import beijing
from portfolio.errors import NotAllowed, ReasonNeeded, StaleVersion
from portfolio.models import AuditEvent, Company, Disclosure, Mail, Opinion, Quantity, Role, RoleChange, Substitution
from portfolio.models.case.opinion import APPEALED_WITHIN
from tests import make
from tests.portfolio.verification.scene import ask, case, submitted_year

State = Opinion.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def bob() -> User:
    return make.bob()


@pytest.fixture
def rita() -> User:
    return make.rita()


@pytest.fixture
def submitted(company: Company, alice: User) -> Disclosure:
    return submitted_year(company, alice)


# --- which kinds the case allows -------------------------------------------------------------------------
def test_a_clean_case_allows_all_but_adverse(submitted: Disclosure) -> None:
    found = case(submitted)
    assert [kind for kind in Opinion.Kind if not found.objections(kind)] == ["unmodified", "modified", "disclaimer"]
    assert found.objections("adverse") == ["Nothing material is found that stays uncorrected."]


def test_an_open_finding_stands_against_every_opinion_by_which_it_is_verified(submitted: Disclosure, bob: User) -> None:
    ask(submitted, bob, kind="question")
    assert case(submitted).objections("unmodified") == ["1 finding is not closed."]
    assert case(submitted).objections("modified") == ["1 finding is not closed."]
    with pytest.raises(NotAllowed, match="not closed"):
        make.opinion(submitted, bob)


def test_errors_that_cancel_are_no_unmodified_opinion(submitted: Disclosure, bob: User) -> None:
    """2,000 t: the threshold is 100 t; +90 and −80 are 10 t net and 170 t in sum."""
    for effect in (90.0, -80.0):
        ask(submitted, bob, effect_t=effect).close("stays", by=bob, outcome="uncorrected")
    found = case(submitted)
    assert found.materiality is not None
    assert (found.materiality.net_t, found.materiality.absolute_t) == (10.0, 170.0)
    assert "170 t, is above the threshold of 100 t" in found.objections("unmodified")[0]
    assert "put a conservative value in its place" in found.objections("modified")[0]
    assert not found.objections("adverse")


def test_what_was_corrected_or_no_error_counts_no_longer(submitted: Disclosure, bob: User) -> None:
    for outcome in ("corrected", "no_error"):
        ask(submitted, bob, effect_t=900.0).close("seen", by=bob, outcome=outcome)
    assert not case(submitted).objections("unmodified")


def test_a_finding_ends_somehow_if_it_was_wrong_and_only_then(submitted: Disclosure, bob: User) -> None:
    wrong, question = ask(submitted, bob, effect_t=1.0), ask(submitted, bob, kind="question")
    with pytest.raises(NotAllowed, match="how it ended"):
        wrong.close("seen", by=bob)
    with pytest.raises(NotAllowed, match="corrected or not"):
        question.close("seen", by=bob, outcome="corrected")


def test_a_misstatement_without_tonnes_cannot_be_called_small(submitted: Disclosure, bob: User) -> None:
    finding = ask(submitted, bob, effect_reason="the meter is lost")
    finding.close("stays", by=bob, outcome="uncorrected")
    assert "without its tonnes" in case(submitted).objections("unmodified")[0]
    assert not case(submitted).objections("adverse")


def test_a_substitution_leaves_modified_at_best(submitted: Disclosure, bob: User) -> None:
    Substitution.put(submitted, Quantity.SCOPE_1, 1500.0, "default of the guide", by=bob)
    assert case(submitted).objections("unmodified") == ["1 figure is substituted."]
    Substitution.put(submitted, Quantity.SCOPE_1, None, "a bill was found", by=bob)
    assert not case(submitted).objections("unmodified")


def test_an_understatement_that_matters_is_substituted_before_it_is_modified(submitted: Disclosure, bob: User) -> None:
    finding = ask(submitted, bob, effect_t=-300.0)
    finding.close("stays", by=bob, outcome="uncorrected")
    assert case(submitted).objections("modified")
    Substitution.put(submitted, Quantity.SCOPE_1, 1500.0, "by the finding", by=bob, finding=finding)
    assert not case(submitted).objections("modified")


# --- substitution -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("quantity", "value", "basis", "why"),
    [
        (Quantity.SCOPE_1, 1200.0, "b", "above what was submitted"),
        (Quantity.SCOPE_1, 900.0, "b", "above what was submitted"),
        (Quantity.SCOPE_1, 1500.0, " ", "rests on"),
        (Quantity.REVENUE, 1e9, "b", "Only emissions"),
        (Quantity.SCOPE_3_TOTAL, 1e9, "b", "no such figure"),
        (Quantity.SCOPE_1, None, "b", "no substitution to take back"),
    ],
)
def test_what_is_no_conservative_value(
    submitted: Disclosure, bob: User, quantity: Quantity, value: float | None, basis: str, why: str
) -> None:
    with pytest.raises(NotAllowed, match=why):
        Substitution.put(submitted, quantity, value, basis, by=bob)


def test_it_counts_from_the_opinion_on_and_leaves_the_figure_as_it_is(submitted: Disclosure, bob: User) -> None:
    Substitution.put(submitted, Quantity.SCOPE_1, 1500.0, "default of the guide", by=bob)
    assert submitted.values()[Quantity.SCOPE_1] == 1200.0
    make.verify(submitted, bob, kind="modified")
    stored = Disclosure.objects.get(pk=submitted.pk)
    assert stored.values()[Quantity.SCOPE_1] == 1500.0
    assert stored.total_t() == 2300.0
    assert stored.figures.get(quantity=Quantity.SCOPE_1).value == 1200.0
    assert stored.content_digest() == stored.digest
    with pytest.raises(StaleVersion):
        Substitution.put(stored, Quantity.SCOPE_1, 1600.0, "later", by=bob)


def test_the_database_keeps_substitutions(submitted: Disclosure, bob: User, alice: User) -> None:
    made = Substitution.put(submitted, Quantity.SCOPE_1, 1500.0, "default", by=bob)
    told = {"disclosure": submitted, "digest": submitted.digest, "quantity": Quantity.SCOPE_1, "submitted": 1200.0}
    told |= {"value": 1500.0, "basis": "b", "by": bob}
    wrong: list[dict[str, Any]] = [{"value": 1100.0}, {"submitted": 1.0}, {"by": alice}, {"basis": ""}, {"digest": "x"}]
    for one in wrong:
        with pytest.raises(DatabaseError), transaction.atomic():
            Substitution.objects.create(**(told | one))
    with pytest.raises(DatabaseError), transaction.atomic():
        Substitution.objects.filter(pk=made.pk).update(value=1700.0)


# --- draft, issue, send back -------------------------------------------------------------------------------
def test_a_draft_changes_nothing_until_it_is_issued(submitted: Disclosure, bob: User, rita: User) -> None:
    opinion = make.opinion(submitted, bob)
    submitted.refresh_from_db()
    assert (submitted.state, opinion.state) == ("submitted", State.WAITING)
    assert Mail.objects.filter(kind=Mail.Kind.OPINION, user=rita).count() == 1
    opinion.issue(by=rita, words="read it")
    submitted.refresh_from_db()
    assert (submitted.state, submitted.verified_by, opinion.reviewed_by) == ("verified", bob, rita)
    assert opinion.appeal_until == beijing.add_working_days(beijing.today(), APPEALED_WITHIN).day
    verbs = AuditEvent.objects.filter(object=f"opinion:{opinion.pk}").order_by("seq").values_list("verb", "actor")
    assert list(verbs) == [("opinion.drafted", "bob"), ("opinion.issued", "rita")]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"has_no_conflict": False}, "no conflict of interest"),
        ({"statement": " "}, "needed in words"),
        ({"criteria": "other"}, "name the criteria"),
        ({"kind": "fine"}, "Please choose"),
        ({"statement": "x" * 4001}, "At most"),
    ],
)
def test_what_a_draft_must_say(submitted: Disclosure, bob: User, wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        make.opinion(submitted, bob, **wrong)


def test_open_items_need_a_reason(submitted: Disclosure, bob: User) -> None:
    with pytest.raises(ReasonNeeded):
        make.opinion(submitted, bob, despite="")


def test_it_is_on_exactly_one_content_and_only_one_waits(submitted: Disclosure, bob: User) -> None:
    with pytest.raises(StaleVersion):
        make.opinion(submitted, bob, digest="0" * 64)
    make.opinion(submitted, bob)
    with pytest.raises(StaleVersion, match="already"):
        make.opinion(submitted, bob)


def test_sent_back_with_words_it_is_drafted_again(submitted: Disclosure, bob: User, rita: User) -> None:
    opinion = make.opinion(submitted, bob)
    with pytest.raises(NotAllowed, match="look at again"):
        opinion.send_back(by=rita, words=" ")
    opinion.send_back(by=rita, words="the sample is too small")
    assert Mail.objects.filter(kind=Mail.Kind.OPINION_BACK, user=bob).exists()
    make.verify(submitted, bob)
    assert list(submitted.opinions.order_by("pk").values_list("state", flat=True)) == ["sent_back", "issued"]


def test_a_finding_after_the_draft_stops_the_issue(submitted: Disclosure, bob: User, rita: User) -> None:
    opinion = make.opinion(submitted, bob)
    finding = ask(submitted, bob, effect_t=5.0)
    with pytest.raises(NotAllowed, match="not closed"):
        opinion.issue(by=rita)
    finding.close("stays", by=bob, outcome="uncorrected")
    with pytest.raises(StaleVersion, match="changed since"):
        opinion.issue(by=rita)


def test_a_return_takes_the_draft_back(submitted: Disclosure, bob: User, rita: User) -> None:
    opinion = make.opinion(submitted, bob)
    submitted.return_for_correction(by=bob, reason="unit", everything=True)
    opinion.refresh_from_db()
    assert opinion.state == State.WITHDRAWN
    with pytest.raises((StaleVersion, NotAllowed)):
        opinion.issue(by=rita)


# --- what it makes of the version --------------------------------------------------------------------------
def refused(submitted: Disclosure, bob: User) -> Opinion:
    return make.verify(submitted, bob, kind="disclaimer", statement="Nothing could be seen.")


def test_a_disclaimer_refuses_the_version_and_freezes_it(submitted: Disclosure, bob: User, alice: User) -> None:
    refused(submitted, bob)
    assert (submitted.state, submitted.frozen_at) == ("refused", None)
    assert not Disclosure.objects.standing().exists()
    assert not submitted.can_be_edited_by(alice)
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.filter(pk=submitted.pk).update(boundary="other")
    with pytest.raises(DatabaseError), transaction.atomic():
        submitted.figures.update(value=1.0)
    assert Mail.objects.filter(kind=Mail.Kind.REFUSED, user=alice).exists()
    draft = submitted.new_version(by=alice)
    assert (draft.version, draft.state) == (2, "draft")


def test_reopened_what_was_refused_waits_again(submitted: Disclosure, bob: User, rita: User) -> None:
    opinion = refused(submitted, bob)
    with pytest.raises(NotAllowed, match="why"):
        opinion.reopen(by=rita, reason=" ")
    opinion.reopen(by=rita, reason="the files had not been opened")
    submitted.refresh_from_db()
    assert (submitted.state, opinion.state) == ("submitted", State.REOPENED)
    make.verify(submitted, bob)
    assert submitted.state == "verified"


def test_reopened_what_was_verified_stands_without_badge(submitted: Disclosure, bob: User, rita: User) -> None:
    opinion = make.verify(submitted, bob)
    assert submitted.badge == "verified"
    opinion.reopen(by=rita, reason="a site is missing")
    assert (submitted.badge, submitted.shown_state) == ("correcting", "correcting")
    assert list(Disclosure.objects.standing()) == [submitted]


def test_the_badge_goes_with_a_newer_version_and_comes_back(submitted: Disclosure, bob: User, alice: User) -> None:
    make.verify(submitted, bob)
    draft = submitted.new_version(by=alice)
    assert submitted.badge == "correcting"
    draft.withdraw(by=alice, reason="nothing to correct")
    assert submitted.badge == "verified"
    second = submitted.new_version(by=alice)
    second.submit(by=alice)
    assert submitted.badge == "correcting"
    make.verify(second, bob)
    assert (second.badge, submitted.opinions.get().state) == ("verified", State.SUPERSEDED)


def test_what_was_verified_before_there_were_opinions_keeps_its_badge(company: Company) -> None:
    recorded = make.disclosure(company)
    facts = {"verified_by": make.bob(), "verified_at": Now(), "frozen_at": Now(), "state": "verified"}
    kept = Disclosure.objects.create(company=company, year=2023, **facts)
    assert (recorded.badge, kept.badge) == ("", "verified")


# --- row 57: nobody does two things of one case ------------------------------------------------------------
PAIRS: list[tuple[str, str]] = [
    ("verifies", "preparer"),
    ("verifies", "submitter"),
    ("verifies", "manager"),
    ("verifies", "reviewer"),
    ("reviews", "preparer"),
    ("reviews", "submitter"),
    ("reviews", "manager"),
    ("reviews", "verifier"),
    ("reviews", "finder"),
]


@pytest.mark.parametrize(("act", "who"), PAIRS)
def test_the_same_person_is_refused_below_the_page_too(
    company: Company, alice: User, bob: User, act: str, who: str
) -> None:
    """Roles change, so that the one who prepared it may hold the role of a verifier or a reviewer today."""
    wanted = Role.VERIFIER if act == "verifies" else Role.INDEPENDENT_REVIEWER
    frank = make.frank(company)
    disclosure = submitted_year(company, alice, prepared_by=frank)
    finder = make.user("finder", Role.VERIFIER)
    ask(disclosure, finder, kind="recommendation", words="meter it")
    people = {"preparer": frank, "submitter": alice, "verifier": bob, "finder": finder}
    person = people.get(who) or make.user(who, Role.FUND_MANAGER if who == "manager" else Role.INDEPENDENT_REVIEWER)
    if who in ("preparer", "submitter", "finder"):  # they have left the company, or the desk, and hold the role today
        person.memberships.all().delete()  # type: ignore[attr-defined]  # the related name
        person = _give(person, wanted)
    if act == "verifies":
        _refused(lambda: make.opinion(disclosure, person), lambda: _raw_draft(disclosure, person))
    else:
        opinion = make.opinion(disclosure, bob)
        _refused(lambda: opinion.issue(by=person), lambda: _raw_issue(opinion, person))
        disclosure.refresh_from_db()
        assert disclosure.state == "submitted"


def test_the_database_verifies_nothing_without_an_issued_opinion(submitted: Disclosure, bob: User, rita: User) -> None:
    moved = {"state": "verified", "verified_by": bob, "verified_at": Now(), "frozen_at": Now()}
    for prepare in (lambda: None, lambda: make.opinion(submitted, bob)):
        prepare()
        with pytest.raises(DatabaseError), transaction.atomic():
            Disclosure.objects.filter(pk=submitted.pk).update(**moved)
        with pytest.raises(DatabaseError), transaction.atomic():
            Disclosure.objects.filter(pk=submitted.pk).update(state="refused")
    opinion = submitted.opinions.get()
    opinion.issue(by=rita)
    for wrong in ({"state": "waiting"}, {"kind": "modified"}, {"statement": "x"}, {"drafted_by": rita}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Opinion.objects.filter(pk=opinion.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        Opinion.objects.filter(pk=opinion.pk)._raw_delete("default")


@pytest.mark.parametrize(
    "wrong",
    [
        {"absolute_t": 101.0},
        {"substituted": 1},
        {"unclosed": 1},
        {"reported_t": None},
        {"has_no_conflict": False},
        {"statement": ""},
        {"state": "issued"},
    ],
)
def test_the_database_refuses_an_opinion_that_the_case_does_not_allow(
    submitted: Disclosure, bob: User, wrong: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        _raw_draft(submitted, bob, **wrong)


def _refused(by_model: Callable[[], Any], by_database: Callable[[], Any]) -> None:
    with pytest.raises(NotAllowed):
        by_model()
    with pytest.raises(DatabaseError), transaction.atomic():
        by_database()


def _raw_draft(disclosure: Disclosure, by: User, **wrong: Any) -> None:
    told: dict[str, Any] = {
        "level": "limited",
        "kind": "unmodified",
        "criteria": "iso_14064_1",
        "has_no_conflict": True,
    }
    told |= {"scope": "s", "sampling": "s", "statement": "s", "digest": disclosure.digest, "drafted_by": by}
    told |= {"reported_t": 2000.0, "threshold_t": 100.0, "net_t": 0.0, "absolute_t": 0.0, "largest_t": 0.0}
    Opinion.objects.create(disclosure=disclosure, **(told | wrong))


def _raw_issue(opinion: Opinion, by: User) -> None:
    until = {"appeal_until": beijing.today(), "issued_at": Now(), "reviewed_at": Now()}
    Opinion.objects.filter(pk=opinion.pk).update(state="issued", reviewed_by=by, **until)


def _give(person: User, role: str) -> User:
    """The same person as they are found today."""
    RoleChange.found({User.objects.get(pk=person.pk): role})
    return User.objects.get(pk=person.pk)
