"""The what-if and its scenarios, for the fund's side alone; committee members look and keep none."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fund.errors import NameTaken
from fund.models import Scenario
from fund.models.scenario import LONGEST
from fund.pipeline.forms import ScenarioForm
from fund.pipeline.what_if import WhatIf
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role
from scoring.access import fund_side_only


@login_required
@require_GET
def what_if(request: HttpRequest) -> HttpResponse:
    """The whole state is its address, which the answer to a live change puts into the address bar."""
    fund_side_only(request)
    page = WhatIf(request.user, request.GET)
    address, query = page.address(), page.query()
    scenarios = list(Scenario.objects.visible_to(request.user).select_related("owner"))
    if request.GET.get("add", "").strip() and not page.problems and "HX-Request" not in request.headers:
        return redirect(address)  # once the typed name is a company, its number says so
    context = {
        "page": page,
        "rows": SafeString(render_to_string("fund/pipeline/what_if_rows.html", {"page": page})),
        "address": address,
        "scenarios": scenarios,
        "saved_as": next((one for one in scenarios if one.query == query), None),
        "scenario_form": ScenarioForm(),
        "may_save": has_role(request.user, *DECIDERS),
    }
    answer = render(request, "fund/pipeline/what_if.html", context)
    answer["HX-Replace-Url"] = address
    return answer


@login_required
@require_POST
def scenario_save(request: HttpRequest) -> HttpResponseRedirect:
    """Keep this address under a name."""
    person = _keeper(request)
    page = WhatIf(person, QueryDict(request.POST.get("query", "")))
    form = ScenarioForm(request.POST)
    query = page.query()
    if page.has_errors:
        messages.error(request, _("Not saved: a number that does not count is still there. Mend it first."))
    elif len(query) > LONGEST:
        messages.error(request, _("Not saved: too much is changed at once for one scenario."))
    elif not form.is_valid():
        messages.error(request, _("Not saved: a scenario needs a name of at most 80 letters."))
    else:
        try:
            name, is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
            Scenario.keep(name, query, by=person, is_shared=is_shared)
            messages.success(request, _("Saved as “%(name)s”. No score has changed.") % {"name": name})
        except NameTaken as taken:
            messages.error(request, str(taken))
    return HttpResponseRedirect(page.address())


@login_required
@require_POST
def scenario_delete(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """One's own; of others' there is nothing to delete here."""
    person = _keeper(request)
    scenario = get_object_or_404(Scenario.objects.filter(owner=person), pk=pk)
    scenario.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": scenario.name})
    return HttpResponseRedirect(reverse("what_if"))


def _keeper(request: HttpRequest) -> User:
    fund_side_only(request)
    if not isinstance(request.user, User) or not has_role(request.user, *DECIDERS):
        raise PermissionDenied(_("Only a fund manager or an administrator can do this."))
    return request.user
