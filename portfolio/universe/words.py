"""The editorial tables in data/: which source word means what to us. Judgement, in files that people can argue with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from portfolio import DATA
from portfolio.folding import fold, normal
from portfolio.models import Disclosure, Figure
from portfolio.places import table
from portfolio.places.search import called
from portfolio.typed.tables import whole_table

DEMO_UNIVERSE = DATA / "demo_universe"
DEMO_PEERS = DATA / "demo_peers"
DEMO_CANDIDATES = DATA / "demo_candidates"
# Of the text of a target, folded.
SENTENCES = re.compile(r"[;。\n]|\.\s|\.\"|\s-(?=[a-z])")
CLAUSES = re.compile(r"[、]|,(?!\d{3})|\band\b(?!\s*\d)|以及|并")
PERCENTAGES = re.compile(r"(\d+(?:\.\d+)?) ?(?:%|per ?cent)")
SAME_PERCENT = 0.5  # a tracker rounds 24.95 % to 25
SUBJECT = re.compile(r"emission|scope|ghg|co2|carbon|footprint|排放|范围|碳|温室气体")
DEMO = (DEMO_UNIVERSE, DEMO_PEERS, DEMO_CANDIDATES)  # in the order in which they are loaded


@dataclass(frozen=True)
class Place:
    code: str
    name_zh: str
    name_en: str
    country: str
    source: str


class ExchangeRateRow(NamedTuple):
    """Of a year's mean or a day's closing: the other of the two is None."""

    currency: str
    year: int | None
    day: date | None
    per_usd: float
    source: str


@dataclass(frozen=True)
class SectorChoice:
    isic: str
    sector: str


@dataclass(frozen=True)
class BoundaryChoice:
    revenue_boundary: str
    total_basis: str


UNKNOWN_BOUNDARY = BoundaryChoice(Disclosure.RevenueBoundary.UNSTATED.value, Figure.Basis.REPORTED.value)


def sector_of(scheme: str, word: str, company_key: str) -> SectorChoice | None:
    """By the row that names the company, else by the source's word; None for an unmapped word."""
    crosswalk = _crosswalk()
    return crosswalk.get((scheme, word, company_key)) or crosswalk.get((scheme, word, ""))


def target_kind(target_type: str, text: str, percent: float | None = None) -> str | None:
    """By the source's own type where it gives one, else by the first rule that the text meets; None: unmapped type.

    A reduction whose text says per what, or that it is of financed emissions, is no reduction of own tonnes.
    """
    kind = _stated_kind(target_type, text)
    return None if kind is None else kind_in_words(kind, text, percent)


def kind_in_words(kind: str, text: str, percent: float | None) -> str:
    """The kind of a target that was taken for one on own tonnes, once its text is read; others stay what they are.

    `percent` is its own reduction: where the text names several, only what stands with that one counts. Where the type
    is not said but tonnes are spoken of, it is absolute.
    """
    is_reduction = kind in ("absolute", "unspecified_reduction")
    is_step = kind in ("net_zero", "carbon_neutral") and percent is not None and 0 < percent < 100
    if not is_reduction and not is_step:
        return kind
    named = list(_said_of(fold(text), percent))
    said = named or [(fold(text), fold(text))]
    if any("other" in _turns(own) for own, _around in said):
        return "other"
    around = [_turns(one) for _own, one in said]
    if any("intensity" in turns and "absolute" not in turns for turns in around):
        return "intensity"
    in_tonnes = any(
        "intensity" not in turns and {"absolute", also} & turns
        for own, beside in named
        for also, turns in (("tonnes", _turns(own)), ("absolute", _turns(beside)))
    )
    return "absolute" if kind == "unspecified_reduction" and in_tonnes else kind


def _turns(text: str) -> set[str]:
    return {value for _how, word, value in _target_rules()["turn"] if word in text}


