"""What an import says when it is done, for the page and the command alike."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fund.holdings.imports import Imported, Money
from fund.holdings.money import money_unit
from fund.models import Question
from portfolio.templatetags.figures import significant


def entered_words(done: Imported) -> str:
    words = ngettext(
        "%(entered)s of %(rows)s row entered; %(unchanged)s said nothing new, %(corrected)s corrected an earlier one.",
        "%(entered)s of %(rows)s rows entered; %(unchanged)s said nothing new, %(corrected)s corrected earlier ones.",
        done.rows,
    )
    return words % {
        "entered": f"{done.entered:,}",
        "rows": f"{done.rows:,}",
        "unchanged": f"{done.unchanged:,}",
        "corrected": f"{done.corrected:,}",
    }


def left_open_words(done: Imported) -> Iterator[str]:
    """What a file leaves for a person: money that is not in the book, issuers that are not on record, questions."""
    for currency, money in sorted(done.money.items()):
        if money.refused:
            words = _("%(part)s of %(whole)s %(unit)s not in the book: its rows were refused.")
            yield words % _shown(money.refused, money, currency)
    if done.refused_amounts_unknown:
        n = done.refused_amounts_unknown
        words = ngettext(
            "The amount of %(n)d refused row cannot be read: until it comes in right, no coverage is known.",
            "The amounts of %(n)d refused rows cannot be read: until they come in right, no coverage is known.",
            n,
        )
        yield words % {"n": n}
    if done.settled:
        n = done.settled
        words = ngettext(
            "%(n)d refused row was settled before, and changes no coverage.",
            "%(n)d refused rows were settled before, and change no coverage.",
            n,
        )
        yield words % {"n": n}
    if done.without_company:
        n = done.without_company
        words = ngettext(
            "The issuer of %(n)d row is not on record: in the book, without data, until somebody matches it.",
            "The issuers of %(n)d rows are not on record: in the book, without data, until somebody matches them.",
            n,
        )
        yield words % {"n": n}
    for currency, money in sorted(done.money.items()):
        if money.without_company:
            words = _("%(part)s of %(whole)s %(unit)s without data.")
            yield words % _shown(money.without_company, money, currency)
    for name, question in done.questions:
        yield _("To be confirmed, %(what)s: %(question)s") % {"what": name, "question": Question(question).label}


def _shown(part: float, money: Money, currency: str) -> dict[str, str]:
    """Both amounts in the size of the whole, so that they can be compared at a glance."""
    unit = money_unit([money.total], currency)
    return {"part": significant(unit.of(part)), "whole": significant(unit.of(money.total)), "unit": unit.word}
