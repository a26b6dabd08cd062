"""Computations: what follows from the facts."""

from pathlib import Path

DATA = Path(__file__).parent / "data"  # tables that ship
