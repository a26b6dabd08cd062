"""Every address of the product, by package."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from fund.api import views as api_views
from fund.applicants import views as applicant_views
from fund.committee import views as committee_views
from fund.entrance import views as entrance_views
from fund.help import views as help_views
from fund.holdings import views as holdings_views
from fund.pipeline import (
    chosen_views,
    compare_views,
    dossier_views,
    figure_views,
    stuck_views,
    what_if_views,
)
from fund.pipeline import views as pipeline_views
from fund.pipeline.requests import views as requests_views
from fund.project import health, session_views, views
from portfolio.quarters import views as quarter_views
from scoring.bar_sheets import views as bar_sheet_views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home"), name="root"),
    path("app/", pipeline_views.home, name="home"),
    path("app/sign-up/", entrance_views.sign_up, name="sign_up"),
    path("app/sign-up/code/", entrance_views.check_uscc, name="check_uscc"),
    path("app/join/", entrance_views.join, name="join"),
    path("i/<str:token>/", entrance_views.one_off, name="one_off"),
    path("f/<str:token>/", quarter_views.by_link, name="form_by_link"),
    path("app/language/", views.choose_language, name="language"),
    path("app/stuck/", stuck_views.stuck, name="stuck"),
    path("app/help/", help_views.help_page, name="help"),
    path("app/help/tutorial/", help_views.tutorial_page, name="tutorial"),
    path("app/help/keys/", help_views.switch_keys, name="keys"),
    path("app/help/style/", views.style, name="style"),
    path("app/sessions/", session_views.own_sessions, name="sessions"),
    path("app/sessions/present/", session_views.present_session, name="session_present"),
    path("app/sessions/others/end/", session_views.end_other_sessions, name="sessions_end_others"),
    path("app/sessions/<int:pk>/end/", session_views.end_session, name="session_end"),
    path("app/tokens/", api_views.tokens, name="tokens"),
    path("app/tokens/<int:pk>/revoke/", api_views.revoke_token, name="token_revoke"),
    path("app/candidates/", pipeline_views.candidates, name="candidates"),
    path("app/candidates/candidates.csv", pipeline_views.candidates_file, {"kind": "csv"}, name="candidates_csv"),
    path("app/candidates/candidates.xlsx", pipeline_views.candidates_file, {"kind": "xlsx"}, name="candidates_xlsx"),
    path("app/candidates/shortlist/", chosen_views.shortlist_chosen, name="chosen_shortlist"),
    path("app/candidates/assign/", chosen_views.assign_chosen, name="chosen_assign"),
    path("app/candidates/ask/", chosen_views.ask_chosen, name="chosen_ask"),
    path("app/requests/", requests_views.requests, name="requests"),
    path("app/requests/requests.csv", requests_views.requests_file, {"kind": "csv"}, name="requests_csv"),
    path("app/requests/requests.xlsx", requests_views.requests_file, {"kind": "xlsx"}, name="requests_xlsx"),
    path("app/requests/<int:pk>/withdraw/", requests_views.withdraw, name="request_withdraw"),
    path("app/proposals/", committee_views.proposals, name="proposals"),
    path("app/proposals/proposals.csv", committee_views.proposals_file, {"kind": "csv"}, name="proposals_csv"),
    path("app/proposals/proposals.xlsx", committee_views.proposals_file, {"kind": "xlsx"}, name="proposals_xlsx"),
    path("app/proposals/<int:pk>/", committee_views.proposal, name="proposal"),
    path("app/compare/", compare_views.compare, name="compare"),
    path("app/compare/compare.csv", compare_views.compare_file, {"kind": "csv"}, name="compare_csv"),
    path("app/compare/compare.xlsx", compare_views.compare_file, {"kind": "xlsx"}, name="compare_xlsx"),
    path("app/what-if/", what_if_views.what_if, name="what_if"),
    path("app/what-if/scenarios/", what_if_views.scenario_save, name="scenario_save"),
    path("app/what-if/scenarios/<int:pk>/delete/", what_if_views.scenario_delete, name="scenario_delete"),
    path("app/figures/<int:disclosure>/<slug:quantity>/", figure_views.figure, name="figure"),
    path(
        "app/figures/<int:disclosure>/sold/<int:number>/<slug:column>/",
        figure_views.figure_of_solution,
        name="figure_of_solution",
    ),
    path("app/figures/accounts/<int:pk>/<slug:column>/", figure_views.figure_of_accounts, name="figure_of_accounts"),
    path("app/portfolio/", holdings_views.portfolio, name="portfolio"),
    path("app/portfolio/open/", holdings_views.open_questions, name="portfolio_open"),
    path("app/portfolio/holdings.csv", holdings_views.holdings_file, {"kind": "csv"}, name="portfolio_csv"),
    path("app/portfolio/holdings.xlsx", holdings_views.holdings_file, {"kind": "xlsx"}, name="portfolio_xlsx"),
    path("app/portfolio/figures/<str:code>/", holdings_views.figure, name="portfolio_figure"),
    path("app/disclosures/", applicant_views.home, name="disclosures"),
    path("app/applications/<int:pk>/", applicant_views.result, name="application"),
    path("app/applications/<int:pk>/to-do/", applicant_views.to_do, name="application_to_do"),
    path("app/applications/<int:pk>/confirm/", applicant_views.confirm, name="application_confirm"),
    path("app/disputes/", applicant_views.disputes, name="disputes"),
    path("app/disputes/<int:pk>/answer/", applicant_views.answer, name="dispute_answer"),
    path("app/disputes/<int:pk>/withdraw/", applicant_views.withdraw, name="dispute_withdraw"),
    path("app/", include("portfolio.urls")),
    path("app/", include("scoring.urls")),
    path("app/companies/<int:pk>/", dossier_views.dossier, name="dossier"),
    path("app/companies/<int:pk>/nominate/", dossier_views.nominate_company, name="nominate"),
    path("app/companies/<int:pk>/note/", dossier_views.write_note, name="note"),
    path("app/companies/<int:pk>/propose/", committee_views.propose, name="propose"),
    path("app/companies/<int:pk>/shortlist/", dossier_views.shortlist_company, name="shortlist"),
    path("app/companies/<int:pk>/runs/<int:run>/", dossier_views.dossier, name="dossier_of_run"),
    path("app/companies/<int:pk>/runs/<int:run>/receipt/", dossier_views.receipt, name="receipt"),
    path("app/companies/<int:pk>/runs/<int:run>/<slug:tab>/", dossier_views.dossier, name="dossier_tab_of_run"),
    path("app/companies/<int:pk>/<slug:tab>/", dossier_views.dossier, name="dossier_tab"),
    path("accounts/again/", session_views.log_in_again, name="log_in_again"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("fund.api.urls")),
    path("method/", bar_sheet_views.method, name="method"),
    path("problems/<slug:code>", api_views.problem, name="problem"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

handler400 = "fund.api.views.error_400"
handler500 = "fund.api.views.error_500"
