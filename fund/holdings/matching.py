"""Whose a holding is: a key or an identifier finds its company by itself; a name only suggests it to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from django.core.exceptions import ValidationError
from rapidfuzz import fuzz, process

from fund.models import Holding, Match
from portfolio.folding import bare_name
from portfolio.identifiers import ticker_of, validate_isin, validate_lei
from portfolio.models import Company

# How many companies a name suggests, and how alike they are at least, of 100: two Chinese names of three characters
# that differ in one have 67, and are two companies.
SUGGESTED, LEAST_SCORE = 3, 75.0
# Of a name of so few characters a part is no likeness: 大金 ends 元大金 and is another company, in another country.
SHORT = 4
# A ticker is unique on its exchange alone. It matches by itself where the holding's currency is the company's own.
HOME = {
    "AUD": "AUS", "CAD": "CAN", "CHF": "CHE", "CNY": "CHN", "DKK": "DNK", "GBP": "GBR", "HKD": "HKG", "INR": "IND",
    "JPY": "JPN", "KRW": "KOR", "NOK": "NOR", "SEK": "SWE", "SGD": "SGP", "TWD": "TWN", "USD": "USA",
}  # fmt: skip


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
        self._ticker: dict[int, str] = {}
        self._by: dict[Match, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.names: list[tuple[int, str]] = []
        columns = ("pk", "company_key", "country", "isin", "lei", "national_id", "ticker", "name_zh", "name_en")
        for pk, key, country, isin, lei, national_id, ticker, *names in Company.objects.values_list(*columns):
            self.by_key[key], self.country[pk] = pk, country
            self._ticker[pk] = ticker = ticker or ticker_of(isin)
            for match, told in (
                (Match.ISIN, isin),
                (Match.LEI, lei),
                (Match.NATIONAL_ID, national_id),
                (Match.TICKER, ticker),
            ):
                if told:
                    self._by[match][told.upper()].append(pk)
            self.names += [(pk, name) for name in dict.fromkeys(names) if name]
        self._folded = [bare_name(name) for _pk, name in self.names]

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
        asked = bare_name(holding.issuer_name)
        alike = process.extract(asked, self._folded, scorer=fuzz.WRatio, limit=8 * SUGGESTED, score_cutoff=LEAST_SCORE)
        for name, score, at in alike if asked else ():
            pk, told = self.names[at]
            is_short = min(len(asked), len(name)) <= SHORT
            likeness = _likeness_of_short(asked, name) if is_short else score
            if likeness >= LEAST_SCORE and not self._is_another(pk, holding, is_short):
                found.setdefault(pk, Suggestion(pk, told, round(likeness, 1)))
        return sorted(found.values(), key=lambda one: -one.score)[:SUGGESTED]

    def _is_another(self, company: int, holding: Holding, is_short: bool) -> bool:
        """Ticker and country decide before a name does: a ticker of the same country that differs, and for a short
        name another country, say that it is somebody else."""
        home, ticker = HOME.get(holding.currency), self._ticker[company]
        if home != self.country[company]:
            return is_short and home is not None
        return bool(ticker and holding.ticker) and ticker.upper() != holding.ticker.upper()

    def _name(self, company: int) -> str:
        return next((name for pk, name in self.names if pk == company), "")


def _likeness_of_short(one: str, other: str) -> float:
    """Of 100; 0 unless one name begins with the other, as short forms do: 日月光 of 日月光投控."""
    return fuzz.ratio(one, other) if one.startswith(other) or other.startswith(one) else 0.0


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
