"""What the database refuses here, whoever asks: edited decisions and positions, and decisions on something else."""

from portfolio.guards import Guard, append_only, same_hands

_OTHER_COMPANY = (
    "NOT EXISTS (SELECT 1 FROM fund_candidate c JOIN scoring_score s ON s.company_id = c.company_id"
    " WHERE c.id = NEW.candidate_id AND s.id = NEW.score_id)"
)
_OTHER_FUNDS_MANDATE = (
    "NEW.mandate_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fund_candidate c JOIN fund_mandate m"
    " ON m.fund_id = c.fund_id WHERE c.id = NEW.candidate_id AND m.id = NEW.mandate_id)"
)
_ONE_BEFORE_IS_UNDECIDED = (
    "EXISTS (SELECT 1 FROM fund_proposal p WHERE p.candidate_id = NEW.candidate_id"
    " AND NOT EXISTS (SELECT 1 FROM fund_decision d WHERE d.proposal_id = p.id))"
)
# Numbers without gaps, with their unique constraint, hold two simultaneous proposals apart: each sees only its own.
_OUT_OF_TURN = "NEW.number <> (SELECT COUNT(*) + 1 FROM fund_proposal p WHERE p.candidate_id = NEW.candidate_id)"

_NOT_WHAT_WAS_PROPOSED = (
    "NOT EXISTS (SELECT 1 FROM fund_proposal p WHERE p.id = NEW.proposal_id AND p.proposed_by_id = NEW.proposed_by_id"
    " AND p.content_sha256 = NEW.content_sha256 AND p.score_id = NEW.score_id)"
)

FIRST: tuple[Guard, ...] = (  # as of migration 0003
    append_only("fund_proposal", ("id",), ("candidate_id", "number")),
    append_only("fund_decision", ("id",), ("proposal_id",)),
    Guard(
        "fund_proposal",
        ("INSERT",),
        f"({_OTHER_COMPANY}) OR ({_OTHER_FUNDS_MANDATE}) OR ({_ONE_BEFORE_IS_UNDECIDED}) OR ({_OUT_OF_TURN})",
        "a proposal needs a score of its company, and no undecided proposal before it",
    ),
    Guard(
        "fund_decision",
        ("INSERT",),
        _NOT_WHAT_WAS_PROPOSED,
        "a decision is bound to the proposer, content and score of its proposal",
    ),
    Guard(
        "fund_mandate",
        ("UPDATE", "DELETE"),
        "EXISTS (SELECT 1 FROM fund_proposal p WHERE p.mandate_id = OLD.id)",
        "a mandate that a proposal was checked against is never edited",
    ),
)

_ANOTHER_HOLDING = " OR ".join(
    f"OLD.{column} <> NEW.{column}" for column in ("fund_id", "company_id", "holding_key", "asset_class", "currency")
)

OF_HOLDINGS: tuple[Guard, ...] = (  # as of migration 0005
    append_only("fund_position"),
    append_only("fund_priceinputs"),
    append_only("fund_projectfigures"),
    append_only("fund_exclusionflag"),
    Guard("fund_holding", ("UPDATE",), _ANOTHER_HOLDING, "whose a holding is, its kind and its currency never change"),
)

_FACTS_OF_A_REFUSAL = " OR ".join(
    f"OLD.{column} <> NEW.{column}" for column in ("fund_id", "line", "holding_key", "name", "currency", "digest")
)

OF_OPEN_QUESTIONS: tuple[Guard, ...] = (  # as of migration 0006
    append_only("fund_confirmation", ("id",), ("holding_id", "question", "basis")),
    Guard(
        "fund_holding",
        ("UPDATE",),
        "OLD.company_id IS NOT NULL AND NEW.company_id IS NULL AND OLD.matched_by <> 'person'",
        "only what a person matched is undone",
        label="match",
    ),
    Guard(
        "fund_refusedrow",
        ("UPDATE",),
        f"{_FACTS_OF_A_REFUSAL} OR OLD.state = 'set_aside'",
        "what a refused row said is never edited, nor why it was set aside",
    ),
    Guard(
        "fund_refusedrow", ("DELETE",), message="a refused row is never deleted", keys=(("id",), ("fund_id", "digest"))
    ),
)

