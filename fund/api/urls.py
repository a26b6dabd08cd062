"""Every address of the API. What matches nothing here is a problem document too."""

from django.urls import path, re_path

from fund.api import views as api_views
from fund.applicants import api as applicants
from fund.holdings import api as holdings
from fund.pipeline import api as pipeline
from fund.pipeline.requests import api as requests
from portfolio.activities import api as activities
from portfolio.disclosures import api as disclosures
from portfolio.disclosures import moves_api as moves
from portfolio.disclosures import submissions_api as submissions
from portfolio.evidence import api as evidence
from portfolio.gates import api as gates
from portfolio.monitoring_plans import api as plans
from portfolio.people import api as people
from portfolio.places import api as places
from portfolio.saved_views import api as saved_views
from portfolio.solutions import api as solutions
from portfolio.verification import api as verification
from portfolio.verification import opinion_api as opinions
from portfolio.webhooks import api as webhooks
from scoring.bar_sheets import api as bar_sheets
from scoring.cases import api as cases
from scoring.dossier import api as dossier
from scoring.ledgers import api as ledgers
from scoring.ledgers import lines_api as lines
from scoring.ledgers import lines_bulk_api as bulk
from scoring.peers import api as peers
from scoring.plausibility import api as plausibility
from scoring.runs import api as runs
from scoring.sheets import api as sheets
from scoring.tables import api as tables

