"""The fund's candidates: their list, their pages, and who they are."""
