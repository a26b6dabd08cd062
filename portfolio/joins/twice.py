"""Companies that may be on record twice: a question for whoever confirms joins; no source says that two are one."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from portfolio.folding import bare_name
from portfolio.identifiers import ticker_of
from portfolio.models import Company, Join


class Twice(NamedTuple):
    """Two companies of one country, and whether it is a security or a name that both have."""

    one: Company
    other: Company
    is_by_security: bool


def perhaps_twice() -> list[Twice]:
    """Those of which a join still waits: they are settled once all are confirmed, or those of one are set aside.

    Two queries. Names are compared without spelling and legal form (`folding.bare_name`).
    """
    companies = list(Company.objects.filter(is_illustrative=False).order_by("pk"))
    waiting = set(Join.objects.not_confirmed().values_list("company", flat=True))
    of_security: dict[tuple[str, str], list[Company]] = defaultdict(list)
    of_name: dict[tuple[str, str], list[Company]] = defaultdict(list)
    for company in companies:
        if ticker := company.ticker or ticker_of(company.isin):
            of_security[company.country, ticker.upper()].append(company)
        for name in {bare_name(name) for name in (company.name_zh, company.name_en) if name}:
            of_name[company.country, name].append(company)
    found: dict[tuple[int, int], Twice] = {}
    for alike, is_by_security in ((of_security, True), (of_name, False)):
        for one, other in (pair for group in alike.values() for pair in pairwise(group)):
            if {one.pk, other.pk} & waiting:
                found.setdefault((one.pk, other.pk), Twice(one, other, is_by_security))
    return list(found.values())
