"""The ranked list and the pages of one company."""
