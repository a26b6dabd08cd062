"""Whose figures are these? Joins of companies with the entities of sources, confirmed or rejected by a person."""
