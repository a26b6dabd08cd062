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
)

_OURS = frozenset((*OWN, *IN_FILES))


def in_words(stored: str) -> str:
    """A stored flag or note, each of our own sentences in the reader's language and all else as it stands."""
    return SEPARATOR.join(gettext(part) if part in _OURS else part for part in stored.split(SEPARATOR))
