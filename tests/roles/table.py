"""Who gets which answer where: one line a route, case and method. Written from the rules, never from the output.

The rules: a stranger logs in first. Another company's objects are not there (404), and neither are the fund's pages
(F1-F8) for applicants and verifiers, nor the verification desk for applicants. Within the house a page says which role
is missing (403). Fund people read what stands, not open cases; verifiers read no drafts. Committee members read and
start nothing. Contributors prepare, submitters submit, verifiers decide about disclosures, administrators about money.
The administration is for administrators; there nothing is deleted.

The answers:
  login   sent to log in, and back to the same address afterwards
  done    a redirect, and something was written
  word    a redirect that wrote nothing: the next page says why, or there was nothing to do
  200     and the other numbers: that status; nothing was written (but `200!` wrote)

A cell `own/other` differs between the person's own company and another; applicants are tried on both.
The second column names the case: the state of the object, or what is sent along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.roles.table_of_accounts import ACCOUNTS
from tests.roles.table_of_api import API, API_ADMINISTRATION, API_MODELS
from tests.roles.table_of_disclosures import DISCLOSURES
from tests.roles.world import ADMINISTRATORS, APPLICANTS, ROLES

PRODUCT = """
#                                                     anonym contrib  submit   verif revie manag commi admin super
root                             -              GET   word   word     word     word  word  word  word  word  word
root                             -              POST  word   word     word     word  word  word  word  word  word
home                             -              GET   login  word     word     word  word  200   200   200   200
home                             -              POST  login  405      405      405   405   405   405   405   405
language                         -              GET   405    405      405      405   405   405   405   405   405
language                         -              POST  word   done     done     done  done  done  done  done  done
sign_up                          -              GET   200    word     word     word  word  word  word  word  word
sign_up                          -              POST  200    word     word     word  word  word  word  word  word
check_uscc                       -              GET   200    200      200      200   200   200   200   200   200
check_uscc                       -              POST  405    405      405      405   405   405   405   405   405
join                             -              GET   login  200      200      403   403   403   403   403   403
join                             -              POST  login  200      200      403   403   403   403   403   403
one_off                          -              GET   404    404      404      404   404   404   404   404   404
one_off                          -              POST  404    404      404      404   404   404   404   404   404
form_by_link                     -              GET   404    404      404      404   404   404   404   404   404
form_by_link                     -              POST  404    404      404      404   404   404   404   404   404
help                             -              GET   login  200      200      200   200   200   200   200   200
help                             -              POST  login  405      405      405   405   405   405   405   405
tutorial                         -              GET   login  200      200      200   200   200   200   200   200
tutorial                         -              POST  login  405      405      405   405   405   405   405   405
keys                             -              GET   login  405      405      405   405   405   405   405   405
keys                             -              POST  login  done     done     done  done  done  done  done  done
stuck                            -              GET   login  200      200      200   200   200   200   200   200
stuck                            -              POST  login  405      405      405   405   405   405   405   405
style                            -              GET   login  404      404      404   404   404   404   200   200
style                            -              POST  login  405      405      405   405   405   405   405   405
candidates                       -              GET   login  404      404      404   404   200   200   200   200
candidates                       -              POST  login  405      405      405   405   405   405   405   405
candidates_csv                   -              GET   login  404      404      404   404   200   200   200   200
candidates_csv                   -              POST  login  405      405      405   405   405   405   405   405
candidates_xlsx                  -              GET   login  404      404      404   404   200   200   200   200
candidates_xlsx                  -              POST  login  405      405      405   405   405   405   405   405
chosen_shortlist                 -              GET   login  404      404      404   404   word  403   word  word
chosen_shortlist                 company        GET   login  404      404      404   404   200   403   200   200
chosen_shortlist                 company        POST  login  404      404      404   404   200   403   200   200
chosen_assign                    -              GET   login  404      404      404   404   word  403   word  word
chosen_assign                    company        GET   login  404      404      404   404   200   403   200   200
chosen_assign                    company        POST  login  404      404      404   404   done  403   done  done
chosen_ask                       -              GET   login  404      404      404   404   word  403   word  word
chosen_ask                       company        GET   login  404      404      404   404   200   403   200   200
chosen_ask                       company        POST  login  404      404      404   404   done  403   done  done
requests                         -              GET   login  404      404      404   404   200   200   200   200
requests                         -              POST  login  405      405      405   405   405   405   405   405
requests_csv                     -              GET   login  404      404      404   404   200   200   200   200
requests_csv                     -              POST  login  405      405      405   405   405   405   405   405
requests_xlsx                    -              GET   login  404      404      404   404   200   200   200   200
requests_xlsx                    -              POST  login  405      405      405   405   405   405   405   405
request_withdraw                 company        GET   login  405      405      405   405   405   405   405   405
request_withdraw                 company        POST  login  404      404      404   404   done  403   done  done
proposals                        -              GET   login  404      404      404   404   200   200   200   200
proposals                        -              POST  login  405      405      405   405   405   405   405   405
proposals_csv                    -              GET   login  404      404      404   404   200   200   200   200
proposals_csv                    -              POST  login  405      405      405   405   405   405   405   405
proposals_xlsx                   -              GET   login  404      404      404   404   200   200   200   200
proposals_xlsx                   -              POST  login  405      405      405   405   405   405   405   405
proposal                         proposal       GET   login  404      404      404   404   200   200   200   200
proposal                         proposal       POST  login  405      405      405   405   405   405   405   405
propose                          company        GET   login  404      404      404   404   200   403   200   200
propose                          company        POST  login  404      404      404   404   409   403   409   409
compare                          -              GET   login  404      404      404   404   200   200   200   200
compare                          -              POST  login  405      405      405   405   405   405   405   405
compare_csv                      -              GET   login  404      404      404   404   404   404   404   404
compare_csv                      -              POST  login  405      405      405   405   405   405   405   405
compare_xlsx                     -              GET   login  404      404      404   404   404   404   404   404
compare_xlsx                     -              POST  login  405      405      405   405   405   405   405   405
what_if                          -              GET   login  404      404      404   404   200   200   200   200
what_if                          -              POST  login  405      405      405   405   405   405   405   405
scenario_save                    -              GET   login  405      405      405   405   405   405   405   405
scenario_save                    -              POST  login  404      404      404   404   done  403   done  done
scenario_delete                  scenario       GET   login  405      405      405   405   405   405   405   405
scenario_delete                  scenario       POST  login  404      404      404   404   done  403   404   404
method                           -              GET   200  200  200  200  200  200  200  200  200
method                           -              POST  405  405  405  405  405  405  405  405  405
healthz                          -              GET   200    200      200      200   200   200   200   200   200
healthz                          -              POST  405    405      405      405   405   405   405   405   405
readyz                           -              GET   200    200      200      200   200   200   200   200   200
readyz                           -              POST  405    405      405      405   405   405   405   405   405

