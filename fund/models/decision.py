"""Funds, their mandates, and who proposed and decided what. Decisions are appended, never edited (fund/guards.py)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Length, Now, Trim
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
from fund.models import decision_mails
from fund.models import mandate_rules as rules
from portfolio import audit
from portfolio.models import Company, GateWord
from portfolio.models.join import DECIDERS
from portfolio.models.people import Role, administrators, handlings_between, has_role, same_hands
from portfolio.typed.bounds import Within
from scoring.engine import canonical_json, digest
from scoring.models.bar_sheet import BarSheet
from scoring.models.score import LatestScore, Score

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

from fund.models.fund import FundSideQuerySet, Mandate, ThemeFund

HAN = re.compile(r"[\u3400-\u9fff]")
LEAST_HAN, LEAST_WORDS, LEAST_LETTERS = 6, 2, 10
LONGEST_WORDS = 2000  # characters, for the company


class Candidate(models.Model):
    """A company that a fund looks at, and how far it has come. The stage moves by what people do, never by a form."""

    class Stage(models.TextChoices):
        SCREENING = "screening", _("Screening")
        SHORTLISTED = "shortlisted", _("Shortlisted")
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", pgettext_lazy("of a decision", "Approved")
        REJECTED = "rejected", pgettext_lazy("of a decision", "Rejected")

    fund = models.ForeignKey(ThemeFund, models.PROTECT, related_name="candidates", verbose_name=_("fund"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="candidacies", verbose_name=_("company"))
    stage = models.CharField(_("stage"), max_length=16, choices=Stage.choices, default=Stage.SCREENING, editable=False)
    nominated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("nominated by"),
    )
    followed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("followed by"),
    )

    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "company"], name="candidate_once_a_fund"),
            models.CheckConstraint(
                condition=models.Q(stage__in=["screening", "shortlisted", "proposed", "approved", "rejected"]),
                name="candidate_stage_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.fund}"

    @classmethod
    def of(cls, fund: ThemeFund, company: Company, *, by: User) -> Candidate:
        """This company's candidacy for this fund, opened if there is none. Raises NotEntitled, or SamePerson."""
        _must_be_decider(by)
        with transaction.atomic():
            candidate, is_new = cls.objects.get_or_create(fund=fund, company=company, defaults={"nominated_by": by})
            if is_new:
                if refusal := cls.not_to_be_nominated(company, by):
                    raise SamePerson(refusal)
                told = f"{company.company_key}, fund:{fund.pk}: - > {candidate.stage}"
                audit.append(by, "candidate.opened", f"candidate:{candidate.pk}", detail=told)
        return candidate

    @staticmethod
    def not_to_be_nominated(company: Company, by: SomeUser) -> str:
        """Why this person cannot open it, or nothing: who answers a company's gates does not nominate it as well."""
        if GateWord.objects.filter(company=company, is_confirmed=True, by_id=by.pk).exists():
            return str(_("You confirmed gates of this company, so somebody else must nominate it."))
        return ""

    # --- what is known ---------------------------------------------------------------------------------
    def preview(self, score: Score, amount_cny: Decimal | None = None) -> Seen:
        """What a proposer sees of this score today; of a ticket only where its amount is given."""
        return Seen.of(self.fund, score, timezone.localdate(), amount_cny)

    # --- what people do --------------------------------------------------------------------------------
    def shortlist(self, *, by: User) -> None:
        """Raises NotEntitled, or NotPossible where it is further on already."""
        _must_be_decider(by)
        with transaction.atomic():
            self.move_stage([self.Stage.SCREENING], self.Stage.SHORTLISTED)
            told = f"{self.company.company_key}: {self.Stage.SCREENING} > {self.Stage.SHORTLISTED}"
            audit.append(by, "candidate.shortlisted", f"candidate:{self.pk}", detail=told)

    def assign(self, to: User | None, *, by: User) -> bool:
        """Who follows it from now on; nobody for None. False where that is so already.

        Raises NotEntitled, or NotPossible for somebody who is not of the fund or whose account is closed.
        """
        _must_be_decider(by)
        if to is not None and not (to.is_active and has_role(to, *DECIDERS)):
            raise NotPossible(_("Only a fund manager or an administrator can follow a candidate."))
        others = Candidate.objects.filter(pk=self.pk)
        others = others.exclude(followed_by=None) if to is None else others.exclude(followed_by=to)
        with transaction.atomic():
            if others.update(followed_by=to) != 1:
                return False
            audit.append(by, "candidate.assigned", f"candidate:{self.pk}", detail=to.get_username() if to else "")
        self.followed_by = to
        return True

    def propose(
        self,
        score: Score,
        kind: str,
        reason: str,
        by: User,
        *,
        amount_cny: Decimal | None = None,
        conditions: str = "",
        newer_score_note: str = "",
        failed_rules_note: str = "",
        seen_sha256: str | None = None,
    ) -> Proposal:
        """Put a decision before an administrator, bound to exactly this score record.

        `seen_sha256` is of the checks as the proposer saw them, before an amount; None takes them as they are now.
        Raises NotEntitled, ReasonMissing, WrongScore, NotAdmitted, AmountMissing, NewerScoreUnmentioned,
        FailureUnmentioned, ContentChanged or StillUndecided.
        """
        _must_be_decider(by)
        _must_be_a_sentence(reason)
        if score.company_id != self.company_id:
            raise WrongScore(_("This score is of another company."))
        if refusal := proposable(score):
            raise refusal
        if kind == Proposal.Kind.INVEST and (failed := failed_gates(score)):
            raise NotAdmitted(
                _("Not admitted: %(gates)s. It can only be declined or watched.") % {"gates": ", ".join(failed)}
            )
        if kind == Proposal.Kind.INVEST and amount_cny is None:
            raise AmountMissing(_("An investment needs an amount."))
        amount_cny = None if amount_cny is None else Decimal(amount_cny).quantize(Decimal("0.01"))
        try:
            with transaction.atomic():
                locked = Candidate.objects.select_for_update().annotate(now=Now()).get(pk=self.pk)
                if seen_sha256 is not None and seen_sha256 != self.preview(score).sha256:
                    raise ContentChanged(_("The mandate or the scores changed since you opened the page. Look again."))
                seen = self.preview(score, amount_cny)
                if seen.newer_score and not newer_score_note.strip():
                    raise NewerScoreUnmentioned(_("There is a newer score. Say why this one is used all the same."))
                if kind == Proposal.Kind.INVEST and seen.failed and not failed_rules_note.strip():
                    raise FailureUnmentioned(
                        _("Rules of the mandate fail. Say why you propose to invest all the same.")
                    )
                if self.proposals.filter(decision__isnull=True).exists():
                    raise StillUndecided(_("This candidate has a proposal that waits for its decision."))
                proposal = Proposal(
                    candidate=self,
                    number=self.proposals.count() + 1,
                    score=score,
                    mandate=seen.mandate,
                    kind=Proposal.Kind(kind),
                    amount_cny=amount_cny,
                    conditions=conditions.strip(),
                    reason=reason.strip(),
                    newer_score_note=newer_score_note.strip(),
                    failed_rules_note=failed_rules_note.strip(),
                    seen_json=seen.json,
                    proposed_by=by,
                    proposed_at=locked.now,
                )
                proposal.content_sha256 = proposal.content_digest()
                proposal.save(force_insert=True)
                self.move_stage([stage for stage in self.Stage if stage != self.Stage.PROPOSED], self.Stage.PROPOSED)
                told = f"{self.company.company_key}: {proposal.in_short}"
                audit.append(
                    by, "proposal.made", f"proposal:{proposal.pk}", digest=proposal.content_sha256, detail=told
                )
        except IntegrityError as refused:
            # Two at once on a database without row locks: the unique number lets one through.
            if self.proposals.filter(decision__isnull=True).exists():
                raise StillUndecided(_("This candidate has a proposal that waits for its decision.")) from refused
            raise
        return proposal

    def move_stage(self, old: Sequence[str], new: Stage) -> None:
        if Candidate.objects.filter(pk=self.pk, stage__in=old).update(stage=new) != 1:
            raise NotPossible(_("The candidate's stage does not allow that any more."))
        self.stage = new


