"""A city's account by GPC sub-sector, and its total from several sources side by side."""
