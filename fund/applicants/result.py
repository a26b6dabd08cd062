"""What a verified year came to, as its company reads it: three bars with its own inputs, the decision, what would help.

Never a probability, a weight, an estimate of the model or another company: the fund reads those in its dossier.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fund.applicants.steps import Standing, Stepped, outcome_words, proposal_on, stepper
from fund.applicants.words import BARS_ASK, disputed_words, question_words, way_back
from fund.models import Decision, Dispute, Preview, Proposal
from fund.models.preview import disputable, field_of, may_speak_for
from portfolio.disclosures.untold import Untold, untold
from portfolio.models import Deadline, Disclosure, Membership, Quantity
from portfolio.models.data_request import SOLD
from portfolio.typed.numbers import grouped
from scoring.candidates import words
from scoring.candidates.asked import FIELDS
from scoring.candidates.inputs import shown_input
from scoring.candidates.names import input_name
from scoring.candidates.words import Valued
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.record import BARS, BarRecord, CandidacyResult, Missing
from scoring.models import LatestScore, Score

FEWEST_PEERS = 10
BANDS = 4  # quarters


class Input(NamedTuple):
    field: str  # under which it is disputed
    name: str
    value: str
    origin: str


class Lack(NamedTuple):
    field: str
    name: str
    who: str
    href: str  # where the company tells it; empty of what others fill in


@dataclass(frozen=True)
class ShownBar:
    code: str
    name: str
    asks: str
    state: str  # cleared, missed, unknown
    state_word: str
    valued: Valued
    bar: str
    because: str
    age: str
    inputs: list[Input]
    lacks: list[Lack]

    @property
    def says_bar(self) -> bool:
        """Beside contribution and footprint it stands already."""
        return self.code == "r" or not self.valued.figure


class ShownGate(NamedTuple):
    code: str
    name: str
    verdict: str
    verdict_word: str
    sentence: str
    who: str
    way_back: str


class Band(NamedTuple):
    """In which quarter of its sector the company's intensity lies, lowest first; `quarter` None: too few peers."""

    sector: str
    peers: int
    quarter: int | None

    @property
    def words(self) -> str:
        names = {
            1: _("in the lowest quarter"),
            2: _("in the second quarter from below"),
            3: _("in the third quarter from below"),
            4: _("in the highest quarter"),
        }
        return names[self.quarter] if self.quarter else ""


