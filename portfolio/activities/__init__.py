"""The lines of an activity ledger: which kinds there are, what a line must say, how it is typed in."""
