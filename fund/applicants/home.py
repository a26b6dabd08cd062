"""The applicant's first page: each company-year, where it stands, what comes next and who does it.

A person decides by it what to do now. Some twenty-five queries, whatever the number of companies and years; what is
left to do of a draft, which needs its ledger computed, each card asks for by itself (fund/applicants/todo.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fund.applicants.steps import Standing, Stepped, proposal_on, stepper
from fund.models import Candidate, Preview, Proposal
from portfolio import beijing
from portfolio.disclosures.untold import Untold, untold
from portfolio.models import (
    Activity,
    Appeal,
    Company,
    DataRequest,
    Deadline,
    Disclosure,
    Mail,
    Membership,
    MonitoringPlan,
    Opinion,
    Step,
)
from portfolio.models.quantity import OF_LEDGER
from portfolio.models.signed import STUCK_AFTER
from scoring.models import LatestScore

LATEST = 8  # mails and receipts that are shown
LONG_AGO = date.max


@dataclass(frozen=True)
class Action:
    """What the reader can do now. Of all of them on the page the first is the one to do next."""

    label: str
    href: str
    why: str
    rank: int
    due: date = LONG_AGO


@dataclass(frozen=True)
class Card:
    """One company-year: the newest version, beside what stands of it."""

    company: Company
    disclosure: Disclosure
    standing: Standing
    bars: list[Untold]
    deadline: Deadline | None
    action: Action | None
    opinion: Opinion | None = None  # that counts, on this version
    appeal: Appeal | None = None  # that waits

    @property
    def may_appeal(self) -> bool:
        until = self.opinion.appeal_until if self.opinion else None
        return until is not None and self.appeal is None and beijing.today() <= until

    @property
    def steps(self) -> list[Stepped]:
        return stepper(self.standing)

    @property
    def is_editable(self) -> bool:
        return self.disclosure.state in Disclosure.EDITABLE

    @property
    def result(self) -> str:
        """The page of its result, of a version that is verified or was before it was corrected."""
        stands = self.standing.stands
        is_verified = stands is not None and stands.state == Disclosure.State.VERIFIED
        return reverse("application", args=[stands.pk]) if stands and is_verified else ""


@dataclass
class Firm:
    """One company of the reader's."""

    member: Membership
    cards: list[Card] = field(default_factory=list)
    earlier: list[Disclosure] = field(default_factory=list)  # years that ask for nothing
    withdrawn: list[Disclosure] = field(default_factory=list)
    requests: list[DataRequest] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    contacts: list[User] = field(default_factory=list)

    @property
    def company(self) -> Company:
        return self.member.company

    @property
    def is_late(self) -> bool:
        return any(one.days_left < 0 for one in self.deadlines)

    @property
    def asked(self) -> list[tuple[DataRequest, list[tuple[int, list[str], str]]]]:
        """Each request with its years: what of them, and where it is told."""
        pages = {row.year: row.get_absolute_url() for row in [*(card.disclosure for card in self.cards), *self.earlier]}
        new = f"{reverse('portfolio:new')}?company={self.company.pk}"
        return [
            (one, [(year, names, pages.get(year, new)) for year, names in one.by_year.items()]) for one in self.requests
        ]

    @property
    def unbegun(self) -> list[Deadline]:
        """Years that are due and have no draft, with which their card would say so."""
        begun = {card.disclosure.year for card in self.cards}
        return [one for one in self.deadlines if one.year not in begun]


@dataclass(frozen=True)
class Message:
    """A mail as the page shows it: its sentences, and the page that it leads to."""

    mail: Mail

    @property
    def sentences(self) -> list[str]:
        return self._parts[0]

    @property
    def href(self) -> str:
        return self._parts[1]

    @property
    def _parts(self) -> tuple[list[str], str]:
        paragraphs = self.mail.body.split("\n\n")
        for number, paragraph in enumerate(paragraphs):
            _before, is_there, path = paragraph.partition(settings.SITE_URL)
            if is_there and path.startswith("/"):
                return paragraphs[:number], path.strip()
        return paragraphs, ""


