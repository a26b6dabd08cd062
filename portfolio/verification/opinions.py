"""What pages tell of opinions: bars of materiality, which kinds are possible, what waits for whom, the statement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portfolio.documents.pdf import Block, Document, Facts, Heading, Table, Words, in_words
from portfolio.models import Appeal, Disclosure, Opinion, Substitution
from portfolio.models.case.opinion import Grounds
from portfolio.models.people import Role, SomeUser, has_role
from portfolio.typed.numbers import grouped
from portfolio.wording import listed

ROOM = 1.25  # the longest bar, or the threshold with some room to its right


class Bar(NamedTuple):
    """`width` is in percent of the picture."""

    label: str
    value: str
    width: float
    is_over: bool


@dataclass(frozen=True)
class Measured:
    """The case of a version as a page shows it: bars against the threshold, and which opinions it allows."""

    disclosure: Disclosure
    case: Grounds

    @classmethod
    def of(cls, disclosure: Disclosure) -> Measured:
        return cls(disclosure, Grounds.of(disclosure))

    @property
    def is_measured(self) -> bool:
        return self.case.materiality is not None

    @property
    def threshold(self) -> str:
        found = self.case.materiality
        return tonnes(found.threshold_t) if found else "—"

    @property
    def percent(self) -> str:
        found = self.case.materiality
        return f"{100 * found.threshold_share:.0f}" if found else "—"

    @property
    def reported(self) -> str:
        found = self.case.materiality
        return tonnes(found.reported_t) if found else "—"

    @cached_property
    def _scale_t(self) -> float:
        found = self.case.materiality
        return ROOM * max(found.threshold_t, found.absolute_t) if found else 1.0

    @property
    def threshold_at(self) -> float:
        """In percent of the picture."""
        found = self.case.materiality
        return 100 * found.threshold_t / self._scale_t if found else 0.0

    @property
    def bars(self) -> list[Bar]:
        found = self.case.materiality
        if found is None:
            return []
        told = (
            (_("Largest single effect"), tonnes(found.largest_t), found.largest_t, found.is_single),
            (_("Net of all effects"), signed_tonnes(found.net_t), found.net_t, found.is_net),
            (_("Sum without signs"), tonnes(found.absolute_t), found.absolute_t, found.is_absolute),
        )
        return [Bar(label, said, 100 * abs(t) / self._scale_t, over) for label, said, t, over in told]

    @property
    def is_material(self) -> bool:
        return self.case.materiality is not None and self.case.materiality.is_material

    @property
    def net(self) -> str:
        return signed_tonnes(self.case.materiality.net_t) if self.case.materiality else "—"

    @property
    def absolute(self) -> str:
        return tonnes(self.case.materiality.absolute_t) if self.case.materiality else "—"

    @property
    def words(self) -> str:
        """The picture in one sentence."""
        found = self.case.materiality
        if found is None:
            return _("No tonnes of scopes 1 and 2 are reported: nothing can be measured against them.")
        if not found.effects_t:
            return _("No quantified effect stays uncorrected.")
        if found.is_material:
            return _("Above the threshold: the opinion cannot be unmodified.")
        return _("Below the threshold: unmodified is possible once every finding is closed.")

    @property
    def possible(self) -> list[tuple[str, str, str]]:
        """Code and words of each kind of opinion, and why it is impossible; empty where it is not."""
        return [(kind.value, str(kind.label), " ".join(self.case.objections(kind))) for kind in Opinion.Kind]


def tonnes(value: float | None) -> str:
    return "—" if value is None else grouped(round(value, 1))


def signed_tonnes(value: float | None) -> str:
    """With a true minus, and a plus where it is above 0."""
    if value is None:
        return "—"
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{grouped(abs(round(value, 1)))}"


# --- what waits ------------------------------------------------------------------------------------------------
class Waiting(NamedTuple):
    """An opinion or an appeal; `objection` says why this person may not decide it."""

    opinion: Opinion
    appeal: Appeal | None
    objection: str


def waiting_for_review(user: SomeUser) -> list[Waiting]:
    """Opinions that wait to be issued and appeals that wait for an answer, what is due first before the rest."""
    if not has_role(user, Role.VERIFIER, Role.INDEPENDENT_REVIEWER):
        return []
    appeals = Appeal.objects.open().select_related("opinion__disclosure__company", "opinion__drafted_by")
    drafts = Opinion.objects.visible_to(user).waiting().select_related("disclosure__company", "drafted_by")
    is_reviewer = has_role(user, Role.INDEPENDENT_REVIEWER)
    found = [
        Waiting(one.opinion, one, one.objection_to_answering(user) if is_reviewer else "")
        for one in appeals.order_by("due", "pk")
    ]
    found += [Waiting(one, None, one.review_objection_to(user) if is_reviewer else "") for one in drafts.order_by("pk")]
    return found


# --- the statement -----------------------------------------------------------------------------------------------
LEADS: dict[str, str | Promise] = {
    "unmodified": gettext_lazy(
        "In our opinion the disclosure named here is, in all material respects, in accordance with the criteria named."
    ),
    "modified": gettext_lazy(
        "In our opinion the disclosure named here is in accordance with the criteria named, but for what is said here."
    ),
    "adverse": gettext_lazy("In our opinion the disclosure named here is not in accordance with the criteria named."),
    "disclaimer": gettext_lazy(
        "We could not obtain what an opinion on the disclosure named here would have to rest on."
    ),
}
LEADS_LIMITED: dict[str, str | Promise] = LEADS | {
    "unmodified": gettext_lazy(
        "Nothing has come to our attention by which the disclosure named here would not, in all material respects, be"
        " in accordance with the criteria named."
    ),
}


@dataclass(frozen=True)
class Statement:
    """An issued opinion, on a page and as PDF."""

    opinion: Opinion

    @property
    def lead(self) -> str:
        leads = LEADS_LIMITED if self.opinion.level == Opinion.Level.LIMITED else LEADS
        return str(leads[self.opinion.kind])

    @cached_property
    def substitutions(self) -> list[Substitution]:
        return Substitution.objects.of_content(self.opinion.disclosure, self.opinion.digest)

    @property
    def facts(self) -> list[tuple[str, str, bool]]:
        """Label, value, whether it is a code."""
        one, company = self.opinion, self.opinion.disclosure.company
        told = [
            (_("Opinion"), str(one.get_kind_display()), False),
            (_("Level of assurance"), str(one.get_level_display()), False),
            (_("Company"), company.name, False),
            (_("USCC"), company.uscc, True),
            (_("Year"), str(one.disclosure.year), False),
            (_("Version"), f"v{one.disclosure.version}", False),
            (_("Criteria"), one.criteria_said, False),
            (_("Reported, scopes 1 and 2"), f"{tonnes(one.reported_t)} tCO₂e", False),
            (_("Threshold of materiality"), f"{tonnes(one.threshold_t)} tCO₂e", False),
            (_("Net of uncorrected effects"), f"{signed_tonnes(one.net_t)} tCO₂e", False),
            (_("Sum of uncorrected effects without signs"), f"{tonnes(one.absolute_t)} tCO₂e", False),
            (_("Verifier"), name_of(one.drafted_by), False),
            (_("Independent reviewer"), name_of(one.reviewed_by), False),
            (_("Issued at"), in_words(one.issued_at) if one.issued_at else "", False),
            (_("SHA-256 of the version"), one.digest, True),
        ]
        return [fact for fact in told if fact[1]]

    @property
    def state_words(self) -> str:
        """What became of it; empty where it counts."""
        one = self.opinion
        if one.state == Opinion.State.REOPENED:
            return _("It was reopened on %(day)s and no longer counts.") % {"day": _day(one)}
        if one.state == Opinion.State.SUPERSEDED:
            return _("A newer version was verified on %(day)s: this opinion is of an earlier one.") % {"day": _day(one)}
        if one.disclosure.shown_state == "correcting":
            return _("A correction of this version awaits verification.")
        return ""

    def document(self) -> Document:
        one, found = self.opinion, self.opinion.disclosure
        names = {"company": found.company.name, "year": found.year, "version": found.version}
        heads = [_("Figure"), capfirst(pgettext("of a figure", "submitted")), _("Conservative value"), _("Basis")]
        rows = [
            [str(row.get_quantity_display()), f"{tonnes(row.submitted)} t", f"{tonnes(row.value)} t", row.basis]
            for row in self.substitutions
        ]
        state, nothing = self.state_words, list[Block]()
        return Document(
            title=_("Verification statement"),
            running=_("%(company)s · %(year)s v%(version)s") % names,
            foot=_("Opinion %(number)s · SHA-256 %(digest)s…") % {"number": one.pk, "digest": one.digest[:16]},
            at=one.issued_at or timezone.now(),
            blocks=[
                *([Words(state)] if state else nothing),
                Words(self.lead),
                Facts(self.facts),
                Heading(_("Statement")),
                Words(one.statement),
                *([Heading(_("Open items, and why it stands")), Words(one.despite)] if one.despite else nothing),
                Heading(_("Scope and boundary")),
                Words(one.scope),
                Heading(_("What was looked at, and what was left out")),
                Words(one.sampling),
                *([Heading(_("Conservative substitutions")), self._table(heads, rows)] if rows else nothing),
                Heading(_("Independence")),
                Words(independence()),
            ],
        )

    @staticmethod
    def _table(heads: list[str], rows: list[list[str]]) -> Table:
        return Table(heads, [False, True, True, False], rows)


def independence() -> str:
    return _(
        "The verifier declares to have no conflict of interest. The reviewer took no part in the verification, and"
        " neither of them prepared what was verified nor has a part in the fund."
    )


def substituted_words(rows: list[Substitution]) -> str:
    return listed([str(row.get_quantity_display()) for row in rows])


def name_of(person: object) -> str:
    full = getattr(person, "get_full_name", lambda: "")()
    return full or getattr(person, "username", "") or "—"


def _day(one: Opinion) -> str:
    return timezone.localtime(one.ended_at).strftime("%Y-%m-%d") if one.ended_at else "—"
