"""Facts: who the companies are and what they told us."""

from pathlib import Path

DATA = Path(__file__).parent / "data"  # tables that ship