app_name = "api"
urlpatterns = [
    path("v1/candidates/", pipeline.Candidates.as_view(), name="candidates"),
    path("v1/requests/", requests.Requests.as_view(), name="requests"),
    path("v1/requests/<int:pk>/", requests.RequestDetail.as_view(), name="request"),
    path("v1/requests/<int:pk>/withdraw/", requests.RequestWithdrawal.as_view(), name="request_withdraw"),
    path("v1/requests/<int:pk>/decline/", requests.RequestDeclining.as_view(), name="request_decline"),
    path("v1/previews/", applicants.Previews.as_view(), name="previews"),
    path("v1/previews/<int:pk>/", applicants.PreviewDetail.as_view(), name="preview"),
    path("v1/previews/<int:pk>/confirm/", applicants.PreviewConfirmation.as_view(), name="preview_confirm"),
    path("v1/previews/<int:pk>/dispute/", applicants.PreviewDisputing.as_view(), name="preview_dispute"),
    path("v1/disputes/", applicants.Disputes.as_view(), name="disputes"),
    path("v1/disputes/<int:pk>/", applicants.DisputeDetail.as_view(), name="dispute"),
    path("v1/disputes/<int:pk>/answer/", applicants.DisputeAnswer.as_view(), name="dispute_answer"),
    path("v1/disputes/<int:pk>/withdraw/", applicants.DisputeWithdrawal.as_view(), name="dispute_withdraw"),
    path("v1/peers/", peers.Peers.as_view(), name="peers"),
    path("v1/saved-views/", saved_views.SavedViews.as_view(), name="saved_views"),
    path("v1/companies/", peers.Companies.as_view(), name="companies"),
    path("v1/companies/<str:company_key>/", peers.CompanyDetail.as_view(), name="company"),
    path("v1/companies/<str:company_key>/sites/", places.Sites.as_view(), name="sites"),
    path("v1/companies/<str:company_key>/monitoring-plans/", plans.MonitoringPlans.as_view(), name="monitoring_plans"),
    path("v1/monitoring-plans/<int:pk>/", plans.MonitoringPlanDetail.as_view(), name="monitoring_plan"),
    path("v1/monitoring-plans/<int:pk>/submit/", plans.MonitoringPlanSubmission.as_view(), name="plan_submit"),
    path("v1/monitoring-plans/<int:pk>/approve/", plans.MonitoringPlanApproval.as_view(), name="plan_approve"),
    path("v1/monitoring-plans/<int:pk>/return/", plans.MonitoringPlanReturn.as_view(), name="plan_return"),
    path("v1/companies/<str:company_key>/evidence/", evidence.EvidenceOfCompany.as_view(), name="evidence"),
    path("v1/companies/<str:company_key>/gates/", gates.GateWords.as_view(), name="gates"),
    path("v1/companies/<str:company_key>/tracks/<str:track>/", gates.TrackDetail.as_view(), name="track"),
    path("v1/companies/<str:company_key>/people/", people.People.as_view(), name="people"),
    path("v1/companies/<str:company_key>/invitations/", people.Invitations.as_view(), name="invitations"),
    path("v1/people/<int:pk>/", people.PersonDetail.as_view(), name="person"),
    path("v1/invitations/<int:pk>/", people.InvitationDetail.as_view(), name="invitation"),
    path("v1/invitations/<int:pk>/send/", people.InvitationSending.as_view(), name="invitation_send"),
    path("v1/join-requests/", people.JoinRequests.as_view(), name="join_requests"),
    path("v1/join-requests/<int:pk>/accept/", people.JoinRequestAccepting.as_view(), name="join_request_accept"),
    path("v1/join-requests/<int:pk>/decline/", people.JoinRequestDeclining.as_view(), name="join_request_decline"),
    path("v1/places/", places.Places.as_view(), name="places"),
    path("v1/activity-kinds/", activities.ActivityKinds.as_view(), name="activity_kinds"),
    path("v1/sites/<int:pk>/", places.SiteDetail.as_view(), name="site"),
    path("v1/disclosures/", disclosures.Disclosures.as_view(), name="disclosures"),
    path("v1/disclosures/<int:pk>/", disclosures.DisclosureDetail.as_view(), name="disclosure"),
    path("v1/disclosures/<int:pk>/submit/", disclosures.DisclosureSubmission.as_view(), name="disclosure_submit"),
    path("v1/disclosures/<int:pk>/return/", moves.DisclosureReturning.as_view(), name="disclosure_return"),
    path("v1/disclosures/<int:pk>/withdraw/", moves.DisclosureWithdrawal.as_view(), name="disclosure_withdraw"),
    path("v1/disclosures/<int:pk>/new-version/", moves.NewVersion.as_view(), name="disclosure_new_version"),
    path("v1/disclosures/<int:pk>/history/", moves.History.as_view(), name="disclosure_history"),
    path("v1/disclosures/<int:pk>/opinion/", opinions.OpinionsOfDisclosure.as_view(), name="disclosure_opinion"),
    path("v1/disclosures/<int:pk>/substitutions/", opinions.Substitutions.as_view(), name="disclosure_substitutions"),
    path("v1/disclosures/<int:pk>/submissions/", submissions.Submissions.as_view(), name="submissions"),
    path("v1/disclosures/<int:pk>/findings/", verification.FindingsOfDisclosure.as_view(), name="disclosure_findings"),
    path("v1/opinions/<int:pk>/", opinions.OpinionDetail.as_view(), name="opinion"),
    path("v1/opinions/<int:pk>/issue/", opinions.OpinionIssuing.as_view(), name="opinion_issue"),
    path("v1/opinions/<int:pk>/send-back/", opinions.OpinionSendingBack.as_view(), name="opinion_send_back"),
    path("v1/opinions/<int:pk>/reopen/", opinions.OpinionReopening.as_view(), name="opinion_reopen"),
    path("v1/opinions/<int:pk>/appeal/", opinions.OpinionAppealing.as_view(), name="opinion_appeal"),
    path("v1/opinions/<int:pk>/uphold/", opinions.AppealUpholding.as_view(), name="opinion_uphold"),
    path("v1/opinions/<int:pk>/reject/", opinions.AppealRejecting.as_view(), name="opinion_reject"),
    path("v1/findings/", verification.Findings.as_view(), name="findings"),
    path("v1/findings/<int:pk>/", verification.FindingDetail.as_view(), name="finding"),
    path("v1/findings/<int:pk>/messages/", verification.FindingMessages.as_view(), name="finding_messages"),
    path("v1/findings/<int:pk>/close/", verification.FindingClosing.as_view(), name="finding_close"),
    path("v1/findings/<int:pk>/extend/", verification.FindingExtending.as_view(), name="finding_extend"),
    path("v1/webhooks/", webhooks.Webhooks.as_view(), name="webhooks"),
    path("v1/webhooks/<int:pk>/", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("v1/webhooks/<int:pk>/test/", webhooks.WebhookTesting.as_view(), name="webhook_test"),
    path("v1/webhooks/<int:pk>/rotate/", webhooks.WebhookRotating.as_view(), name="webhook_rotate"),
    path("v1/webhooks/<int:pk>/deliveries/", webhooks.Deliveries.as_view(), name="webhook_deliveries"),
    path(
        "v1/webhooks/<int:pk>/deliveries/<int:number>/resend/",
        webhooks.DeliveryResending.as_view(),
        name="webhook_resend",
    ),
    path("v1/cases/", cases.Cases.as_view(), name="cases"),
    path("v1/cases/<int:pk>/", cases.CaseDetail.as_view(), name="case"),
    path("v1/cases/<int:pk>/looks/", cases.Looks.as_view(), name="case_looks"),
    path("v1/cases/<int:pk>/claim/", cases.Claiming.as_view(), name="case_claim"),
    path("v1/cases/<int:pk>/release/", cases.Releasing.as_view(), name="case_release"),
    path("v1/cases/<int:pk>/sampling/", cases.Sampling.as_view(), name="case_sampling"),
    path("v1/cases/<int:pk>/conflict/", cases.Conflicts.as_view(), name="case_conflict"),
    path("v1/disclosures/<int:pk>/checks/", plausibility.DisclosureChecks.as_view(), name="checks"),
    path("v1/disclosures/<int:pk>/activities/", lines.DisclosureActivities.as_view(), name="activities"),
    path("v1/disclosures/<int:pk>/activities:bulk/", bulk.LinesInBulk.as_view(), name="activities_bulk"),
    path("v1/disclosures/<int:pk>/activities/<str:line>/", lines.LineOfDisclosure.as_view(), name="activity"),
    path("v1/disclosures/<int:pk>/take-over/", lines.TakeOver.as_view(), name="take_over"),
    path("v1/disclosures/<int:pk>/uploads/", sheets.Uploads.as_view(), name="uploads"),
    path("v1/uploads/<int:pk>/", sheets.UploadDetail.as_view(), name="upload"),
    path("v1/uploads/<int:pk>/apply/", sheets.UploadApplying.as_view(), name="upload_apply"),
    path("v1/bar-sheets/<str:version>/", bar_sheets.BarSheetDetail.as_view(), name="bar_sheet"),
    path("v1/disclosures/<int:pk>/solutions/", solutions.DisclosureSolutions.as_view(), name="solutions"),
    path("v1/calculations/", ledgers.Calculations.as_view(), name="calculations"),
    path("v1/factors/", tables.Factors.as_view(), name="factors"),
    path("v1/portfolio/", holdings.PortfolioOnDay.as_view(), name="portfolio"),
    path("v1/runs/", runs.Runs.as_view(), name="runs"),
    path("v1/runs/<int:pk>/", runs.RunDetail.as_view(), name="run"),
    path("v1/runs/<int:pk>/errors/", runs.RunErrors.as_view(), name="run_errors"),
    path("v1/runs/<int:pk>/cancel/", runs.RunCancellation.as_view(), name="run_cancel"),
    path("v1/runs/<int:pk>/retry/", runs.RunRetry.as_view(), name="run_retry"),
    path("v1/scores/", dossier.Scores.as_view(), name="scores"),
    path("v1/scores/<int:pk>/", dossier.ScoreDetail.as_view(), name="score"),
    path("v1/scores/<int:pk>/temperature/", dossier.ScoreTemperature.as_view(), name="score_temperature"),
    path("v1/scores/<int:pk>/pathway/", dossier.ScorePathway.as_view(), name="score_pathway"),
    path("v1/scores/<int:pk>/receipt/", dossier.ScoreReceipt.as_view(), name="score_receipt"),
    path("schema/", api_views.Schema.as_view(), name="schema"),
    path("docs/", api_views.docs, name="docs"),
    re_path(r"^[\s\S]*$", api_views.nothing_here, name="nothing_here"),
]
