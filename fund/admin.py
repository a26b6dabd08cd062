"""Django looks here for admin pages; they stand in their rooms."""

from fund.applicants import admin as applicants
from fund.committee import admin as committee
from fund.holdings import admin as holdings

__all__ = ["applicants", "committee", "holdings"]