class Result:
    """Of one version that is verified. Some fifteen queries."""

    def __init__(self, user: User, disclosure: Disclosure) -> None:
        self.user, self.disclosure, self.company = user, disclosure, disclosure.company

    # --- which version, which score ---
    @cached_property
    def stands(self) -> Disclosure | None:
        """The version of the newest year that stands: by it the company is judged."""
        standing = Disclosure.objects.standing().filter(company=self.company)
        newest: Disclosure | None = standing.order_by("-year").first()
        return newest

    @property
    def is_current(self) -> bool:
        return self.stands == self.disclosure

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """Name, value, unit of what was verified, in the order of the form."""
        rows = self.disclosure.values()
        return [(str(each.label), grouped(rows[each] or 0), each.unit_label) for each in Quantity if each in rows]

    @cached_property
    def standing(self) -> Standing:
        is_current = self.is_current
        return Standing(
            self.disclosure,
            list(self.disclosure.steps.exclude(verb="saved").order_by("pk")),
            self.disclosure if self.disclosure.frozen_at else None,
            self.latest if is_current else None,
            self.preview,
            self.proposal if is_current else None,
        )

    @property
    def steps(self) -> list[Stepped]:
        return stepper(self.standing)

    @cached_property
    def latest(self) -> LatestScore | None:
        rows = LatestScore.objects.filter(company=self.company).select_related("score__run__bar_sheet")
        return rows.first()

    @cached_property
    def score(self) -> Score | None:
        """A candidate's, that knows this version."""
        latest = self.latest
        if not self.standing.is_judged or latest is None or latest.score.is_retired:
            return None
        score: Score = latest.score
        return score

    @property
    def record(self) -> CandidacyResult | None:
        return self.score.record["candidacy"] if self.score else None

    @cached_property
    def family(self) -> Family | None:
        if self.score is None or self.record is None or self.score.run.bar_sheet is None:
            return None
        return self.score.run.bar_sheet.engine().family.get(self.record["family"] or "")

    # --- the bars ---
    @cached_property
    def gates(self) -> list[ShownGate]:
        """Those that are not passed."""
        gates = self.record["gates"] if self.record else []
        return [
            ShownGate(
                gate["gate"],
                words.gate_name(gate["gate"]),
                gate["verdict"],
                words.verdict_word(gate["verdict"]),
                words.gate_sentence(gate),
                words.who_word(gate["who"]),
                way_back(gate["gate"]),
            )
            for gate in gates
            if gate["verdict"] != "pass"
        ]

    @property
    def is_refused(self) -> bool:
        return any(gate.verdict == "fail" for gate in self.gates)

    @cached_property
    def bars(self) -> list[ShownBar]:
        record = self.record
        if record is None:
            return []
        return [self._bar(bar, record[bar]) for bar in BARS]  # type: ignore[literal-required]

    def _bar(self, bar: str, record: BarRecord) -> ShownBar:
        return ShownBar(
            code=bar,
            name=words.bar_name(bar),
            asks=str(BARS_ASK[bar]),
            state=record["state"],
            state_word=words.state_word(record["state"]),
            valued=words.value_words(bar, record),
            bar=words.bar_words(bar, record),
            because="" if record["because"] == "untold" else words.because_sentence(bar, record),  # listed by name
            age=words.age_words(record),
            inputs=self._inputs(bar, record),
            lacks=[self._lack(bar, one) for one in record["missing"]],
        )

    def _inputs(self, bar: str, record: BarRecord) -> list[Input]:
        has_places = len({one.get("place", "") for one in record["inputs"]}) > 1
        found = []
        for one in record["inputs"]:
            shown = shown_input(one, self.family, {})
            name = shown.name if has_places else input_name(one["name"])
            origin = shown.rung or _("from the bar sheet, the same for everyone")
            found.append(Input(field_of(bar, one), name, shown.value, origin))
        return found

    def _lack(self, bar: str, one: Missing) -> Lack:
        href = self._place_of(one["name"]) if one["who"] == "company" else ""
        return Lack(field_of(bar, one), words.missing_word(one), words.who_word(one["who"]), href)

    def _place_of(self, name: str) -> str:
        """Where the company tells it: the field of its open draft, else this version with its way to a correction."""
        if self._draft is None:
            return self.disclosure.get_absolute_url()
        asked = FIELDS.get(name, "")
        if asked.startswith(SOLD):
            return reverse("portfolio:solutions", args=[self._draft.pk])
        return self._draft.get_absolute_url() + (f"#id_{asked}" if asked else "")

    @cached_property
    def _draft(self) -> Disclosure | None:
        """Of the same year, which corrects this version."""
        drafts = Disclosure.objects.visible_to(self.user).filter(company=self.company, state__in=Disclosure.EDITABLE)
        found: Disclosure | None = drafts.filter(year=self.disclosure.year).first()
        return found

    @property
    def question(self) -> str:
        return question_words(self.record, self.family) if self.record else ""

    @cached_property
    def untold(self) -> list[Untold]:
        """Of a company that nobody has nominated: what its bars would still wait for."""
        return untold([self.disclosure])[self.disclosure.pk]

    # --- what was decided ---
    @cached_property
    def proposal(self) -> Proposal | None:
        rows = Proposal.objects.filter(candidate__company=self.company, candidate__fund__source="")
        return proposal_on(self.disclosure, rows.select_related("decision").order_by("-pk"))

    @property
    def decision(self) -> Decision | None:
        return self.standing.decision

    @property
    def outcome(self) -> str:
        """The committee's reason was written for the committee: docs/why/2026-12-01-what-an-applicant-is-told.md."""
        proposal, decision = self.standing.proposal, self.decision
        return outcome_words(proposal, decision) if proposal and decision else ""

    # --- preview and dispute ---
    @cached_property
    def preview(self) -> Preview | None:
        return Preview.objects.filter(disclosure=self.disclosure).select_related("disclosure", "confirmed_by").first()

    @cached_property
    def disputes(self) -> list[tuple[Dispute, str]]:
        """With what each is about, the newest first."""
        if self.preview is None:
            return []
        rows = self.preview.disputes.select_related("by", "closed_by")
        return [(row, disputed_words(row.field)) for row in rows]

    @property
    def may_speak(self) -> bool:
        return self.preview is not None and self.preview.is_running and self.speaks

    @property
    def may_confirm(self) -> bool:
        return self.may_speak and not any(one.is_open for one, _about in self.disputes)

    @cached_property
    def speaks(self) -> bool:
        return self.preview is not None and may_speak_for(self.user, self.preview)

    @property
    def submitters(self) -> list[str]:
        mine = Membership.objects.filter(company=self.company, kind=Membership.Kind.SUBMITTER).select_related("user")
        return [one.user.get_full_name() or one.user.get_username() for one in mine]

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """What can still be disputed, with its name."""
        taken = {one.field for one, _about in self.disputes if one.is_open}
        codes = disputable(self.score) if self.score else []
        return [(code, disputed_words(code)) for code in codes if code not in taken]

    # --- beside others, and from now on ---
    @cached_property
    def band(self) -> Band | None:
        """None where the company's own intensity is not known."""
        own = self.latest.intensity if self.latest and self.standing.is_scored else None
        if own is None:
            return None
        sector = LatestScore.objects.filter(company__sector=self.company.sector, intensity__isnull=False)
        peers = sector.exclude(company=self.company)
        count, below = peers.count(), peers.filter(intensity__lt=own).count()
        if count < FEWEST_PEERS:
            return Band(str(self.company.get_sector_display()), count, None)
        quarter = min(BANDS, 1 + BANDS * below // count)
        return Band(str(self.company.get_sector_display()), count, quarter)

    @cached_property
    def next_deadline(self) -> Deadline | None:
        """Of the year after, if it is set: the company's own before that of all."""
        rows = Deadline.objects.filter(year=self.disclosure.year + 1, company__in=[self.company])
        everyone = Deadline.objects.filter(year=self.disclosure.year + 1, company=None)
        return rows.first() or everyone.first()

    @property
    def closing_day(self) -> object:
        """Until when figures of an earlier year stand in, by the bar sheet that judged."""
        sheet = self.score.run.bar_sheet if self.score else None
        return sheet.closing_day if sheet and sheet.closing_day >= timezone.localdate() else None
