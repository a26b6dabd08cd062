"""Measures that act together in one scene: what they save jointly, alone, and what each is due."""
