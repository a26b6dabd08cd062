"""What the database refuses to change here."""

from portfolio.guards import Guard, append_only

GUARDS = (
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
