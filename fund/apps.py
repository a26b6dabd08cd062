from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class FundConfig(AppConfig):
    name = "fund"
    verbose_name = _("Fund and decisions")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from fund.api import schema  # noqa: F401  how the API describes its authentication
        from fund.applicants.previews import on_scores_kept
        from fund.pipeline.candidacy import on_candidates_to_be_told, on_gate_to_be_confirmed
        from fund.pipeline.home import on_signed_in
        from fund.project import (
            checks,  # noqa: F401  the system checks
            sessions,
        )
        from portfolio import audit
        from portfolio.signals import access_changed, candidates_to_be_told, gate_to_be_confirmed, scores_kept

        audit.LEADS.update(
            candidate=("fund.Candidate", "company"),
            proposal=("fund.Proposal", "candidate__company"),
            holding=("fund.Holding", "company"),
            preview=("fund.Preview", "disclosure__company"),
            dispute=("fund.Dispute", "preview__disclosure__company"),
        )
        candidates_to_be_told.connect(on_candidates_to_be_told, dispatch_uid="fund.pipeline")
        gate_to_be_confirmed.connect(on_gate_to_be_confirmed, dispatch_uid="fund.pipeline")
        scores_kept.connect(on_scores_kept, dispatch_uid="fund.applicants")
        user_logged_in.connect(on_signed_in, dispatch_uid="fund.pipeline.home")
        user_logged_in.connect(sessions.on_logged_in, dispatch_uid="fund.project.sessions")
        user_logged_out.connect(sessions.on_logged_out, dispatch_uid="fund.project.sessions")
        access_changed.connect(sessions.on_access_changed, dispatch_uid="fund.project.sessions")


class GreenlightAdminConfig(AdminConfig):
    default_site = "fund.project.site.GreenlightAdminSite"
