"""Whose a holding is: a key or an identifier finds its company by itself; a name only suggests it to a person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from django.core.exceptions import ValidationError
from rapidfuzz import fuzz, process

from fund.models import Holding, Match
from portfolio import folding
from portfolio.identifiers import validate_isin, validate_lei
from portfolio.models import Company

# How many companies a name suggests, and how alike they are at least, of 100: two Chinese names of three characters
# that differ in one have 67, and are two companies.
SUGGESTED, LEAST_SCORE = 3, 75.0
# A ticker is unique on its exchange alone. It matches by itself where the holding's currency is the company's own.
HOME = {
    "AUD": "AUS", "CAD": "CAN", "CHF": "CHE", "CNY": "CHN", "DKK": "DNK", "GBP": "GBR", "HKD": "HKG", "INR": "IND",
    "JPY": "JPN", "KRW": "KOR", "NOK": "NOR", "SEK": "SWE", "SGD": "SGP", "TWD": "TWN", "USD": "USA",
}  # fmt: skip
BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
# What a legal form adds to a name; the longer ones first.
FORMS = re.compile(
    r"股份有限公司|有限责任公司|有限公司|股份公司|公司|集团|控股"
    r"|\b(incorporated|corporation|company|limited|holdings?|group|corp|inc|ltd|llc|plc|co|ag|se|sa|spa|nv|ab|asa|oyj|kk)\b\.?"
)


class Typed(NamedTuple):
    """What a row or a person says of an issuer. Whatever stands in a wrong column is recognised where it stands."""

    key: str = ""
    isin: str = ""
    lei: str = ""
    ticker: str = ""
    currency: str = ""


class Found(NamedTuple):
    company: int
    by: Match


class Contradiction(Exception):
    """What a row says names two companies: by which, and by which other."""

    def __init__(self, one: Match, other: Match) -> None:
        super().__init__(f"{one} and {other} name different companies")
        self.one, self.other = one, other


class Suggestion(NamedTuple):
    """A company that a holding's issuer may be. `score` is out of 100."""

    company: int
    name: str
    score: float


class Companies:
    """The companies on record by what names them; read once."""

    def __init__(self) -> None:
        self.by_key: dict[str, int] = {}
        self.country: dict[int, str] = {}
        self._by: dict[Match, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.names: list[tuple[int, str]] = []
        columns = ("pk", "company_key", "country", "isin", "lei", "national_id", "ticker", "name_zh", "name_en")
        for pk, key, country, isin, lei, national_id, ticker, *names in Company.objects.values_list(*columns):
            self.by_key[key], self.country[pk] = pk, country
            for match, told in (
                (Match.ISIN, isin),
                (Match.LEI, lei),
                (Match.NATIONAL_ID, national_id),
                (Match.TICKER, ticker),
            ):
                if told:
                    self._by[match][told.upper()].append(pk)
            self.names += [(pk, name) for name in dict.fromkeys(names) if name]
        self._folded = [fold(name) for _pk, name in self.names]

    def find(self, typed: Typed) -> Found | None:
        """By key, else by an identifier that only one company has. Raises Contradiction where they disagree."""
        found = [
            Found(company, match)
            for match, company in (
                (Match.KEY, self.by_key.get(typed.key)),
                *((Match.ISIN, self._only(Match.ISIN, text)) for text in (typed.isin, typed.key)),
                *((Match.LEI, self._only(Match.LEI, text)) for text in (typed.lei, typed.key)),
                (Match.NATIONAL_ID, self._only(Match.NATIONAL_ID, typed.key)),
                (Match.TICKER, self._by_ticker(typed.ticker, typed.currency)),
            )
            if company is not None
        ]
        for other in found[1:]:
            if other.company != found[0].company:
                raise Contradiction(found[0].by, other.by)
        return found[0] if found else None

    def _only(self, match: Match, text: str) -> int | None:
        companies = self._by[match].get(text.upper(), []) if text else []
        return companies[0] if len(companies) == 1 else None

    def _by_ticker(self, ticker: str, currency: str) -> int | None:
        company = self._only(Match.TICKER, ticker)
        return company if company is not None and HOME.get(currency) == self.country[company] else None

    # --- suggestions -----------------------------------------------------------------------------------
    def suggest(self, holding: Holding) -> list[Suggestion]:
        """The companies whose name is most like the issuer's, each once, the best first; those of its ticker before."""
        of_ticker = self._by[Match.TICKER].get(holding.ticker.upper(), []) if holding.ticker else []
        found = {pk: Suggestion(pk, self._name(pk), 100.0) for pk in of_ticker}
        asked = fold(holding.issuer_name)
        alike = process.extract(asked, self._folded, scorer=fuzz.WRatio, limit=4 * SUGGESTED, score_cutoff=LEAST_SCORE)
        for _name, score, at in alike if asked else ():
            pk, name = self.names[at]
            found.setdefault(pk, Suggestion(pk, name, round(score, 1)))
        return list(found.values())[:SUGGESTED]

    def _name(self, company: int) -> str:
        return next((name for pk, name in self.names if pk == company), "")


def fold(name: str) -> str:
    """A name without what does not tell it apart: spelling (portfolio.folding), brackets, legal form."""
    plain = folding.fold(name)
    bare = FORMS.sub(" ", BRACKETS.sub(" ", plain))
    return " ".join(re.sub(r"[.,·*&-]", " ", bare).split()) or plain


def recognised(text: str) -> Match | None:
    """Whether a text in any column is an ISIN or an LEI, by its length and check digits."""
    for match, validate in ((Match.ISIN, validate_isin), (Match.LEI, validate_lei)):
        with suppress(ValidationError):
            validate(text)
            return match
    return None


def suggestions(holdings: Sequence[Holding]) -> dict[int, list[Suggestion]]:
    """Of each holding by its number."""
    companies = Companies()
    return {holding.pk: companies.suggest(holding) for holding in holdings}
