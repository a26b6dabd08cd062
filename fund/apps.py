from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class FundConfig(AppConfig):
    name = "fund"
    verbose_name = _("Fund and decisions")

    def ready(self) -> None:
        # checks: the system checks; api_schema: how the API describes its authentication
        from fund import api_schema, checks  # noqa: F401


class GreenlightAdminConfig(AdminConfig):
    default_site = "fund.site.GreenlightAdminSite"