disclosures                      -              GET   login  200      200      403   403   403   403   403   403
disclosures                      -              POST  login  405      405      405   405   405   405   405   405
application                      draft          GET   login  200/404  200/404  403   403   403   403   403   403
application                      verified       GET   login  200/404  200/404  403   403   403   403   403   403
application                      draft          POST  login  404      404      403   403   403   403   403   403
application                      verified       POST  login  403/404  done/404 403   403   403   403   403   403
application_to_do                draft          GET   login  200/404  200/404  403   403   403   403   403   403
application_to_do                submitted      GET   login  word/404 word/404 403   403   403   403   403   403
application_to_do                draft          POST  login  405      405      405   405   405   405   405   405
application_confirm              verified       GET   login  405      405      405   405   405   405   405   405
application_confirm              verified       POST  login  403/404  word/404 403   403   403   403   403   403
disputes                         -              GET   login  404      404      404   404   200   200   200   200
disputes                         -              POST  login  405      405      405   405   405   405   405   405
dispute_answer                   company        GET   login  405      405      405   405   405   405   405   405
dispute_answer                   company        POST  login  404      404      404   404   done  403   done  done
dispute_withdraw                 company        GET   login  405      405      405   405   405   405   405   405
dispute_withdraw                 company        POST  login  403/404  done/404 403   403   403   403   403   403
portfolio:new                    -              GET   login  200      200      403   403   403   403   403   403
portfolio:new                    company        POST  login  done/200 done/200 403   403   403   403   403   403

portfolio:own_companies          -              GET   login  404      404      404   404   403   403   200   200
portfolio:own_companies          -              POST  login  404      404      404   404   403   403   400   400
portfolio:own_companies_template -              GET   login  404      404      404   404   403   403   200   200
portfolio:own_companies_template -              POST  login  405      405      405   405   405   405   405   405

portfolio:company                company        GET   login  200/404  200/404  403   403   403   403   403   403
portfolio:company                company        POST  login  403/404  done/404 403   403   403   403   403   403

portfolio:members                company        GET   login  200/404  200/404  403   403   403   403   403   403
portfolio:members                company        POST  login  done/404 done/404 403   403   403   403   403   403

portfolio:invite                 company        GET   login  405      405      405   405   405   405   405   405
portfolio:invite                 company        POST  login  409/404  done/404 403   403   403   403   403   403
portfolio:webhooks               company        GET   login  403/404  200/404  404   404   404   404   404   404
portfolio:webhooks               company        POST  login  403/404  200!/404 404   404   404   404   404   404
portfolio:webhooks_of_house      -              GET   login  404      404      404   404   404   404   200   200
portfolio:webhooks_of_house      -              POST  login  404      404      404   404   404   404   200!  200!
portfolio:webhook                company        GET   login  404      200/404  404   404   404   404   200   200
portfolio:webhook                company        POST  login  404      done/404 404   404   404   404   409   409
portfolio:invitation             company        GET   login  405      405      405   405   405   405   405   405
portfolio:invitation             company        POST  login  404      done/404 404   404   404   404   403   403
portfolio:join_requests          -              GET   login  200      200      404   404   404   404   200   200
portfolio:join_requests          company        POST  login  404      done/404 404   404   404   404   409   409
portfolio:request_decline        company        GET   login  403/404  200/404  404   404   403   403   403   403
portfolio:request_decline        company        POST  login  403/404  done/404 404   404   403   403   403   403
portfolio:form_links             draft          GET   login  200/404  200/404  404   404   404   404   404   404
portfolio:form_links             submitted      GET   login  200/404  200/404  403   403   404   404   404   404
portfolio:form_links             verified       GET   login  200/404  200/404  403   403   403   403   403   403
portfolio:form_links             draft          POST  login  409/404  done/404 404   404   404   404   404   404
portfolio:form_links             verified       POST  login  409/404  409/404  403   403   403   403   403   403

