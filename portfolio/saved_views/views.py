"""Saving, renaming by saving again, sharing and dropping a view. Each leads back to its list."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portfolio.models import SavedView
from portfolio.models.people import FUND_SIDE, LONGEST_QUERY, MOST_VIEWS, has_role


class SaveForm(forms.ModelForm[SavedView]):
    """`query` is the address of the list as it stands, from `?` on or behind it."""

    class Meta:
        model = SavedView
        fields = ("list", "name", "query", "is_shared")

    def clean_query(self) -> str:
        asked = QueryDict(self.cleaned_data["query"].strip().removeprefix("?"), mutable=True)
        for name in ("page", "view"):
            asked.pop(name, None)
        query = asked.urlencode()
        if len(query) > LONGEST_QUERY:  # what was typed as it is takes more once it is an address
            raise forms.ValidationError(_("This address is too long to be saved."))
        return query

    def validate_unique(self) -> None:
        """Saving again under the same name replaces."""


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save the question of a list under a name."""
    person = _fund_side(request)
    form = SaveForm(request.POST)
    if not form.is_valid():
        words = [f"{form.fields[name].label}: {error}" for name, errors in form.errors.items() for error in errors]
        messages.error(request, _("The view was not saved. %(why)s") % {"why": " ".join(words)})
        return redirect(_back(request))
    given = form.cleaned_data
    if person.saved_views.filter(list=given["list"]).exclude(name=given["name"]).count() >= MOST_VIEWS:
        messages.error(request, _("You have %(n)s views of this list: drop one first.") % {"n": MOST_VIEWS})
        return redirect(_back(request))
    view = SavedView.keep(person, given["list"], given["name"], given["query"], is_shared=given["is_shared"])
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(view)


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """`action`: default, no_default, share, unshare or drop, of a view of one's own."""
    view = get_object_or_404(_fund_side(request).saved_views, pk=pk)
    match request.POST.get("action"):
        case "default":
            view.open_first()
        case "no_default":
            SavedView.objects.filter(pk=view.pk).update(is_default=False)
        case "share" | "unshare" as action:
            SavedView.objects.filter(pk=view.pk).update(is_shared=action == "share")
        case "drop":
            view.delete()
            messages.success(request, _("The view “%(name)s” is dropped.") % {"name": view.name})
        case _unknown:
            raise Http404
    return redirect(view)


def _fund_side(request: HttpRequest) -> User:
    """Only the fund's side has lists that can be saved."""
    if not has_role(request.user, *FUND_SIDE):
        raise Http404
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _back(request: HttpRequest) -> str:
    of = request.POST.get("list", "")
    path = reverse(of) if of in SavedView.List.values else reverse("home")
    return f"{path}?{request.POST.get('query', '').removeprefix('?')[:LONGEST_QUERY]}"
