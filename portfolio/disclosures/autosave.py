"""What the editor saves by itself: the fields that one person changed, each on top of what now stands in it.

Fields of two people at once are both kept. In the same field nobody is written over: both values come back, and the
person picks. What cannot be read is said and not saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portfolio.disclosures.forms import BASIS, STANDING, DisclosureForm, stored_texts
from portfolio.models import Disclosure, Quantity
from portfolio.typed.numbers import grouped

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WAS = "was-"  # before a field's name: what stood in it when the person read it


@dataclass(frozen=True)
class Typed:
    """A field as it is now, and as it was when the person read it."""

    value: str
    was: str


class Conflict(TypedDict):
    """A field that somebody else changed meanwhile, as the two read."""

    said: str  # whose value it is that was saved
    mine: str
    theirs: str


class Answer(TypedDict):
    edition: int
    at: str  # 10:42
    stored: dict[str, str]  # field → what now stands, for fields that others changed
    waiting: list[str]  # the basis of a figure that has no value yet: nowhere to keep it
    faults: dict[str, str]
    conflicts: dict[str, Conflict]
    readings: dict[str, str]


def typed_in(posted: QueryDict) -> dict[str, Typed]:
    """Field → what was typed, of all that came with what it was before."""
    names = [name.removeprefix(WAS) for name in posted if name.startswith(WAS)]
    return {name: Typed(_plain(posted.get(name, "")), _plain(posted.get(WAS + name, ""))) for name in names}


def save_fields(disclosure: Disclosure, typed: Mapping[str, Typed], *, by: User) -> Answer:
    """Write what can be written, and say what became of each field. Raises NotAllowed and StaleVersion."""
    with transaction.atomic():
        found = Disclosure.objects.select_for_update().get(pk=disclosure.pk)  # one after another: each field is kept
        stored = {name: _plain(text) for name, text in stored_texts(found).items()}
        known = {name: given for name, given in typed.items() if name in stored}
        disputed = {name for name, given in known.items() if stored[name] not in (given.was, given.value)}
        wanted = {name: given.value for name, given in known.items() if name not in disputed}
        form = _form(found, stored | wanted)
        faults = {name: " ".join(map(str, form.errors[name])) for name in wanted if name in form.errors}
        readable = {name: value for name, value in wanted.items() if name not in faults}
        form = _form(found, stored | readable)
        form.is_valid()  # what else is at fault was stored so, and stays
        who = _who_saved(found, by) if disputed else ""
        if form.has_changed():
            form.save(by=by, as_typed=True)
        now = {name: _plain(text) for name, text in stored_texts(found).items()}
    return {
        "edition": found.edition,
        "at": date_format(timezone.localtime(), "H:i"),
        "stored": now,
        "waiting": [name for name in readable if _has_no_figure(name, now)],
        "faults": faults,
        "conflicts": {
            name: {
                "said": who,
                "mine": form.shown(name, known[name].value),
                "theirs": form.shown(name, stored[name]),
            }
            for name in disputed
        },
        "readings": {name: _reading(name, form) for name in form.readings() if name in known},
    }


def _form(disclosure: Disclosure, texts: Mapping[str, str]) -> DisclosureForm:
    data = QueryDict(mutable=True)
    data.update({**texts, "edition": str(disclosure.edition)})
    return DisclosureForm(data, disclosure=disclosure, last_year={})


def _who_saved(disclosure: Disclosure, by: User) -> str:
    """Who wrote just this field is not kept; who saved last is."""
    last = disclosure.steps.filter(verb="saved").select_related("by").last()
    if last is None or last.by is None:
        return _("Another value was saved meanwhile.")
    name = _("yourself") if last.by == by else last.by.get_full_name() or last.by.get_username()
    return _("Another value was saved meanwhile; the last to save was %(name)s.") % {"name": name}


def _has_no_figure(name: str, stored: Mapping[str, str]) -> bool:
    quantity = name.removesuffix(BASIS).removesuffix(STANDING)
    return quantity != name and not stored[quantity]


def _reading(name: str, form: DisclosureForm) -> str:
    quantity, amount = Quantity(name), form.readings()[name]
    return _("read as %(reading)s %(unit)s") % {"reading": grouped(amount.value), "unit": quantity.unit_label}


def _plain(text: str) -> str:
    """As a browser and we would both write it."""
    return text.replace("\r\n", "\n").strip()
