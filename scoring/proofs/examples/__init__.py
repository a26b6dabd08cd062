"""Worked examples of other people, run through the engine's public functions."""
