"""Emission factors that a city, park or utility states for itself and a verifier confirms."""
