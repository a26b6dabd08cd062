"""The admin of what companies told us; its roles hold in every admin page of the product."""

from portfolio.admin.pages import DoneFilter, HistoryAdmin, ReadOnlyAdmin, RoleAdmin, RoleRules

__all__ = [
    "DoneFilter",
    "HistoryAdmin",
    "ReadOnlyAdmin",
    "RoleAdmin",
    "RoleRules",
]
