"""Whether a figure may claim data quality ①, and what is read in its place: decided here alone.

① needs the badge of its version (portfolio/models/case/badge.py); an opinion that put nothing in the place of the
figure; and evidence, cited for the figure or for every line of the ledger under it. Versions that were verified before
opinions were kept are as they were then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models

from portfolio.activities.kinds import activity_types
from portfolio.models import Activity, Badge, Citation, Disclosure, Figure, Opinion, Quantity, Substitution

if TYPE_CHECKING:
    from portfolio.models.disclosure import DisclosureQuerySet

OF_SCOPE: Mapping[int, tuple[Quantity, ...]] = {  # the figures that lines of a scope stand under
    1: (Quantity.SCOPE_1,),
    2: (Quantity.SCOPE_2_LOCATION, Quantity.SCOPE_2_MARKET, Quantity.SCOPE_2_UNSPECIFIED),
    3: (Quantity.SCOPE_3_TOTAL,),
}
ALL = frozenset(Quantity.values)


@dataclass(frozen=True)
class Quality:
    """Of some disclosures that stand, read in five queries however many they are."""

    verified: frozenset[int]  # those with the badge
    substituted: Mapping[int, Mapping[str, float]]  # of a disclosure, quantity → conservative value
    shown: Mapping[int, Collection[str]] = field(default_factory=dict)  # of a disclosure, quantities with evidence

    @classmethod
    def of(cls, disclosures: DisclosureQuerySet) -> Quality:
        checked = disclosures.order_by().filter(state=Disclosure.State.VERIFIED)
        badges = {row.pk: row.badge for row in checked.with_badge().only("pk")}
        if not badges:
            return cls(frozenset(), {})
        substituted: dict[int, dict[str, float]] = defaultdict(dict)
        rows = Substitution.objects.in_force().filter(disclosure__in=list(badges)).order_by()
        for pk, quantity, value in rows.values_list("disclosure_id", "quantity", "value"):
            substituted[pk][quantity] = value or 0.0
        verified = frozenset(pk for pk, badge in badges.items() if badge == Badge.VERIFIED)
        return cls(verified, dict(substituted), _shown(verified))

    def is_verified(self, disclosure: int) -> bool:
        return disclosure in self.verified

    def is_first(self, disclosure: int, *quantities: str) -> bool:
        """Whether all of these figures may claim ①."""
        if disclosure not in self.verified:
            return False
        shown, substituted = self.shown.get(disclosure, ()), self.substituted.get(disclosure, {})
        return all(quantity in shown and quantity not in substituted for quantity in quantities)

    def value(self, figure: Figure) -> float:
        """As it counts."""
        return self.substituted.get(figure.disclosure_id, {}).get(figure.quantity, figure.value)


def _shown(verified: Collection[int]) -> dict[int, Collection[str]]:
    with_opinion = set(Opinion.objects.filter(disclosure__in=verified).values_list("disclosure_id", flat=True))
    cited: dict[int, set[str]] = defaultdict(set)
    of_figures = Citation.objects.filter(disclosure__in=with_opinion, activity=None).order_by()
    for pk, quantity in of_figures.values_list("disclosure_id", "quantity"):
        cited[pk].add(quantity)
    has_file = models.Exists(Citation.objects.filter(activity=models.OuterRef("pk")))
    told = Activity.objects.filter(disclosure__in=with_opinion, notation="")  # a notation key has nothing to show
    lines = told.order_by().annotate(is_cited=has_file)
    by_scope: dict[tuple[int, int], list[bool]] = defaultdict(list)
    types = activity_types()
    for pk, kind, is_cited in lines.values_list("disclosure_id", "kind", "is_cited"):
        if kind in types:
            by_scope[pk, types[kind].scope].append(is_cited)
    for (pk, scope), are_cited in by_scope.items():
        if all(are_cited):
            cited[pk].update(OF_SCOPE[scope])
    shown: dict[int, Collection[str]] = dict.fromkeys(set(verified) - with_opinion, ALL)
    return shown | {pk: frozenset(cited[pk]) for pk in with_opinion}