def _said_of(text: str, percent: float | None) -> Iterator[tuple[str, str]]:
    """What stands with the percentage wherever it is named, rounded or not, and the same with what follows it.

    "20 % by 2025, 40 % by 2030": what says no subject of its own has that of the one before. A neighbouring sentence
    without subject goes on about the same.
    """
    sentences = SENTENCES.split(text) if percent is not None else []
    for number, sentence in enumerate(sentences):
        beside = [
            one for one in (*sentences[number - 1 : number], *sentences[number + 1 : number + 2]) if _goes_on(one)
        ]
        pieces = [piece for clause in CLAUSES.split(sentence) for piece in _one_percentage_each(clause)]
        for at, piece in enumerate(pieces):
            if not any(abs(named - (percent or 0.0)) < SAME_PERCENT for named in _percentages(piece)):
                continue
            if len(_percentages(sentence)) == 1:
                yield piece, " ".join([sentence, *beside])
                continue
            until = next((later for later in range(at + 1, len(pieces)) if _percentages(pieces[later])), len(pieces))
            first = at
            while first and not SUBJECT.search(" ".join(pieces[first:until])):
                first -= 1
            yield " ".join(pieces[first : at + 1]), " ".join([*pieces[first:until], *beside])


def _goes_on(sentence: str) -> bool:
    return not SUBJECT.search(sentence) and not _percentages(sentence)


def _one_percentage_each(clause: str) -> list[str]:
    cuts = [found.start() for found in PERCENTAGES.finditer(clause)][1:]
    return [clause[start:end] for start, end in zip([0, *cuts], [*cuts, len(clause)], strict=True)]


def _percentages(text: str) -> list[float]:
    return [float(number) for number in PERCENTAGES.findall(text)]


def _stated_kind(target_type: str, text: str) -> str | None:
    rules = _target_rules()["kind"]
    if target_type:
        return next((value for how, word, value in rules if how == "type" and word == target_type), None)
    plain = _plain(text)
    for how, word, value in rules:
        if (how == "equals" and plain == word) or (how == "contains" and word in plain) or how == "else":
            return value
    return None


def target_word(field: str, word: str) -> str | None:
    """Our value for a word of `horizon`, `status`, `validated` or `scope3`; None for an unmapped one."""
    return next((value for _, known, value in _target_rules()[field] if known == word), None)


def known_target_words(field: str) -> list[str]:
    how = "type" if field == "kind" else "equals"
    return [word for rule, word, _ in _target_rules()[field] if rule == how and word]


def boundary_of(words: str) -> BoundaryChoice:
    """How the boundary fits the revenue's. Words nobody has read yet say nothing: not stated."""
    return _boundaries().get(words, UNKNOWN_BOUNDARY)


def place_code(country: str, name: str) -> str | None:
    """Of a city or county by name or code; None for what this country has not, or has several of."""
    if known := _place_codes().get((country, fold(name))):
        return known
    found = [code for code in called(name) if table.places()[code].country == country]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    return tuple(
        Place(row["code"], row["name_zh"], row["name_en"], row["country"], row["source"])
        for row in _rows("places.csv")
        if row["code"]
    )


@lru_cache(maxsize=1)
def exchange_rates() -> tuple[ExchangeRateRow, ...]:
    """What ships, by currency and period. What the ECB gives per euro is crossed over the dollar of the same period."""
    found = {(row.currency, row.year or row.day): row for row in (*_by_hand(), *_ecb_years(), *_ecb_quarter_ends())}
    return tuple(sorted(found.values(), key=lambda row: (row.currency, row.year or 0, row.day or date.min)))


def _by_hand() -> Iterator[ExchangeRateRow]:
    for row in _rows("exchange_rates.csv"):
        source = f"{row['source']} ({row['verification']})"
        yield ExchangeRateRow(row["currency"], int(row["year"]), None, float(row["per_usd"]), source)


def _ecb_years() -> Iterator[ExchangeRateRow]:
    """Of each year its last fixing; its mean only where it has ended: that of a part of a year is no mean of a year."""
    years: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows("exchange_rates_ecb.csv"):
        years[row["year"]].append(row)
    for year, rows in years.items():
        source = rows[0]["source"]
        ended = max(row["last_day"] for row in rows) > f"{year}-12-23"
        if ended:
            yield from _crossed({row["currency"]: row["mean_per_eur"] for row in rows}, int(year), None, source)
        for day in {row["last_day"] for row in rows}:
            closed = {row["currency"]: row["last_per_eur"] for row in rows if row["last_day"] == day}
            yield from _crossed(closed, None, date.fromisoformat(day), source)


