"""Before somebody signs: figures, ledger and evidence of a disclosure joined, and what is still open between them."""