class Seen:
    """What stands beside a score when somebody proposes: the mandate's checks, and a newer score if there is one."""

    def __init__(
        self,
        score: Score,
        mandate: Mandate | None,
        sheet: BarSheet | None,
        checks: list[rules.Check],
        newer: Score | None,
    ) -> None:
        self.score, self.mandate, self.sheet, self.checks, self.newer_score = score, mandate, sheet, checks, newer
        content = {
            "score": score.digest,
            "mandate_version": mandate.version if mandate else None,
            "bar_sheet": {"version": sheet.version, "digest": sheet.digest} if sheet else None,
            "checks": [check.record() for check in checks],
            "newer_score": newer.digest if newer else None,
        }
        self.json = canonical_json(content)
        self.sha256 = digest(self.json)

    @property
    def failed(self) -> list[rules.Check]:
        return [check for check in self.checks if check.verdict == rules.Verdict.FAIL]

    @property
    def undecidable(self) -> list[rules.Check]:
        return [check for check in self.checks if check.verdict == rules.Verdict.NOT_DECIDABLE]

    @classmethod
    def of(cls, fund: ThemeFund, score: Score, day: date, amount_cny: Decimal | None = None) -> Seen:
        mandate = fund.mandate_on(day)
        if mandate is None:
            return cls(score, None, None, [], newer_score(score))
        sheet = mandate.sheet_on(day)
        checks = rules.checks(
            mandate,
            score,
            sheet=sheet,
            company_tracks=score.company.tracks.all(),
            fund_tracks=fund.track_codes(),
            size_cny=fund.size_cny,
            amount_cny=amount_cny,
        )
        return cls(score, mandate, sheet, checks, newer_score(score))


