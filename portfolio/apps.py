from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = _("Companies and disclosures")

    def ready(self) -> None:
        from portfolio.families import install_shipped

        post_migrate.connect(install_shipped, sender=self, dispatch_uid="portfolio.families")
