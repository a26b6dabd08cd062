"""What the database refuses to change here."""

from portfolio.guards import Guard, append_only, same_hands

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

_SHEET_FIXED = "EXISTS (SELECT 1 FROM scoring_barsheet s WHERE s.id = {row}.sheet_id AND s.state <> 'draft')"
_AS_PROPOSED = (  # of a bar sheet: all that its digest covers, and by whom
    *("version", "title", "data_year", "closing_day", "stand_in_place", "is_shipped", "content", "digest"),
    *("bar_share", "footprint_multiple", "least_reporters", "carbon_price_cny_per_t", "lower_price_cny_per_t"),
    *("higher_price_cny_per_t", "free_allocation_t", "pass_through", "sigma_min_contribution"),
    *("sigma_min_resilience", "sigma_min_footprint", "footprint_age", "resilience_sigma", "theme_share"),
    *("most_months", "least_runway_months", "venture_theme_revenue_cny", "realisation_share", "least_plan"),
    *("on_the_line_from", "on_the_line_to", "distinguishable", "verify_below", "proposed_by_id", "proposed_at"),
)
_SHEET_EDITED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _AS_PROPOSED)
_APPROVED = "OLD.state IN ('approved', 'active')"
_UNAPPROVED = "NEW.state NOT IN ('approved', 'active')"
_SINCE = "NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id OR NEW.approved_at IS DISTINCT FROM OLD.approved_at"
_ACTIVE = "OLD.state = 'active' AND (NEW.state <> 'active' OR NEW.active_from IS DISTINCT FROM OLD.active_from)"


def _of_a_sheet(table: str) -> tuple[Guard, ...]:
    """Rows of a bar sheet are edited while it is a draft."""
    words = "a bar sheet that was proposed is never edited"
    old, new = _SHEET_FIXED.format(row="OLD"), _SHEET_FIXED.format(row="NEW")
    return (
        Guard(table, ("INSERT",), new, words),
        Guard(table, ("DELETE",), old, words),
        Guard(table, ("UPDATE",), f"{old} OR {new}", words),
    )


OF_BAR_SHEETS = (  # as of the migration `bar_sheets`
    Guard("scoring_barsheet", ("DELETE",), "OLD.state <> 'draft'", "a bar sheet that was proposed is never deleted"),
    Guard(  # sent back it is a draft again, and by another digest if it returns
        "scoring_barsheet",
        ("UPDATE",),
        f"(OLD.state <> 'draft' AND NEW.state <> 'draft' AND ({_SHEET_EDITED}))"
        f" OR ({_APPROVED} AND ({_UNAPPROVED} OR {_SINCE})) OR ({_ACTIVE})",
        "a bar sheet that was proposed is never edited",
    ),
    *(guard for table in ("family", "path", "uncertainty") for guard in _of_a_sheet(f"scoring_sheet{table}")),
)

OF_THEME = (  # as of the migration `theme`, which renamed the table of methods that are no longer used
    append_only("scoring_retiredmethod", ("id",), ("version",)),
    append_only("scoring_gateverdict"),
)
OF_METHODOLOGY = tuple(guard for guard in FIRST if guard.table == "scoring_methodology")

OF_HANDS = (  # as of the migration `hands`
    Guard(
        "scoring_barsheet",
        ("UPDATE",),
        "OLD.state = 'proposed' AND NEW.state = 'approved' AND "
        + same_hands("NEW.approved_by_id", "NEW.proposed_by_id", "NEW.approved_at"),
        "a bar sheet is approved by a second person",
        label="hands",
    ),
    Guard(
        "scoring_modelchange",
        ("UPDATE",),
        "OLD.outcome = 'open' AND NEW.outcome = 'confirmed' AND "
        + same_hands("NEW.decided_by_id", "NEW.proposed_by_id", "NEW.decided_at"),
        "a model is confirmed by a second person",
        label="hands",
    ),
)

GUARDS = tuple(
    guard
    for guard in (*FIRST, *OF_FACTORS, *OF_MODELS, *OF_BAR_SHEETS, *OF_THEME, *OF_HANDS)
    if guard not in OF_METHODOLOGY
)