def proposable(score: Score) -> WrongScore | None:
    """Why nothing can be proposed on this score, or None."""
    if score.is_retired:
        return WrongScore(_("This score is of a retired method. Score the company again, then propose."))
    if score.record["candidacy"] is None:
        return WrongScore(_("This is a peer: it is measured, not judged. Make it a candidate and score it again."))
    return None


def failed_gates(score: Score) -> list[str]:
    """G1 to G5, those that this score's candidate fails."""
    candidacy = None if score.is_retired else score.record["candidacy"]
    return [gate["gate"] for gate in candidacy["gates"] if gate["verdict"] == "fail"] if candidacy else []


def newer_score(score: Score) -> Score | None:
    """The score that stands for the company now, if it is another one."""
    latest = LatestScore.objects.filter(company_id=score.company_id).select_related("score__run").first()
    return latest.score if latest and latest.score_id != score.pk else None


class ProposalQuerySet(FundSideQuerySet):
    def waiting(self) -> ProposalQuerySet:
        return self.filter(decision__isnull=True)

    def for_the_decision_of(self, user: SomeUser) -> ProposalQuerySet:
        """Those that wait and that this person may decide: `Proposal.refusal`, for many."""
        if not has_role(user, Role.ADMIN):
            return self.none()
        found = self.waiting().exclude(models.Q(proposed_by=user.pk) | models.Q(candidate__nominated_by=user.pk))
        for hand in ("proposed_by", "candidate__nominated_by"):
            found = found.exclude(models.Exists(handlings_between(user, models.OuterRef(hand))))
        return found


