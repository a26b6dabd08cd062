"""The illustrative people, fund, holdings and ledger of the demo."""
