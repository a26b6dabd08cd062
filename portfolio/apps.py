from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = _("Companies and disclosures")

    def ready(self) -> None:
        from portfolio import audit
        from portfolio.families import install_shipped
        from portfolio.mail import occasions
        from portfolio.models import Disclosure, Financials, MonitoringPlan
        from portfolio.models.data_request import on_accounts_saved, on_disclosure_submitted
        from portfolio.signals import (
            appeal_moved,
            data_request_moved,
            disclosure_submitted,
            disclosure_verified,
            finding_moved,
            join_requested,
            monitoring_plan_verified,
            opinion_moved,
            role_proposed,
            sheet_read,
            signed_returned,
            team_moved,
            webhook_ended,
        )
        from portfolio.webhooks import events

        audit.LEADS.update(
            disclosure=("portfolio.Disclosure", "company"),
            local_factor=("portfolio.LocalFactor", "supplier"),
            monitoring_plan=("portfolio.MonitoringPlan", "company"),
            track=("portfolio.CompanyTrack", "company"),
            companytrack=("portfolio.CompanyTrack", "company"),
            join=("portfolio.Join", "company"),
            site=("portfolio.Site", "company"),
            evidence=("portfolio.Evidence", "company"),
            financials=("portfolio.Financials", "company"),
            target=("portfolio.Target", "company"),
            mail=("portfolio.Mail", "company"),
            deadline=("portfolio.Deadline", "company"),
            invitation=("portfolio.Invitation", "company"),
            finding=("portfolio.Finding", "disclosure__company"),
            webhook=("portfolio.Webhook", "company"),
            opinion=("portfolio.Opinion", "disclosure__company"),
            appeal=("portfolio.Appeal", "opinion__disclosure__company"),
        )

        post_migrate.connect(install_shipped, sender=self, dispatch_uid="portfolio.families")
        disclosure_submitted.connect(on_disclosure_submitted, dispatch_uid="portfolio.data_requests")
        post_save.connect(on_accounts_saved, sender=Financials, dispatch_uid="portfolio.data_requests")
        to_tell = (
            (disclosure_submitted, occasions.on_disclosure_submitted, None),
            (signed_returned, occasions.on_disclosure_returned, Disclosure),
            (disclosure_verified, occasions.on_disclosure_verified, None),
            (signed_returned, occasions.on_monitoring_plan_returned, MonitoringPlan),
            (monitoring_plan_verified, occasions.on_monitoring_plan_verified, None),
            (data_request_moved, occasions.on_data_request_moved, None),
            (finding_moved, occasions.on_finding_moved, None),
            (opinion_moved, occasions.on_opinion_moved, None),
            (appeal_moved, occasions.on_appeal_moved, None),
            (role_proposed, occasions.on_role_proposed, None),
            (join_requested, occasions.on_join_requested, None),
            (team_moved, occasions.on_team_moved, None),
        )
        for signal, receiver, sender in to_tell:
            signal.connect(receiver, sender=sender, dispatch_uid="portfolio.mail")
        to_announce = (
            (disclosure_submitted, events.on_disclosure_submitted, None),
            (signed_returned, events.on_disclosure_returned, Disclosure),
            (disclosure_verified, events.on_disclosure_verified, None),
            (finding_moved, events.on_finding_moved, None),
            (opinion_moved, events.on_opinion_moved, None),
            (appeal_moved, events.on_appeal_moved, None),
            (signed_returned, events.on_monitoring_plan_returned, MonitoringPlan),
            (monitoring_plan_verified, events.on_monitoring_plan_verified, None),
            (data_request_moved, events.on_data_request_moved, None),
            (sheet_read, events.on_sheet_read, None),
            (webhook_ended, events.on_webhook_ended, None),
        )
        for signal, announcing, sender in to_announce:
            signal.connect(announcing, sender=sender, dispatch_uid="portfolio.webhooks")
