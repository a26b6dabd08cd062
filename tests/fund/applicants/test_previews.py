"""The term in which a company confirms or disputes its result: when it begins, who speaks, how a dispute ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from fund.applicants.standing import preview_note
from fund.errors import ContentChanged, NotEntitled
from fund.models import Dispute, Preview
from fund.models.preview import DisputeRefused, disputable
from portfolio import beijing
from portfolio.audit import AuditEvent
from portfolio.models import Mail
from scoring.runs import queue as runs
from tests import make, make_candidates
from tests.fund.applicants.made import Scene, signed_in, text, verified

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def mails(kind: str) -> list[tuple[str, str]]:
    """(recipient, state) of each."""
    rows = Mail.objects.filter(kind=kind).select_related("user").order_by("user__username")
    return [(str(row.user), row.state) for row in rows]


def test_the_first_score_that_knows_the_version_begins_the_term(scene: Scene) -> None:
    last = beijing.add_working_days(beijing.today(), 10)
    assert (scene.preview.due, scene.preview.is_by_calendar) == (last.day, last.is_by_calendar)
    assert scene.preview.is_running and not scene.preview.disputes.exists()
    assert mails("preview") == [("alice", "queued"), ("frank", "queued")]
    [reminder] = Mail.objects.filter(kind="preview_ends")
    day = beijing.working_day_before(last.day, 2)
    assert (reminder.user, reminder.not_before) == (scene.alice, beijing.at(day, time(9)))
    assert AuditEvent.objects.filter(verb="preview.opened").count() == 1


def test_another_score_of_the_same_version_moves_nothing(scene: Scene) -> None:
    before = scene.preview
    later = timezone.localdate() + timedelta(days=1)
    run, is_new = runs.start([scene.company], title="again", by=None, as_of=later)
    runs.drain(run.pk)
    assert is_new and run.scores.exists()
    assert Preview.objects.get() == before and Preview.objects.get().due == before.due
    assert len(mails("preview")) == 2


def test_a_new_version_is_shown_anew(scene: Scene) -> None:
    again = verified(scene.fund, scene.alice, scene.bob, scene.dan, scene.company)
    assert Preview.objects.filter(disclosure=again).exists() and Preview.objects.count() == 2
    assert Preview.objects.of_companies([scene.company.pk])[scene.company.pk].disclosure == again


def test_nothing_is_shown_of_what_is_recorded_or_of_a_peer() -> None:
    fund, dan = make.fund(), make.dan()
    make_candidates.score(make_candidates.candidate(fund, "recorded", dan), make.scoreable("peer"))
    assert not Preview.objects.exists()


def test_a_submitter_confirms_exactly_what_was_shown_once(scene: Scene) -> None:
    with pytest.raises(NotEntitled):
        scene.preview.confirm(by=scene.frank, digest=scene.digest)
    with pytest.raises(ContentChanged):
        scene.preview.confirm(by=scene.alice, digest="0" * 64)
    scene.preview.confirm(by=scene.alice, digest=scene.digest)
    assert (scene.preview.confirmed_by, scene.preview.confirmed_digest) == (scene.alice, scene.digest)
    assert mails("preview_ends") == [("alice", "cancelled")]
    for refused in (
        lambda: scene.preview.confirm(by=scene.alice, digest=scene.digest),
        lambda: scene.preview.dispute("r.ebit", "too late", by=scene.alice, digest=scene.digest),
    ):
        with pytest.raises(DisputeRefused, match="confirmed already"):
            refused()
    assert preview_note(scene.company.pk).words.startswith("The company confirmed")  # type: ignore[union-attr]


def test_a_dispute_is_told_answered_and_ends_once(scene: Scene) -> None:
    made = scene.preview.dispute("r.ebit", " page 12 says more ", by=scene.alice, digest=scene.digest)
    assert (made.words, made.digest, made.is_open) == ("page 12 says more", scene.digest, True)
    assert mails("dispute") == [("carol", "queued")]  # nobody follows it, so every manager
    with pytest.raises(DisputeRefused, match="is open"):
        scene.preview.confirm(by=scene.alice, digest=scene.digest)
    with pytest.raises(DisputeRefused, match="disputed already"):
        scene.preview.dispute("r.ebit", "again", by=scene.alice, digest=scene.digest)
    note = preview_note(scene.company.pk)
    assert note and note.is_warning and "1 field open" in note.words and "company=shown" in note.href
    with pytest.raises(NotEntitled):
        made.reply("no", by=scene.alice)
    with pytest.raises(DisputeRefused):
        made.reply(" ", by=scene.carol)
    made.reply("It is as in the report.", by=scene.carol)
    assert mails("dispute_answered") == [("alice", "queued"), ("frank", "queued")]
    for refused in (lambda: made.reply("again", by=scene.carol), lambda: made.withdraw(by=scene.alice)):
        with pytest.raises(DisputeRefused, match="closed already"):
            refused()
    scene.preview.confirm(by=scene.alice, digest=scene.digest)


def test_a_dispute_is_taken_back_and_the_fund_is_told(scene: Scene) -> None:
    made = scene.preview.dispute("bar.o", "another industry", by=scene.alice, digest=scene.digest)
    with pytest.raises(NotEntitled):
        made.withdraw(by=scene.frank)
    made.withdraw(by=scene.alice)
    assert made.state == Dispute.State.WITHDRAWN
    assert mails("dispute") == [("carol", "cancelled")] and mails("dispute_withdrawn") == [("carol", "queued")]


@pytest.mark.parametrize(("field", "words"), [("r.secret", "x"), ("", "x"), ("r.ebit", "  "), ("r.ebit", "x" * 2001)])
def test_what_cannot_be_disputed_is_refused(scene: Scene, field: str, words: str) -> None:
    with pytest.raises(DisputeRefused):
        scene.preview.dispute(field, words, by=scene.alice, digest=scene.digest)
    assert not Dispute.objects.exists()


def test_every_gate_bar_and_input_can_be_disputed(scene: Scene) -> None:
    fields = disputable(scene.preview.standing_score())
    assert {"gate.G1", "bar.c", "c.units@CHN", "r.ebit", "r.subsidies.grants", "o.scope1"} <= set(fields)


def test_after_the_last_day_nothing_is_said_any_more(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    due, digest = scene.preview.due, scene.digest
    monkeypatch.setattr(beijing, "today", lambda: due)
    assert scene.preview.is_running
    monkeypatch.setattr(beijing, "today", lambda: due + timedelta(days=1))
    for refused in (
        lambda: scene.preview.confirm(by=scene.alice, digest=digest),
        lambda: scene.preview.dispute("r.ebit", "x", by=scene.alice, digest=digest),
    ):
        with pytest.raises(DisputeRefused, match="ended on"):
            refused()
    note = preview_note(scene.company.pk)
    assert note and not note.is_warning and "neither confirmed" in note.words


@pytest.mark.parametrize("change", ["due", "opened_at", "deleted", "words", "undisputed"])
def test_the_database_keeps_the_term_and_what_was_said(scene: Scene, change: str) -> None:
    made = scene.preview.dispute("bar.r", "no", by=scene.alice, digest=scene.digest)
    previews, disputes = Preview.objects.all(), Dispute.objects.filter(pk=made.pk)
    acts = {
        "due": lambda: previews.update(due=date(2030, 1, 1)),
        "opened_at": lambda: previews.update(opened_at=timezone.now() - timedelta(days=9)),
        "deleted": lambda: disputes._raw_delete(disputes.db),
        "words": lambda: disputes.update(words="yes"),
        "undisputed": lambda: disputes.update(field="bar.c"),
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        acts[change]()


# --- days ----------------------------------------------------------------------------------------------------
def test_working_days_are_counted_back_and_until() -> None:
    assert beijing.working_day_before(date(2026, 12, 14), 2) == date(2026, 12, 10)  # over a weekend
    assert beijing.working_day_before(date(2040, 1, 3), 2) == date(2039, 12, 30)  # a year without its notice


def test_the_fund_reads_it_before_it_proposes(scene: Scene) -> None:
    carol = signed_in(scene.carol)
    for page in (reverse("dossier", args=[scene.company.pk]), reverse("propose", args=[scene.company.pk])):
        assert "the preview runs until" in text(carol.get(page))
    scene.preview.dispute("r.ebit", "page 12 says more", by=scene.alice, digest=scene.digest)
    for page in (reverse("dossier", args=[scene.company.pk]), reverse("propose", args=[scene.company.pk])):
        assert "1 field open" in text(carol.get(page))
    assert "dispute of a result waits for an answer" in text(carol.get(reverse("home")))


def test_the_fund_answers_on_the_list_of_disputes(scene: Scene) -> None:
    made = scene.preview.dispute("r.ebit", "page 12 says more", by=scene.alice, digest=scene.digest)
    carol, page = signed_in(scene.carol), reverse("disputes")
    assert "page 12 says more" in text(carol.get(page + "?state=open&company=shown"))
    assert "No dispute matches" in text(carol.get(page + "?state=answered"))
    answer = reverse("dispute_answer", args=[made.pk])
    refused = carol.post(answer, {"words": ""})
    assert refused.status_code == 409 and "Please write the answer" in text(refused)
    assert carol.post(answer, {"words": "It is as in the report."}).status_code == 302
    late = carol.post(answer, {"words": "another answer"})
    assert late.status_code == 409 and "closed already" in text(late) and "another answer" in text(late)
