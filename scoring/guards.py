"""What the database refuses to change here."""

from portfolio.guards import append_only

GUARDS = (append_only("scoring_score"),)
