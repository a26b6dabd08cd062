"""Flags and notes that we wrote into data ourselves, for pages to say in the reader's language.

They are stored in English, as fixed sentences; what a source says in its own words is never translated.
"""

from django.utils.translation import gettext, gettext_noop

SEPARATOR = " · "

# What we find implausible while we load.
ZERO_SCOPE = gettext_noop("A scope is zero: below the register's threshold, or no report.")
WRONG_TOTAL = gettext_noop("The total differs from scope 1 + scope 2 by more than 1 %.")
JUMP = gettext_noop("Scopes 1 + 2 differ from the year before by more than a factor of ten.")
FEW_EMPLOYEES = gettext_noop("Fewer than 100 employees at a revenue above one billion.")
BASE_YEAR = gettext_noop("The base year is not before the target year.")
OWN = (ZERO_SCOPE, WRONG_TOTAL, JUMP, FEW_EMPLOYEES, BASE_YEAR)

# What we wrote into the files of the demo universe when we put them together.
IN_FILES = (
    gettext_noop("electricity looks too small for the scope 2 figure (unit slip or partial boundary)"),
    gettext_noop("electricity looks too large for the scope 2 figure (unit slip or wider boundary)"),
    gettext_noop("revenue differs from 2020 by more than a factor of ten: probably another unit"),
    gettext_noop("employee number implausible for a company of this size"),
    gettext_noop("scope coverage is given by the source for the company, not per target"),
    gettext_noop("text is the bare word TRUE in the source"),
    gettext_noop("the source says US dollars; the amount is the group's revenue of 2024 in yuan"),
)

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
    gettext_noop("Revenue and staff cannot be Signify's: its own quarters of 2024 come to about 1.5 billion EUR each."),
)

_OURS = frozenset((*OWN, *IN_FILES, *OF_JOINS))


def in_words(stored: str) -> str:
    """A stored flag or note, each of our own sentences in the reader's language and all else as it stands."""
    return SEPARATOR.join(gettext(part) if part in _OURS else part for part in stored.split(SEPARATOR))
