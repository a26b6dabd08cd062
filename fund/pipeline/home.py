"""The first page of whoever works for the fund: what waits for this person, how the tracks stand, what changed.

A manager decides by it what to open first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fund.models import Candidate, Decision, Dispute, Mandate, Proposal, RefusedRow
from fund.pipeline.candidacy import ours
from fund.pipeline.report import judged
from fund.pipeline.stuck import Standstill
from portfolio.models import (
    Company,
    CompanyTrack,
    DataRequest,
    Disclosure,
    Join,
    JoinRequest,
    Mail,
    Person,
    Role,
    RoleChange,
    SavedView,
    Track,
    has_role,
)
from portfolio.models.join import DECIDERS
from portfolio.models.people import person_of
from portfolio.models.signed import STUCK_AFTER
from scoring.candidates.listing import BY_BARS, in_order
from scoring.candidates.moves import Move, Pair, explained, moved
from scoring.models import BarSheet, ModelChange, Score, ScoreRun

LONGEST = 12  # rows of "changed since"; the run's page has all
A_WEEK = timedelta(days=7)  # of changes are shown to whom is here for the first time


@dataclass(frozen=True)
class Waiting:
    """Work of one kind: how much of it, what, and where it is done."""

    count: int
    words: str
    href: str


@dataclass(frozen=True)
class TrackTile:
    code: str
    label: str
    candidates: int
    all_known: int
    all_unknown: int
    clear_three: int
    href: str


@dataclass(frozen=True)
class Event:
    """Something that happened to a candidate."""

    at: datetime
    sentence: str
    href: str


class Home:
    """For one person. Some thirty queries, whatever the number of candidates."""

    def __init__(self, user: User) -> None:
        self.user = user
        before = last_visit(user)
        self.is_first = before is None  # the three steps are shown
        self.since = before or timezone.now() - A_WEEK
        self.may_decide = has_role(user, Role.ADMIN)

    @cached_property
    def first(self) -> Company | None:
        """The candidate that the steps lead to: the one that clears most."""
        top = in_order(judged(self.user)[1], [BY_BARS]).select_related("company").first()
        return top.company if top else None

    # --- what waits ---
    @cached_property
    def waiting(self) -> list[Waiting]:
        """What this person can do something about, most binding first."""
        return [one for one in self._waiting() if one.count]

    def _waiting(self) -> Iterator[Waiting]:
        if self.may_decide:
            yield from self._to_decide()
        else:
            yield self._before_the_committee()
        if has_role(self.user, *DECIDERS):
            yield from self._to_propose()
            n = Join.objects.visible_to(self.user).not_confirmed().filter(company__in=self._companies()).count()
            yield Waiting(
                n,
                ngettext(
                    "join of a candidate's figures waits to be confirmed",
                    "joins of candidates' figures wait to be confirmed",
                    n,
                ),
                reverse("portfolio:joins") + "?state=not_confirmed",
            )
            requests = DataRequest.objects.visible_to(self.user)
            n = requests.overdue().count()
            yield Waiting(
                n,
                ngettext("data request is overdue", "data requests are overdue", n),
                reverse("requests") + "?state=overdue",
            )
            n = requests.filter(state=DataRequest.State.ANSWERED, closed_at__gt=self.since).count()
            yield Waiting(
                n,
                ngettext("data request was answered", "data requests were answered", n),
                reverse("requests") + "?state=answered&ordering=-closed_at",
            )
            n = requests.filter(state=DataRequest.State.DECLINED, closed_at__gt=self.since).count()
            yield Waiting(
                n,
                ngettext("data request was declined", "data requests were declined", n),
                reverse("requests") + "?state=declined&ordering=-closed_at",
            )
            yield self._disputes()
            yield self._open_rows()
        yield self._stuck()
        yield self._failed_runs()
        if self.may_decide:
            yield from self._mails()

    def of_administrators(self) -> list[Waiting]:
        """What an administrator can do something about, whoever it is of: the administration's first page."""
        joins = Join.objects.visible_to(self.user).not_confirmed().count()
        tracks = CompanyTrack.objects.filter(confirmed_at__isnull=True).count()
        found = [
            *self._to_decide(),
            *self._to_propose(),
            Waiting(
                joins,
                ngettext("join is not confirmed", "joins are not confirmed", joins),
                reverse("portfolio:joins") + "?state=not_confirmed",
            ),
            Waiting(
                tracks,
                ngettext("track of a company is not confirmed", "tracks of companies are not confirmed", tracks),
                reverse("admin:portfolio_companytrack_changelist") + "?confirmed_at__isempty=1",
            ),
            self._disputes(),
            self._open_rows(),
            self._stuck(),
            self._failed_runs(),
            *self._mails(),
        ]
        return [one for one in found if one.count]

    def _stuck(self) -> Waiting:
        n = Standstill(self.user).mine
        words = ngettext(
            "thing that you can move stands still for over %(days)s days",
            "things that you can move stand still for over %(days)s days",
            n,
        )
        return Waiting(n, words % {"days": STUCK_AFTER.days}, reverse("stuck"))

    def _disputes(self) -> Waiting:
        n = Dispute.objects.visible_to(self.user).open().count()
        words = ngettext("dispute of a result waits for an answer", "disputes of results wait for an answer", n)
        return Waiting(n, words, reverse("disputes") + f"?state={Dispute.State.OPEN}")

    def _open_rows(self) -> Waiting:
        n = RefusedRow.objects.open().visible_to(self.user).filter(fund__source="").count()
        words = ngettext("refused row of the book is open", "refused rows of the book are open", n)
        return Waiting(n, words, reverse("portfolio_open"))

    def _failed_runs(self) -> Waiting:
        ended = ScoreRun.objects.visible_to(self.user).filter(finished_at__gt=self.since)
        n = ended.filter(state=ScoreRun.State.PARTIAL).count()
        words = ngettext("run ended with failed companies", "runs ended with failed companies", n)
        return Waiting(n, words, reverse("scoring:runs") + "?state=partial")

    def _mails(self) -> Iterator[Waiting]:
        """Nothing is said of those that the mail server was not asked about yet: they go in seconds."""
        outbox = reverse("admin:portfolio_mail_changelist")
        n = Mail.objects.failed().count()
        words = ngettext("mail could not be sent", "mails could not be sent", n)
        yield Waiting(n, words, outbox + f"?state__exact={Mail.State.FAILED}")
        n = Mail.objects.waiting().count()
        words = ngettext("mail waits for the mail server", "mails wait for the mail server", n)
        yield Waiting(n, words, outbox + f"?state__exact={Mail.State.QUEUED}")

    def _to_decide(self) -> Iterator[Waiting]:
        """Only administrators decide, and nobody on what they proposed or nominated."""
        n = Proposal.objects.visible_to(self.user).for_the_decision_of(self.user).count()
        yield Waiting(
            n,
            ngettext("proposal waits for your decision", "proposals wait for your decision", n),
            reverse("proposals") + "?whose=for_me",
        )
        n = BarSheet.objects.filter(state=BarSheet.State.PROPOSED).exclude(proposed_by=self.user).count()
        yield Waiting(
            n,
            ngettext("bar sheet waits for your approval", "bar sheets wait for your approval", n),
            reverse("scoring:bar_sheets"),
        )
        n = ModelChange.objects.filter(outcome=ModelChange.Outcome.OPEN).exclude(proposed_by=self.user).count()
        yield Waiting(
            n,
            ngettext("change of the model waits for your word", "changes of the model wait for your word", n),
            reverse("scoring:models"),
        )
        roles = RoleChange.objects.filter(outcome=RoleChange.Outcome.OPEN).select_related("user")
        n = sum(not one.refusal(self.user) for one in roles)
        yield Waiting(
            n,
            ngettext("house role waits for your confirmation", "house roles wait for your confirmation", n),
            reverse("admin:portfolio_rolechange_changelist") + f"?outcome__exact={RoleChange.Outcome.OPEN}",
        )
        n = JoinRequest.objects.to_answer(self.user).count()
        yield Waiting(
            n,
            ngettext(
                "person asks to be the first submitter of a company",
                "people ask to be the first submitter of a company",
                n,
            ),
            reverse("portfolio:join_requests"),
        )
        mandates = Mandate.objects.visible_to(self.user).filter(fund__source="", confirmed_at=None)
        n = sum(not one.refusal(self.user) for one in mandates)
        yield Waiting(
            n,
            ngettext("mandate waits for your confirmation", "mandates wait for your confirmation", n),
            reverse("admin:fund_mandate_changelist"),
        )

    def _to_propose(self) -> Iterator[Waiting]:
        """What those who propose began, and have before them."""
        n = Proposal.objects.visible_to(self.user).waiting().filter(proposed_by=self.user).count()
        yield Waiting(
            n,
            ngettext("proposal of yours waits for a decision", "proposals of yours wait for a decision", n),
            reverse("proposals") + "?state=waiting&whose=mine",
        )
        n = ours(self.user).filter(stage=Candidate.Stage.SHORTLISTED).count()
        yield Waiting(
            n,
            ngettext(
                "candidate on the shortlist waits for a proposal", "candidates on the shortlist wait for a proposal", n
            ),
            reverse("candidates") + f"?standing={Candidate.Stage.SHORTLISTED}",
        )

    def _before_the_committee(self) -> Waiting:
        """For those who read and do not decide."""
        n = Proposal.objects.visible_to(self.user).waiting().exclude(proposed_by=self.user).count()
        words = ngettext("proposal is before the committee", "proposals are before the committee", n)
        return Waiting(n, words, reverse("proposals") + "?state=waiting")

    def _companies(self) -> Any:
        return ours(self.user).order_by().values("company")

    @cached_property
    def views(self) -> list[SavedView]:
        """Their own of either list, then those that others share."""
        found = SavedView.objects.visible_to(self.user).select_related("owner")
        return sorted(found, key=lambda view: (view.owner_id != self.user.pk, view.list, view.name.casefold()))

    # --- how the tracks stand ---
    @cached_property
    def tiles(self) -> list[TrackTile]:
        _sheet, latest = judged(self.user)
        rows = (
            latest.order_by()
            .values_list("track")
            .annotate(
                n=models.Count("pk"),
                n_known=models.Count("pk", filter=models.Q(known=3)),
                n_unknown=models.Count("pk", filter=models.Q(group_code=Score.Group.NONE, known=0)),
                three=models.Count("pk", filter=models.Q(group_code=Score.Group.THREE)),
            )
        )
        found = {track: (n, known, unknown, three) for track, n, known, unknown, three in rows}
        tiles = []
        for code, label in Track.choices:
            n, known, unknown, three = found.get(code, (0, 0, 0, 0))
            href = reverse("candidates") + f"?track={code}"
            tiles.append(TrackTile(code, str(label), n, known, unknown, three, href))
        return tiles

    # --- what changed ---
    @cached_property
    def _moved(self) -> list[Pair]:
        _sheet, latest = judged(self.user)
        fresh = Score.objects.filter(pk__in=latest.order_by().values("score"), created_at__gt=self.since)
        return moved(fresh, since=self.since)

    @cached_property
    def moves(self) -> list[Move]:
        return explained(self._moved[:LONGEST])

    @property
    def more_moves(self) -> int:
        return max(0, len(self._moved) - LONGEST)

    @cached_property
    def events(self) -> list[Event]:
        """Decisions, proposals and verified figures of candidates, newest first."""
        found = [*self._decisions(), *self._proposals(), *self._verified()]
        return sorted(found, key=lambda event: event.at, reverse=True)[:LONGEST]

    def _decisions(self) -> Iterator[Event]:
        rows = Decision.objects.visible_to(self.user).filter(decided_at__gt=self.since).order_by("-decided_at")
        for one in rows.select_related("proposal__candidate__company")[:LONGEST]:
            outcome = {
                Decision.Outcome.APPROVED: _("%(company)s: “%(kind)s” was approved"),
                Decision.Outcome.REJECTED: _("%(company)s: “%(kind)s” was rejected"),
            }[Decision.Outcome(one.outcome)]
            yield Event(one.decided_at, outcome % _about(one.proposal), one.proposal.get_absolute_url())

    def _proposals(self) -> Iterator[Event]:
        rows = Proposal.objects.visible_to(self.user).filter(proposed_at__gt=self.since).order_by("-proposed_at")
        for one in rows.select_related("candidate__company")[:LONGEST]:
            yield Event(
                one.proposed_at, _("%(company)s: “%(kind)s” was proposed") % _about(one), one.get_absolute_url()
            )

    def _verified(self) -> Iterator[Event]:
        rows = Disclosure.objects.visible_to(self.user).filter(
            company__in=self._companies(), state=Disclosure.State.VERIFIED, frozen_at__gt=self.since
        )
        for one in rows.select_related("company").order_by("-frozen_at")[:LONGEST]:
            if one.frozen_at is not None:  # a verified one always has it (a constraint); the column may be empty
                told = _("%(company)s: the figures of %(year)s were verified")
                href = reverse("dossier_tab", args=[one.company_id, "emissions"])
                yield Event(one.frozen_at, told % {"company": one.company.name, "year": one.year}, href)


def _about(proposal: Proposal) -> dict[str, str]:
    return {"company": proposal.candidate.company.name, "kind": proposal.get_kind_display()}


def on_signed_in(user: User, **_signal: Any) -> None:
    """Note the visit that begins, and when the one before it did; reading a page writes nothing."""
    person, _is_new = Person.objects.get_or_create(user=user)
    Person.objects.filter(pk=person.pk).update(seen_before_at=person.seen_at, seen_at=timezone.now())


def last_visit(user: User) -> datetime | None:
    """When this person signed in before the present visit; None at the first."""
    person = person_of(user)
    return person.seen_before_at if person else None
