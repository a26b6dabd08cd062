"""From a name to the address of a list, and which views a list offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portfolio.models import SavedView


@dataclass(frozen=True)
class Shipped:
    """A view that comes with the product: a question that everyone should ask of their data."""

    name: Promise
    query: str


@dataclass(frozen=True)
class Offered:
    """A view as a list's menu names it."""

    name: str
    href: str
    is_on: bool
    view: SavedView | None  # None: shipped
    is_own: bool
    owner: str


def leads_elsewhere(request: HttpRequest, of: str) -> str | None:
    """Where to go instead: `?view=NAME` leads to what it stands for, the bare address to one's default view.

    Not from the list itself: who drops the last filter there wants all rows.
    """
    asked = request.GET.copy()
    if "view" in asked:
        name = asked.pop("view")[-1].strip()
        found = SavedView.objects.filter(list=of).named(name, request.user)
        if found is None:
            messages.warning(request, _("There is no view named “%(name)s”.") % {"name": name[:60]})
            return f"{request.path}?{asked.urlencode()}"
        return f"{request.path}?{found.asked_with(asked).urlencode()}"
    if asked or urlsplit(request.headers.get("Referer", "")).path == request.path:
        return None
    first = SavedView.objects.filter(list=of, owner=request.user.pk, is_default=True).first()
    return f"{request.path}?{first.query}" if first and first.query else None


def offered(request: HttpRequest, of: str, query: str, shipped: Iterable[Shipped] = ()) -> list[Offered]:
    """Own ones first, then shared, then shipped. `query`: the list's present address, from `?` on. One query."""
    path = reverse(of)
    now = _set(QueryDict(query.removeprefix("?")))
    found = [
        Offered(
            view.name,
            view.get_absolute_url(),
            _set(view.asked) == now,
            view,
            view.owner_id == request.user.pk,
            view.owner.get_username(),
        )
        for view in SavedView.objects.visible_to(request.user).filter(list=of).select_related("owner")
    ]
    found.sort(key=lambda one: (not one.is_own, one.name.casefold()))
    with_product = [
        Offered(str(one.name), f"{path}?{one.query}", _set(QueryDict(one.query)) == now, None, False, "")
        for one in shipped
    ]
    return found + with_product


def _set(asked: QueryDict) -> set[tuple[str, str]]:
    return {(name, value) for name, values in asked.lists() if name != "page" for value in values}
