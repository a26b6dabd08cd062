"""Sentences of the desk: what the case alone is asked, and why a case stands where it does in the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.typed.numbers import grouped
from portfolio.wording import labelled

LARGE_KT = 500  # above it materiality is 2 %, and more rests on each figure


# --- the automatic list -------------------------------------------------------------------------------------
def _line_tenfold(number: int, times: float, against_last_year: bool) -> str:
    names = {"line": number, "times": _times(times if times > 1 else 1 / times)}
    if against_last_year and times > 1:
        return _("Line %(line)s is about %(times)s times last year's of the same meter: a digit or a unit?") % names
    if against_last_year:
        return _("Line %(line)s was about %(times)s times as much last year: a digit or a unit?") % names
    if times > 1:
        return _("Line %(line)s is about %(times)s times its other months: a digit or a unit?") % names
    return _("The other months are about %(times)s times line %(line)s: a digit or a unit?") % names


def _site_without_line(name: str, had_one: bool) -> str:
    if had_one:
        return _("No line of the site %(name)s, which had one last year. Was it left out?") % {"name": name}
    return _("No line of the site %(name)s, which the company keeps. Was it left out?") % {"name": name}


def _figure_as_last_year(names: str) -> str:
    return _("Exactly last year's figure: %(names)s. Was it measured again?") % {"names": names}


def _figure_by_hand(name: str, provenance: str) -> str:
    return labelled(name, provenance)


SENTENCES: dict[str, Callable[..., str]] = {
    "line_tenfold": _line_tenfold,
    "site_without_line": _site_without_line,
    "figure_as_last_year": _figure_as_last_year,
    "figure_by_hand": _figure_by_hand,
}


# --- risk -------------------------------------------------------------------------------------------------------
def _jump(times: float, reason: str) -> str:
    if reason:
        words = _("about %(times)s times the year before, explained: %(reason)s")
        return words % {"times": _times(times), "reason": reason}
    return _("about %(times)s times the year before") % {"times": _times(times)}


def _ledger_apart(times: float) -> str:
    return _("about %(times)s times what the energy comes to") % {"times": _times(times)}


def _outside_range(times: float) -> str:
    return _("about %(times)s times beyond the range of companies like it") % {"times": _times(times)}


def _line_unlike_others(count: int) -> str:
    return ngettext("a line a hundred times its others", "%(n)s lines a hundred times their others", count) % {
        "n": count
    }


def _first(_value: Any = None) -> str:
    return _("first report")


def _large(total_t: float) -> str:
    return _("over %(kt)s kt") % {"kt": LARGE_KT}


def _without_evidence(lacking: int, of: int) -> str:
    return _("%(lacking)s of %(of)s lines without evidence") % {"lacking": lacking, "of": of}


def _no_ledger(_value: Any = None) -> str:
    return _("totals only, no ledger")


def _questions(count: int) -> str:
    return ngettext("%(n)s plausibility question", "%(n)s plausibility questions", count) % {"n": count}


REASONS: dict[str, Callable[..., str]] = {
    "jump": _jump,
    "ledger_apart": _ledger_apart,
    "outside_range": _outside_range,
    "line_unlike_others": _line_unlike_others,
    "first": _first,
    "large": _large,
    "without_evidence": _without_evidence,
    "no_ledger": _no_ledger,
    "questions": _questions,
}


def _times(ratio: float) -> str:
    return grouped(round(ratio) if ratio >= 10 else round(ratio, 1))
