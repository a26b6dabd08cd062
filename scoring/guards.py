"""What the database refuses to change here."""

from portfolio.guards import Guard, append_only

FIRST = (  # as of migration 0002
    append_only("scoring_score", ("id",), ("run_id", "company_id")),
    Guard(
        "scoring_scoreitem",
        ("UPDATE OF inputs, inputs_sha256, company_id, run_id",),
        "OLD.state = 'done'",
        "the inputs of a score are never edited",
    ),
    Guard(
        "scoring_methodology",
        ("UPDATE OF version, content, digest", "DELETE"),
        "OLD.state <> 'draft'",
        "a methodology in force is never edited",
        keys=(("id",), ("version",)),
    ),
)

OF_FACTORS = (  # as of migration 0006
    append_only("scoring_factorimport"),
    append_only("scoring_calculation", ("id",), ("disclosure_id", "occasion", "digest")),
    append_only("scoring_factoruse", ("id",), ("calculation_id", "factor_id")),
    Guard(
        "scoring_restatement",
        ("UPDATE", "DELETE"),
        "OLD.state <> 'open'",
        "a decided restatement is never edited",
        keys=(("id",), ("before_id", "after_id")),
    ),
)

_FIXED = (  # of a model: its recipe, and what fitting gave
    *("training_set_id", "activity", "seed", "code", "digest", "fingerprint"),
    *("learned_json", "probed_json", "card_json", "fit_seconds"),
)
_EDITED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _FIXED)
_UNCONFIRMED = (
    "NEW.state = 'champion' AND OLD.state <> 'champion' AND NOT EXISTS (SELECT 1 FROM scoring_modelchange c"
    " WHERE c.model_id = NEW.id AND c.outcome = 'confirmed')"
)

OF_MODELS = (  # as of migration 0008
    append_only("scoring_trainingset", ("id",), ("digest",)),
    append_only("scoring_modelcomparison", ("id",), ("challenger_id", "champion_id")),
    Guard("scoring_modelversion", ("INSERT",), "NEW.state = 'champion'", "a champion is confirmed by two people"),
    Guard("scoring_modelversion", ("DELETE",), "OLD.state <> 'queued'", "a fitted model is never deleted"),
    Guard(
        "scoring_modelversion",
        ("UPDATE",),
        f"(OLD.state <> 'queued' AND ({_EDITED})) OR ({_UNCONFIRMED})",
        "the figures of a model are never edited, a champion is confirmed by two people",
    ),
    Guard(
        "scoring_modelchange",
        ("UPDATE", "DELETE"),
        "OLD.outcome <> 'open'",
        "an answered change of model is never edited",
    ),
)

GUARDS = FIRST + OF_FACTORS + OF_MODELS
