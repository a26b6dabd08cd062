from django.urls import path

from scoring.bar_sheets import views as bar_sheet_views
from scoring.cases import views as case_views
from scoring.estimators import views as model_views
from scoring.ledgers import bill_views, bulk_views, restatement_views
from scoring.ledgers import views as ledger_views
from scoring.peers import views as peer_views
from scoring.runs import views as run_views
from scoring.sheets import views as sheet_views
from scoring.tables import views as factor_views
from scoring.tracks import views as track_views

app_name = "scoring"
urlpatterns = [
    path("peers/", peer_views.peers, name="peers"),
    path("peers/peers.csv", peer_views.peers_file, {"kind": "csv"}, name="peers_csv"),
    path("peers/peers.xlsx", peer_views.peers_file, {"kind": "xlsx"}, name="peers_xlsx"),
    path("companies/<int:pk>/score/", run_views.score_company, name="score_company"),
    path("companies/<int:pk>/tracks/", track_views.company_tracks, name="tracks"),
    path("companies/<int:pk>/tracks/<str:track>/", track_views.decide_track, name="track_decide"),
    path("bar-sheets/", bar_sheet_views.bar_sheets, name="bar_sheets"),
    path("bar-sheets/<slug:version>/", bar_sheet_views.bar_sheet, name="bar_sheet"),
    path("bar-sheets/<slug:version>/clone/", bar_sheet_views.clone, name="bar_sheet_clone"),
    path("bar-sheets/<slug:version>/propose/", bar_sheet_views.propose, name="bar_sheet_propose"),
    path("bar-sheets/<slug:version>/answer/", bar_sheet_views.answer, name="bar_sheet_answer"),
    path("bar-sheets/<slug:version>/activate/", bar_sheet_views.activate, name="bar_sheet_activate"),
    path("factors/", factor_views.factor_list, name="factors"),
    path("factors/<path:factor_id>/", factor_views.factor_page, name="factor"),
    path("restatements/<int:pk>/", restatement_views.restatement, name="restatement"),
    path("restatements/<int:pk>/accept/", restatement_views.accept, name="restatement_accept"),
    path("restatements/<int:pk>/dismiss/", restatement_views.dismiss, name="restatement_dismiss"),
    path("models/", model_views.models_list, name="models"),
    path("models/<int:pk>/", model_views.model, name="model"),
    path("models/<int:pk>/challenge/", model_views.model_challenge, name="model_challenge"),
    path("models/<int:pk>/withdraw/", model_views.model_withdraw, name="model_withdraw"),
    path("models/<int:pk>/propose/", model_views.model_propose, name="model_propose"),
    path("models/<int:pk>/roll-back/", model_views.model_roll_back, name="model_roll_back"),
    path("models/changes/<int:pk>/", model_views.model_decide, name="model_decide"),
    path("models/drift/", model_views.model_drift, name="model_drift"),
    path("models/sets/new/", model_views.training_set_new, name="training_set_new"),
    path("models/sets/verified/", model_views.training_set_built, name="training_set_built"),
    path("models/sets/<int:pk>/", model_views.training_set, name="training_set"),
    path("models/sets/<int:pk>/fit/", model_views.training_set_fit, name="training_set_fit"),
    path("runs/", run_views.runs_list, name="runs"),
    path("runs/new/", run_views.run_new, name="run_new"),
    path("runs/<int:pk>/", run_views.run, name="run"),
    path("runs/<int:pk>/moves.csv", run_views.run_moves_file, {"kind": "csv"}, name="run_moves_csv"),
    path("runs/<int:pk>/moves.xlsx", run_views.run_moves_file, {"kind": "xlsx"}, name="run_moves_xlsx"),
    path("runs/<int:pk>/progress/", run_views.run_progress, name="run_progress"),
    path("runs/<int:pk>/cancel/", run_views.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/retry/", run_views.run_retry, name="run_retry"),
    path("verify/", case_views.cases, name="cases"),
    path("verify/<int:pk>/", case_views.case, name="case"),
    path("verify/<int:pk>/look/", case_views.look, name="case_look"),
    path("verify/<int:pk>/sample/", case_views.sample, name="case_sample"),
    path("verify/<int:pk>/claim/", case_views.claim, name="case_claim"),
    path("verify/<int:pk>/conflict/", case_views.conflict, name="case_conflict"),
    path("verify/<int:pk>/decide/", case_views.decide, name="case_decide"),
    path("verify/<int:pk>/evidence/<int:evidence>/", case_views.preview, name="case_preview"),
    path("disclosures/<int:pk>/ledger/", ledger_views.ledger, name="ledger"),
    path("disclosures/<int:pk>/ledger/new/", ledger_views.new_line, name="ledger_new"),
    path("disclosures/<int:pk>/ledger/preview/", ledger_views.preview, name="ledger_preview"),
    path("disclosures/<int:pk>/ledger/bills/", bill_views.choose_bill, name="ledger_bills"),
    path("disclosures/<int:pk>/ledger/grid/", bill_views.bill_grid, name="ledger_grid"),
    path("disclosures/<int:pk>/ledger/grid/check/", bill_views.check_grid, name="ledger_grid_check"),
    path("disclosures/<int:pk>/ledger/bulk/", bulk_views.bulk, name="ledger_bulk"),
    path("disclosures/<int:pk>/ledger/uncertainty/", ledger_views.uncertainty, name="ledger_uncertainty"),
    path("disclosures/<int:pk>/ledger/take-over/", ledger_views.take_over, name="ledger_take_over"),
    path("disclosures/<int:pk>/ledger/<int:number>/", ledger_views.line, name="ledger_line"),
    path("disclosures/<int:pk>/ledger/<int:number>/delete/", ledger_views.delete_line, name="ledger_delete"),
    path("disclosures/<int:pk>/ledger/<int:number>/why/", ledger_views.why, name="ledger_why"),
    path("disclosures/<int:pk>/upload/", sheet_views.upload, name="upload"),
    path("disclosures/<int:pk>/upload/progress/", sheet_views.progress, name="upload_progress"),
    path("disclosures/<int:pk>/upload/import/", sheet_views.import_rows, name="upload_import"),
    path("disclosures/<int:pk>/upload/drop/", sheet_views.drop, name="upload_drop"),
    path("disclosures/<int:pk>/upload/marked/", sheet_views.marked, name="upload_marked"),
    path("disclosures/<int:pk>/sheets.xlsx", sheet_views.take_away, {"kind": "xlsx"}, name="sheets_xlsx"),
    path("disclosures/<int:pk>/lines.csv", sheet_views.take_away, {"kind": "lines"}, name="sheets_lines_csv"),
    path("disclosures/<int:pk>/figures.csv", sheet_views.take_away, {"kind": "figures"}, name="sheets_figures_csv"),
]
