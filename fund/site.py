"""The admin site: our names, and login through the same door as everyone."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portfolio.models.people import Role, has_role


class GreenlightAdminSite(AdminSite):
    site_header = _("Greenlight administration")
    site_title = _("Greenlight")
    index_title = _("Decide, set up, audit")

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and has_role(request.user, Role.ADMIN)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return secure_admin_login(super().login)(request, extra_context)