class Proposal(models.Model):
    """What somebody puts before an administrator: appended, never edited. A change of mind is a new proposal."""

    class Kind(models.TextChoices):
        INVEST = "invest", _("Invest")
        DECLINE = "decline", _("Decline")
        WATCH = "watch", _("Watch")

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="proposals", verbose_name=_("candidate"))
    number = models.PositiveSmallIntegerField(_("number"))
    score = models.ForeignKey(Score, models.PROTECT, related_name="+", verbose_name=_("score"))
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mandate")
    )
    kind = models.CharField(_("proposal"), max_length=8, choices=Kind.choices)
    amount_cny = models.DecimalField(
        _("amount in yuan"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), Within("amount_cny")],
    )
    conditions = models.TextField(_("conditions"), blank=True, default="", max_length=4000)
    reason = models.TextField(_("reason"), max_length=4000)
    newer_score_note = models.TextField(_("why not the newer score"), blank=True, default="", max_length=2000)
    failed_rules_note = models.TextField(_("why although rules fail"), blank=True, default="", max_length=2000)
    seen_json = models.TextField(_("checks as the proposer saw them"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    content_sha256 = models.CharField(_("digest of the content"), max_length=64)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "number"], name="proposal_number_once_a_candidate"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["invest", "decline", "watch"]), name="proposal_kind_is_known"
            ),
            models.CheckConstraint(condition=GreaterThan(Length(Trim("reason")), 0), name="proposal_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(amount_cny__isnull=True) | models.Q(amount_cny__gt=0),
                name="proposal_amount_is_above_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} · {self.get_kind_display()} · #{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("proposal", args=[self.pk])

    # --- what it says ----------------------------------------------------------------------------------
    def content(self) -> str:
        """Canonical JSON of everything an approver signs."""
        return canonical_json(
            {
                "fund": self.candidate.fund_id,
                "company_key": self.candidate.company.company_key,
                "number": self.number,
                "score": {"run": self.score.run_id, "digest": self.score.digest},
                "kind": self.kind,
                "amount_cny": None if self.amount_cny is None else f"{self.amount_cny:.2f}",
                "conditions": self.conditions,
                "reason": self.reason,
                "newer_score_note": self.newer_score_note,
                "failed_rules_note": self.failed_rules_note,
                "seen": json.loads(self.seen_json),
                "proposed_by": self.proposed_by_id,
                "proposed_at": _utc(self.proposed_at),
            }
        )

    def content_digest(self) -> str:
        return digest(self.content())

    def checks_seen(self) -> list[rules.Check]:
        return [rules.Check.from_record(record) for record in json.loads(self.seen_json)["checks"]]

    def unmentioned_newer_score(self) -> Score | None:
        """A newer score that the proposer could not know of."""
        newer = newer_score(self.score)
        return newer if newer and newer.digest != json.loads(self.seen_json)["newer_score"] else None

    @property
    def is_decided(self) -> bool:
        return hasattr(self, "decision")

    @property
    def in_short(self) -> str:
        """For the audit log, in no language: such as "invest 30000000.00 CNY"."""
        return self.kind if self.amount_cny is None else f"{self.kind} {self.amount_cny:.2f} CNY"

    # --- who may, and what people do -------------------------------------------------------------------
    def refusal(self, user: User) -> SamePerson | NotEntitled | AlreadyDecided | None:
        """Why this person cannot decide, or None."""
        if not has_role(user, Role.ADMIN):
            return NotEntitled(_("Only an administrator can decide."))
        if said := not_to_be_decided_by(user, self.proposed_by_id, self.candidate.nominated_by_id):
            return SamePerson(said)
        if self.is_decided:
            return AlreadyDecided(_("This proposal is decided already."))
        return None

    def decide(
        self,
        outcome: str,
        reason: str,
        by: User,
        content_sha256: str,
        *,
        newer_score_note: str = "",
        words_for_company: str = "",
    ) -> Decision:
        """Approve or reject exactly the content that `by` saw. The company reads `words_for_company`, never the reason.

        Raises SamePerson, NotEntitled, AlreadyDecided, ReasonMissing, ContentChanged, WrongScore or
        NewerScoreUnmentioned.
        """
        try:
            with transaction.atomic():
                # The candidate is the lock, as in `propose`: the application may not even lock an append-only row.
                candidate = Candidate.objects.select_for_update().annotate(now=Now()).get(pk=self.candidate_id)
                locked = Proposal.objects.get(pk=self.pk)
                if refusal := locked.refusal(by):
                    raise refusal
                _must_be_a_sentence(reason)
                if not (content_sha256 == locked.content_sha256 == locked.content_digest()):
                    raise ContentChanged(_("What you saw is not what is stored. Read it again, please."))
                approved = Decision.Outcome(outcome) == Decision.Outcome.APPROVED
                if approved and locked.score.is_retired:
                    raise WrongScore(
                        _("This score is of a retired method: the proposal can only be turned down, and made anew.")
                    )
                if approved and locked.unmentioned_newer_score() and not newer_score_note.strip():
                    raise NewerScoreUnmentioned(
                        _("A newer score came after the proposal. Say why this one is used all the same.")
                    )
                decision = Decision.objects.create(
                    proposal=locked,
                    outcome=Decision.Outcome(outcome),
                    reason=reason.strip(),
                    newer_score_note=newer_score_note.strip(),
                    words_for_company=words_for_company.strip(),
                    decided_by=by,
                    decided_at=candidate.now,
                    proposed_by_id=locked.proposed_by_id,
                    content_sha256=content_sha256,
                    score_id=locked.score_id,
                )
                before = candidate.stage
                candidate.move_stage([Candidate.Stage.PROPOSED], decision.stage_after())
                verb = f"decision.{decision.outcome}"
                told = f"{candidate.company.company_key}: {locked.in_short}; {before} > {decision.stage_after()}"
                audit.append(by, verb, f"proposal:{locked.pk}", digest=decision.content_digest(), detail=told)
                decision_mails.on_decided(decision)
        except IntegrityError as refused:
            if Decision.objects.filter(proposal_id=self.pk).exists():
                raise AlreadyDecided(_("This proposal is decided already.")) from refused
            raise
        return decision


class Decision(models.Model):
    """An administrator's answer to one proposal of somebody else: appended, never edited."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("of a decision", "Approved")
        REJECTED = "rejected", pgettext_lazy("of a decision", "Rejected")

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="decision", verbose_name=_("proposal"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason = models.TextField(_("reason"), max_length=4000)
    newer_score_note = models.TextField(_("why not the newer score"), blank=True, default="", max_length=2000)
    words_for_company = models.TextField(
        _("words for the company"),
        blank=True,
        default="",
        max_length=LONGEST_WORDS,
        help_text=_("The company reads them beside the decision"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"))
    # Repeated from the proposal, so that the database itself can compare (see fund/guards.py).
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    content_sha256 = models.CharField(_("digest of what was decided on"), max_length=64)
    score = models.ForeignKey(Score, models.PROTECT, related_name="+", verbose_name=_("score"))

    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("proposed_by")), name="decider_is_not_proposer"
            ),
            models.CheckConstraint(condition=GreaterThan(Length(Trim("reason")), 0), name="decision_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["approved", "rejected"]), name="decision_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} · {self.get_outcome_display()}"

    def content_digest(self) -> str:
        """SHA-256 of the whole decision, for the audit log. Without words for the company it is that of before."""
        content = {
            "proposal": self.content_sha256,
            "outcome": self.outcome,
            "reason": self.reason,
            "newer_score_note": self.newer_score_note,
            "decided_by": self.decided_by_id,
            "decided_at": _utc(self.decided_at),
        }
        if self.words_for_company:
            content["words_for_company"] = self.words_for_company
        return digest(content)

    def stage_after(self) -> Candidate.Stage:
        """Where the candidate stands now. A proposal that was turned down leaves it open for another."""
        if self.outcome == self.Outcome.REJECTED:
            is_invest = self.proposal.kind == Proposal.Kind.INVEST
            return Candidate.Stage.REJECTED if is_invest else Candidate.Stage.SHORTLISTED
        return {
            Proposal.Kind.INVEST.value: Candidate.Stage.APPROVED,
            Proposal.Kind.DECLINE.value: Candidate.Stage.REJECTED,
            Proposal.Kind.WATCH.value: Candidate.Stage.SHORTLISTED,
        }[self.proposal.kind]


def not_to_be_decided_by(user: SomeUser, proposed_by: int | None, nominated_by: int | None) -> str:
    """Why this person is no second pair of eyes on such a proposal, or nothing."""
    if user.pk == proposed_by:
        return str(_("You proposed this, so another administrator must decide it."))
    if nominated_by is not None and user.pk == nominated_by:
        return str(_("You nominated this company, so another administrator must decide it."))
    return same_hands(user, proposed_by) or same_hands(user, nominated_by)


def deciders(proposed_by: int | None, nominated_by: int | None) -> list[User]:
    """The administrators who may decide such a proposal today, by name."""
    people = administrators().select_related("user").order_by("user__username")
    return [one.user for one in people if not not_to_be_decided_by(one.user, proposed_by, nominated_by)]


def _must_be_decider(user: User) -> None:
    if not has_role(user, *DECIDERS):
        raise NotEntitled(_("Only a fund manager or an administrator can do this."))


def _must_be_a_sentence(reason: str) -> None:
    if not is_a_sentence(reason):
        raise ReasonMissing(
            _("Write the reason as a sentence: two words and ten letters at least, or six Chinese characters.")
        )


def is_a_sentence(text: str) -> bool:
    """Long enough to say something: a judgement of ours, which keeps out "ok" and "同意", not nonsense."""
    words = text.split()
    return len(HAN.findall(text)) >= LEAST_HAN or (len(words) >= LEAST_WORDS and len(" ".join(words)) >= LEAST_LETTERS)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
