"""The admin site: our names, and login through the same door as everyone."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fund.pipeline.home import Home
from portfolio.models.people import Role, has_role

View = Callable[..., HttpResponseBase]


class GreenlightAdminSite(AdminSite):
    site_header = gettext_lazy("Greenlight administration")
    site_title = gettext_lazy("Greenlight")
    index_title = gettext_lazy("Decide, set up, audit")
    empty_value_display = "—"
    enable_nav_sidebar = False  # the rail is that of every page; the lists of a group stand over each of its lists

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        user: Any = request.user
        return super().index(request, {"waiting": Home(user).of_administrators()} | (extra_context or {}))

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Lists are grouped by the work, not by our packages: there is one page of them."""
        return self.index(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Made where it is shown, on the first page and over lists: it asks each page of each right, and sorts them."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that decide by role (portfolio.admin.RoleRules): other apps' own pages allow deletion."""
        if hasattr(admin_class, "view_roles"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and has_role(request.user, Role.ADMIN)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        """Refuse a signed-in person who is no administrator in words; Django would send them to log in, for ever."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(_no_administrator())
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one login page, with its rate limits and second factor: allauth's."""
        back = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(back, resolve_url(settings.LOGIN_URL))
        if not self.has_permission(request):
            raise PermissionDenied(_no_administrator())
        return redirect(back)


def _no_administrator() -> str:
    return _("These pages are for administrators. Ask one of them if you need something here.")
