"""Flags and notes that we wrote into data ourselves, for pages to say in the reader's language.

They are stored in English, as sentences of the templates below with their numbers filled in; what a source says in its
own words is never translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

from django.utils.translation import gettext, gettext_noop

from portfolio.models.check_words import named

SEPARATOR = " · "
Doubt = Literal["emissions", "revenue"]

# What we find implausible while we load. `what` is stored as the code of a quantity, and read as its name.
ZERO_SCOPE = gettext_noop("A scope is zero: below the register's threshold, or no report.")
WRONG_TOTAL = gettext_noop("The total differs from scope 1 + scope 2 by more than 1 %.")
TOO_LARGE = gettext_noop("%(what)s: larger than of any company. Is the unit right?")
JUMP_UP = gettext_noop("Scopes 1 + 2 are about %(times)s times those of %(year)s.")
JUMP_DOWN = gettext_noop("Scopes 1 + 2 were about %(times)s times as much in %(year)s.")
FIGURE_UP = gettext_noop("%(what)s: about %(times)s times that of %(year)s. Is the unit right?")
FIGURE_DOWN = gettext_noop("%(what)s: about %(times)s times as much in %(year)s. Is the unit right?")
SAME_STAFF_UP = gettext_noop(
    "Revenue is about %(times)s times that of %(year)s with the same staff. Is the unit right?"
)
SAME_STAFF_DOWN = gettext_noop(
    "Revenue was about %(times)s times as much in %(year)s with the same staff. Is the unit right?"
)
FEW_EMPLOYEES = gettext_noop("Fewer than 100 employees at a revenue above one billion.")
HEAD_HIGH = gettext_noop("Revenue per head is about %(times)s times the median of %(count)s companies of its kind.")
HEAD_LOW = gettext_noop(
    "The median of revenue per head of %(count)s companies of its kind is about %(times)s times as much."
)
OTHER_CURRENCY = gettext_noop("Revenue per head would be usual if the revenue were in %(currency)s: is it?")
OTHER_COMPANY = gettext_noop("The source's industry looks wrong, so revenue and staff may be another company's.")
BASE_YEAR = gettext_noop("The base year is not before the target year.")
SHARE = gettext_noop("The reduction is 1 % or less: probably a share instead of a percentage.")
BEYOND_ZERO = gettext_noop("The reduction is above 100 %: beyond net zero.")
# Of a target whose text says something else than the fields beside it.
TEXT_REDUCTION = gettext_noop("The text says %(said)s, the field %(given)s: which is right?")
TEXT_ALONE = gettext_noop("The text says %(said)s, the field nothing: what is promised?")
TEXT_BASE_YEAR = gettext_noop("The text counts it from %(said)s, the field from %(given)s: which is right?")
TEXT_TARGET_YEAR = gettext_noop("The text has it by %(said)s, the field by %(given)s: which is right?")
TEXT_LATER = gettext_noop("The text also promises %(said)s by %(given)s: is that on record?")
TEXT_PART = gettext_noop("The text says it of a part alone (%(said)s): what is promised of the whole?")
TEXT_PART_3 = gettext_noop("The text has a part of scope 3 alone (%(said)s): what is promised of the rest?")
TEXT_TONNES = gettext_noop("Its tonnes are this percentage of %(said)s t, which is scopes 1 and 2: what of scope 3?")
TEXT_SCOPE = {
    "1": gettext_noop("The text does not give this percentage for scope 1: what is promised of it?"),
    "2": gettext_noop("The text does not give this percentage for scope 2: what is promised of it?"),
    "3": gettext_noop("The text does not give this percentage for scope 3: what is promised of it?"),
}
FISCAL_YEAR = gettext_noop("The figures are of the financial year %(period)s.")
DOUBTFUL = gettext_noop("%(what)s: doubtful in the source: %(why)s")
OTHER_SOURCE = gettext_noop("%(what)s: another source says %(value)s (%(source)s).")
OTHER_BOUNDARY = gettext_noop("%(what)s: %(value)s by another boundary (%(boundary)s).")
THEME_SHARE_DERIVED = gettext_noop("The theme's share was worked out from its revenue: a lower bound.")
MORE = gettext_noop("And %(count)s more.")
OWN = (
    *(ZERO_SCOPE, WRONG_TOTAL, TOO_LARGE, JUMP_UP, JUMP_DOWN, FIGURE_UP, FIGURE_DOWN, SAME_STAFF_UP, SAME_STAFF_DOWN),
    *(FEW_EMPLOYEES, HEAD_HIGH, HEAD_LOW, OTHER_CURRENCY, OTHER_COMPANY, BASE_YEAR, SHARE, BEYOND_ZERO, MORE),
    *(TEXT_REDUCTION, TEXT_ALONE, TEXT_BASE_YEAR, TEXT_TARGET_YEAR, TEXT_LATER, *TEXT_SCOPE.values()),
    *(TEXT_PART, TEXT_PART_3, TEXT_TONNES),
    *(FISCAL_YEAR, DOUBTFUL, OTHER_SOURCE, OTHER_BOUNDARY, THEME_SHARE_DERIVED),
)

# What stands in databases of before.
TENFOLD = gettext_noop("Scopes 1 + 2 differ from the year before by more than a factor of ten.")

# What we wrote into the files of the demo universe when we put them together.
OTHER_UNIT = gettext_noop("revenue differs from 2020 by more than a factor of ten: probably another unit")
IN_FILES = (
    gettext_noop("electricity looks too small for the scope 2 figure (unit slip or partial boundary)"),
    gettext_noop("electricity looks too large for the scope 2 figure (unit slip or wider boundary)"),
    OTHER_UNIT,
    gettext_noop("employee number implausible for a company of this size"),
    gettext_noop("scope coverage is given by the source for the company, not per target"),
    gettext_noop("text is the bare word TRUE in the source"),
    gettext_noop("the source says US dollars; the amount is the group's revenue of 2024 in yuan"),
)
# The note of a company of which the source describes another business.
WRONG_INDUSTRY = "the source's industry looks wrong"

# What we saw when we compared the names, documents and figures of two sources.
OF_JOINS = (
    gettext_noop(
        "The document is that of Bank of China (Hong Kong), a subsidiary: its tonnes stand over the group's revenue."
    ),
    gettext_noop("The only source of this company: nothing is joined."),
    gettext_noop("The documents are the Hong Kong subsidiary's: its tonnes stand over the group's revenue."),
    gettext_noop("The document is that of Coca-Cola European Partners, a bottler and another listed company."),
    gettext_noop("The document is Mitsubishi Motors': its tonnes stand over Mitsubishi Corporation's revenue."),
    gettext_noop("The targets are Mitsubishi Motors'; ISIN, revenue and staff are Mitsubishi Corporation's."),
    gettext_noop("The document is China Everbright Environment's, another listed company."),
    gettext_noop("The document is HDFC Bank's; the tonnes are those of gl-hdfc-bank, rounded."),
    gettext_noop("The document is HDFC Bank's; ISIN and staff are HDFC's."),
    gettext_noop("The document is that of Fresenius Medical Care, another listed company; the targets may be of both."),
    gettext_noop("Looked at when the files were made: one name, one seat, one business."),
    gettext_noop("The excerpt does not name the entity: it was inferred from megawatts and water treatment."),
    gettext_noop("The entity was read from segment names of the excerpt."),
    gettext_noop("The tonnes are those of a sector in the parent’s report, taken as this subsidiary."),
    gettext_noop("Revenue and staff cannot be Signify's: its own quarters of 2024 come to about 1.5 billion EUR each."),
)

_OF_REVENUE = {SAME_STAFF_UP, SAME_STAFF_DOWN, FEW_EMPLOYEES, HEAD_HIGH, HEAD_LOW, OTHER_CURRENCY, OTHER_COMPANY}
_OF_REVENUE |= {OTHER_UNIT}
_OF_FIGURE = {TOO_LARGE, FIGURE_UP, FIGURE_DOWN}


def in_words(stored: str) -> str:
    """A stored flag or note, each of our own sentences in the reader's language and all else as it stands."""
    return SEPARATOR.join(each_in_words(stored))


