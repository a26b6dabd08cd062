"""Where a figure comes from: from the ledger as computed, or typed by a person, perhaps over what the ledger had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portfolio.typed.numbers import grouped

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.quantity import Figure

LEDGER, SEPARATOR = "ledger", " · "
CALCULATED, REPORTED = "calculated", "reported"  # words of Figure.Basis


def ledger_note(gwp_set: str, tables: str, day: str) -> str:
    """The note of a figure that is taken over; nobody else writes one that begins so."""
    return SEPARATOR.join((LEDGER, gwp_set, tables, day))


def is_of_ledger(figure: Figure) -> bool:
    return figure.basis == CALCULATED and is_ledger_note(figure.note)


def is_ledger_note(note: str) -> bool:
    return note.startswith(LEDGER + SEPARATOR)


def taken_under(figure: Figure) -> tuple[str, str]:
    """The set of warming potentials and the day of a figure of the ledger; empty where the note lacks them."""
    parts = figure.note.split(SEPARATOR)
    return (parts[1], parts[3]) if len(parts) == 4 else ("", "")


def settle(
    rows: Iterable[Figure],
    stored: Mapping[str, Figure],
    *,
    by: User,
    at: datetime,
    from_ledger: Collection[str] = (),
) -> None:
    """Make each row tell what it is, against the row of its quantity that is stored.

    Only the quantities in `from_ledger` are taken over now. A figure of the ledger that comes back as it was stays
    one; changed in any way it is a person's: no longer calculated, without the ledger's note, with what the ledger had.
    """
    for row in rows:
        row.ledger_value = row.changed_by = row.changed_at = None
        if row.quantity not in from_ledger:
            _settle(row, stored.get(row.quantity), by, at)


def _settle(row: Figure, before: Figure | None, by: User, at: datetime) -> None:
    if before is not None and is_of_ledger(before):
        is_same = (row.value, row.basis) == (before.value, before.basis)
        if is_same and row.note in ("", before.note):
            row.typed, row.note = before.typed, before.note
            return
        row.ledger_value, row.changed_by, row.changed_at = before.value, by, at
        row.basis = REPORTED if row.basis == CALCULATED else row.basis
    elif before is not None and before.ledger_value is not None:
        row.ledger_value = before.ledger_value
        is_changed = row.value != before.value
        row.changed_by = by if is_changed else before.changed_by
        row.changed_at = at if is_changed else before.changed_at
    if is_ledger_note(row.note):  # copied by hand or by a program: the ledger says nothing of this value
        row.note = ""
        row.basis = REPORTED if row.basis == CALCULATED else row.basis


def in_words(figure: Figure) -> str:
    """From the ledger, since when and under which set; or what the ledger had before somebody typed; else empty."""
    if is_of_ledger(figure):
        gwp_set, day = taken_under(figure)
        words = _("Taken over from the ledger on %(day)s, %(set)s.")
        return words % {"day": day, "set": gwp_set} if day else _("Taken over from the ledger.")
    if figure.ledger_value is None or figure.changed_at is None or figure.ledger_value == figure.value:
        return ""
    who = figure.changed_by.get_full_name() or figure.changed_by.get_username() if figure.changed_by else "—"
    when = date_format(timezone.localtime(figure.changed_at), "DATETIME_FORMAT")
    words = _("Was %(value)s %(unit)s by the ledger, changed by hand by %(who)s on %(when)s.")
    return words % {"value": grouped(figure.ledger_value), "unit": figure.unit, "who": who, "when": when}
