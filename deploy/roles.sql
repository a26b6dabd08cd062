-- What the application may do in the database. The owner of the tables runs it after every `migrate` and `restore`:
--
--     psql -v ON_ERROR_STOP=1 -v app=greenlight_app -f deploy/roles.sql "$OWNER_DATABASE_URL"
--
-- It may run any number of times. A table that a later version brings has no rights until it has run again.

BEGIN;

-- Nobody makes objects here but the owner.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";

-- Rows that are added and never edited. Triggers refuse it too; this holds even where a trigger were missing.
REVOKE UPDATE, DELETE ON
    portfolio_auditevent,
    portfolio_step,
    portfolio_evidence,
    portfolio_evidencecontent,
    portfolio_localfactorstep,
    portfolio_checkedversion,
    portfolio_check,
    portfolio_givenreason,
    portfolio_declaration,
    portfolio_trackdecision,
    portfolio_joindecision,
    portfolio_gateword,
    portfolio_findingmessage,
    portfolio_openedpoint,
    portfolio_handling,
    portfolio_conflictofinterest,
    portfolio_look,
    portfolio_monitoringplanstep,
    portfolio_substitution,
    scoring_modelcomparison,
    scoring_retiredmethod,
    scoring_score,
    scoring_gateverdict,
    scoring_trainingset,
    scoring_factorimport,
    scoring_calculation,
    scoring_factoruse,
    fund_proposal,
    fund_decision,
    fund_position,
    fund_priceinputs,
    fund_projectfigures,
    fund_exclusionflag,
    fund_confirmation,
    fund_note
FROM :"app";

-- Closed, with a reason where a person does it; never taken away.
REVOKE DELETE ON fund_refusedrow, portfolio_datarequest FROM :"app";

-- Which migrations are in is for the owner to say.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM :"app";

COMMIT;
