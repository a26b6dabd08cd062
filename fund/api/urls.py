"""Every address of the API. What matches nothing here is a problem document too."""

from django.urls import path, re_path

from fund.api import views as api_views
from fund.holdings import api as portfolio_api
from portfolio.activities import api as activity_api
from portfolio.disclosures import api as portfolio
from scoring.companies import api as scoring
from scoring.companies import company_tabs_api as tabs
from scoring.ledgers import api as calculations
from scoring.plausibility import api as check_api

app_name = "api"
urlpatterns = [
    path("v1/companies/", scoring.Companies.as_view(), name="companies"),
    path("v1/companies/<str:company_key>/", scoring.CompanyDetail.as_view(), name="company"),
    path("v1/disclosures/", portfolio.Disclosures.as_view(), name="disclosures"),
    path("v1/disclosures/<int:pk>/", portfolio.DisclosureDetail.as_view(), name="disclosure"),
    path("v1/disclosures/<int:pk>/submit/", portfolio.DisclosureSubmission.as_view(), name="disclosure_submit"),
    path("v1/disclosures/<int:pk>/checks/", check_api.DisclosureChecks.as_view(), name="checks"),
    path("v1/disclosures/<int:pk>/activities/", activity_api.DisclosureActivities.as_view(), name="activities"),
    path("v1/calculations/", calculations.Calculations.as_view(), name="calculations"),
    path("v1/factors/", calculations.Factors.as_view(), name="factors"),
    path("v1/portfolio/", portfolio_api.PortfolioOnDay.as_view(), name="portfolio"),
    path("v1/runs/", scoring.Runs.as_view(), name="runs"),
    path("v1/runs/<int:pk>/", scoring.RunDetail.as_view(), name="run"),
    path("v1/runs/<int:pk>/errors/", scoring.RunErrors.as_view(), name="run_errors"),
    path("v1/runs/<int:pk>/cancel/", scoring.RunCancellation.as_view(), name="run_cancel"),
    path("v1/runs/<int:pk>/retry/", scoring.RunRetry.as_view(), name="run_retry"),
    path("v1/scores/", scoring.Scores.as_view(), name="scores"),
    path("v1/scores/<int:pk>/", scoring.ScoreDetail.as_view(), name="score"),
    path("v1/scores/<int:pk>/temperature/", tabs.ScoreTemperature.as_view(), name="score_temperature"),
    path("v1/scores/<int:pk>/pathway/", tabs.ScorePathway.as_view(), name="score_pathway"),
    path("v1/scores/<int:pk>/receipt/", scoring.ScoreReceipt.as_view(), name="score_receipt"),
    path("schema/", api_views.Schema.as_view(), name="schema"),
    path("docs/", api_views.docs, name="docs"),
    re_path(r"^[\s\S]*$", api_views.nothing_here, name="nothing_here"),
]
