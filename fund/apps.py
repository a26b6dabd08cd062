from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class FundConfig(AppConfig):
    name = "fund"
    verbose_name = _("Fund and decisions")

    def ready(self) -> None:
        from fund.api import schema  # noqa: F401  how the API describes its authentication
        from fund.project import checks  # noqa: F401  the system checks


class GreenlightAdminConfig(AdminConfig):
    default_site = "fund.project.site.GreenlightAdminSite"
