"""From a name to the address of a list, and which views a list offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, QueryDict
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


class Views:
    """The saved views of one list for whoever asks. One query."""

    def __init__(self, request: HttpRequest, of: str) -> None:
        self.request, self.path = request, reverse(of)
        self.user_id = request.user.pk
        found = SavedView.objects.visible_to(request.user).filter(list=of).select_related("owner")
        self.views = sorted(found, key=lambda view: (view.owner_id != self.user_id, view.name.casefold(), view.pk))

    @property
    def elsewhere(self) -> str | None:
        """Where to go instead: `?view=NAME` leads to what it stands for, the bare address to one's default view.

        Not from the list itself: who drops the last filter there wants all rows.
        """
        asked = self.request.GET.copy()
        if "view" in asked:
            name = asked.pop("view")[-1].strip()
            named = next((view for view in self.views if view.name == name), None)
            if named is None:
                messages.warning(self.request, _("There is no view named “%(name)s”.") % {"name": name[:60]})
            else:
                asked = named.asked_with(asked)
            return f"{self.request.path}?{asked.urlencode()}"
        if asked or urlsplit(self.request.headers.get("Referer", "")).path == self.path:
            return None
        first = next((view for view in self.views if view.is_default and view.owner_id == self.user_id), None)
        return first.get_absolute_url() if first and first.query else None

    @property
    def of_file(self) -> str | None:
        """Where `?view=NAME` leads a file. 404 for a name that is none: a file cannot say that it dropped it."""
        if "view" not in self.request.GET:
            return None
        if self.request.GET["view"].strip() not in {view.name for view in self.views}:
            raise Http404
        return self.elsewhere

    def offered(self, query: str, shipped: Iterable[Shipped] = ()) -> list[Offered]:
        """Own ones first, then shared, then shipped. `query`: the list's present address, from `?` on."""
        now = _set(QueryDict(query.removeprefix("?")))
        found = [
            Offered(view.name, view.get_absolute_url(), _set(view.asked) == now, view, view.owner_id == self.user_id)
            for view in self.views
        ]
        return found + [
            Offered(str(one.name), f"{self.path}?{one.query}", _set(QueryDict(one.query)) == now, None, False)
            for one in shipped
        ]


def _set(asked: QueryDict) -> set[tuple[str, str]]:
    return {(name, value) for name, values in asked.lists() if name != "page" for value in values}
