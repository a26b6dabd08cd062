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

GUARDS = FIRST + OF_FACTORS
