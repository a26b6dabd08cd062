from django.urls import path

from portfolio.disclosures import autosave_views, receipt_views, request_views, views
from portfolio.evidence import views as evidence_views
from portfolio.gates import views as gate_views
from portfolio.joins import views as join_views
from portfolio.local_factors import views as local_factor_views
from portfolio.monitoring_plans import views as plan_views
from portfolio.people import views as people_views
from portfolio.places import views as place_views
from portfolio.quarters import views as quarter_views
from portfolio.saved_views import views as saved_view_views
from portfolio.solutions import views as solution_views
from portfolio.universe import views as universe_views
from portfolio.verification import opinion_views
from portfolio.verification import views as verification_views
from portfolio.webhooks import views as webhook_views

app_name = "portfolio"
urlpatterns = [
    path("disclosures/new/", views.new, name="new"),
    path("disclosures/<int:pk>/", views.disclosure, name="disclosure"),
    path("disclosures/<int:pk>/fields/", autosave_views.save, name="disclosure_fields"),
    path("disclosures/<int:pk>/submit/", views.submit, name="submit"),
    path("disclosures/<int:pk>/correct/", views.correct, name="correct"),
    path("disclosures/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("disclosures/<int:pk>/solutions/", solution_views.solutions, name="solutions"),
    path("receipts/<int:pk>/", receipt_views.receipt, name="receipt"),
    path("receipts/<int:pk>/pdf/", receipt_views.receipt_pdf, name="receipt_pdf"),
    path("receipts/<int:pk>/signed.json", receipt_views.signed, {"part": "all"}, name="receipt_signed"),
    path("receipts/<int:pk>/figures.json", receipt_views.signed, {"part": "figures"}, name="receipt_figures"),
    path("receipts/<int:pk>/ledger.json", receipt_views.signed, {"part": "ledger"}, name="receipt_ledger"),
    path("disclosures/companies/<int:pk>/", views.company, name="company"),
    path("disclosures/companies/<int:pk>/people/", people_views.members, name="members"),
    path("disclosures/companies/<int:pk>/people/invite/", people_views.invite, name="invite"),
    path("disclosures/companies/<int:pk>/webhooks/", webhook_views.webhooks, name="webhooks"),
    path("webhooks/", webhook_views.webhooks_of_house, name="webhooks_of_house"),
    path("webhooks/<int:pk>/", webhook_views.webhook, name="webhook"),
    path("disclosures/invitations/<int:pk>/", people_views.invitation, name="invitation"),
    path("disclosures/join-requests/", people_views.join_requests, name="join_requests"),
    path("disclosures/requests/<int:pk>/decline/", request_views.decline, name="request_decline"),
    path("disclosures/<int:pk>/quarters/", quarter_views.form_links, name="form_links"),
    path("disclosures/companies/<int:pk>/gates/", gate_views.statements, name="statements"),
    path("companies/<int:pk>/gates/", gate_views.gates, name="gates"),
    path("companies/load/", universe_views.own_companies, name="own_companies"),
    path("companies/load/template/", universe_views.own_companies_template, name="own_companies_template"),
    path("disclosures/companies/<int:pk>/sites/", place_views.sites, name="sites"),
    path("sites/<int:pk>/", place_views.site, name="site"),
    path("sites/<int:pk>/remove/", place_views.remove_site, name="site_remove"),
    path("evidence/<int:pk>/", evidence_views.evidence, name="evidence"),
    path("disclosures/<int:pk>/figures/<str:quantity>/evidence/", evidence_views.of_figure, name="figure_evidence"),
    path("joins/", join_views.joins, name="joins"),
    path("joins/decide/", join_views.decide, name="join_decide"),
    path("local-factors/", local_factor_views.local_factors, name="local_factors"),
    path("local-factors/new/", local_factor_views.new, name="local_factor_new"),
    path("local-factors/<int:pk>/", local_factor_views.local_factor, name="local_factor"),
    path("local-factors/<int:pk>/submit/", local_factor_views.submit, name="local_factor_submit"),
    path("local-factors/<int:pk>/verify/", local_factor_views.verify, name="local_factor_verify"),
    path("local-factors/<int:pk>/correct/", local_factor_views.correct, name="local_factor_correct"),
    path("monitoring-plans/", plan_views.monitoring_plans, name="monitoring_plans"),
    path("disclosures/companies/<int:pk>/monitoring-plans/new/", plan_views.new, name="monitoring_plan_new"),
    path("monitoring-plans/<int:pk>/", plan_views.monitoring_plan, name="monitoring_plan"),
    path("monitoring-plans/<int:pk>/submit/", plan_views.submit, name="monitoring_plan_submit"),
    path("monitoring-plans/<int:pk>/decide/", plan_views.decide, name="monitoring_plan_decide"),
    path("places/", place_views.suggestions, name="places"),
    path("views/save/", saved_view_views.save, name="view_save"),
    path("views/<int:pk>/", saved_view_views.change, name="view_change"),
    path("findings/", verification_views.findings, name="findings"),
    path("findings/<int:pk>/", verification_views.finding, name="finding"),
    path("disclosures/<int:pk>/findings/", verification_views.findings_of, name="findings_of"),
    path("disclosures/<int:pk>/findings/ask/", verification_views.ask, name="finding_ask"),
    path("verify/", views.verify_queue, name="verify_queue"),
    path("verify/<int:pk>/", views.verify, name="verify"),
    path("verify/<int:pk>/opinion/", opinion_views.write, name="opinion_write"),
    path("opinions/<int:pk>/", opinion_views.opinion, name="opinion"),
    path("opinions/<int:pk>/pdf/", opinion_views.opinion_pdf, name="opinion_pdf"),
]