portfolio:places                 -              GET   login  200      200      200   200   200   200   200   200
portfolio:places                 -              POST  login  405      405      405   405   405   405   405   405
portfolio:sites                  company        GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:sites                  company        POST  login  done/404 done/404 403   403   403   403   403   403
portfolio:site                   kept           GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:site                   register       GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:site                   kept           POST  login  done/404 done/404 403   403   403   403   403   403
portfolio:site                   register       POST  login  403/404  403/404  403   403   403   403   403   403
portfolio:site_remove            kept           GET   login  405      405      405   405   405   405   405   405
portfolio:site_remove            kept           POST  login  done/404 done/404 403   403   403   403   403   403
portfolio:site_remove            register       POST  login  word/404 word/404 403   403   403   403   403   403

portfolio:solutions              draft          GET   login  200/404  200/404  404   404   404   404   404   404
portfolio:solutions              submitted      GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:solutions              returned       GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:solutions              verified       GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:solutions              draft          POST  login  done/404 done/404 404   404   404   404   404   404
portfolio:solutions              submitted      POST  login  409/404  409/404  403   403   404   404   404   404
portfolio:solutions              returned       POST  login  done/404 done/404 403   403   404   404   404   404
portfolio:solutions              verified       POST  login  409/404  409/404  403   403   403   403   403   403
portfolio:statements             company        GET   login  200/404  200/404  403   403   403   403   403   403
portfolio:statements             company        POST  login  403/404  done/404 403   403   403   403   403   403
portfolio:gates                  company        GET   login  404      404      200   200   200   200   200   200
portfolio:gates                  company        POST  login  404      404      403   403   done  403   done  done
portfolio:verify_queue           -              GET   login  404      404      200   200   403   403   403   403
portfolio:verify_queue           -              POST  login  405      405      405   405   405   405   405   405
portfolio:verify                 draft          GET   login  404      404      404   404   404   404   404   404
portfolio:verify                 submitted      GET   login  404      404      200   200   404   404   404   404
portfolio:verify                 returned       GET   login  404      404      200   200   404   404   404   404
portfolio:verify                 verified       GET   login  404      404      200   200   403   403   403   403
portfolio:verify                 recorded       GET   login  404      404      200   200   403   403   403   403
portfolio:verify                 draft          POST  login  404      404      404   404   404   404   404   404
portfolio:verify                 submitted      POST  login  404      404      done  403   404   404   404   404
portfolio:verify                 returned       POST  login  404      404      409   403   404   404   404   404
portfolio:verify                 verified       POST  login  404      404      409   403   403   403   403   403
portfolio:verify                 recorded       POST  login  404      404      409   403   403   403   403   403
portfolio:opinion_write          draft          GET   login  404      404      404   404   404   404   404   404
portfolio:opinion_write          submitted      GET   login  404      404      200   200   404   404   404   404
portfolio:opinion_write          returned       GET   login  404      404      200   200   404   404   404   404
portfolio:opinion_write          verified       GET   login  404      404      200   200   403   403   403   403
portfolio:opinion_write          recorded       GET   login  404      404      200   200   403   403   403   403
portfolio:opinion_write          draft          POST  login  404      404      404   404   404   404   404   404
portfolio:opinion_write          submitted      POST  login  404      404      done  403   404   404   404   404
portfolio:opinion_write          returned       POST  login  404      404      409   403   404   404   404   404
portfolio:opinion_write          verified       POST  login  404      404      409   403   403   403   403   403
portfolio:opinion_write          recorded       POST  login  404      404      409   403   403   403   403   403
portfolio:opinion                issued         GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:opinion                issued         POST  login  409/404  done/404 403   403   403   403   403   403
portfolio:opinion                reopen         POST  login  403/404  403/404  409   done  403   403   403   403
portfolio:opinion_pdf            issued         GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:opinion_pdf            issued         POST  login  405      405      405   405   405   405   405   405

portfolio:figure_evidence        draft          GET   login  200/404  200/404  404   404   404   404   404   404
portfolio:figure_evidence        submitted      GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:figure_evidence        verified       GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:figure_evidence        draft          POST  login  done/404 done/404 404   404   404   404   404   404
portfolio:figure_evidence        submitted      POST  login  409/404  409/404  403   403   404   404   404   404
portfolio:figure_evidence        verified       POST  login  409/404  409/404  403   403   403   403   403   403
portfolio:evidence               draft          GET   login  200/404  200/404  404   404   404   404   404   404
portfolio:evidence               submitted      GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:evidence               returned       GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:evidence               verified       GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:evidence               draft          POST  login  200!/404 200!/404 404   404   404   404   404   404
portfolio:evidence               submitted      POST  login  200!/404 200!/404 200!  200!  404   404   404   404
portfolio:evidence               verified       POST  login  200!/404 200!/404 200!  200!  403   403   403   403

