"""Who is a candidate of some fund: what scoring asks when a run is asked for, and how a company becomes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from fund.models import Candidate, ThemeFund
from portfolio.errors import NotAllowed
from portfolio.models import Company
from portfolio.models.people import SomeUser, same_hands
from scoring.runs import queue as runs

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def on_candidates_to_be_told(**_signal: Any) -> QuerySet[Candidate, int]:
    """Ids of the companies that a fund of our own looks at."""
    return Candidate.objects.filter(fund__source="").order_by().values_list("company_id", flat=True)


def on_gate_to_be_confirmed(company: Company, by: User, **_signal: Any) -> None:
    """Who nominates a company does not answer its gates as well. Raises NotAllowed."""
    for candidate in Candidate.objects.filter(company=company, nominated_by__isnull=False):
        if candidate.nominated_by_id == by.pk:
            raise NotAllowed(_("You nominated this company, so somebody else must confirm its gates."))
        if said := same_hands(by, candidate.nominated_by_id):
            raise NotAllowed(said)


def ours(user: SomeUser) -> QuerySet[Candidate]:
    """Candidacies for the funds of our own that this person sees."""
    found: QuerySet[Candidate] = Candidate.objects.visible_to(user).filter(fund__source="")
    return found


def nominate(fund: ThemeFund, company: Company, *, by: User) -> Candidate:
    """Make a company a candidate and ask for its score, in one transaction. Raises NotEntitled, or SamePerson."""
    with transaction.atomic():
        is_new = not Candidate.objects.filter(fund=fund, company=company).exists()
        candidate = Candidate.of(fund, company, by=by)
        if is_new:
            runs.start([company], title=f"{company.company_key} {timezone.localdate()}", by=by)
    return candidate
