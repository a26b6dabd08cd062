"""Computations: what follows from the facts."""
