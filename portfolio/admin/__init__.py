"""The admin of what companies told us; its roles hold in every admin page of the product."""

from portfolio.admin import candidacy, desk, facts, joining, monitoring, pages, people  # Django looks here for them
from portfolio.admin.roles import DoneFilter, HistoryAdmin, ReadOnlyAdmin, RoleAdmin, RoleRules

__all__ = [
    "DoneFilter",
    "HistoryAdmin",
    "ReadOnlyAdmin",
    "RoleAdmin",
    "RoleRules",
    "candidacy",
    "desk",
    "facts",
    "joining",
    "monitoring",
    "pages",
    "people",
]
