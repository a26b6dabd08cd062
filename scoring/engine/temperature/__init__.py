"""Targets become degrees (CDP-WWF Temperature Rating Methodology)."""
