"""The questions of the gates, each with what was stated and what is confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.models import Company, GateWord
from portfolio.models.people import SomeUser

Q = GateWord.Question
# Which gate a question belongs to, and which answer opens it.
GATES: dict[str, tuple[str, str | Promise]] = {
    Q.EXCLUSION: ("G2", _("“No” passes: the company falls under none of the fund's exclusions.")),
    Q.FOSSIL: ("G5", _("“No” passes: the solution is not made for extracting coal, oil or gas.")),
    Q.DIRECT: ("G5", _("“Yes” passes: the solution itself avoids the emissions, and a significant part of them.")),
    Q.CLIMATE_ACTION: ("G5", _("“Yes” passes: it measures its own emissions and has a plan against them.")),
    Q.VENTURE: ("", _("Decides R's profit line alone: gross profit and runway for a venture, EBIT for others.")),
}


@dataclass(frozen=True)
class Asked:
    """One question: the last statement, the last confirmed word."""

    question: GateWord.Question
    stated: GateWord | None
    confirmed: GateWord | None

    @property
    def gate(self) -> str:
        return GATES[self.question][0]

    @property
    def about(self) -> str:
        return str(GATES[self.question][1])

    @property
    def differ(self) -> bool:
        """Whether the company has said otherwise since, or before."""
        return bool(self.stated and self.confirmed and self.stated.answer != self.confirmed.answer)


def words_of(company: Company, user: SomeUser) -> list[GateWord]:
    """All that this person may see, the newest first."""
    rows = GateWord.objects.visible_to(user).filter(company=company)
    return list(rows.select_related("by", "document", "company").order_by("-pk"))


def asked(words: list[GateWord]) -> list[Asked]:
    found = []
    for question in GateWord.Question:
        of_it = [word for word in words if word.question == question]
        stated = next((word for word in of_it if not word.is_confirmed), None)
        confirmed = next((word for word in of_it if word.is_confirmed), None)
        found.append(Asked(question, stated, confirmed))
    return found
