"""The routes of accounts and of a company-year as files, in the form of tests/roles/table.py."""

# A person's own account: all that are signed in are alike. Nobody signs up; a second factor is set up or changed
# after the password was asked for again (word); forms are posted empty.
ACCOUNTS = """
#                                                     anonym  signed in
log_in_again                     -              GET   login  200
log_in_again                     -              POST  login  word
account_login                    -              GET   200     word
account_login                    -              POST  200     word
account_logout                   -              GET   word    200
account_logout                   -              POST  word    word
account_inactive                 -              GET   200     200
account_inactive                 -              POST  405     405
account_signup                   -              GET   200     word
account_signup                   -              POST  200     word
account_reauthenticate           -              GET   login   200
account_reauthenticate           -              POST  login   200
account_email                    -              GET   login   200
account_email                    -              POST  login   word
account_email_verification_sent  -              GET   200     200
account_email_verification_sent  -              POST  405     405
account_confirm_email            -              GET   200     200
account_confirm_email            -              POST  404     404
account_change_password          -              GET   login   200
account_change_password          -              POST  login   200
account_set_password             -              GET   login   word
account_set_password             -              POST  login   word
account_reset_password           -              GET   200     200
account_reset_password           -              POST  200     200
account_reset_password_done      -              GET   200     200
account_reset_password_done      -              POST  405     405
account_reset_password_from_key  -              GET   200     200
account_reset_password_from_key  -              POST  200     200
account_reset_password_from_key_done -          GET   200     200
account_reset_password_from_key_done -          POST  405     405
account_confirm_login_code       -              GET   word    word
account_confirm_login_code       -              POST  word    word
mfa_index                        -              GET   login   200
mfa_index                        -              POST  login   405
mfa_authenticate                 -              GET   word    word
mfa_authenticate                 -              POST  word    word
mfa_reauthenticate               -              GET   login   word
mfa_reauthenticate               -              POST  login   word
mfa_activate_totp                -              GET   login   word
mfa_activate_totp                -              POST  login   word
mfa_deactivate_totp              -              GET   login   404
mfa_deactivate_totp              -              POST  login   404
mfa_list_webauthn                -              GET   login   200
mfa_list_webauthn                -              POST  login   405
mfa_add_webauthn                 -              GET   login   word
mfa_add_webauthn                 -              POST  login   word
mfa_reauthenticate_webauthn      -              GET   login   word
mfa_reauthenticate_webauthn      -              POST  login   word
mfa_edit_webauthn                -              GET   login   word
mfa_edit_webauthn                -              POST  login   word
mfa_remove_webauthn              -              GET   login   word
mfa_remove_webauthn              -              POST  login   word
mfa_view_recovery_codes          -              GET   login   404
mfa_view_recovery_codes          -              POST  login   405
mfa_generate_recovery_codes      -              GET   login   word
mfa_generate_recovery_codes      -              POST  login   word
mfa_download_recovery_codes      -              GET   login   404
mfa_download_recovery_codes      -              POST  login   404
"""

# A company-year as a file: people of the company bring it back, whoever reads the year takes it away.
SHEETS = """
#                                                     anonym contrib  submit   verif revie manag commi admin super
scoring:upload                   draft          GET   login  200/404  200/404  404   404   404   404   404   404
scoring:upload                   submitted      GET   login  200/404  200/404  403   403   404   404   404   404
scoring:upload                   draft          POST  login  done/404 done/404 404   404   404   404   404   404
scoring:upload                   submitted      POST  login  200/404  200/404  403   403   404   404   404   404
scoring:upload_progress          draft          GET   login  404      404      404   404   404   404   404   404
scoring:upload_progress          draft          POST  login  405      405      405   405   405   405   405   405
scoring:upload_marked            draft          GET   login  404      404      404   404   404   404   404   404
scoring:upload_marked            draft          POST  login  405      405      405   405   405   405   405   405
scoring:upload_import            draft          GET   login  405      405      405   405   405   405   405   405
scoring:upload_import            draft          POST  login  word/404 word/404 404   404   404   404   404   404
scoring:upload_import            submitted      POST  login  word/404 word/404 403   403   404   404   404   404
scoring:upload_drop              draft          GET   login  405      405      405   405   405   405   405   405
scoring:upload_drop              draft          POST  login  word/404 word/404 404   404   404   404   404   404
scoring:upload_drop              submitted      POST  login  word/404 word/404 403   403   404   404   404   404
scoring:sheets_xlsx              draft          GET   login  200/404  200/404  404   404   404   404   404   404
scoring:sheets_xlsx              submitted      GET   login  200/404  200/404  200   200   404   404   404   404
scoring:sheets_xlsx              verified       GET   login  200/404  200/404  200   200   200   200   200   200
scoring:sheets_xlsx              draft          POST  login  405      405      405   405   405   405   405   405
scoring:sheets_lines_csv         draft          GET   login  200/404  200/404  404   404   404   404   404   404
scoring:sheets_lines_csv         submitted      GET   login  200/404  200/404  200   200   404   404   404   404
scoring:sheets_lines_csv         verified       GET   login  200/404  200/404  200   200   200   200   200   200
scoring:sheets_lines_csv         draft          POST  login  405      405      405   405   405   405   405   405
scoring:sheets_figures_csv       draft          GET   login  200/404  200/404  404   404   404   404   404   404
scoring:sheets_figures_csv       submitted      GET   login  200/404  200/404  200   200   404   404   404   404
scoring:sheets_figures_csv       verified       GET   login  200/404  200/404  200   200   200   200   200   200
scoring:sheets_figures_csv       draft          POST  login  405      405      405   405   405   405   405   405
"""
