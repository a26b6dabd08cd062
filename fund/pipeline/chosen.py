"""Candidates that somebody selected, and what a verb would do to each of them: said before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib.auth.models import User
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fund.errors import FundError
from fund.models import Candidate
from fund.pipeline.candidacy import ours
from portfolio.lists import whole_number
from portfolio.models import Company
from portfolio.models.join import DECIDERS
from portfolio.models.people import SomeUser
from portfolio.wording import listed

MOST = 100  # companies at once
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Pick:
    """A selected company with its candidacies for our funds. `why_not`: why the verb leaves it as it is; empty else."""

    company: Company
    candidacies: list[Candidate]
    why_not: str | Promise = ""

    @property
    def followers(self) -> str:
        names = {str(one.followed_by) for one in self.candidacies if one.followed_by}
        return listed(sorted(names))

    @property
    def stages(self) -> str:
        return listed(dict.fromkeys(str(one.get_stage_display()) for one in self.candidacies))


class Chosen:
    """What was selected, in that order. What is no candidate of ours, or one too many, is left out in words."""

    def __init__(self, user: SomeUser, ticked: Sequence[str]) -> None:
        numbers = list(dict.fromkeys(whole_number(text, LARGEST_ID) for text in ticked))
        self.problems: list[str] = []
        if len(numbers) > MOST:
            self.problems.append(
                _("At most %(most)s candidates at once: the first %(most)s of %(n)s stand here.")
                % {"most": MOST, "n": len(numbers)}
            )
        numbers = numbers[:MOST]
        rows = ours(user).filter(company__in=[n for n in numbers if n]).select_related("company", "followed_by")
        found: dict[int, list[Candidate]] = {}
        for candidate in rows.order_by("pk"):
            found.setdefault(candidate.company_id, []).append(candidate)
        if lost := sum(n is None or n not in found for n in numbers):
            text = ngettext(
                "%(n)s that was selected is no candidate of yours and is left out.",
                "%(n)s that were selected are no candidates of yours and are left out.",
                lost,
            )
            self.problems.append(text % {"n": lost})
        self.picks = [Pick(found[n][0].company, found[n]) for n in numbers if n in found]

    @property
    def companies(self) -> list[Company]:
        return [pick.company for pick in self.picks]

    @cached_property
    def to_shortlist(self) -> list[Pick]:
        """With why not, where nothing of it can be moved on."""
        return [
            pick
            if any(one.stage == Candidate.Stage.SCREENING for one in pick.candidacies)
            else Pick(pick.company, pick.candidacies, _("further on: %(stage)s") % {"stage": pick.stages})
            for pick in self.picks
        ]


@dataclass(frozen=True)
class Done:
    """What came of it: whom it changed, and why not the others."""

    changed: list[Company]
    refused: list[tuple[Company, str]]

    @property
    def refusals(self) -> str:
        return "; ".join(f"{company.name}: {why}" for company, why in self.refused)


def names(companies: Iterable[Company]) -> str:
    return listed(company.name for company in companies)


def shortlist(picks: Iterable[Pick], by: User) -> Done:
    """Each by itself: what somebody else moved on meanwhile keeps none of the others back."""
    changed, refused = [], []
    for pick in picks:
        try:
            for one in pick.candidacies:
                if one.stage == Candidate.Stage.SCREENING:
                    one.shortlist(by=by)
        except FundError as why:
            refused.append((pick.company, str(why)))
        else:
            changed.append(pick.company)
    return Done(changed, refused)


def assign(picks: Iterable[Pick], to: User | None, by: User) -> Done:
    """Raises nothing but NotEntitled; who is followed by them already is unchanged."""
    changed, refused = [], []
    for pick in picks:
        try:
            is_new = [one.assign(to, by=by) for one in pick.candidacies]
        except FundError as why:
            refused.append((pick.company, str(why)))
            continue
        if any(is_new):
            changed.append(pick.company)
        else:
            refused.append((pick.company, _("so already")))
    return Done(changed, refused)


def followers() -> models.QuerySet[User]:
    """Who may follow a candidate."""
    is_manager = models.Q(person__role__in=DECIDERS) | models.Q(is_superuser=True, person=None)
    return User.objects.filter(is_active=True).filter(is_manager).order_by("username")


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=gettext_lazy("Followed by"),
        empty_label=gettext_lazy("Nobody"),
    )

    def __init__(self, *args: object, **how: object) -> None:
        super().__init__(*args, **how)  # type: ignore[arg-type]
        self.fields["to"].queryset = followers()  # type: ignore[attr-defined]
