"""Reference tables that ship, were imported or verified, and their browser."""