_CONFIRMED_ALONE = (
    "NEW.confirmed_at IS NOT NULL AND (NEW.proposed_by_id IS NULL OR NEW.confirmed_by_id IS NULL OR "
    + same_hands("NEW.confirmed_by_id", "NEW.proposed_by_id", "NEW.confirmed_at")
    + ")"
)

OF_FOUR_EYES: tuple[Guard, ...] = (  # as of the migration `four_eyes`
    Guard(
        "fund_decision",
        ("INSERT",),
        same_hands("NEW.decided_by_id", "NEW.proposed_by_id", "NEW.decided_at"),
        "a proposal is decided by a second person",
        label="hands",
    ),
    Guard(
        "fund_mandate", ("INSERT",), _CONFIRMED_ALONE, "a mandate is confirmed by a second person", label="confirmed"
    ),
    Guard(
        "fund_mandate",
        ("UPDATE",),
        f"OLD.confirmed_at IS NOT NULL OR ({_CONFIRMED_ALONE})",
        "a mandate is confirmed by a second person, and never edited from then on",
        label="confirmed",
    ),
    Guard(
        "portfolio_gateword",
        ("INSERT",),
        "NEW.is_confirmed AND EXISTS (SELECT 1 FROM fund_candidate c WHERE c.company_id = NEW.company_id"
        " AND c.nominated_by_id = NEW.by_id)",
        "who nominates a company does not confirm its gates",
        label="nominated",
    ),
    Guard(
        "fund_candidate",
        ("UPDATE OF nominated_by_id",),
        "NEW.nominated_by_id IS DISTINCT FROM OLD.nominated_by_id",
        "who nominated a company stays",
    ),
)

OF_NOTES: tuple[Guard, ...] = (append_only("fund_note"),)  # as of the migration `notes`

_NOMINATOR = (
    "(SELECT c.nominated_by_id FROM fund_candidate c JOIN fund_proposal p ON p.candidate_id = c.id"
    " WHERE p.id = NEW.proposal_id)"
)

OF_PROPOSERS: tuple[Guard, ...] = (  # as of the migration `proposers`
    Guard(
        "fund_decision",
        ("INSERT",),
        f"NEW.decided_by_id = {_NOMINATOR} OR {same_hands('NEW.decided_by_id', _NOMINATOR, 'NEW.decided_at')}",
        "who nominated a company does not decide on it",
        label="nominated",
    ),
)

OF_PREVIEWS: tuple[Guard, ...] = (  # as of the migration `previews`
    Guard("fund_preview", ("DELETE",), message="a preview is never deleted", keys=(("id",), ("disclosure_id",))),
    Guard(
        "fund_preview",
        ("UPDATE",),
        "OLD.confirmed_at IS NOT NULL OR OLD.disclosure_id <> NEW.disclosure_id OR OLD.due <> NEW.due"
        " OR OLD.score_id <> NEW.score_id OR OLD.opened_at <> NEW.opened_at",
        "the term of a preview is never moved, a confirmation never edited",
    ),
    Guard("fund_dispute", ("DELETE",), message="a dispute is never deleted"),
    Guard(
        "fund_dispute",
        ("UPDATE",),
        "OLD.state <> 'open' OR OLD.words <> NEW.words OR OLD.field <> NEW.field OR OLD.digest <> NEW.digest"
        " OR OLD.by_id <> NEW.by_id OR OLD.preview_id <> NEW.preview_id OR OLD.at <> NEW.at",
        "what was disputed is never edited, nor its answer",
    ),
)

GUARDS = FIRST + OF_HOLDINGS + OF_OPEN_QUESTIONS + OF_FOUR_EYES + OF_NOTES + OF_PROPOSERS + OF_PREVIEWS
