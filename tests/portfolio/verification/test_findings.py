"""Findings: who raises, answers and closes them; what a return opens, at every door of the draft."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio import beijing, guards
from portfolio.disclosures.autosave import Typed, save_fields
from portfolio.errors import Locked, NotAllowed, PortfolioError, StaleVersion, Unanswered
from portfolio.models import (
    Activity,
    AuditEvent,
    Company,
    Disclosure,
    Figure,
    Finding,
    FindingMessage,
    Mail,
    OpenedPoint,
    Role,
    Solution,
)
from portfolio.models.desk import points
from portfolio.models.desk.finding import changed_since
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SCOPE_1, SCOPE_2 = "scope1_t", "scope2_location_t"
TEXTS = {"boundary": "all sites", "revenue_boundary": "matched", "source_document": "report"}


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
def submitted(company: Company, alice: User) -> Disclosure:
    return handed_in(company, alice)


def handed_in(company: Company, alice: User) -> Disclosure:
    """Two figures, three lines and a row of what was sold."""
    draft = make.disclosure(company, 2024, state=Disclosure.State.DRAFT, created_by=alice)
    draft.log(alice, "opened", comment="")
    for number in (1, 2, 3):
        draft.add_activity(line(number), by=alice, edition=draft.edition)
    make.solution(draft)
    draft.submit(by=alice)
    return draft


def line(number: int, mwh: float = 5.0) -> Activity:
    typed = {"typed_amount": str(mwh), "typed_unit": "MWh", "amount": mwh * 1000, "unit": "kWh"}
    return Activity(kind="electricity", place="CN-SC", meter=f"meter {number}", **typed)


def raised(disclosure: Disclosure, bob: User, point: str = SCOPE_1, kind: str = "question", **more: Any) -> Finding:
    return Finding.raise_on(disclosure, by=bob, kind=kind, point=point, words="Which meter is it?", **more)


def returned(disclosure: Disclosure, bob: User, *codes: str, also: tuple[str, ...] = ()) -> list[Finding]:
    findings = [raised(disclosure, bob, code) for code in codes]
    disclosure.return_for_correction(by=bob, reason="see the findings", also=also)
    return findings


def revise(draft: Disclosure, by: User, *, scope_1: float = 1200.0, scope_2: float = 800.0, **texts: str) -> None:
    values = {SCOPE_1: scope_1, SCOPE_2: scope_2}
    figures = [Figure(quantity=quantity, value=value, typed=str(value)) for quantity, value in values.items()]
    draft.revise(by=by, edition=draft.edition, figures=figures, **(TEXTS | texts))


def refused(act: Any) -> list[str]:
    """The points that the refusal names; nothing is written."""
    with pytest.raises(Locked) as refusal:
        act()
    assert all(points.label(point) in str(refusal.value) for point in refusal.value.points)
    return list(refusal.value.points)


# --- raising ----------------------------------------------------------------------------------------------
def test_a_finding_is_due_ten_working_days_from_now_unless_another_day_is_set(submitted: Disclosure, bob: User) -> None:
    day = beijing.add_working_days(beijing.today(), 10).day
    assert raised(submitted, bob).due == day
    other = beijing.today() + timedelta(days=3)
    assert raised(submitted, bob, due=other).due == other
    with pytest.raises(NotAllowed, match="due between"):
        raised(submitted, bob, due=beijing.today() - timedelta(days=1))


def test_a_misstatement_has_tonnes_or_says_why_not(submitted: Disclosure, bob: User) -> None:
    with pytest.raises(NotAllowed, match="effect in tonnes"):
        raised(submitted, bob, kind="misstatement")
    assert raised(submitted, bob, kind="misstatement", effect_t=-41.0).effect_t == -41.0
    assert raised(submitted, bob, kind="misstatement", effect_reason="the bill is missing").effect_t is None
    with pytest.raises(NotAllowed, match="Either the tonnes"):
        raised(submitted, bob, kind="misstatement", effect_t=1.0, effect_reason="unknown")
    with pytest.raises(NotAllowed, match="Only a misstatement"):
        raised(submitted, bob, effect_t=1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "misstatement"},
        {"kind": "misstatement", "effect_t": 1.0, "effect_reason": "both"},
        {"kind": "question", "effect_t": 1.0},
        {"kind": "question", "due": None},
        {"kind": "gossip"},
        {"kind": "question", "state": "closed"},
    ],
)
def test_the_database_keeps_the_same_rules(submitted: Disclosure, bob: User, wrong: dict[str, Any]) -> None:
    facts = {"disclosure": submitted, "words": "w", "raised_by": bob, "due": beijing.today()} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.create(**facts)


def test_what_was_found_is_never_edited_nor_taken_away(submitted: Disclosure, bob: User, alice: User) -> None:
    finding = raised(submitted, bob)
    message = finding.say("the one at the gate", by=alice)
    finding.close("seen", by=bob)
    for act in (
        lambda: Finding.objects.filter(pk=finding.pk).update(words="other"),
        lambda: Finding.objects.filter(pk=finding.pk).update(state="open", closed_by=None, closed_at=None, closing=""),
        lambda: Finding.objects.filter(pk=finding.pk)._raw_delete("default"),
        lambda: FindingMessage.objects.filter(pk=message.pk).update(words="other"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_only_a_verifier_without_ties_raises_and_only_on_what_waits(
    company: Company, submitted: Disclosure, alice: User, bob: User
) -> None:
    henry = make.user("henry", Role.INDEPENDENT_REVIEWER)
    for person in (alice, henry, make.carol(), make.user("vera", Role.VERIFIER, company=company)):
        with pytest.raises(NotAllowed):
            raised(submitted, person)
    submitted.return_for_correction(by=bob, reason="page 3", everything=True)
    with pytest.raises(StaleVersion, match="bob returned"):
        raised(submitted, bob)


def test_a_finding_names_a_point_that_is_there(submitted: Disclosure, bob: User) -> None:
    assert raised(submitted, bob, "line:2").about == "Line 2 · meter 2"
    assert raised(submitted, bob, points.WHOLE).about == "The whole disclosure"
    for point in ("line:9", "line:x", "scope9_t"):
        with pytest.raises(NotAllowed):
            raised(submitted, bob, point)


# --- threads ----------------------------------------------------------------------------------------------
def test_the_company_answers_the_verifier_asks_again_and_closes_with_words(
    submitted: Disclosure, alice: User, bob: User
) -> None:
    finding = raised(submitted, bob)
    finding.say("the one at the gate", by=alice)
    assert finding.state == "answered"
    finding.say("and its number?", by=bob)
    assert finding.state == "open"
    finding.say("4711", by=alice)
    with pytest.raises(NotAllowed, match="Only the verifier"):
        finding.close("we agree", by=alice)
    with pytest.raises(NotAllowed, match="write it down"):
        finding.close(" ", by=bob)
    finding.close("4711 it is", by=bob)
    assert (finding.state, finding.closed_by, finding.closing) == ("closed", bob, "4711 it is")
    with pytest.raises(StaleVersion, match="bob closed it"):
        finding.say("one more thing", by=alice)
    verbs = list(AuditEvent.objects.filter(verb__startswith="finding.").order_by("seq").values_list("verb", flat=True))
    assert verbs == [f"finding.{verb}" for verb in ("raised", "answered", "asked", "answered", "closed")]


def test_a_verifier_gives_more_time_with_words_and_the_company_is_told(
    submitted: Disclosure, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding.raise_on(submitted, by=bob, kind="question", words="Why?", due=beijing.today())
    monkeypatch.setattr("portfolio.mail.occasions.timezone.now", lambda: datetime.now(UTC) + timedelta(hours=2))
    later = beijing.today() + timedelta(days=20)
    message = finding.extend(later, "the auditor is on leave", by=bob)
    assert (finding.due, finding.state) == (later, Finding.State.OPEN)
    assert (message.due, message.words, message.is_change) == (later, "the auditor is on leave", False)
    assert AuditEvent.objects.filter(verb="finding.extended", object=f"finding:{finding.pk}", actor=str(bob)).exists()
    assert Mail.objects.filter(kind="finding", user=alice).count() == 2


@pytest.mark.parametrize("days", [-1, 0, 10, 400])
def test_more_time_is_never_less_nor_without_end(submitted: Disclosure, bob: User, days: int) -> None:
    due = beijing.today() + timedelta(days=10)
    finding = Finding.raise_on(submitted, by=bob, kind="question", words="Why?", due=due)
    with pytest.raises(NotAllowed, match="due"):
        finding.extend(beijing.today() + timedelta(days=days), "sooner", by=bob)
    finding.refresh_from_db()
    assert finding.due == due and not finding.messages.exists()


def test_more_time_is_given_by_a_verifier_with_words_and_never_once_it_is_closed(
    submitted: Disclosure, alice: User, bob: User
) -> None:
    finding = Finding.raise_on(submitted, by=bob, kind="question", words="Why?")
    later = beijing.today() + timedelta(days=60)
    with pytest.raises(NotAllowed, match="Only the verifier gives more time"):
        finding.extend(later, "please", by=alice)
    with pytest.raises(NotAllowed, match="in words"):
        finding.extend(later, " ", by=bob)
    comment = Finding.raise_on(submitted, by=alice, kind="comment", words="we are late")
    with pytest.raises(NotAllowed, match="Only the verifier gives more time"):
        comment.extend(later, "please", by=alice)
    Finding.objects.get(pk=finding.pk).close("seen", by=bob)
    with pytest.raises(StaleVersion, match="closed it"):
        finding.extend(later, "please", by=bob)


def test_comments_are_for_the_companys_own_people(
    company: Company, submitted: Disclosure, alice: User, bob: User
) -> None:
    frank = make.frank(company)
    comment = Finding.raise_on(submitted, by=alice, kind="comment", point=SCOPE_1, words="@frank is this right?")
    assert list(Mail.objects.filter(kind="mention").values_list("user__username", flat=True)) == ["frank"]
    assert comment in Finding.objects.visible_to(frank)
    assert comment not in Finding.objects.visible_to(bob)
    with pytest.raises(NotAllowed):
        comment.say("what is it?", by=bob)
    comment.say("yes", by=frank)
    comment.close(by=frank)
    assert comment.state == "closed"
    submitted.return_for_correction(by=bob, reason="page 3", everything=True)
    submitted.submit(by=alice, answer="it is right")  # a comment asks nobody for an answer


def test_only_who_reads_the_thread_can_be_named(
    company: Company, submitted: Disclosure, alice: User, bob: User
) -> None:
    zhang = make.user("zhang", company=company, last_name="张", first_name="三")
    make.user("mallory", company=make.company("demo-beta"))
    make.user("victor", Role.VERIFIER)
    finding = raised(submitted, bob)
    finding.say("请@张三看看，谢谢 @bob；邮箱 x@example.org", by=alice)
    named = Mail.objects.filter(kind="mention", about=f"finding:{finding.pk}")
    assert set(named.values_list("user", flat=True)) == {zhang.pk, bob.pk}
    for stranger in ("@mallory", "@victor"):  # another company's, and one who took no part
        with pytest.raises(NotAllowed, match=stranger.removeprefix("@")):
            finding.say(f"ask {stranger}", by=alice)
    finding.say("@victor please look", by=bob)


def test_mails_go_to_the_other_side_once_and_say_nothing_that_was_typed(
    company: Company, submitted: Disclosure, alice: User, bob: User
) -> None:
    finding, other = raised(submitted, bob), raised(submitted, bob, SCOPE_2)
    assert Mail.objects.filter(kind="finding", user=alice).count() == 1
    submitted.return_for_correction(by=bob, reason="see the findings")
    assert Mail.objects.get(kind="finding").state == "cancelled"
    assert "2 项核查发现" in Mail.objects.get(kind="returned", user=alice).body
    finding.say("the one at the gate", by=alice)
    other.say("likewise", by=alice)
    assert Mail.objects.get(kind="finding_answered").user == bob
    finding.close("seen", by=bob)
    assert Mail.objects.get(kind="finding_closed").user == alice
    assert not any(word in mail.body for mail in Mail.objects.all() for word in ("meter", "gate", "seen", "likewise"))


# --- a return names what is open ----------------------------------------------------------------------------
def test_a_return_names_something_or_says_that_all_is_open(submitted: Disclosure, alice: User, bob: User) -> None:
    with pytest.raises(NotAllowed, match="Name what is to be corrected"):
        submitted.return_for_correction(by=bob, reason="page 3")
    assert Disclosure.objects.get(pk=submitted.pk).state == "submitted"
    submitted.return_for_correction(by=bob, reason="page 3", everything=True)
    revise(submitted, alice, scope_1=1.0, scope_2=2.0, boundary="another")


def test_what_was_returned_before_there_were_findings_is_open(submitted: Disclosure, alice: User, bob: User) -> None:
    submitted._move(["submitted"], bob, "returned", comment="page 3", state="returned")  # as it was written then
    assert not OpenedPoint.objects.exists()
    revise(submitted, alice, scope_1=1.0, scope_2=2.0)


def test_a_finding_on_the_whole_opens_everything(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, points.WHOLE)
    revise(submitted, alice, scope_2=2.0, boundary="another")


def test_closed_figures_and_facts_are_refused_by_name(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, SCOPE_1, also=("boundary",))
    before = submitted.edition
    assert refused(lambda: revise(submitted, alice, scope_1=1.0, scope_2=2.0)) == [SCOPE_2]
    assert refused(lambda: revise(submitted, alice, source_document="another")) == ["source_document"]
    assert Disclosure.objects.get(pk=submitted.pk).edition == before
    revise(submitted, alice, scope_1=1.0, boundary="another")
    assert submitted.values()[SCOPE_1] == 1.0


def test_autosave_keeps_what_is_open_and_says_what_is_not(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, SCOPE_1)
    typed = {SCOPE_1: Typed("1100", "1200.0"), SCOPE_2: Typed("700", "800.0"), "boundary": Typed("x", "all sites")}
    answer = save_fields(submitted, typed, by=alice)
    assert set(answer["faults"]) == {SCOPE_2, "boundary"}
    assert Disclosure.objects.get(pk=submitted.pk).values() == {SCOPE_1: 1100.0, SCOPE_2: 800.0}


@pytest.mark.parametrize(("number", "is_open"), [(2, True), (1, False), (3, False)])
def test_only_the_named_line_is_changed_or_taken_out(
    submitted: Disclosure, alice: User, bob: User, number: int, is_open: bool
) -> None:
    returned(submitted, bob, "line:2")

    def changed() -> None:
        stored = submitted.activities.get(number=number)
        stored.amount, stored.typed_amount = 7000.0, "7"
        submitted.write_activities(by=alice, edition=submitted.edition, changed=[stored])

    def put() -> None:
        rows = [line(each, 7.5 if each == number else 5.0) for each in (1, 2, 3)]
        submitted.put_activities(by=alice, edition=submitted.edition, activities=rows)

    def taken_out() -> None:
        stored = submitted.activities.get(number=number)
        submitted.write_activities(by=alice, edition=submitted.edition, removed=[stored])

    for act in (changed, put, taken_out):
        if is_open:
            act()
        else:
            assert refused(act) == [f"line:{number}"]
    assert list(submitted.activities.values_list("number", flat=True)) == ([1, 3] if is_open else [1, 2, 3])


def test_a_put_without_the_open_line_takes_it_out_and_leaves_the_others_their_numbers(
    submitted: Disclosure, alice: User, bob: User
) -> None:
    returned(submitted, bob, "line:2")
    submitted.put_activities(by=alice, edition=submitted.edition, activities=[line(1), line(3)])
    assert list(submitted.activities.values_list("number", "meter")) == [(1, "meter 1"), (3, "meter 3")]
    left = [line(1)]
    assert refused(lambda: submitted.put_activities(by=alice, edition=submitted.edition, activities=left)) == ["line:3"]


def test_lines_are_added_where_the_ledger_is_open(submitted: Disclosure, alice: User, bob: User) -> None:
    [finding] = returned(submitted, bob, "line:2")
    assert refused(lambda: submitted.add_activity(line(4), by=alice, edition=submitted.edition)) == ["lines"]
    rows = [line(number) for number in (1, 2, 3, 4)]
    assert refused(lambda: submitted.put_activities(by=alice, edition=submitted.edition, activities=rows)) == ["lines"]
    finding.open_too("lines", by=bob)
    submitted.add_activity(line(4), by=alice, edition=submitted.edition)


def test_what_was_sold_is_closed_unless_opened(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, SCOPE_1)
    rows = [Solution(family=make.family(), country="CHN", units_sold=1.0)]
    act = lambda: Solution.put(submitted, rows, by=alice, edition=submitted.edition)  # noqa: E731
    assert refused(act) == ["solutions"]
    submitted.findings.get().open_too("solutions", by=bob)
    act()


def test_a_figure_follows_the_ledger_where_a_line_is_open(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, "line:2")

    def take_over() -> None:
        rows = [Figure(quantity=SCOPE_1, value=1200.0, typed="1200.0"), Figure(quantity=SCOPE_2, value=9.0, typed="9")]
        submitted.revise(by=alice, edition=submitted.edition, figures=rows, from_ledger=[SCOPE_2], **TEXTS)

    take_over()
    assert submitted.values()[SCOPE_2] == 9.0
    assert refused(lambda: revise(submitted, alice, scope_2=8.0)) == [SCOPE_2]


def test_the_company_asks_for_another_point_and_the_verifier_opens_it(
    submitted: Disclosure, alice: User, bob: User
) -> None:
    [finding] = returned(submitted, bob, SCOPE_1)
    with pytest.raises(NotAllowed, match="open already"):
        Finding.ask_to_open(submitted, SCOPE_1, "please", by=alice)
    asked = Finding.ask_to_open(submitted, SCOPE_2, "it follows from it", by=alice)
    assert (asked.finding, asked.asks_for) == (finding, SCOPE_2)
    assert finding.state == "open"  # asking is no answer
    with pytest.raises(NotAllowed):
        finding.open_too(SCOPE_2, by=alice)
    finding.open_too(SCOPE_2, by=bob)
    revise(submitted, alice, scope_2=2.0)


# --- submitting again, verifying --------------------------------------------------------------------------
def test_it_is_not_submitted_while_a_finding_has_no_answer(submitted: Disclosure, alice: User, bob: User) -> None:
    first, second = returned(submitted, bob, SCOPE_1, "line:2")
    with pytest.raises(Unanswered) as refusal:
        submitted.submit(by=alice)
    assert set(refusal.value.points) == {SCOPE_1, "line:2"}
    revise(submitted, alice, scope_1=1100.0)
    with pytest.raises(Unanswered) as refusal:
        submitted.submit(by=alice)
    assert list(refusal.value.points) == ["line:2"]
    second.say("it is the meter of the hall", by=alice)
    submitted.submit(by=alice)
    first.refresh_from_db()
    assert first.state == "answered"
    said = first.messages.get()
    assert (said.was, said.now, said.by) == ("1,200 tCO₂e", "1,100 tCO₂e", alice)


def test_the_whole_is_answered_in_words_alone(submitted: Disclosure, alice: User, bob: User) -> None:
    [finding] = returned(submitted, bob, points.WHOLE)
    revise(submitted, alice, scope_1=1100.0)
    with pytest.raises(Unanswered):
        submitted.submit(by=alice)
    finding.say("all counted again", by=alice)
    submitted.submit(by=alice)


def test_a_recommendation_asks_for_no_answer(submitted: Disclosure, alice: User, bob: User) -> None:
    raised(submitted, bob, kind="recommendation")
    submitted.return_for_correction(by=bob, reason="page 3", everything=True)
    submitted.submit(by=alice, answer="we will")
    make.verify(submitted, bob)


def test_it_is_verified_only_once_what_was_found_is_closed(submitted: Disclosure, alice: User, bob: User) -> None:
    finding = raised(submitted, bob)
    finding.say("the one at the gate", by=alice)
    with pytest.raises(NotAllowed, match="1 finding is not closed"):
        make.verify(submitted, bob)
    assert Disclosure.objects.get(pk=submitted.pk).state == "submitted"
    finding.close("seen", by=bob)
    submitted.refresh_from_db()
    make.verify(submitted, bob)


def test_the_history_says_what_changed_since_the_return_and_who_did_it(
    company: Company, submitted: Disclosure, alice: User, bob: User
) -> None:
    frank = make.frank(company)
    returned(submitted, bob, SCOPE_1, "line:2")
    revise(submitted, frank, scope_1=1100.0)
    stored = submitted.activities.get(number=2)
    stored.amount, stored.typed_amount = 7000.0, "7"
    submitted.write_activities(by=alice, edition=submitted.edition, changed=[stored])
    saved = [(step.by, step.changed) for step in submitted.steps.filter(verb="saved").order_by("pk")[3:]]
    assert saved == [(frank, "Scope 1"), (alice, "Line 2")]
    changes = {change.point: (change.was, change.now) for change in changed_since(submitted).values()}
    assert changes == {SCOPE_1: ("1,200 tCO₂e", "1,100 tCO₂e"), "line:2": ("5.0 MWh", "7 MWh")}


# --- two at once ------------------------------------------------------------------------------------------
def both_close(finding: Finding, *verifiers: User) -> list[str]:
    """At the same moment; what each is told."""
    start, said = threading.Barrier(len(verifiers)), []

    def close(by: User) -> None:
        try:
            mine = Finding.objects.get(pk=finding.pk)
            start.wait()
            mine.close(f"{by} has seen it", by=by)
            said.append("closed")
        except PortfolioError as refusal:
            said.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=close, args=(by,)) for by in verifiers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finding.refresh_from_db()
    return said


@pytest.mark.django_db(transaction=True)
def test_two_verifiers_close_it_and_one_of_them_is_told_who_was_faster() -> None:
    company = make.company()
    bob = make.bob()
    finding = raised(handed_in(company, make.alice(company)), bob)
    said = both_close(finding, bob, make.user("vera", Role.VERIFIER))
    assert finding.closed_by is not None
    [other] = [words for words in said if words != "closed"]
    assert other.startswith(str(finding.closed_by))
    assert AuditEvent.objects.filter(verb="finding.closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_looking_at_the_state_both_would_close_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the test above finds a close that does not ask whether somebody was faster."""

    def move(self: Finding, old: object, **changes: object) -> None:
        Finding.objects.filter(pk=self.pk).update(**changes)

    monkeypatch.setattr(Finding, "_move", move)
    guards.remove(connection, guards.OF_FINDINGS)
    company = make.company()
    bob = make.bob()
    finding = raised(handed_in(company, make.alice(company)), bob)
    assert both_close(finding, bob, make.user("vera", Role.VERIFIER)) == ["closed", "closed"]
    assert AuditEvent.objects.filter(verb="finding.closed").count() == 2
    guards.install(connection, guards.OF_FINDINGS)


def test_a_finding_leads_to_what_it_is_about(submitted: Disclosure, alice: User, bob: User) -> None:
    of_line, of_figure = returned(submitted, bob, "line:2", SCOPE_1)
    client = Client()
    client.force_login(alice)
    shown = client.get(of_line.get_absolute_url()).content.decode()
    assert f'href="{reverse("scoring:ledger_line", args=[submitted.pk, 2])}"' in shown
    shown = client.get(of_figure.get_absolute_url()).content.decode()
    assert f'href="{submitted.get_absolute_url()}#id_{SCOPE_1}"' in shown


def test_a_change_that_reads_the_same_says_that_it_is_one(submitted: Disclosure, alice: User, bob: User) -> None:
    returned(submitted, bob, "line:2")
    kept = submitted.activities.get(number=2)
    kept.note = "by the meter, without the basic charge"
    submitted.write_activities(by=alice, edition=submitted.edition, changed=[kept])
    (change,) = changed_since(submitted).values()
    assert (change.was, change.now) == ("5.0 MWh", "5.0 MWh, changed in its details")
