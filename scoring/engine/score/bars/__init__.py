"""The three bars of a candidate and what is said of them: contribution, resilience, own footprint."""