def each_in_words(stored: str) -> list[str]:
    return [_said(part) for part in stored.split(SEPARATOR) if part]


def _said(part: str) -> str:
    template, numbers = _template_of(part)
    if not template:
        return part
    if "what" in numbers:
        numbers = numbers | {"what": named(numbers["what"])}
    return gettext(template) % numbers if numbers else gettext(template)


# Of a target's note → what a person is asked.
ASKED = {
    TEXT_REDUCTION: "reduction",
    TEXT_ALONE: "reduction",
    TEXT_BASE_YEAR: "base_year",
    TEXT_TARGET_YEAR: "target_year",
    TEXT_LATER: "later",
    TEXT_PART: "coverage",
    TEXT_PART_3: "scope3",
    TEXT_TONNES: "scope3",
} | {template: f"scope{scope}" for scope, template in TEXT_SCOPE.items()}


def asked(stored: str) -> list[tuple[str, dict[str, str]]]:
    """What the text of a target puts in question: the codes of ASKED, each with what the text says and the field."""
    found = [_template_of(part) for part in stored.split(SEPARATOR) if part]
    return [(ASKED[template], said) for template, said in found if template in ASKED]


def is_own(part: str) -> bool:
    """Whether we found it while we loaded; else it stands in the source's file."""
    return _template_of(part)[0] in (*OWN, TENFOLD)


