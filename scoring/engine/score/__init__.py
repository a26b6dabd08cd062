"""A score of a company with its reasons, and its receipt."""