portfolio:joins                  -              GET   login  404      404      404   404   200   200   200   200
portfolio:joins                  -              POST  login  405      405      405   405   405   405   405   405
portfolio:view_save              -              GET   login  405      405      405   405   405   405   405   405
portfolio:view_save              -              POST  login  404      404      404   404   done  done  done  done
portfolio:view_change            -              GET   login  405      405      405   405   405   405   405   405
portfolio:view_change            -              POST  login  404      404      404   404   404   404   404   404
portfolio:join_decide            company        GET   login  405      405      405   405   405   405   405   405
portfolio:join_decide            company        POST  login  404      404      404   404   done  403   done  done

portfolio:local_factors          -              GET   login  200      200      200   200   200   200   200   200
portfolio:local_factors          -              POST  login  405      405      405   405   405   405   405   405
portfolio:local_factor_new       -              GET   login  200      200      403   403   403   403   403   403
portfolio:local_factor_new       company        POST  login  done/200 done/200 403   403   403   403   403   403
portfolio:local_factor           draft          GET   login  200/404  200/404  404   404   404   404   404   404
portfolio:local_factor           submitted      GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:local_factor           returned       GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:local_factor           verified       GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:local_factor           draft          POST  login  done/404 done/404 404   404   404   404   404   404
portfolio:local_factor           submitted      POST  login  word/404 word/404 403   403   404   404   404   404
portfolio:local_factor           returned       POST  login  done/404 done/404 403   403   404   404   404   404
portfolio:local_factor           verified       POST  login  word/404 word/404 403   403   403   403   403   403
portfolio:local_factor_submit    draft          GET   login  405      405      405   405   405   405   405   405
portfolio:local_factor_submit    draft          POST  login  word/404 done/404 404   404   404   404   404   404
portfolio:local_factor_submit    submitted      POST  login  word/404 word/404 403   403   404   404   404   404
portfolio:local_factor_submit    verified       POST  login  word/404 word/404 403   403   403   403   403   403
portfolio:local_factor_verify    submitted      GET   login  405      405      405   405   405   405   405   405
portfolio:local_factor_verify    draft          POST  login  404      404      404   404   404   404   404   404
portfolio:local_factor_verify    submitted      POST  login  404      404      done  403   404   404   404   404
portfolio:local_factor_verify    returned       POST  login  404      404      409   403   404   404   404   404
portfolio:local_factor_verify    verified       POST  login  404      404      409   403   403   403   403   403
portfolio:local_factor_correct   verified       GET   login  405      405      405   405   405   405   405   405
portfolio:local_factor_correct   draft          POST  login  word/404 word/404 404   404   404   404   404   404
portfolio:local_factor_correct   submitted      POST  login  word/404 word/404 403   403   404   404   404   404
portfolio:monitoring_plans       -              GET   login  200      200      200   200   200   200   200   200
portfolio:monitoring_plans       -              POST  login  405      405      405   405   405   405   405   405
portfolio:monitoring_plan_new    company        GET   login  405      405      405   405   405   405   405   405
portfolio:monitoring_plan_new    company        POST  login  word/404 word/404 403   403   403   403   403   403
portfolio:monitoring_plan        submitted      GET   login  200/404  200/404  200   200   404   404   404   404
portfolio:monitoring_plan        verified       GET   login  200/404  200/404  200   200   200   200   200   200
portfolio:monitoring_plan        submitted      POST  login  word/404 word/404 403   403   404   404   404   404
portfolio:monitoring_plan        verified       POST  login  word/404 word/404 403   403   403   403   403   403
portfolio:monitoring_plan_submit submitted      GET   login  405      405      405   405   405   405   405   405
portfolio:monitoring_plan_submit submitted      POST  login  409/404  409/404  403   403   404   404   404   404
portfolio:monitoring_plan_submit verified       POST  login  409/404  409/404  403   403   403   403   403   403
portfolio:monitoring_plan_decide submitted      GET   login  405      405      405   405   405   405   405   405
portfolio:monitoring_plan_decide submitted      POST  login  404      404      done  403   404   404   404   404
portfolio:monitoring_plan_decide verified       POST  login  404      404      409   403   403   403   403   403
portfolio:local_factor_correct   verified       POST  login  done/404 done/404 403   403   403   403   403   403