def heading(part: str) -> str:
    """What all flags of the kind share, to count them by."""
    template, numbers = _template_of(part)
    return template % dict.fromkeys(numbers, "…") if numbers else part


def joined(flags: Iterable[str], limit: int) -> str:
    """As they are stored. Where they are more than the field holds, the last one counts the others."""
    kept = list(dict.fromkeys(filter(None, flags)))
    for left_out in range(len(kept)):
        shown = kept[: len(kept) - left_out] + ([MORE % {"count": left_out}] if left_out else [])
        if len(text := SEPARATOR.join(shown)) <= limit:
            return text
    return ""


def doubts(stored: str) -> list[Doubt]:
    """Which of "emissions" and "revenue" the flags of a row put in doubt. A change below tenfold does not."""
    if not stored:  # as of most rows
        return []
    return sorted({doubt for part in stored.split(SEPARATOR) for doubt in _doubts(part)})


def _doubts(part: str) -> Iterator[Doubt]:
    template, numbers = _template_of(part)
    what = numbers.get("what", "")
    if template in _OF_REVENUE or (template in _OF_FIGURE and what.startswith("revenue")):
        yield "revenue"
    is_doubtful = template == DOUBTFUL and what.startswith(("scope1", "scope2"))
    is_jump = template in (JUMP_UP, JUMP_DOWN) and float(numbers["times"].replace(",", "")) >= 10
    if (
        is_jump
        or is_doubtful
        or template == TENFOLD
        or (template in _OF_FIGURE and what.startswith(("scope1", "scope2")))
    ):
        yield "emissions"


@lru_cache(maxsize=4096)
def _template_of(part: str) -> tuple[str, dict[str, str]]:
    """Our template of which this is a sentence, with what is filled in; "" for a source's own words."""
    for template, pattern in _PATTERNS:
        if found := pattern.fullmatch(part):
            return template, found.groupdict()
    return "", {}


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\?\((\w+)\\?\)s", r"(?P<\1>[^·]+?)", re.escape(template)))


_PATTERNS = [(template, _pattern(template)) for template in (*OWN, TENFOLD, *IN_FILES, *OF_JOINS)]
