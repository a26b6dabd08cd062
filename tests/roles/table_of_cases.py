"""The routes of the verification desk, in the form of tests/roles/table.py."""

# Verifiers work on what waits, reviewers read along; a conflict of interest either of them declares, at any time.
CASES = """
#                                                     anonym contrib  submit   verif revie manag commi admin super
scoring:cases                    -              GET   login 404      404      200   200   403   403   403   403
scoring:cases                    -              POST  login 405      405      405   405   405   405   405   405
scoring:case                     draft          GET   login 404      404      404   404   404   404   404   404
scoring:case                     submitted      GET   login 404      404      200   200   404   404   404   404
scoring:case                     returned       GET   login 404      404      200   200   404   404   404   404
scoring:case                     verified       GET   login 404      404      200   200   403   403   403   403
scoring:case                     recorded       GET   login 404      404      200   200   403   403   403   403
scoring:case                     draft          POST  login 404      404      404   404   404   404   404   404
scoring:case                     submitted      POST  login 404      404      done  403   404   404   404   404
scoring:case                     returned       POST  login 404      404      409   403   404   404   404   404
scoring:case                     verified       POST  login 404      404      409   403   403   403   403   403
scoring:case_look                submitted      GET   login 405      405      405   405   405   405   405   405
scoring:case_look                draft          POST  login 404      404      404   404   404   404   404   404
scoring:case_look                submitted      POST  login 404      404      done  403   404   404   404   404
scoring:case_look                returned       POST  login 404      404      409   403   404   404   404   404
scoring:case_look                verified       POST  login 404      404      409   403   403   403   403   403
scoring:case_sample              submitted      GET   login 405      405      405   405   405   405   405   405
scoring:case_sample              draft          POST  login 404      404      404   404   404   404   404   404
scoring:case_sample              submitted      POST  login 404      404      done  403   404   404   404   404
scoring:case_sample              returned       POST  login 404      404      409   403   404   404   404   404
scoring:case_sample              verified       POST  login 404      404      409   403   403   403   403   403
scoring:case_claim               submitted      GET   login 405      405      405   405   405   405   405   405
scoring:case_claim               draft          POST  login 404      404      404   404   404   404   404   404
scoring:case_claim               submitted      POST  login 404      404      done  word  404   404   404   404
scoring:case_claim               returned       POST  login 404      404      word  word  404   404   404   404
scoring:case_claim               verified       POST  login 404      404      word  word  403   403   403   403
scoring:case_conflict            submitted      GET   login 405      405      405   405   405   405   405   405
scoring:case_conflict            draft          POST  login 404      404      404   404   404   404   404   404
scoring:case_conflict            submitted      POST  login 404      404      done  done  404   404   404   404
scoring:case_conflict            returned       POST  login 404      404      done  done  404   404   404   404
scoring:case_conflict            verified       POST  login 404      404      done  done  403   403   403   403
scoring:case_preview             submitted      GET   login 405      405      405   405   405   405   405   405
scoring:case_preview             draft          POST  login 404      404      404   404   404   404   404   404
scoring:case_preview             submitted      POST  login 404      404      200!  200!  404   404   404   404
scoring:case_preview             verified       POST  login 404      404      200!  200!  403   403   403   403
scoring:case_decide              submitted      GET   login 405      405      405   405   405   405   405   405
scoring:case_decide              draft          POST  login 404      404      404   404   404   404   404   404
scoring:case_decide              submitted      POST  login 404      404      done  403   404   404   404   404
scoring:case_decide              returned       POST  login 404      404      409   403   404   404   404   404
scoring:case_decide              verified       POST  login 404      404      409   403   403   403   403   403
scoring:case_decide              recorded       POST  login 404      404      409   403   403   403   403   403
"""

CASES_OF_API = """
#                                                     anonym contrib  submit   verif revie manag commi admin super
api:cases                        -              GET   401    403      403      200   200   403   403   403   403
api:case                         draft          GET   401    403/404  403/404  404   404   404   404   404   404
api:case                         submitted      GET   401    403/404  403/404  200   200   404   404   404   404
api:case                         returned       GET   401    403/404  403/404  200   200   404   404   404   404
api:case                         verified       GET   401    403/404  403/404  404   404   403   403   403   403
api:case_looks                   draft          GET   401    403/404  403/404  404   404   404   404   404   404
api:case_looks                   submitted      GET   401    403/404  403/404  200   200   404   404   404   404
api:case_looks                   verified       GET   401    403/404  403/404  200   200   403   403   403   403
api:case_looks                   draft          POST  401    403/404  403/404  404   404   404   404   404   404
api:case_looks                   submitted      POST  401    403/404  403/404  201!  403   404   404   404   404
api:case_looks                   returned       POST  401    403/404  403/404  412   403   404   404   404   404
api:case_looks                   verified       POST  401    403/404  403/404  412   403   403   403   403   403
api:case_claim                   draft          POST  401    403/404  403/404  404   404   404   404   404   404
api:case_claim                   submitted      POST  401    403/404  403/404  200!  403   404   404   404   404
api:case_claim                   returned       POST  401    403/404  403/404  412   403   404   404   404   404
api:case_release                 submitted      POST  401    403/404  403/404  409   409   404   404   404   404
api:case_sampling                submitted      POST  401    403/404  403/404  200!  403   404   404   404   404
api:case_sampling                returned       POST  401    403/404  403/404  412   403   404   404   404   404
api:case_conflict                submitted      POST  401    403/404  403/404  204!  204!  404   404   404   404
"""
