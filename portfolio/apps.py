from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = _("Companies and disclosures")

    def ready(self) -> None:
        from portfolio import audit
        from portfolio.families import install_shipped
        from portfolio.models import Financials
        from portfolio.models.data_request import on_accounts_saved, on_disclosure_submitted
        from portfolio.signals import disclosure_submitted

        audit.LEADS.update(
            disclosure=("portfolio.Disclosure", "company"),
            local_factor=("portfolio.LocalFactor", "supplier"),
            track=("portfolio.CompanyTrack", "company"),
            companytrack=("portfolio.CompanyTrack", "company"),
            join=("portfolio.Join", "company"),
            site=("portfolio.Site", "company"),
            evidence=("portfolio.Evidence", "company"),
            financials=("portfolio.Financials", "company"),
            target=("portfolio.Target", "company"),
        )

        post_migrate.connect(install_shipped, sender=self, dispatch_uid="portfolio.families")
        disclosure_submitted.connect(on_disclosure_submitted, dispatch_uid="portfolio.data_requests")
        post_save.connect(on_accounts_saved, sender=Financials, dispatch_uid="portfolio.data_requests")
