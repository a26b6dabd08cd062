"""Who proposes does not decide; a decision is on exactly what was proposed; nothing of it is ever edited."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.utils import translation

from fund.errors import (
    AlreadyDecided,
    AmountMissing,
    ContentChanged,
    FailureUnmentioned,
    NewerScoreUnmentioned,
    NotAdmitted,
    NotEntitled,
    NotPossible,
    ReasonMissing,
    SamePerson,
    StillUndecided,
    WrongScore,
)
from fund.guards import GUARDS
from fund.models import Candidate, Decision, Mandate, Proposal, ThemeFund
from portfolio import audit, guards
from portfolio.models import AuditEvent, Handling
from scoring.engine import digest
from scoring.models import Score
from tests import make
from tests.fund.committee import made

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AGREED, DISAGREED = "I agree with the proposal.", "I do not agree with it."
TICKET = Decimal(3_000_000)
LATER = made.SHEET_DAY + timedelta(days=31)


@pytest.fixture
def dan() -> User:
    return make.dan()


@pytest.fixture
def erin() -> User:
    return make.erin()


@pytest.fixture
def score() -> Score:
    return made.score(make.company(), made.result())


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def proposal(score: Score, fund: ThemeFund, dan: User) -> Proposal:
    Candidate.of(fund, score.company, by=make.user("nick", "fund_manager"))  # nominated by neither of the two
    return make.proposal(score, dan, fund)


def row_of(proposal: Proposal, by: User, **changes: Any) -> dict[str, Any]:
    """The columns of a decision, as a program that knows no rules would write them."""
    right = {
        "proposal_id": proposal.pk,
        "outcome": "approved",
        "reason": AGREED,
        "words_for_company": "",
        "decided_by_id": by.pk,
        "decided_at": Now(),
        "proposed_by_id": proposal.proposed_by_id,
        "content_sha256": proposal.content_sha256,
        "score_id": proposal.score_id,
    }
    return right | changes


def insert(model: type[Model], **columns: Any) -> None:
    names, table = ", ".join(columns), model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(columns))
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(columns.values()))


# --- maker is not checker ----------------------------------------------------------------------------
def test_another_administrator_approves_and_the_candidate_moves_on(proposal: Proposal, erin: User) -> None:
    decision = proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    assert (decision.decided_by, decision.proposed_by, decision.score) == (erin, proposal.proposed_by, proposal.score)
    assert Candidate.objects.get().stage == Candidate.Stage.APPROVED


def test_the_proposer_cannot_decide(proposal: Proposal, dan: User) -> None:
    with pytest.raises(SamePerson):
        proposal.decide("approved", AGREED, dan, proposal.content_sha256)


def test_a_superuser_is_not_exempt(score: Score, fund: ThemeFund) -> None:
    root = make.user("root", "admin", is_superuser=True)
    proposal = make.proposal(score, root, fund)
    with pytest.raises(SamePerson):
        proposal.decide("approved", AGREED, root, proposal.content_sha256)


def test_the_orm_cannot_let_the_proposer_decide(proposal: Proposal, dan: User) -> None:
    with pytest.raises(IntegrityError, match="decider_is_not_proposer"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, dan))


def test_raw_sql_cannot_let_the_proposer_decide(proposal: Proposal, dan: User) -> None:
    with pytest.raises(IntegrityError, match="decider_is_not_proposer"):
        insert(Decision, **row_of(proposal, dan, decided_at="2025-07-01 00:00:00+00:00", newer_score_note=""))


def test_naming_somebody_else_as_the_proposer_does_not_help(proposal: Proposal, dan: User, erin: User) -> None:
    with pytest.raises(IntegrityError, match="bound to the proposer"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, dan, proposed_by_id=erin.pk))


@pytest.mark.parametrize("role", ["verifier", "fund_manager", "committee_member"])
def test_only_administrators_decide(proposal: Proposal, role: str) -> None:
    with pytest.raises(NotEntitled):
        proposal.decide("approved", AGREED, make.user("ruth", role), proposal.content_sha256)


@pytest.mark.parametrize("role", ["verifier", "committee_member"])
def test_only_fund_managers_and_administrators_propose(score: Score, fund: ThemeFund, dan: User, role: str) -> None:
    candidate = Candidate.of(fund, score.company, by=dan)
    with pytest.raises(NotEntitled):
        candidate.propose(score, "invest", AGREED, make.user("ruth", role), amount_cny=TICKET)
    made_by_a_manager = candidate.propose(score, "invest", AGREED, make.carol(), amount_cny=TICKET)
    assert made_by_a_manager.proposed_by.get_username() == "carol"


def test_who_nominated_does_not_decide_whoever_proposed(score: Score, fund: ThemeFund, dan: User, erin: User) -> None:
    proposal = Candidate.of(fund, score.company, by=dan).propose(
        score, "invest", AGREED, make.carol(), amount_cny=TICKET
    )
    assert list(Proposal.objects.for_the_decision_of(dan)) == []
    with pytest.raises(SamePerson, match="提名"):
        proposal.decide("approved", AGREED, dan, proposal.content_sha256)
    with pytest.raises(IntegrityError, match="who nominated a company"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, dan))
    assert list(Proposal.objects.for_the_decision_of(erin)) == [proposal]
    Handling.note(erin, Handling.What.PASSWORD, by=dan)  # erin's account is in the nominator's hands
    assert list(Proposal.objects.for_the_decision_of(erin)) == []
    with pytest.raises(SamePerson):
        proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    with pytest.raises(IntegrityError, match="who nominated a company"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, erin))


def test_fund_managers_open_and_shortlist_candidates_and_verifiers_do_not(score: Score, fund: ThemeFund) -> None:
    bob, carol = make.bob(), make.carol()
    with pytest.raises(NotEntitled):
        Candidate.of(fund, score.company, by=bob)
    candidate = Candidate.of(fund, score.company, by=carol)
    with pytest.raises(NotEntitled):
        candidate.shortlist(by=bob)
    candidate.shortlist(by=carol)
    assert candidate.stage == Candidate.Stage.SHORTLISTED


# --- bound to content and score ----------------------------------------------------------------------
def test_a_decision_on_other_content_is_refused(proposal: Proposal, erin: User) -> None:
    with pytest.raises(ContentChanged):
        proposal.decide("approved", AGREED, erin, "0" * 64)
    with pytest.raises(IntegrityError, match="bound to the proposer"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, erin, content_sha256="0" * 64))


def test_content_changed_behind_a_removed_guard_cannot_be_approved(proposal: Proposal, erin: User) -> None:
    guards.remove(connection, GUARDS)
    Proposal.objects.filter(pk=proposal.pk).update(amount_cny="9000000.00")
    guards.install(connection, GUARDS)
    with pytest.raises(ContentChanged):
        proposal.decide("approved", AGREED, erin, proposal.content_sha256)


def test_a_decision_on_another_score_is_refused(proposal: Proposal, erin: User, score: Score) -> None:
    other = made.score(score.company, made.result(), as_of=LATER)
    with pytest.raises(IntegrityError, match="bound to the proposer"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, erin, score_id=other.pk))


def test_a_score_of_another_company_cannot_be_proposed(proposal: Proposal, erin: User, fund: ThemeFund) -> None:
    other = made.score(make.company("demo-beta"), made.result())
    proposal.decide("rejected", DISAGREED, erin, proposal.content_sha256)
    with pytest.raises(WrongScore):
        proposal.candidate.propose(other, "invest", "these are mixed up", erin)
    copy = {field.attname: getattr(proposal, field.attname) for field in Proposal._meta.fields}
    with pytest.raises(IntegrityError, match="score of its company"), transaction.atomic():
        Proposal.objects.create(**copy | {"id": None, "number": 2, "score_id": other.pk})


def test_the_content_names_score_mandate_and_checks(score: Score, fund: ThemeFund, dan: User) -> None:
    make.mandate(fund=fund, valid_from="2025-01-01", min_p_cleared=0.8)
    content = json.loads(make.proposal(score, dan, fund, failed_rules_note="known").content())
    assert content["score"]["digest"] == score.digest
    assert content["seen"]["mandate_version"] == 1
    sheet = made.in_force()
    assert content["seen"]["bar_sheet"] == {"version": sheet.version, "digest": sheet.digest}
    assert content["seen"]["checks"] == [
        {"rule": "sheet", "verdict": "pass", "needed": sheet.version, "found": sheet.version},
        {"rule": "p", "verdict": "fail", "needed": "0.8", "found": "0.729"},
    ]


def test_a_mandate_that_changed_since_the_page_was_opened_is_not_passed_over(
    score: Score, fund: ThemeFund, dan: User
) -> None:
    seen = Candidate(fund=fund, company=score.company).preview(score)
    make.mandate(fund=fund, valid_from="2025-01-01", min_p_cleared=0.8)
    with pytest.raises(ContentChanged):
        make.proposal(score, dan, fund, seen_sha256=seen.sha256)


# --- words ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("thin", ["  ", "x", "ok", "同意", "agreedagreed", "a b", "同意该提案"])
def test_a_reason_is_a_sentence(score: Score, fund: ThemeFund, dan: User, erin: User, thin: str) -> None:
    with pytest.raises(ReasonMissing):
        make.proposal(score, dan, fund, reason=thin)
    proposal = make.proposal(score, dan, fund)
    with pytest.raises(ReasonMissing):
        proposal.decide("approved", thin, erin, proposal.content_sha256)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("said", ["three bars cleared", "三项均达标，同意", "同意投资该企业"])
def test_a_short_sentence_is_enough(score: Score, fund: ThemeFund, dan: User, said: str) -> None:
    assert make.proposal(score, dan, fund, reason=f" {said}\n").reason == said


def test_the_database_asks_for_a_reason_too(proposal: Proposal, erin: User) -> None:
    with pytest.raises(IntegrityError, match="decision_has_a_reason"), transaction.atomic():
        Decision.objects.create(**row_of(proposal, erin, reason="  "))


def test_an_unknown_word_is_an_error(proposal: Proposal, score: Score, fund: ThemeFund, erin: User) -> None:
    with pytest.raises(ValueError, match="perhaps"):
        proposal.decide("perhaps", AGREED, erin, proposal.content_sha256)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**row_of(proposal, erin, outcome="maybe"))


def test_an_old_score_needs_words_from_the_proposer(score: Score, fund: ThemeFund, dan: User) -> None:
    made.score(score.company, made.result(), as_of=LATER)
    with pytest.raises(NewerScoreUnmentioned):
        make.proposal(score, dan, fund)
    proposal = make.proposal(score, dan, fund, newer_score_note="the new one has a wrong boundary")
    assert json.loads(proposal.content())["newer_score_note"] == "the new one has a wrong boundary"


def failing_mandate(fund: ThemeFund) -> Mandate:
    return make.mandate(fund=fund, valid_from=date(2025, 1, 1), oldest_data_year=2100)


def test_a_proposal_to_invest_against_the_mandate_needs_words(score: Score, fund: ThemeFund, dan: User) -> None:
    failing_mandate(fund)
    for blank in ("", " \n"):
        with pytest.raises(FailureUnmentioned):
            make.proposal(score, dan, fund, failed_rules_note=blank)
    proposal = make.proposal(score, dan, fund, failed_rules_note=" the report of 2100 is in print ")
    assert proposal.failed_rules_note == "the report of 2100 is in print"
    assert json.loads(proposal.content())["failed_rules_note"] == "the report of 2100 is in print"
    assert proposal.content_sha256 == proposal.content_digest()


@pytest.mark.parametrize("kind", ["decline", "watch"])
def test_who_does_not_invest_need_not_excuse_what_fails(score: Score, fund: ThemeFund, dan: User, kind: str) -> None:
    failing_mandate(fund)
    assert make.proposal(score, dan, fund, kind=kind, failed_rules_note="").failed_rules_note == ""


def test_a_score_that_came_after_the_proposal_needs_words_from_the_approver(
    proposal: Proposal, score: Score, erin: User
) -> None:
    made.score(score.company, made.result(), as_of=LATER)
    with pytest.raises(NewerScoreUnmentioned):
        proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    proposal.decide("approved", AGREED, erin, proposal.content_sha256, newer_score_note="it differs by 0.0")


def test_turning_down_a_proposal_needs_no_words_on_the_newer_score(
    proposal: Proposal, score: Score, erin: User
) -> None:
    made.score(score.company, made.result(), as_of=LATER)
    assert proposal.decide("rejected", "wait for the new one", erin, proposal.content_sha256).outcome == "rejected"


# --- who can be proposed at all --------------------------------------------------------------------------
NOT_ADMITTED = made.result(gates=[made.gate("G1"), made.gate("G2", "fail", "excluded"), made.gate("G3")])


def test_a_peer_cannot_be_proposed(fund: ThemeFund, dan: User) -> None:
    with translation.override("en"), pytest.raises(WrongScore, match="peer"):
        make.proposal(made.score(make.company(), None), dan, fund)


def test_a_candidate_that_fails_a_gate_cannot_be_invested_in(fund: ThemeFund, dan: User) -> None:
    score = made.score(make.company(), NOT_ADMITTED)
    with pytest.raises(NotAdmitted, match="G2"):
        make.proposal(score, dan, fund)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("kind", ["decline", "watch"])
def test_a_candidate_that_fails_a_gate_can_be_declined_or_watched(fund: ThemeFund, dan: User, kind: str) -> None:
    score = made.score(make.company(), NOT_ADMITTED)
    assert make.proposal(score, dan, fund, kind=kind).kind == kind


def test_an_investment_without_an_amount_is_refused(score: Score, fund: ThemeFund, dan: User) -> None:
    with pytest.raises(AmountMissing):
        make.proposal(score, dan, fund, amount_cny=None)
    assert make.proposal(score, dan, fund, kind="watch").amount_cny is None


# --- appended, never edited ------------------------------------------------------------------------------
def test_the_database_refuses_to_edit_or_delete_proposals_and_decisions(proposal: Proposal, erin: User) -> None:
    decision = proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    for row in (proposal, decision):
        rows = type(row)._default_manager.filter(pk=row.pk)
        table = row._meta.db_table
        for edit in (
            lambda row=row: row.save(),
            lambda row=row: row.delete(),
            lambda rows=rows: rows.update(reason="other"),
            lambda rows=rows: rows._raw_delete(rows.db),
            lambda table=table: connection.cursor().execute(f"UPDATE {table} SET reason = 'other'"),
            lambda table=table: connection.cursor().execute(f"DELETE FROM {table}"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                edit()


def test_a_mandate_that_was_used_is_neither_edited_nor_deleted(score: Score, fund: ThemeFund, dan: User) -> None:
    mandate = make.mandate(fund=fund, valid_from="2025-01-01", min_p_cleared=0.8)
    make.proposal(score, dan, fund)
    mandate.min_p_cleared = 0.1
    with pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        mandate.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.filter(pk=mandate.pk)._raw_delete("default")


def test_every_promised_guard_is_in_the_database() -> None:
    from scoring.guards import GUARDS as SCORING

    table, column = ("sqlite_master", "name") if connection.vendor == "sqlite" else ("pg_trigger", "tgname")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        there = {name for (name,) in cursor.fetchall()}
    promised = {g.name(event) for g in (*guards.GUARDS, *SCORING, *GUARDS) for event in g.events}
    assert promised <= there


# --- one at a time -------------------------------------------------------------------------------------
def test_a_candidate_has_one_undecided_proposal(proposal: Proposal, score: Score, erin: User) -> None:
    with pytest.raises(StillUndecided):
        proposal.candidate.propose(score, "watch", "we had rather wait", erin)
    copy = {field.attname: getattr(proposal, field.attname) for field in Proposal._meta.fields}
    with pytest.raises(IntegrityError, match="no undecided proposal"), transaction.atomic():
        Proposal.objects.create(**copy | {"id": None, "number": 2})


def test_a_change_of_mind_is_a_new_proposal(proposal: Proposal, score: Score, dan: User, erin: User) -> None:
    proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    second = proposal.candidate.propose(score, "decline", "the plant was sold", erin)
    second.decide("approved", AGREED, dan, second.content_sha256)
    assert Candidate.objects.get().stage == Candidate.Stage.REJECTED
    assert [p.number for p in Proposal.objects.order_by("pk")] == [1, 2]
    assert Decision.objects.count() == 2


def test_the_second_of_two_decisions_is_told(proposal: Proposal, erin: User) -> None:
    mine, theirs = Proposal.objects.get(), Proposal.objects.get()
    mine.decide("approved", AGREED, erin, proposal.content_sha256)
    other = make.user("gina", "admin")
    with pytest.raises(AlreadyDecided):
        theirs.decide("rejected", DISAGREED, other, proposal.content_sha256)
    assert Decision.objects.get().outcome == "approved"


def test_a_decision_that_slips_past_the_check_meets_the_constraint(
    proposal: Proposal, erin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    monkeypatch.setattr(Proposal, "refusal", lambda self, by: None)
    with pytest.raises(AlreadyDecided):
        proposal.decide("rejected", DISAGREED, make.user("gina", "admin"), proposal.content_sha256)


@pytest.mark.parametrize(
    ("kind", "outcome", "stage"),
    [
        ("invest", "approved", "approved"),
        ("decline", "approved", "rejected"),
        ("watch", "approved", "shortlisted"),
        ("invest", "rejected", "rejected"),
        ("decline", "rejected", "shortlisted"),
        ("watch", "rejected", "shortlisted"),
    ],
)
def test_the_stage_follows_what_was_decided(
    score: Score, fund: ThemeFund, dan: User, erin: User, kind: str, outcome: str, stage: str
) -> None:
    proposal = make.proposal(score, dan, fund, kind=kind)
    proposal.decide(outcome, AGREED, erin, proposal.content_sha256)
    assert Candidate.objects.get().stage == stage


def test_only_a_screened_candidate_is_shortlisted(score: Score, fund: ThemeFund, dan: User) -> None:
    candidate = Candidate.of(fund, score.company, by=dan)
    candidate.shortlist(by=dan)
    with pytest.raises(NotPossible):
        candidate.shortlist(by=dan)


def test_what_people_do_is_in_the_audit_log(proposal: Proposal, erin: User) -> None:
    decision = proposal.decide("approved", "agreed on a secret", erin, proposal.content_sha256)
    verbs = list(AuditEvent.objects.order_by("seq").values_list("actor", "verb", "digest"))
    assert ("nick", "candidate.opened", "") in verbs
    assert ("dan", "proposal.made", proposal.content_sha256) in verbs
    assert verbs[-1] == ("erin", "decision.approved", decision.content_digest())
    assert not AuditEvent.objects.filter(detail__contains="secret").exists()
    assert audit.verify().first_bad is None


def test_words_for_the_company_are_part_of_what_is_signed(proposal: Proposal, erin: User) -> None:
    decision = proposal.decide("approved", AGREED, erin, proposal.content_sha256, words_for_company=" Welcome. ")
    assert decision.words_for_company == "Welcome."
    signed = AuditEvent.objects.get(verb="decision.approved").digest
    assert signed == decision.content_digest()
    decision.words_for_company = ""
    assert signed != decision.content_digest()
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(words_for_company="other")


def test_a_decision_without_them_has_the_digest_of_before(proposal: Proposal, erin: User) -> None:
    decision = proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    before = {  # what was signed before the field
        "proposal": proposal.content_sha256,
        "outcome": "approved",
        "reason": AGREED,
        "newer_score_note": "",
        "decided_by": erin.pk,
        "decided_at": decision.decided_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    assert decision.content_digest() == digest(before)


def test_a_refused_decision_leaves_nothing(proposal: Proposal, erin: User) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(ContentChanged):
        proposal.decide("approved", AGREED, erin, "0" * 64)
    assert (Decision.objects.count(), AuditEvent.objects.count()) == (0, before)
    assert Candidate.objects.get().stage == Candidate.Stage.PROPOSED


# --- at once -------------------------------------------------------------------------------------------
def at_once(*tasks: Callable[[], object]) -> list[str]:
    """Start all together; the names of what came out."""
    barrier, outcomes = threading.Barrier(len(tasks)), []

    def work(task: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            outcomes.append(type(task()).__name__)
        except Exception as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_deciding_at_once_one_is_told(proposal: Proposal, erin: User) -> None:
    gina = make.user("gina", "admin")
    outcomes = at_once(
        lambda: Proposal.objects.get().decide("approved", AGREED, erin, proposal.content_sha256),
        lambda: Proposal.objects.get().decide("rejected", DISAGREED, gina, proposal.content_sha256),
    )
    assert outcomes == ["AlreadyDecided", "Decision"]
    assert AuditEvent.objects.filter(verb__startswith="decision.").count() == 1
    assert audit.verify().first_bad is None


@pytest.mark.django_db(transaction=True)
def test_of_two_proposals_at_once_one_is_refused(score: Score, fund: ThemeFund, dan: User, erin: User) -> None:
    Candidate.of(fund, score.company, by=dan)
    outcomes = at_once(
        lambda: Candidate.objects.get().propose(score, "invest", AGREED, dan, amount_cny=TICKET),
        lambda: Candidate.objects.get().propose(score, "decline", DISAGREED, erin),
    )
    assert outcomes == ["Proposal", "StillUndecided"]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_constraints_still_let_one_proposal_through(
    score: Score, fund: ThemeFund, dan: User, erin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both see no open proposal and no lock keeps them apart: the numbers do."""
    Candidate.of(fund, score.company, by=dan)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    outcomes = at_once(
        lambda: Candidate.objects.get().propose(score, "invest", AGREED, dan, amount_cny=TICKET),
        lambda: Candidate.objects.get().propose(score, "decline", DISAGREED, erin),
    )
    assert Proposal.objects.count() == 1
    assert outcomes.count("Proposal") == 1