def _ecb_quarter_ends() -> Iterator[ExchangeRateRow]:
    source = _rows("exchange_rates_ecb.csv")[0]["source"]
    days: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("exchange_rates_ecb_quarter_ends.csv"):
        days[row["fixing_day"]][row["currency"]] = row["per_eur"]
    for day, closed in days.items():
        yield from _crossed(closed, None, date.fromisoformat(day), source)


def _crossed(per_eur: Mapping[str, str], year: int | None, day: date | None, source: str) -> Iterator[ExchangeRateRow]:
    """Units per US dollar, to the eight digits that the yearly means have. The euro itself is one of them."""
    if "USD" not in per_eur:
        return
    dollars = float(per_eur["USD"])
    for currency, units in {**per_eur, "EUR": "1"}.items():
        if currency != "USD":
            yield ExchangeRateRow(currency, year, day, float(f"{float(units) / dollars:.8g}"), source)


def most_per_usd() -> dict[str, float]:
    """Of each currency that ships the most units a dollar ever bought: how large an amount of it can be."""
    found = {"USD": 1.0}
    for row in exchange_rates():
        found[row.currency] = max(row.per_usd, found.get(row.currency, 0.0))
    return found


@lru_cache(maxsize=1)
def _crosswalk() -> dict[tuple[str, str, str], SectorChoice]:
    return {
        (row["sector_scheme"], row["sector"], row["company_key"]): SectorChoice(row["isic"], row["scoring_sector"])
        for row in _rows("sector_crosswalk.csv")
    }


def isic_divisions(company_key: str, isic: str, word: str) -> list[str]:
    """The company's division first, then the others that its source's sector word stands for elsewhere.

    Where the crosswalk names the company itself, somebody has looked: the division stands alone.
    """
    found, judged = _divisions_of_words().get(word, ((), frozenset()))
    if company_key in judged or isic not in found:
        return [isic] if isic else []
    return [isic, *(division for division in found if division != isic)]


@lru_cache(maxsize=1)
def _divisions_of_words() -> dict[str, tuple[tuple[str, ...], frozenset[str]]]:
    """Of each sector word: its divisions in all schemes, and the companies that have a line of their own."""
    divisions: dict[str, set[str]] = {}
    judged: dict[str, set[str]] = {}
    for (_scheme, word, company_key), choice in _crosswalk().items():
        divisions.setdefault(word, set()).add(choice.isic)
        judged.setdefault(word, set()).update({company_key} - {""})
    return {word: (tuple(sorted(found)), frozenset(judged[word])) for word, found in divisions.items()}


@lru_cache(maxsize=1)
def _target_rules() -> dict[str, list[tuple[str, str, str]]]:
    rules: dict[str, list[tuple[str, str, str]]] = {}
    for row in _rows("target_words.csv"):
        word = row["word"]
        if row["field"] == "kind" and row["how"] != "type":
            word = _plain(word)
        if row["field"] == "turn":
            word = fold(word)
        rules.setdefault(row["field"], []).append((row["how"], word, row["value"]))
    return rules


@lru_cache(maxsize=1)
def _boundaries() -> dict[str, BoundaryChoice]:
    return {
        row["boundary"]: BoundaryChoice(row["revenue_boundary"], row["total_basis"])
        for row in _rows("boundary_words.csv")
    }


@lru_cache(maxsize=1)
def _place_codes() -> dict[tuple[str, str], str]:
    return {(row["country"], fold(row["name_zh"])): row["code"] or row["alias_of"] for row in _rows("places.csv")}


def _plain(text: str) -> str:
    """For comparison only: width, ligatures and case folded."""
    return normal("NFKC", text).casefold()


def _rows(name: str) -> list[dict[str, str]]:
    return [row.cells for row in whole_table(DATA / name).rows]
