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
def _figure_as_last_year(names: str) -> str:
    return _("Exactly last year's figure: %(names)s. Was it measured again?") % {"names": names}


def _figure_by_hand(name: str, provenance: str) -> str:
    return labelled(name, provenance)


SENTENCES: dict[str, Callable[..., str]] = {
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


def _line_tenfold(times: float) -> str:
    return _("a line about %(times)s times its other months or last year") % {"times": _times(times)}


def _line_twice(count: int) -> str:
    return ngettext("a line that stands twice", "%(n)s lines that stand twice", count) % {"n": count}


def _site_without_line(count: int) -> str:
    return ngettext("a site without a line", "%(n)s sites without a line", count) % {"n": count}


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
    "line_tenfold": _line_tenfold,
    "line_twice": _line_twice,
    "site_without_line": _site_without_line,
    "first": _first,
    "large": _large,
    "without_evidence": _without_evidence,
    "no_ledger": _no_ledger,
    "questions": _questions,
}


def _times(ratio: float) -> str:
    return grouped(round(ratio) if ratio >= 10 else round(ratio, 1))
