"""What any page offers: the choice of language, and the components for whoever builds pages."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from fund.project.accounts import keep_language
from fund.project.style import examples
from portfolio.models import Person
from portfolio.models.people import Role, has_role


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the language, for this browser and in the profile, and go back to the page."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    keep_language(response, chosen)
    if chosen in dict(settings.LANGUAGES) and request.user.is_authenticated:
        Person.objects.update_or_create(user_id=request.user.pk, defaults={"language": chosen})
    return response


@login_required
@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build and review pages."""
    if not has_role(request.user, Role.ADMIN):
        raise Http404
    return render(request, "fund/style.html", {"marks": examples()})