portfolio                        -              GET   login  404      404      404   404   200   200   200   200
portfolio                        -              POST  login  405      405      405   405   405   405   405   405
portfolio_open                   -              GET   login  404      404      404   404   200   200   200   200
portfolio_open                   set_aside      POST  login  404      404      404   404   done  403   done  done
portfolio_open                   match          POST  login  404      404      404   404   done  403   done  done
portfolio_csv                    -              GET   login  404      404      404   404   200   200   200   200
portfolio_csv                    -              POST  login  405      405      405   405   405   405   405   405
portfolio_xlsx                   -              GET   login  404      404      404   404   200   200   200   200
portfolio_xlsx                   -              POST  login  405      405      405   405   405   405   405   405
portfolio_figure                 figure         GET   login  404      404      404   404   200   200   200   200
portfolio_figure                 figure         POST  login  405      405      405   405   405   405   405   405
scoring:peers                    -              GET   login  404      404      404   404   200   200   200   200
scoring:peers                    -              POST  login  405      405      405   405   405   405   405   405
scoring:peers_csv                -              GET   login  404      404      404   404   200   200   200   200
scoring:peers_csv                -              POST  login  405      405      405   405   405   405   405   405
scoring:peers_xlsx               -              GET   login  404      404      404   404   200   200   200   200
scoring:peers_xlsx               -              POST  login  405      405      405   405   405   405   405   405
figure                           draft          GET   login  200/404  200/404  404   404   404   404   404   404
figure                           submitted      GET   login  200/404  200/404  200   200   404   404   404   404
figure                           returned       GET   login  200/404  200/404  200   200   404   404   404   404
figure                           verified       GET   login  200/404  200/404  200   200   200   200   200   200
figure                           recorded       GET   login  200/404  200/404  200   200   200   200   200   200
figure                           draft          POST  login  405      405      405   405   405   405   405   405
figure_of_solution               draft          GET   login  200/404  200/404  404   404   404   404   404   404
figure_of_solution               submitted      GET   login  200/404  200/404  200   200   404   404   404   404
figure_of_solution               verified       GET   login  200/404  200/404  200   200   200   200   200   200
figure_of_solution               draft          POST  login  405      405      405   405   405   405   405   405
figure_of_accounts               company        GET   login  404      404      404   404   200   200   200   200
figure_of_accounts               company        POST  login  405      405      405   405   405   405   405   405
dossier                          company        GET   login  404      404      404   404   200   200   200   200
dossier                          company        POST  login  405      405      405   405   405   405   405   405
dossier_tab                      company        GET   login  404      404      404   404   200   200   200   200
dossier_tab                      company        POST  login  405      405      405   405   405   405   405   405
dossier_of_run                   score          GET   login  404      404      404   404   200   200   200   200
dossier_of_run                   score          POST  login  405      405      405   405   405   405   405   405
dossier_tab_of_run               score          GET   login  404      404      404   404   200   200   200   200
dossier_tab_of_run               score          POST  login  405      405      405   405   405   405   405   405
receipt                          score          GET   login  404      404      404   404   200   200   200   200
receipt                          score          POST  login  405      405      405   405   405   405   405   405
nominate                         company        GET   login  405      405      405   405   405   405   405   405
nominate                         company        POST  login  404      404      404   404   word  403   word  word
note                             company        GET   login  405      405      405   405   405   405   405   405
note                             company        POST  login  404      404      404   404   done  403   done  done
shortlist                        company        GET   login  405      405      405   405   405   405   405   405
shortlist                        company        POST  login  404      404      404   404   word  403   word  word
scoring:score_company            company        GET   login  405      405      405   405   405   405   405   405
scoring:score_company            company        POST  login  404      404      404   404   done  403   done  done
scoring:tracks                   company        GET   login  404      404      404   404   200   200   200   200
scoring:tracks                   company        POST  login  405      405      405   405   405   405   405   405
scoring:track_decide             company        GET   login  405      405      405   405   405   405   405   405
scoring:track_decide             company        POST  login  404      404      404   404   done  403   done  done
scoring:factors                  -              GET   login  200      200      200   200   200   200   200   200
scoring:factors                  -              POST  login  405      405      405   405   405   405   405   405
scoring:factor                   shipped        GET   login  200      200      200   200   200   200   200   200
scoring:factor                   shipped        POST  login  405      405      405   405   405   405   405   405
scoring:factor                   own            GET   login  200/404  200/404  200   200   200   200   200   200
scoring:restatement              restatement    GET   login  200/404  200/404  200   200   200   200   200   200
scoring:restatement              restatement    POST  login  405      405      405   405   405   405   405   405
scoring:restatement_accept       restatement    GET   login  405      405      405   405   405   405   405   405
scoring:restatement_accept       restatement    POST  login  403/404  done/404 403   403   403   403   403   403
scoring:restatement_dismiss      restatement    GET   login  405      405      405   405   405   405   405   405
scoring:restatement_dismiss      restatement    POST  login  403/404  done/404 403   403   403   403   403   403
scoring:bar_sheets               -              GET   login  404    404    404    404    200    200    200    200
scoring:bar_sheets               -              POST  login  405    405    405    405    405    405    405    405
scoring:bar_sheet                active         GET   login  404    404    404    404    200    200    200    200
scoring:bar_sheet                active         POST  login  405    405    405    405    405    405    405    405
scoring:bar_sheet_clone          active         GET   login  405    405    405    405    405    405    405    405
scoring:bar_sheet_clone          active         POST  login  404    404    404    404    403    403    done   done
scoring:bar_sheet_propose        draft          GET   login  405    405    405    405    405    405    405    405
scoring:bar_sheet_propose        draft          POST  login  404    404    404    404    403    403    done   done
scoring:bar_sheet_answer         proposed       GET   login  405    405    405    405    405    405    405    405
scoring:bar_sheet_answer         proposed       POST  login  404    404    404    404    403    403    done   done
scoring:bar_sheet_activate       approved       GET   login  405    405    405    405    405    405    405    405
scoring:bar_sheet_activate       approved       POST  login  404    404    404    404    403    403    done   done

