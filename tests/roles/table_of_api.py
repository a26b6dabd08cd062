"""The lines of the API; how they read: table.py."""

# The API and what belongs to it; asked for as soon as the resolver has it. A browser's session, bodies as JSON.
# A list is 200 and holds what the person may see, which may be nothing; beyond that the rules are those of the pages.
# A change without the version it was made on is 428: the person may make it. Methods not listed: 405, strangers 401.
API = """
#                                                     anonym contrib  submit   verif revie manag commi admin super
api:companies                    -              GET   401    200      200      200   200   200   200   200   200
api:company                      company        GET   401    200/404  200/404  200   200   200   200   200   200
api:candidates                   -              GET   401    404      404      404   404   200   200   200   200
api:peers                        -              GET   401    404      404      404   404   200   200   200   200
api:requests                     -              GET   401    200      200      200   200   200   200   200   200
api:requests                     company        POST  401    403      403      403   403   201!  403   201!  201!
api:request                      company        GET   401    200/404  200/404  404   404   200   200   200   200
api:request_withdraw             company        POST  401    403/404  403/404  404   404   200!  403   200!  200!
api:request_decline              company        POST  401    403/404  200!/404 404   404   403   403   403   403
api:people                       company        GET   401    200/404  200/404  403   403   403   403   200   200
api:person                       company        PATCH 401    409/404  200!/404 403   403   403   403   200!  200!
api:person                       company        DELETE 401   204!/404 204!/404 403   403   403   403   204!  204!
api:invitations                  company        GET   401    200/404  200/404  403   403   403   403   200   200
api:invitations                  company        POST  401    403/404  201!/404 403   403   403   403   403   403
api:invitation                   company        GET   401    404      200/404  404   404   404   404   200   200
api:invitation                   company        DELETE 401   404      204!/404 404   404   404   404   409   409
api:invitation_send              company        POST  401    404      200!/404 404   404   404   404   409   409
api:join_requests                -              GET   401    200      200      200   200   200   200   200   200
api:join_request_accept          company        POST  401    404      200!/404 404   404   404   404   403   403
api:join_request_decline         company        POST  401    404      200!/404 404   404   404   404   403   403
api:saved_views                  -              GET   401    200      200      200   200   200   200   200   200
api:sites                        company        GET   401    200/404  200/404  200   200   200   200   200   200
api:sites                        company        POST  401    201!/404 201!/404 403   403   403   403   403   403
api:site                         kept           GET   401    200/404  200/404  200   200   200   200   200   200
api:site                         register       GET   401    200/404  200/404  200   200   200   200   200   200
api:site                         kept           PATCH 401    200!/404 200!/404 403   403   403   403   403   403
api:site                         register       PATCH 401    409/404  409/404  403   403   403   403   403   403
api:site                         kept           DELETE 401   204!/404 204!/404 403   403   403   403   403   403
api:site                         register       DELETE 401   409/404  409/404  403   403   403   403   403   403
api:disclosures                  -              GET   401    200      200      200   200   200   200   200   200
api:disclosures                  company        POST  401    201!/400 201!/400 403   403   403   403   403   403
api:disclosure                   draft          GET   401    200/404  200/404  404   404   404   404   404   404
api:disclosure                   submitted      GET   401    200/404  200/404  200   200   404   404   404   404
api:disclosure                   returned       GET   401    200/404  200/404  200   200   404   404   404   404
api:disclosure                   verified       GET   401    200/404  200/404  200   200   200   200   200   200
api:disclosure                   draft          PATCH 401    428/404  428/404  404   404   404   404   404   404
api:disclosure                   submitted      PATCH 401    428/404  428/404  403   403   404   404   404   404
api:disclosure                   returned       PATCH 401    428/404  428/404  403   403   404   404   404   404
api:disclosure                   verified       PATCH 401    428/404  428/404  403   403   403   403   403   403
api:checks                       draft          GET   401    200/404  200/404  404   404   404   404   404   404
api:checks                       submitted      GET   401    200/404  200/404  200   200   404   404   404   404
api:checks                       returned       GET   401    200/404  200/404  200   200   404   404   404   404
api:checks                       verified       GET   401    200/404  200/404  200   200   200   200   200   200
api:checks                       recorded       GET   401    200/404  200/404  200   200   200   200   200   200
api:submissions                  draft          GET   401    200/404  200/404  404   404   404   404   404   404
api:submissions                  submitted      GET   401    200/404  200/404  200   200   404   404   404   404
api:submissions                  returned       GET   401    200/404  200/404  200   200   404   404   404   404
api:submissions                  verified       GET   401    200/404  200/404  200   200   404   404   404   404
api:solutions                    draft          GET   401    200/404  200/404  404   404   404   404   404   404
api:solutions                    submitted      GET   401    200/404  200/404  200   200   404   404   404   404
api:solutions                    verified       GET   401    200/404  200/404  200   200   200   200   200   200
api:solutions                    draft          PUT   401    428/404  428/404  404   404   404   404   404   404
api:solutions                    submitted      PUT   401    428/404  428/404  403   403   404   404   404   404
api:solutions                    verified       PUT   401    428/404  428/404  403   403   403   403   403   403
api:gates                        company        GET   401    200/404  200/404  200   200   200   200   200   200
api:gates                        company        POST  401    403/404  201!/404 403   403   201!  403   201!  201!
api:track                        company        PATCH 401    403/404  403/404  403   403   200!  403   200!  200!
api:activities                   draft          GET   401    200/404  200/404  404   404   404   404   404   404
api:activities                   submitted      GET   401    200/404  200/404  200   200   404   404   404   404
api:activities                   verified       GET   401    200/404  200/404  200   200   200   200   200   200
api:activities                   draft          PUT   401    428/404  428/404  404   404   404   404   404   404
api:activities                   submitted      PUT   401    428/404  428/404  403   403   404   404   404   404
api:activities                   verified       PUT   401    428/404  428/404  403   403   403   403   403   403
api:disclosure_submit            draft          POST  401    403/404  428/404  404   404   404   404   404   404
api:disclosure_submit            submitted      POST  401    403/404  428/404  403   403   404   404   404   404
api:disclosure_submit            returned       POST  401    403/404  428/404  403   403   404   404   404   404
api:disclosure_submit            verified       POST  401    403/404  428/404  403   403   403   403   403   403
api:disclosure_verify            draft          POST  401    403/404  403/404  404   404   404   404   404   404
api:disclosure_verify            submitted      POST  401    403/404  403/404  428   403   404   404   404   404
api:disclosure_verify            returned       POST  401    403/404  403/404  428   403   404   404   404   404
api:disclosure_verify            verified       POST  401    403/404  403/404  428   403   403   403   403   403
api:calculations                 -              POST  401    200      200      200   200   200   200   200   200
api:bar_sheet                    active         GET   200    200    200    200    200    200    200    200    200
api:bar_sheet                    draft          GET   404    404    404    404    404    404    404    404    404
api:bar_sheet                    proposed       GET   404    404    404    404    404    200    200    200    200
api:bar_sheet                    active         POST  405    405    405    405    405    405    405    405    405
api:bar_sheet                    active         PUT   405    405    405    405    405    405    405    405    405
api:bar_sheet                    active         PATCH 405    405    405    405    405    405    405    405    405
api:bar_sheet                    active         DELETE 405    405    405    405    405    405    405    405    405
api:factors                      -              GET   401    200      200      200   200   200   200   200   200
api:portfolio                    -              GET   401    404      404      404   404   200   200   200   200
api:runs                         -              GET   401    200      200      200   200   200   200   200   200
api:runs                         -              POST  401    403      403      403   403   202!  403   202!  202!
api:run                          done           GET   401    404      404      404   404   200   200   200   200
api:run_errors                   partial        GET   401    404      404      404   404   200   200   200   200
api:run_cancel                   running        POST  401    404      404      404   404   200!  403   200!  200!
api:run_cancel                   done           POST  401    404      404      404   404   409   403   409   409
api:run_retry                    partial        POST  401    404      404      404   404   202!  403   202!  202!
api:run_retry                    done           POST  401    404      404      404   404   409   403   409   409
api:scores                       -              GET   401    200      200      200   200   200   200   200   200
api:score                        score          GET   401    404      404      404   404   200   200   200   200
api:score_temperature            score          GET   401    404      404      404   404   200   200   200   200
api:score_pathway                score          GET   401    404      404      404   404   200   200   200   200
api:score_receipt                score          GET   401    404      404      404   404   200   200   200   200
api:schema                       -              GET   401    200      200      200   200   200   200   200   200
api:docs                         -              GET   login  200      200      200   200   200   200   200   200
api:docs                         -              POST  login  405      405      405   405   405   405   405   405
api:docs                         -              PUT   login  405      405      405   405   405   405   405   405
api:docs                         -              PATCH login  405      405      405   405   405   405   405   405
api:docs                         -              DELETE login 405      405      405   405   405   405   405   405
api:nothing_here                 -              GET   404    404      404      404   404   404   404   404   404
api:nothing_here                 -              POST  404    404      404      404   404   404   404   404   404
api:nothing_here                 -              PUT   404    404      404      404   404   404   404   404   404
api:nothing_here                 -              PATCH 404    404      404      404   404   404   404   404   404
api:nothing_here                 -              DELETE 404   404      404      404   404   404   404   404   404
problem                          -              GET   200    200      200      200   200   200   200   200   200
problem                          -              POST  405    405      405      405   405   405   405   405   405
sessions                         -              GET   login  200      200      200   200   200   200   200   200
sessions                         -              POST  login  405      405      405   405   405   405   405   405
session_present                  -              GET   login  200      200      200   200   200   200   200   200
session_present                  -              POST  login  200      200      200   200   200   200   200   200
sessions_end_others              -              GET   login  405      405      405   405   405   405   405   405
sessions_end_others              -              POST  login  word     word     word  word  word  word  word  word
session_end                      -              GET   login  405      405      405   405   405   405   405   405
session_end                      -              POST  login  word     word     word  word  word  word  word  word
tokens                           -              GET   login  200      200      200   200   200   200   200   200
tokens                           -              POST  login  word     word     word  word  word  word  word  word
token_revoke                     token          GET   login  405      405      405   405   405   405   405   405
token_revoke                     token          POST  login  done/404 404      404   404   404   404   404   404
"""
API_ADMINISTRATION = """
admin:portfolio_apitoken_changelist revoke      POST  login  403     done
"""
API_MODELS = """
portfolio.apitoken      200 200  403 403  200 403  403 403  200 200  -
"""
