"""What the text of a target says of its figures: where it contradicts them, a person is asked and nothing is scored.

A tracker's row gives one percentage and, for the whole company, which scopes are covered; its text often says more. The
share, the years and the scopes are compared wherever the text names the percentage. What the text leaves open is no
contradiction, and what an issuer reports as done is no promise.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from portfolio.folding import fold
from portfolio.typed.numbers import grouped
from portfolio.universe import flags

SAME_PERCENT = 0.5  # a tracker rounds 24.95 % to 25
COMPARED = ("absolute", "intensity", "unspecified_reduction", "net_zero", "carbon_neutral")  # kinds
# Of which a percentage that only the text has is asked: kinds that say nothing without one, and a row that is filed as
# something else or as no target.
ALONE = ("absolute", "unspecified_reduction", "other", "words_only", "none")
SAME_TONNES = 0.1  # a text rounds the tonnes and the percentage
A_SHARE = 1.0  # percent; so little is told of the world's emissions, not of a company's target
_ADDRESS = re.compile(r"https?://\S+|\((?:pg?\.? ?\d[^)]*|p\d[^)]*)\)|\((?:market|location)[- ]based\)")
_SENTENCES = re.compile(r"[;。•■\n]|\.\s|\.\"|\"\s|”\s+“|\s-\s?(?=[^\d\s])|\s\*")
_CLAUSES = re.compile(r"[、,—](?!\d{3}(?!\d))|\band\b(?!\s*\d)|以及|并")
_PERCENT = re.compile(r"(?:(\d+(?:\.\d+)?) ?%? ?[-–~] ?)?(\d+(?:\.\d+)?) ?(?:%|per ?cent)")
_HALF = re.compile(r"\bhalv|\bhalf\b|减半")
_SUBJECT = re.compile(r"emission|⟨|ghg|co2|carbon|footprint|排放|碳|温室气体")
_REDUCTION = re.compile(r"reduc|⟨|\bcut|lower|decreas|declin|减|降|[-−]\d")
# A percentage of something else, of a year alone, or of what it finances.
_OTHER_THINGS = re.compile(
    r"renewable|supplier|procure|spend|water|waste|energy consumption|electricity|annual|per annum|year by year"
    r"|年均|每年|financ|portfolio|investment|再生|绿电|methane|purchases|bau|business-as-usual"
)
_MET = re.compile(r"having met|already (?:met|achieved|reached)")  # a promise, and no longer one
# What a row filed as no target says of another one.
_ELSEWHERE = re.compile(r"\b(?:without|no)\b(?: \w+){0,3} (?:interim|milestones?)")
_DONE = re.compile(r"(?<!be )\breduced\b|\bsince (?:19|20)\d\d|\brepresented\b|\bsucceeded\b|\bstatus\b")
_HAS_DONE = re.compile(r"\b(?:has|have|had) (?:already )?reduced\b")  # said once for all that the sentence lists
_PROMISED = re.compile(r"\bby (?:\w+ ){0,3}20\d\d|target|goal|commit|aim|目标|承诺")
_NEUTRAL_BY = re.compile(r"net[- ]?zero[^,;%]*?\b(?:by|before|in) 20\d\d")
_NEUTRALITY = re.compile(r"net[- ]?zero|neutral|净零|中和")
_AND = r"(?: ?(?:[,&+/~–、及和与至到-]|and|to|net|relevant|emissions)+ ?){0,4}"
_SCOPES = re.compile(
    rf"(?:scopes?|范围|范畴)[ :]*[123一二三](?:{_AND}(?:scopes? ?|范围 ?|范畴 ?)?[123一二三](?![\d.%]))*"
)
_THROUGH = re.compile(r"1 ?(?:to|-|–|~|至|到) ?(?:scope )?3")
_ALL_SCOPES = re.compile(
    r"(?:all|three)(?: its| our| of its)? scopes|value[- ]chain|supply[- ]chain|upstream|sold product"
)
# What is a part of scope 3, and of a company.
_CATEGORIES = re.compile(
    r"(?:retail )?purchased (?:goods(?: (?:and|&) services)?|clinker)|business travel|employee commut\w+|paper use"
    r"|uses? (?:phase )?of (?:\w+ )?sold products|capital goods|fuel[- ] ?and[- ]energy"
    r"|upstream transport\w*|co-location"
    r"|end-of-life|waste generated|franchis\w+|leased assets|joint ventures|investments"
    r"|categor(?:y|ies) ?\d+(?! ?(?:-|–|to) ?15)|差旅|员工通勤|采购(?:的)?商品|外购商品|类别 ?\d+(?! ?[-–至到] ?15)"
)
_ADDED = re.compile(r"\b(?:including|includes|such as|especially|in particular)\b|包括|其中")
_NOTE = re.compile(r"\[(\d+)\]")
_WHOLE = r"(?:our|its|the|their|whole|entire|and|of|in) "
_PART = re.compile(
    r"non-consolidated|(?:main|key|core|selected) (?:markets|countries|sites)"
    rf"|\b(?:(?!{_WHOLE})[a-z-]+ ){{1,2}}business(?:es)?(?= will)"
    r"|单体|个体公司|仅(?:限)?母公司|主要(?:市场|厂区|据点)"
)
_TONNES = re.compile(r"(\d[\d,]*(?:\.\d+)?) ?(million|mn|m|万|百万|亿)? ?(?:metric )?(?:tons?|tonnes|t ?co2e?|吨)")
_TIMES = {"": 1, "million": 1e6, "mn": 1e6, "m": 1e6, "万": 1e4, "百万": 1e6, "亿": 1e8}
_SCOPE_3 = re.compile(r"⟨\d*3⟩|value[- ]chain|supply[- ]chain|product use|sold product|use phase|business travel")
_OPERATIONS = re.compile(r"\boperation|\binternal\b|\bown plants\b|\boffices\b|\boperated\b|厂内")
_YEAR = r"((?:19|20)\d\d)"
_FILLER = r"(?:(?:a|an|the|its|our|their|fiscal|calendar|base|baseline|year|levels?|of|in|emissions|recorded) )*"
_BASE = re.compile(
    r"(?:\b(?:from|vs\.?|versus|against|compared (?:to|with)|relat(?:ive|ion) to|below|over)|(?<!later )\bthan)"
    rf" ?{_FILLER}{_YEAR}"
    rf"|\b{_YEAR}[*]?\)?[ -]{{1,2}}(?:fy )?(?:base|level|inventory)"
    rf"|\bbase(?:line)?(?: year)?(?: of| is| as| from|:| =|\))? ?\(?{_YEAR}"
    rf"|{_YEAR} as (?:the |a |our )?base"
    rf"|(?:较于?|相[较比]于?|比|以|与|基准年[为:]?) ?{_YEAR} ?年?(?!达)"
    rf"|{_YEAR} ?年?(?:为|作)?基[准期]"
    rf"|\b(?:between |\(){_YEAR}(?: and |[-–]){_YEAR}"
)
# A year that holds no longer: "from 2030 to 2027", "2027 instead of 2030".
_MOVED = re.compile(rf"(?:\bfrom|从|由|自) ?{_YEAR} ?年?,? ?(?:to|提前[到至]|推迟[到至]|延后?[到至]|改为) ?{_YEAR}")
_POSTPONED = re.compile(r"postpon|push(?:ed|ing)? (?:back|out)|defer|delay|推迟|延")
_FORMER = re.compile(
    r"\b(?:instead of|rather than|previously|formerly|originally|ahead of|earlier than|not)"
    rf" (?:in |by )?{_YEAR}"
    rf"|(?:原定|原为|而非|早于) ?{_YEAR} ?年?"
)
_UNTIL = re.compile(
    rf"^\W*{_YEAR} ?:"
    rf"|\bfrom {_YEAR} to {_YEAR}"
    r"|\b(?:by|before|until|no later than|by the end of)(?: the)?"
    rf"(?: end of| year-end| fiscal| calendar| year)* {_YEAR}"
    rf"|%[^%]{{0,40}}\bin {_YEAR}"
    rf"|[到至于] ?{_YEAR}|{_YEAR} ?年?(?:前|底|达|实现|减|降|将|较|碳|温室气体)"
    rf"|(?:\bbetween |\(){_YEAR}(?: and |[-–]){_YEAR}"
)


class _Mention(NamedTuple):
    """A percentage of the text, with the clause it stands in and the sentence around."""

    low: float
    high: float  # of a range; else the same
    own: str  # its clause, cut at the next percentage
    before: str  # of the sentence, since the percentage before it
    after: str  # until the percentage after it
    sentence: str
    is_alone: bool  # no other percentage in the sentence

    def names(self, percent: float) -> bool:
        return self.low - SAME_PERCENT < percent < self.high + SAME_PERCENT

    @property
    def is_done(self) -> bool:
        if _MET.search(self.own):
            return True
        is_done = _DONE.search(self.own) or _HAS_DONE.search(self.sentence)
        return bool(is_done) and not _PROMISED.search(self.own)

    @property
    def is_reduction(self) -> bool:
        """A promise about the emissions of the company as a whole."""
        around = f"{self.before} {self.own}"
        # "…, and by 2030 80 % less than in 2018" goes on about what the sentence began with.
        said = self.sentence if _BASE.search(self.own) else f"{around} {self.after}"
        return bool(_REDUCTION.search(around) and _SUBJECT.search(said) and self.is_own_promise)

    @property
    def is_own_promise(self) -> bool:
        return not _OTHER_THINGS.search(self.own) and not self.is_done

    @property
    def words(self) -> str:
        return f"{grouped(self.high)}%" if self.low == self.high else f"{grouped(self.low)}–{grouped(self.high)}%"


def questions(
    text: str,
    kind: str,
    percent: float | None,
    base_year: int | None,
    target_year: int | None,
    scopes: Sequence[str],
    scope_1_2_t: float | None = None,
) -> list[str]:
    """Flags for what the text contradicts; `scopes` are those that the row has as covered whole, of 1, 2 and 3.

    `scope_1_2_t` are the tonnes on record for the base year, to tell of what a reduction in tonnes is a percentage.
    """
    if kind not in (ALONE if percent is None else COMPARED):
        return []
    plain = _plain(text)
    mentions = list(_mentions(plain))
    if percent is None:
        promised = [one for one in mentions if one.is_reduction and one.high > A_SHARE]
        promised = [one for one in promised if kind != "none" or not _ELSEWHERE.search(one.sentence)]
        return [flags.TEXT_ALONE % {"said": _all_of(promised)}] if promised else []
    here = [one for one in mentions if one.names(percent) and not one.is_done]
    here = [one for one in here if one.is_reduction] or here
    others = [one for one in mentions if not one.names(percent) and one.is_reduction]
    if not here:
        if not others or (_HALF.search(plain) and abs(percent - 50) < SAME_PERCENT):
            return []
        return [flags.TEXT_REDUCTION % {"said": _all_of(others), "given": f"{grouped(percent)}%"}]
    told = [one for one in here if not (base_year and _contradicting([one], base_year, _bases))] or here
    found = []
    is_said = any(str(base_year) in one.sentence for one in mentions if one.names(percent))
    if base_year and not is_said and (years := _contradicting(here, base_year, _bases, plain)):
        found.append(flags.TEXT_BASE_YEAR % {"said": years, "given": base_year})
    if target_year and (years := _contradicting(told, target_year, _untils)):
        found.append(flags.TEXT_TARGET_YEAR % {"said": years, "given": target_year})
    if target_year and not found and (later := _later(mentions, here, percent, target_year)):
        found.append(flags.TEXT_LATER % {"said": later[0], "given": later[1]})
    if part := _parts(_PART, [" ".join(f"{one.before} {one.own}" for one in told)]):
        found.append(flags.TEXT_PART % {"said": part})
    left_out = [scope for scope in scopes if _leaves_out(scope, told, others)]
    found += [flags.TEXT_SCOPE[scope] for scope in left_out]
    if "3" in scopes and "3" not in left_out:
        found += _part_of_scope_3(told, plain, percent, scope_1_2_t)
    return found


def _all_of(mentions: Sequence[_Mention]) -> str:
    return " / ".join(dict.fromkeys(one.words for one in mentions))


def _plain(text: str) -> str:
    """Folded, without addresses and pages, with short years written out, and with scopes as one word each."""
    plain = _ADDRESS.sub(" ", fold(text))
    plain = plain.replace("vs. ", "vs ")
    plain = re.sub(r"\b(?:fy|fiscal) ?'?(?:year )?(\d\d)(?!\d)", r"20\1", plain)
    plain = re.sub(r"\b(?:fy|fiscal year|fiscal|calendar year|cy) ?(?=(?:19|20)\d\d)", "", plain)
    plain = _MOVED.sub(_as_moved, _FORMER.sub(" ", plain))
    return _SCOPES.sub(lambda found: f" ⟨{_digits(found[0])}⟩ ", plain)


def _as_moved(found: re.Match[str]) -> str:
    """The later of two years is where a path ends; the earlier one where a target was brought forward."""
    is_moved = found[1] > found[2] or _POSTPONED.search(found.string[: found.end()].rpartition(".")[2])
    return f" by {found[2]} " if is_moved else found[0]


def _digits(said: str) -> str:
    figures = said.translate(str.maketrans("一二三", "123"))
    return "123" if _THROUGH.search(figures) else "".join(sorted(set(re.findall("[123]", figures))))


def _mentions(plain: str) -> Iterator[_Mention]:
    for sentence in _SENTENCES.split(plain):
        precedes = "⟨" in _PERCENT.split(sentence, maxsplit=1)[0]
        pieces = [piece for clause in _CLAUSES.split(sentence) for piece in _one_each(clause, precedes)]
        at = [place for place, piece in enumerate(pieces) if _PERCENT.search(piece)]
        for number, place in enumerate(at):
            found = _PERCENT.search(pieces[place])
            assert found  # noqa: S101  by `at`
            since = at[number - 1] + 1 if number else 0
            until = at[number + 1] if number + 1 < len(at) else len(pieces)
            high = float(found[2])
            low = float(found[1]) if found[1] and float(found[1]) < high else high
            before, after = (" ".join(part) for part in (pieces[since:place], pieces[place + 1 : until]))
            yield _Mention(low, high, pieces[place], before, after, sentence, is_alone=len(at) == 1)


def _one_each(clause: str, precedes: bool) -> list[str]:
    """The clause cut before each further percentage; before its scopes where those come first in the sentence."""
    found = list(_PERCENT.finditer(clause))
    cuts = []
    for last, this in itertools.pairwise(found):
        scopes = clause.rfind("⟨", last.end(), this.start()) if precedes else -1
        cuts.append(this.start() if scopes < 0 else scopes)
    return [clause[start:end] for start, end in zip([0, *cuts], [*cuts, len(clause)], strict=True)]


# --- years -------------------------------------------------------------------------------------------------
def _contradicting(here: Sequence[_Mention], stated: int, years_in: Callable[[str], set[int]], whole: str = "") -> str:
    """The years that the text names instead, wherever it names the percentage; "" where one place agrees."""
    named: set[int] = set()
    for one in here:
        parts = [one.own, *([one.sentence] if one.is_alone or whole else []), *([whole] if whole else [])]
        part = next((part for part in parts if years_in(part)), None)
        if part is None:
            continue
        if str(stated) in part:
            return ""
        named |= years_in(part)
    return " / ".join(map(str, sorted(named)))


def _later(
    mentions: Sequence[_Mention], here: Sequence[_Mention], percent: float, stated: int
) -> tuple[str, int] | None:
    """The percentage for the next year that the text names after the stated one, but for scope 3 alone.

    In the sentence of the stated percentage it needs no words of its own: "20 % by 2025 and 50 % by 2030". Of several
    for one year it is the largest.
    """
    sentences = {one.sentence for one in here if one.is_reduction}
    named = [
        (year, -one.high, one.words)
        for one in mentions
        if not one.names(percent) and (one.is_reduction or (one.sentence in sentences and one.is_own_promise))
        for year in _untils(one.own) or _untils(one.before)
        if year > stated and _tied_to(one) != "3"
    ]
    year, _high, words = min(named, default=(0, 0.0, ""))
    return (words, year) if named else None


def _bases(part: str) -> set[int]:
    return {int(next(filter(None, found))) for found in _BASE.findall(part)}


def _untils(part: str) -> set[int]:
    without = _NEUTRAL_BY.sub(" ", part)
    clauses = [clause for clause in _CLAUSES.split(without) if not _NEUTRALITY.search(clause)]
    found = {int([*filter(None, years)][-1]) for clause in clauses for years in _UNTIL.findall(clause)}
    return found - _bases(part)


# --- scopes ------------------------------------------------------------------------------------------------
def _leaves_out(scope: str, here: Sequence[_Mention], others: Sequence[_Mention]) -> bool:
    """Whether the percentage is of other scopes, or the text has another one for this scope."""
    tied = [_tied_to(one) for one in here]
    if any(scope in one for one in tied if one):
        return False
    if all(tied):
        # "Operations" is a reading: enough to doubt scope 3, not to doubt 1 or 2.
        return scope == "3" or all("⟨" in f"{one.before}{one.own}{one.after}" for one in here)
    return scope == "3" and any(_SCOPE_3.search(f"{one.before} {one.own}") for one in others)


def _part_of_scope_3(here: Sequence[_Mention], plain: str, percent: float, scope_1_2_t: float | None) -> list[str]:
    spans = [span for one in here if "3" in _scopes_of(span := _tying(one))]
    if spans:
        parts = _parts(_CATEGORIES, [f"{span} {_notes(span, plain)}" for span in spans])
        return [flags.TEXT_PART_3 % {"said": parts}] if parts else []
    base_t = next((tonnes / percent * 100 for one in here if (tonnes := _tonnes(one.sentence))), None)
    if base_t is None or scope_1_2_t is None or abs(base_t - scope_1_2_t) > SAME_TONNES * scope_1_2_t:
        return []
    return [flags.TEXT_TONNES % {"said": grouped(round(base_t, -5))}]


def _parts(what: re.Pattern[str], spans: Sequence[str]) -> str:
    """What a part alone is named by, where every span names one and none as an example of more; else ""."""
    found = [[] if _ADDED.search(span) else what.findall(span) for span in spans]
    return " / ".join(dict.fromkeys(itertools.chain(*found))) if all(found) else ""


def _notes(span: str, plain: str) -> str:
    """The notes that the span refers to by [1]."""
    return " ".join(plain.partition(span)[2].rpartition(f"[{mark}]")[2] for mark in _NOTE.findall(span))


def _tonnes(sentence: str) -> float | None:
    found = _TONNES.findall(sentence)
    return float(found[0][0].replace(",", "")) * _TIMES[found[0][1]] if len(found) == 1 else None


def _tied_to(one: _Mention) -> str:
    """The scopes that the percentage is said of; "" where none is named."""
    return _scopes_of(_tying(one))


def _tying(one: _Mention) -> str:
    """The words around the percentage that name its scopes; "" where none do."""
    own = _PERCENT.split(one.own, maxsplit=1)[0]
    spans = [one.own, one.before, one.after]
    if one.is_alone:
        spans = [one.sentence]
    elif _scopes_of(own):
        spans = [f"{one.before} {own}"]
    return next((span for span in spans if _scopes_of(span)), "")


def _scopes_of(span: str) -> str:
    named = "".join(sorted(set("".join(re.findall("⟨(.*?)⟩", span)))))
    if named:
        return named
    return "123" if _ALL_SCOPES.search(span) else "12" if _OPERATIONS.search(span) else ""