class Home:
    def __init__(self, user: User) -> None:
        self.user = user
        every = Disclosure.objects.visible_to(user).select_related("company").with_badge()
        self.before = timezone.now() - STUCK_AFTER
        self.returned_long_ago = every.returned_before(self.before).count()
        self.members = list(
            Membership.objects.filter(user=user).select_related("company").order_by("company__company_key")
        )
        self.companies = [one.company_id for one in self.members]
        self.rows = list(
            every.prefetch_related("figures", "substitutions").order_by("company__company_key", "-year", "version")
        )

    # --- what the page shows ---
    @cached_property
    def firms(self) -> list[Firm]:
        firms = {one.company_id: Firm(one) for one in self.members}
        for request in self._requests:
            firms[request.company_id].requests.append(request)
        for key, deadlines in self._deadlines.items():
            firms[key].deadlines = deadlines
        for row in self.rows:
            if row.state == Disclosure.State.WITHDRAWN:
                firms[row.company_id].withdrawn.append(row)
        for row in self._newest:
            firm = firms[row.company_id]
            if self._asks_for_something(row):
                firm.cards.append(self._card(row, firm))
            else:
                firm.earlier.append(row)
        for firm in firms.values():
            if firm.is_late:
                firm.contacts = self._contacts.get(firm.company.pk, [])
        # Those where something can be done now before the others; else as the register has them.
        return sorted(firms.values(), key=lambda firm: not any(card.action for card in firm.cards))

    @property
    def stuck(self) -> int:
        """Returned years and requests that have waited for too long."""
        return self.returned_long_ago + sum(one.asked_at < self.before for one in self._requests)

    @cached_property
    def first(self) -> Action | None:
        """The one thing to do next."""
        return min(self._actions(), key=lambda one: (one.rank, one.due), default=None)

    def _actions(self) -> Iterator[Action]:
        yield from map(_of_plan, self._plans)
        for firm in self.firms:
            yield from (card.action for card in firm.cards if card.action)
            for one in firm.unbegun:
                why = _("%(company)s, %(year)s: %(words)s") % {
                    "company": firm.company.name,
                    "year": one.year,
                    "words": one.words,
                }
                href = f"{reverse('portfolio:new')}?company={firm.company.pk}"
                yield Action(_("Start the year %(year)s") % {"year": one.year}, href, why, 3, one.due)

    @cached_property
    def messages(self) -> Sequence[Message]:
        """What was mailed to this person, the newest first; a reminder that waits for its day is none yet."""
        mine = Mail.objects.filter(user=self.user, company__in=self.companies, not_before__lte=timezone.now())
        return [Message(one) for one in mine.exclude(state=Mail.State.CANCELLED)[:LATEST]]

    @cached_property
    def receipts(self) -> Sequence[Step]:
        steps = Step.objects.filter(verb="submitted", disclosure__company__in=self.companies)
        return list(steps.select_related("disclosure__company").order_by("-pk")[:LATEST])

    # --- one card ---
    def _card(self, row: Disclosure, firm: Firm) -> Card:
        deadline = next((one for one in firm.deadlines if one.year == row.year), None)
        standing = self._standing(row)
        bars = self._untold[row.pk]
        action = self._action(row, standing, firm.member, deadline)
        opinion = self._opinions.get(row.pk)
        appeal = self._appeals.get(opinion.pk) if opinion else None
        return Card(firm.company, row, standing, bars, deadline, action, opinion, appeal)

    def _standing(self, row: Disclosure) -> Standing:
        stands = self._stands.get((row.company_id, row.year))
        if stands is None or stands != self._last_stands.get(row.company_id):  # judged by another year, or by none
            return Standing(row, self._steps[row.pk], stands)
        latest, preview = self._latest.get(row.company_id), self._previews.get(row.company_id)
        return Standing(
            disclosure=row,
            steps=self._steps[row.pk],
            stands=stands,
            latest=latest,
            preview=preview if preview and preview.disclosure_id == stands.pk else None,
            proposal=proposal_on(stands, self._proposals[row.company_id]),
        )

    def _action(
        self, row: Disclosure, standing: Standing, member: Membership, deadline: Deadline | None
    ) -> Action | None:
        due = deadline.due if deadline else LONG_AGO
        named = {"company": row.company.name, "year": row.year}
        why = _("%(company)s, %(year)s") % named
        if row.state == Disclosure.State.RETURNED:
            return Action(_("Read the verifier's words and correct"), row.get_absolute_url(), why, 1, due)
        if row.state == Disclosure.State.REFUSED and (opinion := self._opinions.get(row.pk)):
            return Action(_("Read the opinion"), opinion.get_absolute_url(), why, 1, due)
        if row.state == Disclosure.State.DRAFT:
            if deadline:
                why = _("%(company)s, %(year)s: %(words)s") % {**named, "words": deadline.words}
            missing = row.missing_fields()
            if missing:
                code, label = next(iter(missing.items()))
                if code in OF_LEDGER and row.pk in self._with_lines:
                    href = f"{reverse('portfolio:submit', args=[row.pk])}#take-over"
                    return Action(_("Take over what the ledger comes to"), href, why, 2, due)
                text = _("Fill in: %(field)s") % {"field": label}
                return Action(text, f"{row.get_absolute_url()}#id_{code}", why, 2, due)
            is_submitter = member.kind == Membership.Kind.SUBMITTER
            text = _("Check and submit") if is_submitter else _("Ask a submitter to submit it")
            return Action(text, reverse("portfolio:submit", args=[row.pk]), why, 2, due)
        preview = standing.preview
        if preview and preview.is_running and not preview.open_disputes:
            why = _("%(company)s, %(year)s: until %(day)s") % {**named, "day": preview.last_day}
            text = _("Look at the result, then confirm or dispute it")
            return Action(text, preview.get_absolute_url(), why, 1, preview.due)
        return None

    def _asks_for_something(self, row: Disclosure) -> bool:
        """Whether it is open, the year by which the company is judged now, or the last that anybody told."""
        if row.frozen_at is None:
            return True
        is_last = row == self._last_told.get(row.company_id)
        return is_last or (row.state == Disclosure.State.VERIFIED and self._last_stands.get(row.company_id) == row)

    # --- what it is made of, each for all companies at once ---
    @cached_property
    def _newest(self) -> list[Disclosure]:
        """Of each company-year, the newest year first."""
        kept = [row for row in self.rows if row.state != Disclosure.State.WITHDRAWN]
        return list({(row.company_id, row.year): row for row in kept}.values())

    @cached_property
    def _with_lines(self) -> set[int]:
        """Which of the open ones have a ledger."""
        rows = [row.pk for row in self._newest if row.frozen_at is None]
        return set(Activity.objects.filter(disclosure__in=rows).values_list("disclosure", flat=True).distinct())

    @cached_property
    def _stands(self) -> dict[tuple[int, int], Disclosure]:
        frozen = [row for row in self.rows if row.frozen_at is not None]
        return {(row.company_id, row.year): row for row in frozen}

    @cached_property
    def _last_stands(self) -> dict[int, Disclosure]:
        """Of each company its newest year that stands."""
        return {company: stands for (company, _year), stands in reversed(self._stands.items())}

    @cached_property
    def _last_told(self) -> dict[int, Disclosure]:
        """Of each company the newest version of its newest year."""
        return {row.company_id: row for row in reversed(self._newest)}

    @cached_property
    def _untold(self) -> dict[int, list[Untold]]:
        return untold([row for row in self._newest if self._asks_for_something(row)])

    @cached_property
    def _opinions(self) -> dict[int, Opinion]:
        issued = Opinion.objects.issued().filter(disclosure__in=[row.pk for row in self._newest])
        return {one.disclosure_id: one for one in issued}

    @cached_property
    def _appeals(self) -> dict[int, Appeal]:
        """Those that wait, by opinion."""
        return {one.opinion_id: one for one in Appeal.objects.open().filter(opinion__in=self._opinions.values())}

    @cached_property
    def _requests(self) -> list[DataRequest]:
        return list(DataRequest.objects.visible_to(self.user).open().order_by("due", "pk"))

    @cached_property
    def _plans(self) -> list[MonitoringPlan]:
        """Monitoring plans that the company has in hand."""
        mine = MonitoringPlan.objects.visible_to(self.user).filter(state__in=MonitoringPlan.EDITABLE)
        return list(mine.select_related("company"))

    @cached_property
    def _deadlines(self) -> dict[int, list[Deadline]]:
        return Deadline.open_of(self.companies)

    @cached_property
    def _steps(self) -> dict[int, list[Step]]:
        found: dict[int, list[Step]] = defaultdict(list)
        steps = Step.objects.filter(disclosure__in=[row.pk for row in self._newest]).exclude(verb="saved")
        for step in steps.order_by("pk"):
            found[step.disclosure_id].append(step)
        return found

    @cached_property
    def _latest(self) -> dict[int, LatestScore]:
        rows = LatestScore.objects.filter(company__in=self.companies).select_related("score__run")
        return {row.company_id: row for row in rows.defer("score__record_json")}

    @cached_property
    def _previews(self) -> dict[int, Preview]:
        return Preview.objects.of_companies(self.companies)

    @cached_property
    def _proposals(self) -> dict[int, list[Proposal]]:
        """To our funds, the newest first."""
        rows = Proposal.objects.filter(candidate__company__in=self.companies, candidate__fund__source="")
        found: dict[int, list[Proposal]] = defaultdict(list)
        for row in rows.select_related("candidate", "decision").order_by("-pk"):
            found[row.candidate.company_id].append(row)
        return found

    @cached_property
    def _contacts(self) -> dict[int, list[User]]:
        """Who of the fund follows a company: whom to ask about a day that is past."""
        rows = Candidate.objects.filter(company__in=self.companies, fund__source="").exclude(followed_by=None)
        found: dict[int, list[User]] = defaultdict(list)
        for row in rows.select_related("followed_by").order_by("pk"):
            if row.followed_by and row.followed_by.is_active and row.followed_by not in found[row.company_id]:
                found[row.company_id].append(row.followed_by)
        return found


def _of_plan(plan: MonitoringPlan) -> Action:
    why = _("%(company)s, monitoring plan") % {"company": plan.company.name}
    if plan.state == MonitoringPlan.State.RETURNED:
        return Action(_("Read the verifier's words on the plan and correct it"), plan.get_absolute_url(), why, 1)
    return Action(_("Finish the monitoring plan and submit it"), plan.get_absolute_url(), why, 4)