scoring:models                   -              GET   login  404      404      404   404   200   200   200   200
scoring:models                   -              POST  login  405      405      405   405   405   405   405   405
scoring:model                    champion       GET   login  404      404      404   404   200   200   200   200
scoring:model                    candidate      GET   login  404      404      404   404   200   200   200   200
scoring:model                    champion       POST  login  405      405      405   405   405   405   405   405
scoring:model_drift              -              GET   login  404      404      404   404   200   200   200   200
scoring:model_drift              -              POST  login  405      405      405   405   405   405   405   405
scoring:model_challenge          candidate      GET   login  405      405      405   405   405   405   405   405
scoring:model_challenge          candidate      POST  login  404      404      404   404   403   403   done  done
scoring:model_challenge          champion       POST  login  404      404      404   404   403   403   word  word
scoring:model_withdraw           candidate      GET   login  405      405      405   405   405   405   405   405
scoring:model_withdraw           candidate      POST  login  404      404      404   404   403   403   word  word
scoring:model_propose            candidate      GET   login  405      405      405   405   405   405   405   405
scoring:model_propose            candidate      POST  login  404      404      404   404   403   403   word  word
scoring:model_decide             change         GET   login  405      405      405   405   405   405   405   405
scoring:model_decide             change         POST  login  404      404      404   404   403   403   word  word
scoring:model_roll_back          champion       GET   login  405      405      405   405   405   405   405   405
scoring:model_roll_back          champion       POST  login  404      404      404   404   403   403   word  word
scoring:training_set             set            GET   login  404      404      404   404   200   200   200   200
scoring:training_set             set            POST  login  405      405      405   405   405   405   405   405
scoring:training_set_new         -              GET   login  404      404      404   404   403   403   200   200
scoring:training_set_new         -              POST  login  404      404      404   404   403   403   200   200
scoring:training_set_built       -              GET   login  405      405      405   405   405   405   405   405
scoring:training_set_built       -              POST  login  404      404      404   404   403   403   done  done
scoring:training_set_fit         set            GET   login  405      405      405   405   405   405   405   405
scoring:training_set_fit         set            POST  login  404      404      404   404   403   403   word  word
scoring:runs                     -              GET   login  404      404      404   404   200   200   200   200
scoring:runs                     -              POST  login  405      405      405   405   405   405   405   405
scoring:run_new                  -              GET   login  405      405      405   405   405   405   405   405
scoring:run_new                  -              POST  login  404      404      404   404   done  403   done  done
scoring:run                      running        GET   login  404      404      404   404   200   200   200   200
scoring:run                      partial        GET   login  404      404      404   404   200   200   200   200
scoring:run                      done           GET   login  404      404      404   404   200   200   200   200
scoring:run_moves_csv            done           GET   login  404      404      404   404   200   200   200   200
scoring:run_moves_csv            done           POST  login  405      405      405   405   405   405   405   405
scoring:run_moves_xlsx           done           GET   login  404      404      404   404   200   200   200   200
scoring:run_moves_xlsx           done           POST  login  405      405      405   405   405   405   405   405
scoring:run                      done           POST  login  405      405      405   405   405   405   405   405
scoring:run_progress             running        GET   login  404      404      404   404   200   200   200   200
scoring:run_progress             done           GET   login  404      404      404   404   286   286   286   286
scoring:run_progress             running        POST  login  405      405      405   405   405   405   405   405
scoring:run_cancel               running        GET   login  405      405      405   405   405   405   405   405
scoring:run_cancel               running        POST  login  404      404      404   404   done  403   done  done
scoring:run_cancel               done           POST  login  404      404      404   404   word  403   word  word
scoring:run_retry                partial        GET   login  405      405      405   405   405   405   405   405
scoring:run_retry                partial        POST  login  404      404      404   404   done  403   done  done
scoring:run_retry                item           POST  login  404      404      404   404   done  403   done  done
scoring:run_retry                done           POST  login  404      404      404   404   word  403   word  word
"""


# The administration: administrators, and nobody else. Forms are posted empty unless the case says otherwise.
ADMINISTRATION = """
#                                                     anonym  others  administrators
admin:index                      -              GET   login   403     200
admin:index                      -              POST  login   403     200
admin:login                      -              GET   word    403     word
admin:login                      -              POST  word    403     word
admin:logout                     -              GET   word    403     405
admin:logout                     -              POST  word    403     200
admin:password_change            -              GET   login   403     200
admin:password_change            -              POST  login   403     200
admin:password_change_done       -              GET   login   403     200
admin:password_change_done       -              POST  login   403     405
admin:autocomplete               -              GET   login   403     403
admin:autocomplete               -              POST  login   403     405
admin:jsi18n                     -              GET   login   403     200
admin:jsi18n                     -              POST  login   403     405
admin:view_on_site               company        GET   login   403     word
admin:view_on_site               company        POST  login   403     word
admin:app_list                   portfolio      GET   login   403     200
admin:app_list                   scoring        GET   login   403     200
admin:app_list                   fund           GET   login   403     200
admin:app_list                   auth           GET   login   403     200
admin:app_list                   fund           POST  login   403     200
admin/(?P<url>.*)$               -              GET   login   403     404
admin/(?P<url>.*)$               -              POST  login   403     404
admin:portfolio_auditevent_verify -             GET   login   403     405
admin:portfolio_auditevent_verify -             POST  login   403     word
admin:portfolio_mail_test        -              GET   login   403     405
admin:portfolio_mail_test        -              POST  login   403     done
admin:portfolio_mail_changelist  send_again     POST  login   403     done
admin:portfolio_mail_changelist  cancel         POST  login   403     done
admin:portfolio_webhookdelivery_changelist send_again POST login 403 done
admin:auth_user_password_change  user           GET   login   403     200
admin:auth_user_password_change  user           POST  login   403     200
admin:fund_holding_import        -              GET   login   403     200
admin:fund_holding_import        -              POST  login   403     200
admin:fund_proposal_decide       proposal       GET   login   403     405
admin:fund_proposal_decide       proposal       POST  login   403     done
admin:portfolio_companytrack_changelist confirm POST  login   403     done
admin:fund_mandate_confirm       mandate        GET   login  403     405
admin:fund_mandate_confirm       mandate        POST  login  403     word
admin:auth_user_changelist       end_access     POST  login  403     done
admin:auth_user_changelist       take_factor    POST  login  403     done
admin:usersessions_usersession_changelist end   POST  login  403     done
admin:portfolio_membership_changelist remove    POST  login  403     done
admin:portfolio_rolechange_changelist confirm   POST  login  403     done
admin:portfolio_rolechange_changelist reject    POST  login  403     done
admin:fund_candidate_changelist  shortlist      POST  login   403     word
admin:scoring_scorerun_changelist cancel        POST  login   403     done
admin:scoring_scorerun_changelist retry         POST  login   403     done
"""

# What an administrator gets on the pages of a model: GET POST of each. Anyone else: login, or 403.
MODELS = """
#                       list     add      change   delete   history  version
auth.user               200 200  200 200  200 200  403 403  200 200  -
portfolio.auditevent    200 200  403 403  200 403  403 403  200 200  -
portfolio.checkedversion 200 200 403 403 200 403  403 403  200 200  -
portfolio.city          200 200  200 200  200 200  403 403  200 200  -
portfolio.company       200 200  200 200  200 200  403 403  200 200  404 404
portfolio.companytrack  200 200  200 200  200 403  403 403  200 200  -
portfolio.datarequest   200 200  403 403  200 403  403 403  200 200  -
portfolio.deadline      200 200  200 200  200 200  403 403  200 200  404 404
portfolio.declaration   200 200  403 403  200 403  403 403  200 200  -
portfolio.disclosure    200 200  403 403  200 403  403 403  200 200  -
portfolio.evidence      200 200  403 403  200 403  403 403  200 200  -
portfolio.exchangerate  200 200  200 200  200 200  403 403  200 200  404 404
portfolio.finding       200 200  403 403  200 403  403 403  200 200  -
portfolio.appeal        200 200  403 403  200 403  403 403  200 200  -
portfolio.opinion       200 200  403 403  200 403  403 403  200 200  -
portfolio.substitution  200 200  403 403  200 403  403 403  200 200  -
portfolio.financials    200 200  200 200  200 403  403 403  200 200  404 404
portfolio.formlink      200 200  403 403  200 403  403 403  200 200  -
portfolio.invitation    200 200  403 403  200 403  403 403  200 200  -
portfolio.joinrequest   200 200  403 403  200 403  403 403  200 200  -
portfolio.gateword      200 200  403 403  200 403  403 403  200 200  -
portfolio.givenreason   200 200  403 403  200 403  403 403  200 200  -
portfolio.joindecision  200 200  403 403  200 403  403 403  200 200  -
portfolio.localfactor   200 200  403 403  200 403  403 403  200 200  -
portfolio.monitoringplan 200 200  403 403  200 403  403 403  200 200  -
portfolio.mail          200 200  403 403  200 403  403 403  200 200  -
portfolio.membership    200 200  200 200  200 200  403 403  200 200  -
portfolio.person        200 200  200 200  200 done 403 403  200 200  -
portfolio.rolechange    200 200  200 200  200 403  403 403  200 200  -
portfolio.handling      200 200  403 403  200 403  403 403  200 200  -
usersessions.usersession 200 200 403 403 200 403  403 403  200 200  -
portfolio.sheetupload   200 200  403 403  200 403  403 403  200 200  -
portfolio.site          200 200  403 403  200 403  403 403  200 200  -
portfolio.target        200 200  200 200  200 403  403 403  200 200  404 404
portfolio.technologyfamily 200 200 200 200 200 200 403 403 200 200 404 404
portfolio.trackdecision 200 200  403 403  200 403  403 403  200 200  -
portfolio.webhook       200 200  403 403  200 403  403 403  200 200  -
portfolio.webhookdelivery 200 200 403 403 200 403 403 403 200 200  -
scoring.barsheet        200 200  403 403  200 403  403 403  200 200  -
scoring.calculation     200 200  403 403  200 403  403 403  200 200  -
scoring.factorimport    200 200  403 403  200 403  403 403  200 200  -
scoring.retiredmethod   200 200  403 403  200 403  403 403  200 200  -
scoring.modelchange     200 200  403 403  200 403  403 403  200 200  -
scoring.modelversion    200 200  403 403  200 403  403 403  200 200  -
scoring.restatement     200 200  403 403  200 403  403 403  200 200  -
scoring.score           200 200  403 403  200 403  403 403  200 200  -
scoring.scorerun        200 200  403 403  200 403  403 403  200 200  -
scoring.sheetfamily     200 200  200 200  200 403  403 403  200 200  -
scoring.trainingset     200 200  403 403  200 403  403 403  200 200  -
fund.candidate          200 200  200 200  200 403  403 403  200 200  -
fund.dispute            200 200  403 403  200 403  403 403  200 200  -
fund.decision           200 200  403 403  200 403  403 403  200 200  -
fund.exclusionflag      200 200  200 200  200 403  403 403  200 200  -
fund.holding            200 200  200 200  200 200  403 403  200 200  404 404
fund.mandate            200 200  200 200  200 403  403 403  200 200  404 404
fund.note               200 200  403 403  200 403  403 403  200 200  -
fund.position           200 200  200 200  200 403  403 403  200 200  -
fund.preview            200 200  403 403  200 403  403 403  200 200  -
fund.priceinputs        200 200  200 200  200 403  403 403  200 200  -
fund.projectfigures     200 200  200 200  200 403  403 403  200 200  -
fund.proposal           200 200  403 403  200 403  403 403  200 200  -
fund.themefund          200 200  200 200  200 200  403 403  200 200  404 404
"""
API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PAGES = ("changelist", "add", "change", "delete", "history", "simple_history")


@dataclass(frozen=True)
class Cell:
    """One request of one person, and the answer it should get."""

    route: str
    case: str
    method: str
    role: str
    whose: str
    expected: str

    def __str__(self) -> str:
        return f"{self.method} {self.route} [{self.case}, {self.whose} company] as {self.role}"


def cells(*, api: bool) -> list[Cell]:
    product = [*_lines(PRODUCT + DISCLOSURES), *(_with_other_methods(list(_lines(API))) if api else ())]
    found = [cell for line in product for cell in _cells(line[:3], dict(zip(ROLES, line[3:], strict=True)))]
    for route, case, method, anonymous, signed_in in _lines(ACCOUNTS):
        answers = {role: anonymous if role == "anonymous" else signed_in for role in ROLES}
        found += _cells([route, case, method], answers)
    administration = ADMINISTRATION + (API_ADMINISTRATION if api else "")
    for line in (*_lines(administration), *_model_lines(MODELS + (API_MODELS if api else ""))):
        anonymous, others, administrators = line[3:]
        answers = {role: administrators if role in ADMINISTRATORS else others for role in ROLES}
        found += _cells(line[:3], answers | {"anonymous": anonymous})
    return found


def _with_other_methods(lines: list[list[str]]) -> Iterator[list[str]]:
    """The lines, and for each route of the API those of the methods that it does not have."""
    yield from lines
    listed = {(route, method) for route, _case, method, *_answers in lines}
    for route, case in {line[0]: line[1] for line in lines if line[0].startswith("api:")}.items():
        for method in API_METHODS:
            if (route, method) not in listed:
                yield [route, case, method, "401", *["405"] * (len(ROLES) - 1)]


def _lines(table: str) -> Iterator[list[str]]:
    for line in table.splitlines():
        if line and not line.startswith("#"):
            yield line.split()


def _model_lines(models: str) -> Iterator[list[str]]:
    """A model's line as lines of the administration, with the short address that leads to its change page."""
    for label, *answers in _lines(models):
        app, model = label.split(".")
        if answers[-1] == "-":
            answers.pop()
        for position, page in enumerate(PAGES[: len(answers) // 2]):
            for method, answer in zip(("GET", "POST"), answers[2 * position :], strict=False):
                yield [f"admin:{app}_{model}_{page}", "-" if position < 2 else "row", method, "login", "403", answer]
        short = f"admin/{app}/{model}/<path:object_id>/"
        yield from ([short, "row", method, "login", "403", "word"] for method in ("GET", "POST"))


def _cells(request: list[str], answers: dict[str, str]) -> Iterator[Cell]:
    route, case, method = request
    for role, answer in answers.items():
        own, _slash, other = answer.partition("/")
        yield Cell(route, case, method, role, "other", other or own)
        if case != "-" and role in APPLICANTS:  # to anyone else every company is another one
            yield Cell(route, case, method, role, "own", own)
